-- The worker of decision programs: expression trees, what a shot pays, keeps, races and tells.
local eval = require "tests.lua.support.eval_local"
local here = require "tests.lua.support.binpack_local"
local random = require "tests.lua.support.random_local"
local value = require "tests.lua.support.value_local"
local decision = require "han.worker.decision"
local expression = require "han.worker.expression"

local adapter, dir = here.adapter()
local program = dir "program"
local PARAMS = { "item", "before", "after", "count_before", "count_after" }

describe("expression trees", function()
  local grammar = { params = PARAMS, constant = 150 }

  it("are grown as typed, print as pure Lua, and come back from their text", function()
    local roll = random.new "trees"
    for _ = 1, here.full and 5000 or 400 do
      local tree = expression.grow(grammar, "num", 4, roll)
      local text = expression.print(tree, PARAMS)
      assert.equal(5, program.check(text, "state"))
      local again = assert(expression.parse(text, PARAMS), text)
      assert.equal(text, expression.print(again, PARAMS))
      local f = load("return " .. text)()
      local ok, result = pcall(f, 30.0, 100.0, 70.0, 2.0, 1.0)
      if ok then assert.equal("number", type(result), text)
      else assert.matches("attempt to perform 'n", result, 1, true) end -- a constant modulo 0
    end
  end)

  it("read programs that people write, and nothing beyond their operators", function()
    local function reads(body)
      return expression.parse("function(item, before, after) return " .. body .. " end", PARAMS)
    end
    assert.equal("(-after)", expression.text(reads "-after"))
    assert.equal("((after < 3) and 1 or (-after))", expression.text(reads "3 > after and 1 or -after"))
    assert.equal("((3 <= after) and 1 or 0)", expression.text(reads "(after >= 3) and 1 or 0"))
    assert.equal("math.sqrt(math.abs((item - 1)))", expression.text(reads "math.sqrt(math.abs(item - 1))"))
    for _, body in ipairs { "item // 2", "after ^ 3", "math.sin(item)", "item, after", "after < 3", "x",
      "after < 3 and 1", "math.sqrt(item)", "1 + (after < 2)" } do
      assert.is_nil(reads(body), body)
    end
    assert.is_nil(expression.parse("function(a) return a end", PARAMS))
    assert.is_nil(expression.parse("function(item) local x = 1 return x end", PARAMS))
    assert.is_nil(expression.parse("nonsense", PARAMS))
  end)

  it("are changed at one place without touching the original", function()
    local tree = expression.parse("function(item, before) return item + before * 2 end", PARAMS)
    local before = expression.text(tree)
    for _, place in ipairs(expression.places(tree)) do
      local changed = expression.replace(place, expression.const(9))
      assert.equal(before, expression.text(tree))
      assert.not_equal(before, expression.text(changed))
    end
    assert.equal(5, expression.size(tree))
  end)
end)

local task = adapter.tasks("train", 1, 3, here.options(3))[1]

local function shot(evals, more)
  local ctx = here.context(task, eval.lua, evals, more)
  return adapter.backends.decision(ctx), ctx
end

