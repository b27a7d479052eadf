-- luacheck: no max line length
-- The environment verifier as a user meets it: programs are submitted, each is metered, the best is kept, the first that
-- passes ends the shot, and what was submitted outlives the process. The model is tests/endpoint, which follows a script.

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local endpoints = dofile "tests/lua/support/endpoint.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local case = cli.needs_program(it, pending)
local long = os.getenv "HAN_FULL" == "1" and case or function() end
local DATA, SCRIPTS, STRATEGIES = endpoints.DATA, endpoints.SCRIPTS, endpoints.STRATEGIES

local function submits(programs, answer)
  local calls = {}
  for i, program in ipairs(programs) do calls[i] = { "submit", ('{"program":"%s"}'):format(program) } end
  return endpoints.script(calls, answer)
end

describe("the environment verifier", function()
  local folder, remove, endpoint
  local function start(options)
    endpoint = endpoints.start(folder, "--replies " .. fakes.quote(folder .. "/replies") .. (options or ""))
  end
  before_each(function()
    folder, remove = fakes.folder()
    fakes.write(folder, {
      ["replies/three"] = submits { "none", "a 4", "none again", "only a 4" }, -- and then says the right thing, which counts for nothing
      ["replies/passes"] = submits { "a 4", "it is 42", "and more than 42" },
      ["replies/talks"] = submits {},
    })
  end)
  after_each(function()
    endpoint.stop()
    remove()
  end)

  local function env(model)
    return ("env HAN_MODEL=%s HAN_PATH=%s:%s"):format(fakes.quote(endpoint.url("chat", model)), fakes.quote(DATA), fakes.quote(SCRIPTS))
  end

  local function han(model, budget, more)
    local r = cli.run(folder, ("script %s/sample.lua --adapter asked --profile model_tools --environment verifier --json --quiet --budget %s %s")
      :format(STRATEGIES, budget, more or ""), { before = env(model) })
    assert.equal(0, r.status, r.err)
    return dkjson.decode(r.out)
  end

  -- What each attempt says of its checks, in order, as { correct ... }.
  local function checks()
    local list = {}
    for line in cli.run(folder, "corpus export").out:gmatch("[^\n]+") do
      local row = {}
      for _, span in ipairs(dkjson.decode(line).spans) do
        if span.kind == "check" then row[#row + 1] = span.correct end
      end
      list[#list + 1] = row
    end
    return list
  end

  case("keeps the best of all that is submitted, and nothing that is only said", function()
    start()
    local said = han("script-three", "shots=1,tokens=200000,evals=20")
    assert.same({ "a 4", 0.5, 4, 5, 1 }, { said.result, said.score.correct, said.spend.evals, said.spend.turns, said.spend.shots })
    assert.same({ { 0, 0.5, 0, 0.5 } }, checks())
    said = han("script-talks", "shots=1,tokens=200000,evals=20")
    assert.same({ nil, 0, 0 }, { said.result, said.score.correct, said.spend.evals })
  end)

  case("ends with the first that passes", function()
    start()
    local said = han("script-passes", "shots=3,tokens=400000,evals=20")
    assert.same({ "it is 42", true, 2, 2, 1 }, { said.result, said.score.pass, said.spend.evals, said.spend.turns, said.spend.shots })
    assert.equal(2, dkjson.decode(endpoint.ask "/").total)
  end)

  case("checks no more than the budget holds", function()
    start()
    local said = han("script-three", "shots=1,tokens=200000,evals=2")
    assert.same({ "a 4", 2, 5 }, { said.result, said.spend.evals, said.spend.turns })
    assert.same({ { 0, 0.5 } }, checks())
    said = han("script-passes", "shots=1,tokens=200000,evals=1") -- the one that would pass is not looked at
    assert.same({ "a 4", false, 1 }, { said.result, said.score.pass, said.spend.evals })
  end)

  long("records its submissions and replays them from a cassette", function()
    start()
    local first = han("script-three", "shots=2,tokens=400000,evals=20", "--cassette tape")
    assert.equal(8, first.spend.evals)
    assert.same(first, han("script-three", "shots=2,tokens=400000,evals=20", "--cassette tape"))
    assert.equal(10, dkjson.decode(endpoint.ask "/").total)
  end)

  case("has what was submitted before han was killed", function()
    start " --delay 150"
    endpoint.killed(env "script-three", "bench asked --n 1 --arms sample --profile model_tools --environment verifier --k 1 --quiet "
      .. "--budget shots=2,tokens=400000,evals=20", 7)
    local total = dkjson.decode(endpoint.ask "/").total
    local first
    for _ = 1, 2 do -- a second resume prints the same
      local r = cli.run(folder, "resume --last --json --quiet", { before = env "script-three" })
      assert.equal(0, r.status, r.err)
      local arm = dkjson.decode(r.out).arms[1]
      assert.same({ 1, 2 }, { arm.n, arm.spend.shots })
      assert.equal(first or r.out, r.out)
      first = r.out
    end
    assert.equal(total, dkjson.decode(endpoint.ask "/").total) -- the first shot is known, the second in doubt
    assert.same({ { 0, 0.5, 0, 0.5 }, {} }, checks())
    local row = dkjson.decode(cli.run(folder, "corpus query 'SELECT score_correct FROM cell' --json").out).rows[1]
    assert.equal(0.5, row.score_correct)
  end)
end)
