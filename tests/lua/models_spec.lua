-- luacheck: no max line length
-- Model calls from the command line to the endpoint and back: doctor, bench and script with --profile, budgets that
-- hold whatever an endpoint says, prices. The endpoint is tests/endpoint.

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local fakes = dofile "tests/lua/support/fakes.lua"
local endpoints = dofile "tests/lua/support/endpoint.lua"

local case = cli.needs_program(it, pending)
local FULL = os.getenv "HAN_FULL" == "1"
local DATA, STRATEGIES = endpoints.DATA, endpoints.STRATEGIES
local FAN = DATA .. "/strategies/fan.lua"

describe("model calls", function()
  local folder, remove, endpoint
  before_each(function()
    folder, remove = fakes.folder()
    fakes.write(folder, { ["replies/right"] = "So:\n```\nthe 42\n```\n", ["replies/wrong"] = "```\nnothing\n```\n" })
    endpoint = endpoints.start(folder, "--replies " .. fakes.quote(folder .. "/replies"))
  end)
  after_each(function()
    endpoint.stop()
    remove()
  end)

  -- Runs han against a model of the endpoint; env: more variables as shell words.
  local function han(dialect, model, words, env)
    local r = cli.run(folder, words, { seconds = 300, before = ("HAN_MODEL=%s HAN_PATH=%s %s"):format(
      fakes.quote(endpoint.url(dialect, model)), fakes.quote(DATA), env or "") })
    return r, dkjson.decode(r.out, 1, nil)
  end

  case("doctor asks one tiny question in every dialect", function()
    for _, dialect in ipairs { "chat", "responses", "messages" } do
      local r, said = han(dialect, "cached", "doctor --model --price 3,15 --json")
      assert.equal(0, r.status, r.err)
      assert.same({ dialect, 5, 7, 0 }, { said.dialect, said.usage.cache_read, said.usage.input, said.retries })
      assert.equal(12 * 3000 + 7 * 15000, said.nano_usd)
      assert.equal("cached", said.served)
    end
    local r = han("chat", "ok", "doctor --model")
    assert.matches("no price is known for ok", r.out)
  end)

  case("a missing key names the variable to set", function()
    local r = cli.run(folder, "doctor --model", { before = "env -u ANTHROPIC_API_KEY HAN_MODEL=anthropic:claude-x" })
    assert.equal(78, r.status)
    assert.matches("set the environment variable ANTHROPIC_API_KEY", r.err)
    r = cli.run(folder, "doctor --model", { before = "env -u HAN_MODEL" })
    assert.equal(78, r.status)
    assert.matches("set HAN_MODEL=anthropic:NAME", r.err)
  end)

  case("refused calls are tried again as the endpoint asks, and money errors never", function()
    for model, tries in pairs { ["r429-2"] = 3, ["r529-1"] = 2, ["r503-1"] = 2, ["r500-1"] = 2 } do
      local r, said = han("messages", model, "doctor --model --json")
      assert.equal(0, r.status, model .. r.err)
      assert.equal(tries - 1, said.retries, model)
      endpoint.stop() -- counts by id begin anew
      endpoint = endpoints.start(folder)
    end
    for model, status in pairs { quota = 78, r402 = 78, never429 = 70, redirect = 78, hangup = 70, cut = 70, wrong = 70,
      errevent = 70, flood = 70, gzip = 70 } do
      local before = dkjson.decode(endpoint.ask "/").total
      local r = han("chat", model, "doctor --model")
      assert.equal(status, r.status, model .. ": " .. r.err)
      assert.equal(1, dkjson.decode(endpoint.ask "/").total - before, model)
    end
  end)

  case("the same strategies drive a model, by the profile alone", function()
    for _, strategy in ipairs { "sample", "refine" } do
      local words = ("script %s/%s.lua --adapter asked --profile model --json"):format(STRATEGIES, strategy)
      local r, said = han("chat", "file-right", words)
      assert.equal(0, r.status, r.err)
      assert.same({ true, 1, 19, "the 42\n" }, { said.verdict.pass, said.spend.shots, said.spend.tokens, said.result })
      r, said = han("messages", "file-wrong", words)
      assert.equal(0, r.status, r.err)
      assert.same({ false, 3, 57 }, { said.verdict.pass, said.spend.shots, said.spend.tokens })
    end
  end)

  case("what an endpoint fails at is infra, what a model fails at is not", function()
    local _, said = han("chat", "refusal", "script " .. FAN .. " --adapter asked --profile model --budget shots=2 --json")
    assert.same({ false, "done", 2 }, { said.infra, said.status, said.spend.shots })
    _, said = han("chat", "cut", "script " .. FAN .. " --adapter asked --profile model --budget shots=2,tokens=60000 --json")
    assert.is_true(said.infra)
    _, said = han("chat", "quota", "script " .. FAN .. " --adapter asked --profile model --budget shots=1 --json")
    assert.is_true(said.infra)
  end)

  -- Calls at once that all cost as much as they may: nothing is spent beyond the ceiling.
  case("a cap is never exceeded by what is settled", function()
    local calls, width = FULL and 10000 or 300, FULL and 200 or 24 -- 60,000 tokens hold 24 shots of 2,500
    endpoint.stop()
    endpoint = endpoints.start(folder, "--hold " .. width) -- answers nobody before so many ask at once
    local budget = ("shots=%d,tokens=%d,usd=%.4f"):format(calls, FULL and 11200000 or 60000, FULL and 25 or 0.31)
    local r, said = han("chat", "lie", "script " .. FAN .. " --adapter asked --profile model --price 3,15 --quiet --json "
      .. "--budget " .. budget, "HAN_MODEL_PARALLEL=200")
    assert.equal(0, r.status, r.err)
    assert.is_false(said.over)
    assert.equal(112 * said.spend.shots, said.spend.tokens)
    assert.equal((12 * 3000 + 100 * 15000) * said.spend.shots, said.spend.nano_usd)
    assert.is_true(said.spend.nano_usd <= (FULL and 25000000000 or 310000000))
    local seen = dkjson.decode(endpoint.ask "/")
    assert.equal(said.spend.shots, seen.total)
    assert.is_true(seen.peak >= width and seen.peak <= 200)
    if FULL then assert.equal(10000, said.spend.shots) else assert.is_true(said.spend.shots > 150) end
  end)

  case("a reply above its bound is committed and flagged, unknown usage closes the dollars", function()
    local _, said = han("chat", "over-3000", "script " .. FAN .. " --adapter asked --profile model --json "
      .. "--budget shots=1,tokens=60000")
    assert.is_true(said.over)
    assert.equal(12 + 100 + 3001, said.spend.tokens)
    _, said = han("chat", "nousage", ("script %s/sample.lua --adapter asked --profile model --price 3,15 --json "
      .. "--budget shots=3,tokens=60000,usd=1"):format(STRATEGIES))
    assert.equal(1, said.spend.shots) -- the second shot is refused
    _, said = han("chat", "nousage", ("script %s/sample.lua --adapter asked --profile model --json --budget "
      .. "shots=3,tokens=60000"):format(STRATEGIES))
    assert.equal(3, said.spend.shots)
  end)

  -- The endpoint's model calls run_check without a program, is told so, and then answers with words.
  case("a model with tools has its calls answered, in every dialect", function()
    for _, dialect in ipairs { "chat", "messages" } do
      local r, said = han(dialect, "tool", ("script %s/sample.lua --adapter repair --profile model_tools --json --quiet "
        .. "--budget shots=2,tokens=200000,evals=50"):format(STRATEGIES), "HAN_PATH=" .. STRATEGIES .. "/..")
      assert.equal(0, r.status, r.err)
      assert.same({ false, 2, 4, 4 * 19, 2 }, { said.infra, said.spend.shots, said.spend.turns, said.spend.tokens,
        said.spend.evals })
      assert.equal(4, dkjson.decode(endpoint.ask "/").total)
      endpoint.stop()
      endpoint = endpoints.start(folder)
    end
  end)

  case("dollars are not capped at a price that is not known", function()
    local words = "script " .. FAN .. " --adapter asked --profile model --budget shots=1,tokens=60000,usd=1 --json"
    local r, said = han("chat", "ok", words)
    assert.equal(1, r.status)
    assert.equal("REFUSED", said.error.code)
    fakes.write(folder, { ["table.json"] = '{"ok":{"input_cost_per_token":1e-06,"output_cost_per_token":2e-06}}' })
    r = cli.run(folder, "prices import table.json --json", { before = "XDG_CONFIG_HOME=" .. folder })
    assert.equal(0, r.status, r.err)
    r, said = han("chat", "ok", words, "XDG_CONFIG_HOME=" .. folder)
    assert.equal(0, r.status, r.err)
    assert.equal(12 * 1000 + 7 * 2000, said.spend.nano_usd)
    assert.is_nil(r.err:find("days old", 1, true)) -- of today
    local old = "XDG_CONFIG_HOME=" .. folder .. "/old"
    cli.run(folder, "prices import table.json --date 2020-02-29", { before = old })
    r, said = han("chat", "ok", words, old)
    assert.equal(12 * 1000 + 7 * 2000, said.spend.nano_usd)
    local _, warned = r.err:gsub("warning: dollars are capped by a price of ok that is %d+ days old %(2020%-02%-29%); bring a newer table "
      .. "with han prices import FILE, or give %-%-price IN,OUT\n", "")
    assert.equal(1, warned, r.err)
    for _, other in ipairs { words .. " --price 1,2", (words:gsub(",usd=1", "")) } do
      assert.is_nil(han("chat", "ok", other, old).err:find("days old", 1, true)) -- another price, no cap
    end
    cli.run(folder, "prices import table.json --date 2026-11-21", { before = "XDG_CONFIG_HOME=" .. folder })
    r = cli.run(folder, "prices show ok", { before = "XDG_CONFIG_HOME=" .. folder })
    assert.matches("table of 2026%-11%-21: table.json", r.out)
    assert.matches("ok +%$1 +%$1 +%$1 +%$2 +2026%-11%-21", r.out)
    r = cli.run(folder, "prices show gpt-5 --json", { before = "XDG_CONFIG_HOME=" .. folder .. "/none" })
    said = dkjson.decode(r.out)
    assert.matches("^%d+%-%d+%-%d+$", said.date)
    assert.same({ "openai/gpt-5", said.date }, { said.models[1].model, said.models[1].date })
  end)
end)