local function of_kind(ctx, kind)
  local list = {}
  for _, span in ipairs(ctx.spans) do if span.kind == kind then list[#list + 1] = span end end
  return list
end

describe("a shot", function()
  local text, ctx = shot(150)

  it("is the same under the same random stream", function()
    local again, other = shot(150)
    assert.equal(text, again)
    assert.same(ctx.spans, other.spans)
  end)

  it("gives a program that is no worse in training than what it was given, by its own measure", function()
    local edits, settle = of_kind(ctx, "edit"), ctx.spans[#ctx.spans]
    assert.equal("settle", settle.kind)
    assert.is_true(settle.value <= edits[1].value)
    assert.equal(settle.value, adapter.verify.run(text, task.public).raw.excess)
  end)

  it("pays one evaluation and the tokens of the new part for each program before it is tried", function()
    local edits, tokens = of_kind(ctx, "edit"), 0
    for _, span in ipairs(edits) do tokens = tokens + (#span.text + 3) // 4 end
    assert.equal(150, ctx.spent.evals)
    assert.equal(150, #edits)
    assert.equal(tokens, ctx.spent.tokens)
    assert.equal(150, ctx.yields)
  end)

  it("never spends more than it is given, and settles with what it has", function()
    for limit = 0, 12 do
      local out, spent = shot(limit)
      assert.equal("string", type(out))
      assert.equal(limit, spent.spent.evals)
      if limit == 0 then assert.equal(task.public.artifact, out) end
    end
  end)

  it("proposes pure programs of at most 31 nodes, none twice", function()
    local seen, roll = {}, here.context(task, nil, 300)
    local game = { params = { "item", "before", "after" }, constant = 150, try = function(texts)
      local rows = {}
      for i, one in ipairs(texts) do
        assert.is_nil(seen[one])
        seen[one] = true
        assert.is_not_nil(program.check(one, "elementwise"))
        assert.is_true(expression.size(expression.parse(one, { "item", "before", "after" })) <= expression.MAX_NODES)
        rows[i] = { early = 1, trait = #one % 10 / 10, digest = #one, value = 1 / #one }
      end
      return rows
    end }
    decision.run(roll, game)
  end)

  it("tells plain values", function() assert.is_not_nil((value.copy(ctx.spans))) end)

  it("uses every operator, and races some programs out", function()
    local ops, outcomes = {}, {}
    for _, span in ipairs(of_kind(ctx, "edit")) do
      ops[span.op], outcomes[span.outcome] = true, true
    end
    for name in pairs(decision.DEFAULTS.weights) do assert.is_true(ops[name], name) end
    assert.is_true(outcomes.best and outcomes.raced and outcomes.known)
  end)

  it("draws every program afresh when it is told to be random", function()
    local _, blind = shot(60, { profile = { proposals = "random" } })
    for i, span in ipairs(of_kind(blind, "edit")) do assert.equal(i == 1 and "start" or "fresh", span.op) end
  end)

  it("begins with the programs of a steer, and weighs operators by it", function()
    local findings = adapter.lenses.elites.run(ctx.spans)
    assert.equal(text, findings[1].text)
    local told = adapter.lenses.operators.run(ctx.spans)
    assert.is_true(#told >= 6)
    for _, finding in ipairs(told) do findings[#findings + 1] = finding end
    local _, next_one = shot(40, { steer = findings, artifact = text })
    local edits, elites = of_kind(next_one, "edit"), 0
    assert.equal("start", edits[1].op)
    for _, span in ipairs(edits) do if span.op == "elite" then elites = elites + 1 end end
    assert.equal(math.min(8, #adapter.lenses.elites.run(ctx.spans)) - 1, elites)
    assert.is_true(next_one.spans[#next_one.spans].value <= ctx.spans[#ctx.spans].value)
  end)

  it("improves a text it cannot read as a tree by starting beside it", function()
    local odd = "function(item, before, after)\n  local left = after\n  return -left\nend\n"
    local out, spent = shot(40, { artifact = odd })
    assert.is_not_nil(program.check(out, "elementwise"))
    assert.is_number(of_kind(spent, "edit")[1].value)
  end)

  it("gives back what it was given when it fails, and tells of failures no candidate can cause", function()
    local out = shot(1, { artifact = "function(item) return 0 / 0 end" })
    assert.equal("function(item) return 0 / 0 end", out)
    local down = function() return nil, "the runner is gone", "PEER" end
    local ctx_down = here.context(task, down, 9)
    assert.same({ nil, "the runner is gone", "PEER" }, { adapter.backends.decision(ctx_down) })
  end)
end)

describe("arms", function()
  local engine = require "tests.lua.support.engine_local"

  local function load_strategy(name)
    return engine.with(function() return dofile("scripts/strategies/" .. name .. ".lua") end)
  end

  for _, name in ipairs { "best_fit", "first_fit", "sum_of_squares" } do
    it(name .. " hands in the task's own text", function()
      local given
      local scope = { submit = function(_, text) given = text return {} end, best = function() return given end }
      assert.equal(task.public.baselines[name], load_strategy(name).act(task.public, scope))
      assert.has_error(function() load_strategy(name).act({}, scope) end)
    end)
  end

  it("random spawns the same worker, blind, until the budget is spent", function()
    local spawned = {}
    local scope = { best = function() return "best" end, next = function() return { kind = "done", verdict = {} } end }
    function scope:spawn(profile)
      assert.is_not_nil(self)
      if #spawned == 3 then return nil, "spent", "BUDGET_EXHAUSTED" end
      spawned[#spawned + 1] = profile
      return "root/" .. #spawned
    end
    local worker = { backend = "decision", limits = { shots = 1, evals = 250 } }
    assert.equal("best", load_strategy("random").act({ worker = worker }, scope))
    assert.equal("random", spawned[1].proposals)
    assert.same(worker.limits, spawned[1].limits)
    assert.is_nil(worker.proposals)
    assert.has_error(function() load_strategy("random").act({ worker = { backend = "search" } }, scope) end)
  end)
end)
