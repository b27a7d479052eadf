-- What is mined from certified repairs: weights, templates, fixes by relevance; and that the worker uses them.
-- luacheck: no max line length
local eval = require "tests.lua.support.eval_local"
local mine = require "han.author.mine"
local profile = require "han.author.profile"
local random = require "tests.lua.support.random_local"
local space = require "han.author.space"
local template = require "han.worker.template"
local worker = require "han.worker"

local function edit(op, outcome, more)
  local span = { kind = "edit", op = op, class = "LOGIC", first = 10, last = 12, text = "x", outcome = outcome }
  for key, item in pairs(more or {}) do span[key] = item end
  return span
end

local function row(task, group, pass, spans)
  return { task = task, group = group, split = "train", pass = pass, loss = pass and 0 or 1, output = "out " .. task,
    attempts = { { output = "out " .. task, spans = spans } } }
end

-- n tasks: `boundary` solves them, many other edits were tried on the way.
local function evidence(n, more)
  local rows = {}
  for i = 1, n do
    local spans = {}
    for k = 1, 40 do spans[k] = edit(k % 2 == 0 and "number_step" or "boundary", "failed") end
    spans[#spans + 1] = edit("boundary", "solved", more)
    rows[i] = row("t" .. i, "g" .. i, true, spans)
  end
  return { rows = rows }
end

describe("mined weights", function()
  it("rise for what made the fix and fall for what did not, within bounds", function()
    local before, after = space.defaults("search").weights, mine.weights(evidence(30))
    assert.equal(30, after.fixes)
    assert.is_true(after.weights.LOGIC.boundary > before.LOGIC.boundary)
    assert.is_true(after.weights.LOGIC.number_step < before.LOGIC.number_step)
    assert.equal(before.LOGIC.negate, after.weights.LOGIC.negate)
    assert.same(before.RUNTIME, after.weights.RUNTIME) -- nothing was seen there
    for class, ops in pairs(after.weights) do
      for op, weight in pairs(ops) do
        local ratio = weight / before[class][op]
        assert.is_true(ratio >= 1 / mine.FACTOR - 1e-3 and ratio <= mine.FACTOR + 1e-3)
      end
    end
  end)

  it("come from certified outputs alone", function()
    local given = evidence(30)
    for _, one in ipairs(given.rows) do one.pass = false end
    assert.equal(0, mine.weights(given).fixes)
    given = evidence(3)
    given.rows[1].output = "what another attempt handed in"
    assert.equal(2, mine.weights(given).fixes)
    -- solved in public without the edit that did it: nothing to learn from
    assert.equal(0, #mine.fixes { rows = { row("t", "g", true, { edit("negate", "accepted") }) } })
  end)

  it("credit the steps on the way for less", function()
    local fixes = mine.fixes { rows = { row("t", "g", true, { edit("negate", "accepted"), edit("wrap", "failed"),
      edit("boundary", "solved") }) } }
    assert.same({ "negate", "boundary" }, { fixes[1].op, fixes[2].op })
    assert.is_true(fixes[1].credit < fixes[2].credit)
  end)

  it("are learnt for the worker of decision programs as well, from what was best", function()
    local spans = {}
    for _ = 1, 50 do
      spans[#spans + 1] = edit("wrap", "best")
      spans[#spans + 1] = edit("point", "dropped")
      spans[#spans].class, spans[#spans - 1].class = nil, nil
    end
    local before = space.defaults("decision").weights
    local after = mine.weights({ rows = { row("t", "g", true, spans) } }, { backend = "decision" })
    assert.is_true(after.weights.wrap > before.wrap and after.weights.point < before.point)
    assert(profile.load(require("han.author.data").print { weights = after.weights }, "decision"))
  end)
end)

describe("mined templates", function()
  it("say what was put where in terms of any program", function()
    local list = mine.templates(evidence(3, { node = "name", before = "count", text = "(count + other)" }))
    assert.same({ { kind = "name", text = "(@1 + $1)", weight = 3.0 } }, list)
    list = mine.templates(evidence(1, { node = "assign", before = "", first = 10, last = 9,
      text = "if total == nil then error(\"bad \" .. name, 0) end" }))
    assert.same({ { kind = "assign", text = "if $1 == nil then error(` .. $2, 0) end", weight = 1.0, insert = true } },
      list)
  end)

  it("are ordered by the groups they come from, and leave out what says nothing", function()
    local rows = evidence(2, { node = "name", before = "a", text = "b" }).rows
    for i = 1, 5 do
      local one = evidence(1, { node = "name", before = "a", text = "(a - 1)" }).rows[1]
      one.group, one.task, one.output, one.attempts[1].output = "same", "s" .. i, "o" .. i, "o" .. i
      rows[#rows + 1] = one
    end
    rows[#rows + 1] = row("x", "gx", true, { edit("number_step", "solved", { node = "number", before = "1",
      text = "2" }) })
    rows[#rows + 1] = row("y", "gy", true, { edit("boundary", "solved", { before = "<", text = "<=" }) })
    rows[#rows + 1] = row("z", "gz", true, { edit("copy", "solved", { node = "name", before = "a",
      text = ("a"):rep(mine.MAX_TEXT + 1) }) })
    local list = mine.templates { rows = rows }
    assert.equal(2, #list)
    assert.same({ "$1", "(@1 - 1)" }, { list[1].text, list[2].text })
  end)

  it("are bounded in number, and the profile that holds them is one", function()
    local rows = {}
    for i = 1, 60 do
      rows[i] = row("t" .. i, "g" .. i, true, { edit("step", "solved", { node = "name", before = "a",
        text = ("(a + %d)"):format(i) }) })
    end
    local mined = mine.profile { rows = rows }
    assert.equal(24, #mined.profile.templates)
    assert.equal(60, mined.tasks)
    assert(profile.load(require("han.author.data").print(mined.profile), "search"))
  end)
end)

describe("certified fixes", function()
  it("are kept by relevance to a failure, those of the same group last", function()
    local fixes = { { class = "RUNTIME", node = "if", group = "a", credit = 1 },
      { class = "LOGIC", node = "name", group = "me", credit = 1 },
      { class = "LOGIC", node = "name", group = "b", credit = 1 } }
    local list = mine.relevant(fixes, { class = "LOGIC", nodes = { "name" }, group = "me" }, 2)
    assert.equal("b", list[1].group)
    assert.equal("me", list[2].group)
  end)
end)

describe("the worker", function()
  local BROKEN = [[
local M = {}
function M.last(list)
  local n = #list
  local unused = 1
  return list[n - unused]
end
return M
]]
  local function run(given, seed)
    local spans = {}
    local tests = {}
    for i = 1, 4 do
      local list = {}
      for k = 1, i do list[k] = k * 7 end
      tests[i] = { fn = "last", args = { list }, want = { i * 7 } }
    end
    local text = worker.run { artifact = BROKEN, public = { tests = tests, name = "last",
      limits = { instructions = 20000, memory = 64 << 20, output = 1 << 20, wall = 2.0 } }, profile = given,
      random = random.new(seed), eval = eval.lua, yield = function() end,
      meter = function() return true end, span = function(span) spans[#spans + 1] = span end }
    return text, spans
  end

  it("does with templates what they say, and tells the class, kind and text of what it replaced", function()
    local given = { trials = 200, floor = 0.01, weights = {}, templates = { { kind = "index", text = "@1[#@1]",
      weight = 1.0 } } }
    for _, class in ipairs { "LOGIC", "RUNTIME", "CONTRACT" } do
      given.weights[class] = { template = 20.0 }
    end
    local text, spans = run(given, "templates")
    local used, solved = 0, nil
    for _, span in ipairs(spans) do
      if span.op == "template" then used = used + 1 end
      if span.kind == "edit" then assert.equal("string", type(span.class)) end
      if span.outcome == "solved" then solved = span end
      if span.outcome == "failed" then assert.is_nil(span.before) end
    end
    assert.is_true(used > 0)
    assert.equal("solved", solved.outcome)
    assert.equal(BROKEN:sub(solved.first, solved.last), solved.before)
    assert.not_equal(BROKEN, text)
  end)

  it("is the same to the letter without templates", function()
    local text, spans = run({ trials = 60 }, "none")
    local again, same = run({ trials = 60, templates = {} }, "none")
    assert.equal(text, again)
    assert.same(spans, same)
    assert.is_nil(template.operator(nil))
  end)
end)

describe("choices of train runs", function()
  local choices = require "han.author.choices"
  local firewall = require "han.firewall"
  local parts = require "han.author.parts"
  local strategy = require "han.author.strategy"

  -- Runs in which going on from the best gains most of the time, and a fresh start never does.
  local function records(n, more)
    local list, draw = {}, random.new "choices"
    for i = 1, n do
      local attempts, decisions, best = {}, {}, 0.1
      for k = 1, 8 do
        local chosen = draw(3)
        local correct = chosen == 1 and best + 0.05 or chosen == 2 and best + (draw(5) == 1 and 0.05 or 0) or 0.1
        decisions[k] = { node = "root", point = "skill", options = { "best", "line", "fresh" }, chosen = chosen, propensity = 1 / 3 }
        attempts[k] = { ordinal = k, verdict = { correct = correct, pass = false }, spans = {} }
        best = math.max(best, correct)
      end
      list[i] = { cell = "c" .. i, task = "t" .. i, group = "g" .. i, split = "train", status = "done", attempts = attempts,
        decisions = decisions, score = { correct = best, pass = false } }
      for key, item in pairs(more or {}) do list[i][key] = item end
    end
    return list
  end

  it("become weights of the options, by what the attempt after each gained", function()
    local learnt = choices.learn(firewall.evidence(records(40)), "skill")
    assert.is_true(learnt.weights.best > 1.5 and learnt.weights.fresh <= 0.3, learnt.weights.best)
    assert.is_true(learnt.weights.line < learnt.weights.best and learnt.weights.line > learnt.weights.fresh)
    assert.is_true(learnt.decisions > 200 and math.abs(learnt.effective - learnt.decisions) < 1e-6) -- equal propensities
    assert.is_nil(choices.learn(firewall.evidence(records(3)), "arm"))
    local flat = records(3)
    for _, record in ipairs(flat) do for _, attempt in ipairs(record.attempts) do attempt.verdict.correct = 0.1 end end
    assert.is_nil(choices.learn(firewall.evidence(flat), "skill")) -- nothing gained, nothing learnt
  end)

  it("are weighed by how likely they were, and few of them move little", function()
    local list = records(40)
    for _, record in ipairs(list) do
      for _, decision in ipairs(record.decisions) do decision.propensity = decision.chosen == 1 and 0.9 or 0.05 end
    end
    local learnt = choices.learn(firewall.evidence(list), "skill")
    assert.is_true(learnt.effective < 0.9 * learnt.decisions)
    local few = choices.learn(firewall.evidence(records(1)), "skill")
    assert.is_true(few.weights.best < choices.learn(firewall.evidence(records(40)), "skill").weights.best)
  end)

  it("of another split never reach an author, nor options that are no words", function()
    local ok, err = pcall(firewall.evidence, records(1, { split = "gate" }))
    assert.same({ false, "FIREWALL" }, { ok, err.code })
    local list = records(1)
    list[1].decisions[1].options[2] = { score = 1 }
    assert.equal(7, #firewall.evidence(list).rows[1].decisions)
  end)

  it("move the params of a program that decides by them, and no other's", function()
    local desk = { random = random.new "x", pool = {}, evidence = firewall.evidence(records(40)) }
    local governed = strategy.read(parts.compose { steer = "lens", topology = "governor", stop = "never", act = "serial" })
    local new = assert(strategy.apply(desk, "mined_choice", governed))
    assert.is_true(new.params.skill_best > 1.5 and new.params.skill_fresh < 0.5)
    assert.equal("steer lens, topology governor, stop never, act serial", parts.describe(new.tree))
    assert.is_nil(strategy.apply(desk, "mined_choice", new)) -- nothing more to learn from the same
    assert.is_nil(strategy.apply(desk, "mined_choice", strategy.read(parts.compose { steer = "lens", topology = "best", stop = "never", act = "serial" })))
    assert.is_nil(strategy.apply({ random = desk.random, pool = {} }, "mined_choice", governed))
  end)
end)
