-- luacheck: no max line length
-- han improve --author model, from the command line to the fake endpoint of tests/endpoint and back: what a model may
-- see, what becomes of what it answers, what that costs, cassettes, and going on.

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local endpoints = dofile "tests/lua/support/endpoint.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local probe = cli.is_built and cli.run(".", "doctor --json").out or ""
local strong = probe:find("strong: ", 1, true) ~= nil
local function case(name, f)
  if not cli.is_built then return pending(name .. " (no program)") end
  if not strong then return pending(name .. " (no sandbox strong on this machine)") end
  return it(name, f)
end

local function fenced(text) return "Here it is.\n```lua\n" .. text .. "```\n" end
local REPLIES = {
  good = fenced "function(x)\n  return (7 + x)\nend\n",
  broken = fenced "function(x)\n  return x +\nend\n",
  cheat = fenced "function(x)\n  return judge\nend\n",
  nonsense = fenced "function(x)\n  return x < 3\nend\n",
}

describe("han improve --author model", function()
  local folder, remove, endpoint
  before_each(function()
    folder, remove = fakes.folder()
    local files = { ["flywheel.lua"] = fakes.sys.read_file "tests/data/adapters/flywheel.lua" }
    for name, text in pairs(REPLIES) do files["replies/" .. name] = text end
    fakes.write(folder, files)
    endpoint = endpoints.start(folder, "--replies " .. fakes.quote(folder .. "/replies"))
  end)
  after_each(function()
    if endpoint then endpoint.stop() end
    remove()
  end)

  local WORDS = "improve ./flywheel.lua --author model --rounds 1 --n 3 --jobs 2 --seed 900022 --json "

  local function han(model, words, dialect)
    local r = cli.run(folder, words, { seconds = 300, before = "HAN_MODEL=" .. fakes.quote(endpoint
      and endpoint.url(dialect or "chat", model) or "chat+http://127.0.0.1:9/v1#" .. model) })
    return r, dkjson.decode(r.out, 1, nil)
  end

  local function rows(sql, db)
    local r = cli.run(folder, "corpus query " .. fakes.quote(sql) .. " --json --db " .. (db or "han.db"))
    assert.equal(0, r.status, r.err)
    return dkjson.decode(r.out).rows
  end

  local function asked() return dkjson.decode(endpoint.ask "/").total end

  case("takes a good program through dev and gate, tells what it saw on dev up to three times, and counts what that cost", function()
    local r, object = han("file-good", WORDS .. "--cassette tape")
    assert.equal(0, r.status, r.err)
    local learnt = rows "SELECT status, author, operator, digest FROM learnt WHERE learner = 'deployed' AND author = 'model'"
    assert.equal(1, #learnt)
    assert.same({ "promoted", "model" }, { learnt[1].status, learnt[1].operator })
    assert.equal(0, #rows "SELECT 1 FROM learnt WHERE learner = 'blind' AND author = 'model'")
    -- one good reply; the same text again was refused, three replies for each other candidate
    local questions = asked()
    assert.equal(questions, object.author.spend.questions)
    assert.equal(19 * questions, object.author.spend.tokens)
    assert.equal(1000000, object.author.budget.tokens)
    assert.equal(0, object.author.unknown)
    assert.equal(7, questions) -- one of the two of the first turn (the other is a run's), then three replies a turn
    assert.matches("the author asked .*file%-good: 7 questions, 133 tokens, of at most 1000000 tokens", (han("file-good", "resume --last")).out)
    for _, arm in ipairs(object.parity.arms) do assert.same({ 6, 6, 12, 12 }, { arm.cells, arm.spend.shots, arm.spend.evals, arm.spend.tokens }) end
    assert.equal(object.learning.deployed.learn.evals, object.learning.blind.learn.evals)
    local tape, turns = fakes.sys.read_file(folder .. "/tape"), {}
    assert.equal(questions, select(2, tape:gsub("\n", "")))
    for turn in tape:gmatch '"id":"flywheel/r1/(%d)%.%d+"' do turns[turn] = true end
    assert.same({ ["1"] = true, ["2"] = true, ["3"] = true }, turns)
    -- train losses and what it wrote with its loss on dev; nothing that only a judge, a gate or a final task has
    assert.is_truthy(tape:find("What it did on train tasks", 1, true))
    assert.matches("group train%-900022001%-1: loss 0%.%d+", tape)
    assert.matches("Programs of yours so far[\\n]+loss 0%.%d+", tape)
    assert.matches("this very program was proposed before", tape)
    for _, secret in ipairs { "CANARY", "gate%-%d", "final%-%d", "dev%-%d" } do assert.is_nil(tape:find(secret), secret) end

    -- the same from the cassette, with nobody there
    endpoint.stop()
    endpoint = nil
    local again, replayed = han("file-good", (WORDS:gsub("%-%-jobs 2", "--jobs 1")) .. "--cassette tape --db other.db --model "
      .. fakes.quote(object.author.model))
    assert.equal(0, again.status, again.err)
    assert.same(object, replayed)
  end)

  case("refuses what is broken, cheats, gives nonsense, is cut off or refused, with the reason, and goes on", function()
    local cases = { ["file-broken"] = "^parse: ", ["file-cheat"] = "^audit: line 2: .*the judge", trunc = false, refusal = false }
    if os.getenv "HAN_FULL" == "1" then cases["file-nonsense"], cases.ok = "^dry: gives a boolean", false end
    for model, why in pairs(cases) do
      local db = model .. ".db"
      local r, object = han(model, WORDS .. "--cassette tape-" .. model .. " --db " .. db, "messages")
      assert.equal(0, r.status, model .. r.err)
      assert.is_true(object.author.spend.questions >= 3, model)
      local learnt = rows("SELECT status, reason FROM learnt WHERE author = 'model'", db)
      assert.equal(why and 1 or 0, #learnt, model)
      if why then
        assert.equal("refused", learnt[1].status)
        assert.matches(why, learnt[1].reason)
      end
      local tape = fakes.sys.read_file(folder .. "/tape-" .. model)
      assert.matches("Your last reply was refused", tape, model)
      if model == "trunc" then assert.matches("the reply was cut off at the length", tape) end
      if model == "refusal" then assert.matches("the model refused", tape) end
      if model == "ok" then assert.matches("the reply has no fenced program", tape) end
      assert.equal(0, #rows("SELECT 1 FROM learnt WHERE author = 'model' AND status IN ('gated', 'promoted')", db))
    end
  end)

  case("keeps to a budget of its own: when that is spent the run goes on without the model", function()
    local r, object = han("file-good", WORDS .. "--author-budget turns=2")
    assert.equal(0, r.status, r.err)
    assert.same({ 2, 2 }, { object.author.spend.turns, asked() })
    r, object = han("file-good", WORDS .. "--author-budget tokens=1000 --db b.db")
    assert.equal(0, r.status, r.err)
    assert.same({ 0, 2 }, { object.author.spend.tokens, asked() })
    r, object = han("nousage", WORDS .. "--author-budget turns=1 --db c.db")
    assert.equal(0, r.status, r.err)
    assert.equal(1, object.author.unknown)
    assert.is_true(object.author.spend.tokens > 4096) -- the most that it could be
    r = han("file-good", WORDS .. "--author-budget usd=1 --db d.db")
    assert.equal(1, r.status)
    assert.matches("no price is known for file%-good", r.err)
    r, object = han("file-good", WORDS .. "--author-budget usd=1,turns=1 --price 3,15 --db e.db")
    assert.equal(0, r.status, r.err)
    assert.equal(12 * 3000 + 7 * 15000, object.author.spend.nano_usd)
  end)

  case("stops where nobody answers, and goes on from there without asking twice", function()
    local r = han("file-good", WORDS .. "--db whole.db")
    assert.equal(0, r.status, r.err)
    local all, whole = asked(), r.out
    r = han("file-good", WORDS)
    assert.same({ 0, whole, 2 * all }, { r.status, r.out, asked() })
    endpoint.stop()
    endpoint = endpoints.start(folder, "--replies " .. fakes.quote(folder .. "/replies"))
    r = han("r402", WORDS .. "--db stopped.db")
    assert.equal(78, r.status)
    assert.matches("the author's model could not be asked: .*han resume %S+ goes on", r.err)
    r = han("file-good", "resume --last --db stopped.db --json")
    assert.equal(78, r.status) -- it is held to its model
    -- killed while it waits for its last answers
    local killed = cli.converse(folder, WORDS:gsub("%-%-json", "") .. "--db killed.db --model " .. fakes.quote(endpoint.url("chat", "file-good")),
      "*loss\\ on\\ dev*) kill -KILL $pid ;;")
    assert.equal(137, killed.status)
    local before = asked()
    r = cli.run(folder, "resume --last --db killed.db --json", { seconds = 300 })
    assert.equal(0, r.status, r.err)
    assert.equal(whole:gsub("127%.0%.0%.1:%d+", "X"), (r.out:gsub("127%.0%.0%.1:%d+", "X")))
    assert.equal(before, asked())
  end)

  case("says what does not go together", function()
    for words, why in pairs { ["--author nobody"] = "there are search, learnt and model", ["--model openai:x"] = "%-%-model goes with %-%-author model",
      ["--cassette t"] = "goes with %-%-author model", ["--author-budget tokens=1"] = "goes with %-%-author model",
      ["--author model --author-budget shots=1"] = "a model spends tokens, turns and usd", ["--author model --author-budget x=1"] = "^han: %-%-author%-budget: there is no channel" } do
      local r = han("ok", "improve ./flywheel.lua " .. words)
      assert.equal(2, r.status, words)
      assert.matches(why, r.err)
    end
    local r = cli.run(folder, "improve ./flywheel.lua --author model", { before = "env -u HAN_MODEL" })
    assert.equal(78, r.status)
  end)
end)
