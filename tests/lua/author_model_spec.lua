-- The author that asks a model: how replies are read, what is told, how often it may try again. The model is played;
-- one that is asked over a network is the affair of another spec.
-- luacheck: no max line length

local audit = require "han.author.audit"
local author = require "han.author"
local digest = require("han.worker").digest
local firewall = require "han.firewall"
local model = require "han.author.model"
local parts = require "han.author.parts"
local random = require "tests.lua.support.random_local"
local syntax = require "han.syntax"

local CHAMPION = parts.compose { steer = "lens", topology = "best", stop = "never", act = "serial" }
local BETTER = parts.compose { steer = "report", topology = "explore", stop = "patience", act = "serial" }
local CHEAT = BETTER:gsub("return scope:best%(%)\nend\n\nreturn", "if task.holdout then return task.score end\n  return scope:best()\nend\n\nreturn")

local function reply(text) return "Here it is.\n\n```lua\n" .. text .. "```\n" end

-- Stages of the pipeline that need no engine.
local function check(text)
  local stage, found = audit.check("strategy", assert(syntax.parse(text)))
  return { ok = stage == nil, stage = stage, reason = found and ("line %d: %s"):format(found.line, found.reason) }
end

local function played(replies, more)
  local told = {}
  local options = { what = "strategy", backend = "model", random = random.new "m", digest = digest, check = check,
    ask = function(prompt)
      told[#told + 1] = prompt
      local one = table.remove(replies, 1)
      if not one then return nil, "the budget is spent", "BUDGET_EXHAUSTED" end
      return one
    end }
  for key, item in pairs(more or {}) do options[key] = item end
  return author.new(options), told
end

describe("the reply of a model", function()
  it("is its last fenced block that is closed", function()
    assert.equal("return 1\n", model.program "```lua\nreturn 1\n```")
    assert.equal("return 2\n", model.program "first\n```\nreturn 1\n```\nno, better:\n```lua\nreturn 2\n```\nGood luck!")
    assert.equal("x = [[\n```\n]]\n", model.program "````lua\nx = [[\n```\n]]\n````")
    assert.equal("return 3\n", model.program "```lua\r\nreturn 3\r\n```\r\n")
  end)

  it("has none when it refuses, is cut off or is empty, and it is said which", function()
    local function why(text) return select(2, model.program(text)) end
    assert.matches("no fenced program", why "I am sorry, I cannot help with that.")
    assert.matches("no fenced program", why "")
    assert.matches("was cut off", why "```lua\nreturn han.strat")
    assert.matches("was cut off", why "```lua\nreturn 1\n```\nbetter:\n```lua\nreturn")
    assert.matches("is empty", why "```lua\n  \n```")
  end)
end)

describe("an author that asks a model", function()
  it("gives what it got as candidates of the same seam", function()
    local a, told = played { reply(BETTER) }
    local list = a:propose({ champion = { text = CHAMPION } }, 1)
    assert.equal(1, #list)
    assert.same({ BETTER, "model", "strategy", true, { digest(CHAMPION) } }, { list[1].text, list[1].operator, list[1].what, list[1].novel, list[1].parents })
    assert.equal(1, #told)
    for _, words in ipairs { "# What is wanted", "# Contract", "scope:spawn(task.worker", "# The champion", "steer lens, topology best" } do
      assert.is_truthy(told[1]:find(words, 1, true), words)
    end
    a:learn { { candidate = list[1].digest, value = 0.25, promoted = true } }
    assert.equal(BETTER, a:best(1)[1].text)
  end)

  it("hands a refusal back with its reason and line, at most three rounds", function()
    assert.not_equal(BETTER, CHEAT)
    local a, told = played { reply "return 1 +\n", reply(CHEAT), reply(BETTER), "never asked" }
    local list = a:propose({ champion = { text = CHAMPION } }, 1)
    assert.equal(BETTER, list[1].text)
    assert.equal(3, #told)
    assert.is_truthy(told[2]:find("Your last reply was refused", 1, true))
    assert.is_truthy(told[2]:find("parse: ", 1, true))
    assert.matches("audit: line %d+: reads 'holdout': an author's program may not read a holdout", told[3])
    assert.is_nil(told[3]:find("parse: ", 1, true)) -- the last one alone
    assert.equal(2, #a.refused)
    assert.equal(CHEAT, a.refused[2].text)
    local b, asked = played { reply(CHEAT), "no", "```lua\ncut", reply(BETTER) }
    list = b:propose({ champion = { text = CHAMPION } }, 2)
    assert.same({ 4, 1, 3 }, { #asked, #list, #b.refused }) -- the first candidate was given up, the second came at once
  end)

  it("does not give what was there before, and stops when nobody answers", function()
    local a, told = played { reply(CHAMPION), reply(BETTER), reply(BETTER) }
    local list = a:propose({ champion = { text = CHAMPION } }, 3)
    assert.same({ 1, 4 }, { #list, #told })
    assert.matches("this very program was proposed before", told[2])
    assert.same({ message = "the budget is spent", code = "BUDGET_EXHAUSTED" }, a.failure)
    assert.same({}, a:propose({ champion = { text = CHAMPION } }, 3))
  end)

  it("tells losses of train tasks and nothing that a holdout or a judge holds", function()
    local function record(split, canary)
      return { cell = "c", task = "t-" .. split, group = "g-" .. split, split = split, status = "done", spend = { evals = 7, shots = 2 },
        score = { correct = 0.25, pass = false, raw = { hidden = canary } }, meta = { fault = canary }, verdict = { correct = 0.5 },
        attempts = { { node = "root/1", ordinal = 1, spans = {}, steer = { { origin = "trace", lens = "l", text = "line 3 fails" } } } } }
    end
    local a, told = played { reply(BETTER) }
    local evidence = firewall.evidence { record("train", "CANARY") }
    a:propose({ champion = { text = CHAMPION }, evidence = evidence }, 1)
    assert.is_truthy(told[1]:find("group g-train: loss 0.750, 1 attempts, 7 evals, 2 shots", 1, true), told[1])
    assert.is_truthy(told[1]:find("seen: line 3 fails", 1, true))
    assert.is_nil(told[1]:find("CANARY", 1, true))
    for _, input in ipairs { { evidence = { rows = { record("gate", "x") } } }, { champion = { text = CHAMPION, score = 1 } } } do
      local ok, err = pcall(a.propose, a, input, 1)
      assert.same({ false, "FIREWALL" }, { ok, err.code })
    end
    assert.equal(1, #told) -- nobody was asked
  end)

  it("tells an author of profiles which fixes were certified, the nearest to what fails first", function()
    local function record(task, pass, class, op)
      return { cell = task, task = task, group = "g" .. task, split = "train", status = "done", output = "out", score = { correct = pass and 1 or 0, pass = pass },
        attempts = { { ordinal = 1, output = "out", spans = { { kind = "edit", op = op, class = class, node = "if", before = "a <  b", text = "a <= b", first = 1, last = 5, outcome = pass and "solved" or "failed" } } } } }
    end
    local a, told = played({ reply "return { loyalty = 0.5 }\n" }, { what = "profile", check = false })
    a:propose({ evidence = firewall.evidence { record("1", true, "RUNTIME", "guard_wrap"), record("2", true, "LOGIC", "boundary"), record("3", false, "LOGIC", "negate") } }, 1)
    local logic, runtime = told[1]:find("- LOGIC, boundary at a if: a < b => a <= b", 1, true), told[1]:find("- RUNTIME, guard_wrap", 1, true)
    assert.is_true(logic ~= nil and runtime ~= nil and logic < runtime, told[1])
  end)

  it("shows programs behind a fence that they cannot close", function()
    local tricky = CHAMPION:gsub("^", "-- ``` `````\n")
    local a, told = played { reply(BETTER) }
    a:propose({ champion = { text = tricky } }, 1)
    assert.is_truthy(told[1]:find("``````lua\n-- ``` `````", 1, true))
    assert.equal(1, #a:propose({ champion = { text = CHAMPION } }, 0) + 1)
  end)

  it("goes on from its state", function()
    local a = played { reply(BETTER) }
    local list = a:propose({ champion = { text = CHAMPION } }, 1)
    local b = assert(author.restore(a:state(), { random = random.new "m", digest = digest, check = check, ask = function() return reply(BETTER) end }))
    assert.same({}, b:propose({ champion = { text = CHAMPION } }, 1)) -- it knows what it proposed
    b:learn { { candidate = list[1].digest, value = 0.5 } }
    assert.equal(BETTER, b:best(1)[1].text)
    assert.has_error(function() author.new { what = "strategy", backend = "model" } end)
  end)
end)
