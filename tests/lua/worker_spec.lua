-- The built-in search worker: operators, localization, the shot, its spend and its trace.
local eval = require "tests.lua.support.eval_local"
local random = require "tests.lua.support.random_local"
local syntax = require "han.syntax"
local locate = require "han.worker.locate"
local material = require "han.worker.material"
local operators = require "han.worker.operators"
local worker = require "han.worker"

-- Every text an operator makes of a source in so many draws.
local function variants(name, source, draws, failure)
  local tree = assert(syntax.parse(source))
  local roll = random.new(name)
  local stuff = material.new(tree, roll)
  local entry, nodes, texts = operators.by_name[name], {}, {}
  syntax.walk(tree.root, function(node)
    local owner = syntax.function_at(tree, node.first)
    if entry.kinds[node.kind] and owner and owner.depth > 0 then nodes[#nodes + 1] = node end
  end)
  for _ = 1, draws or 200 do
    if #nodes == 0 then break end
    local edit = entry.make(stuff, nodes[roll(#nodes)], failure or { test = {} })
    local text = edit and syntax.edit(source, { edit })
    if text then texts[text] = true end
  end
  return texts
end

local function makes(name, source, wanted, failure)
  for text in pairs(variants(name, source, 2000, failure)) do
    if text:find(wanted, 1, true) then return true end
  end
  return false
end

local SOURCE = [[
local M = {}
function M.pick(list, limit)
  local best, seen = 0, {}
  for i, item in ipairs(list) do
    if item > best and i < limit then
      best = math.max(item, 3)
      seen[#seen + 1] = "x"
    end
  end
  if best == 0 then
    return nil, "none"
  end
  return best, #seen
end
return M
]]

describe("operators", function()
  it("make each the edit they are named for", function()
    local cases = {
      number_step = "math.max(item, 4)", literal_swap = "math.max(item, 0)", name_swap = "i < best",
      operator_swap = "item >= best", boundary = "i <= limit", operand_drop = "if item > best then",
      argument_swap = "math.max(3, item)", callee_swap = "math.min(item, 3)", negate = "not (best == 0)",
      default_value = "(limit or 0)", expression_step = "(limit + 1)", statement_delete = "return best, #seen",
      guard_wrap = "then best = math.max(item, 3) end", guard_unwrap = "do best = math.max(item, 3)",
      statement_copy = "seen[#seen + 1] = \"x\"", assign_insert = "best = best + 1", clamp = "math.min(limit, 1)",
      guard_return = "then return nil end", constant_flip = "return {}, \"none\"", clause_add = "best == 0 and ",
      else_insert = "else ", guard_break = "then break end", element_insert = "[#list + 1] =",
      guard_assign = "then best = ", statement_swap = "best = math.max(item, 3)\n", condition_replace = "if not ",
      statement_replace = "if best == 0 then", expression_copy = "math.max", argument_change = "math.max(item)",
    }
    for name, wanted in pairs(cases) do assert.is_true(makes(name, SOURCE, wanted), name .. ": " .. wanted) end
  end)

  it("fill an empty body with what is visible in it, and turn to names that nothing reads", function()
    local source = "local M = {}\nfunction M.f(list)\n  local out = {}\n  for i, item in ipairs(list) do\n  end\n"
      .. "  if #out > 3 then\n  end\n  return out\nend\nreturn M\n"
    assert.is_true(makes("element_insert", source, "do\n    out[i] = item"))
    assert.is_true(makes("element_insert", source, "then\n    out["))
    local tree = syntax.parse(source)
    local names = material.new(tree, random.new "x"):names(source:find("  end", 1, true))
    assert.same({ "item", "i" }, names.unread)
  end)

  it("initialize a local and raise the error that a test asks for", function()
    assert.is_true(makes("initialize", "local function f() local x return x end return { f = f }", "local x = 0"))
    local failure = { test = { want_error = "limit must be positive$" } }
    assert.is_true(makes("guard_error", SOURCE, 'error("limit must be positive", 0)', failure))
    assert.same({}, variants("guard_error", SOURCE, 100, { test = { want = { 1 } } }))
  end)

  it("are all reached by the spec and all make mostly programs", function()
    local failure = { test = { want_error = "bad$" } }
    for _, entry in ipairs(operators.list) do
      local source = entry.name == "initialize" and "local function f() local x return x end return { f = f }" or SOURCE
      local good, all = 0, 0
      for text in pairs(variants(entry.name, source, 200, failure)) do
        all = all + 1
        if syntax.parse(text) then good = good + 1 end
      end
      assert.is_true(all > 0, entry.name)
      assert.is_true(good >= 0.6 * all, entry.name .. ": " .. good .. " of " .. all)
    end
  end)

  it("never break out of no loop, and rename what is not visible", function()
    local source = "local M = {}\nfunction M.a(x)\n  for i = 1, x do\n    if i > 2 then\n      break\n    end\n  end\n"
      .. "  return x\nend\n" .. "function M.b(y)\n  local z = y\n  return z\nend\nreturn M\n"
    for text in pairs(variants("statement_copy", source, 2000)) do assert.is_not_nil(syntax.parse(text), text) end
  end)
end)

describe("localization", function()
  it("weighs lines by Ochiai", function()
    assert.equal(0, locate.ochiai(0, 5, 3))
    assert.equal(1, locate.ochiai(3, 0, 3))
    assert.is_true(math.abs(locate.ochiai(2, 2, 3) - 2 / math.sqrt(12)) < 1e-12)
  end)

  local menu = { { line = 1, fn = "f" }, { line = 2, fn = "f" }, { line = 5, fn = "g" } }
  local spectrum = { [1] = { failed = 1, passed = 0 }, [2] = { failed = 0, passed = 4 } }

  local function total(list)
    local sum = 0
    for _, x in ipairs(list) do sum = sum + x end
    return sum
  end

  it("mixes uniform, suspicion and steer to chances that sum to one", function()
    local mix = { uniform = 0.3, ochiai = 0.3, steer = 0.4 }
    local steer = { { where = { fn = "g", line = 5 }, weight = 1 } }
    local chances = locate.chances(menu, spectrum, 1, steer, mix)
    assert.is_true(math.abs(total(chances) - 1) < 1e-12)
    assert.is_true(math.abs(chances[1] - 0.4) < 1e-12)
    assert.is_true(math.abs(chances[2] - 0.1) < 1e-12)
    assert.is_true(math.abs(chances[3] - 0.5) < 1e-12)
  end)

  it("gives the share of missing evidence to the rest", function()
    local chances = locate.chances(menu, {}, 0, nil, { uniform = 0, ochiai = 0.5, steer = 0.5 })
    for _, chance in ipairs(chances) do assert.is_true(math.abs(chance - 1 / 3) < 1e-12) end
    chances = locate.chances(menu, spectrum, 1, nil, { uniform = 0, ochiai = 0.5, steer = 0.5 })
    assert.equal(1, chances[1])
  end)

  it("runs failing tests of the function through the line first, then other failing ones", function()
    local rows = { { pass = true, covered = { [4] = true }, test = { fn = "g" } },
      { pass = false, covered = {}, test = { fn = "f" } },
      { pass = false, covered = { [4] = true }, test = { fn = "f" } },
      { pass = false, covered = { [4] = true }, test = { fn = "g" } } }
    assert.same({ 4, 3, 2 }, locate.order(rows, 4, "M.g"))
    assert.same({ 3, 4, 2 }, locate.order(rows, 4, "M.f"))
    assert.same({ 2, 3, 4 }, locate.order(rows, 9, "M.f"))
  end)
end)

-- A context over a program of one function; what the worker did is kept in it.
local function context(more)
  local ctx = {
    artifact = "local M = {}\nfunction M.sum(list)\n  local total = 1\n  for _, item in ipairs(list) do\n"
      .. "    total = total + item\n  end\n  return total\nend\nfunction M.twice(list)\n  return 2 * M.sum(list)\n"
      .. "end\nreturn M\n",
    public = { name = "sum", limits = { instructions = 2000 }, tests = {
      { fn = "sum", args = { {} }, want = { 0 } }, { fn = "sum", args = { { 1, 2 } }, want = { 3 } },
      { fn = "sum", args = { { 5 } }, want = { 5 } }, { fn = "twice", args = { { 4, 1 } }, want = { 10 } } } },
    profile = { trials = 200 }, spans = {}, requests = {}, spent = { evals = 0, tokens = 0 }, yields = 0,
  }
  ctx.random = random.new "worker"
  ctx.eval = function(request)
    ctx.requests[#ctx.requests + 1] = request
    return eval.lua(request)
  end
  ctx.meter = function(cost)
    if ctx.limit and ctx.spent.evals + cost.evals > ctx.limit then return nil, "evals are spent", "BUDGET_EXHAUSTED" end
    ctx.spent.evals, ctx.spent.tokens = ctx.spent.evals + cost.evals, ctx.spent.tokens + cost.tokens
    return true
  end
  ctx.span = function(span) ctx.spans[#ctx.spans + 1] = span end
  ctx.yield = function() ctx.yields = ctx.yields + 1 end
  for key, item in pairs(more or {}) do ctx[key] = item end
  return ctx
end

local function of_kind(ctx, kind)
  local list = {}
  for _, span in ipairs(ctx.spans) do if span.kind == kind then list[#list + 1] = span end end
  return list
end

describe("a shot", function()
  it("mends a wrong constant", function()
    local ctx = context { profile = { trials = 1000 } }
    local text = worker.run(ctx)
    local result = eval.lua { code = text, calls = ctx.public.tests }
    for _, row in ipairs(result.calls) do assert.is_true(row.pass) end
    local settle = ctx.spans[#ctx.spans]
    assert.same({ "settle", "solved", 4, 4 }, { settle.kind, settle.stopped, settle.passed, settle.total })
    assert.equal(worker.digest(text), settle.digest)
  end)

  it("works on the tests in focus, and holds what it finds to those that the edit can reach", function()
    local tests = context().public.tests
    local public = { name = "sum", limits = { instructions = 2000 }, tests = tests, focus = { 2, 1, 3 } }
    local ctx = context { profile = { trials = 1000 }, public = public }
    worker.run(ctx)
    assert.same({ "settle", "solved", 3, 3 }, { ctx.spans[#ctx.spans].kind, ctx.spans[#ctx.spans].stopped,
      ctx.spans[#ctx.spans].passed, ctx.spans[#ctx.spans].total })
    local seen = of_kind(ctx, "retest")
    assert.same({ kind = "retest", calls = 3, all = 4, tested = {}, reused = {}, skipped = { "twice" } }, seen[1])
    assert.same({ { "twice" }, {} }, { seen[#seen].tested, seen[#seen].skipped }) -- it calls sum
    for _, request in ipairs(ctx.requests) do
      local fns = {}
      for _, call in ipairs(request.calls) do fns[call.fn] = true end
      assert.is_true((fns.sum == true) ~= (fns.twice == true)) -- a suite apart from the other
    end
    -- the other way round: an edit of `twice` reaches nothing of `sum`
    ctx = context { profile = { trials = 1000 }, public = { name = "sum", limits = { instructions = 2000 },
      tests = tests, focus = { 4 } },
      artifact = ctx.artifact:gsub("total = 1", "total = 0"):gsub("2 %* M", "3 * M") }
    worker.run(ctx)
    seen = of_kind(ctx, "retest")
    assert.equal("solved", ctx.spans[#ctx.spans].stopped)
    assert.same({ kind = "retest", calls = 1, all = 4, tested = {}, reused = {}, skipped = { "sum" } }, seen[#seen])
  end)

  it("does not take what mends its focus and breaks more elsewhere", function()
    local code = "local M = {}\nfunction M.a(n) return n + 1 end\nfunction M.b(n) return M.a(n) end\nreturn M\n"
    local public = { name = "x", limits = { instructions = 2000 }, focus = { 1 }, tests = {
      { fn = "a", args = { 1 }, want = { 3 } }, { fn = "b", args = { 1 }, want = { 2 } },
      { fn = "b", args = { 2 }, want = { 3 } } } }
    local ctx = context { artifact = code, public = public, profile = { trials = 300 } }
    assert.equal(code, worker.run(ctx))
    assert.not_equal("solved", ctx.spans[#ctx.spans].stopped)
  end)

  it("is the same under the same random stream, and another under another", function()
    local a, b, c = context(), context(), context { random = random.new "other" }
    assert.equal(worker.run(a), worker.run(b))
    assert.same(a.spans, b.spans)
    assert.same(a.spent, b.spent)
    worker.run(c)
    assert.not_same(a.spans, c.spans)
  end)

  it("pays for every evaluation before it, one each, and tokens by the replacement's bytes", function()
    local ctx = context()
    worker.run(ctx)
    assert.equal(#ctx.requests, ctx.spent.evals)
    local tokens = 0
    for _, span in ipairs(of_kind(ctx, "edit")) do tokens = tokens + (#span.text + 3) // 4 end
    assert.equal(tokens, ctx.spent.tokens)
  end)

  it("never spends more than it is given, and settles with what it has", function()
    for limit = 0, 12 do
      local ctx = context { limit = limit, random = random.new "slow" }
      local text = worker.run(ctx)
      assert.equal("string", type(text))
      assert.is_true(ctx.spent.evals <= limit)
      assert.equal(#ctx.requests, ctx.spent.evals)
      if limit == 0 then assert.equal(ctx.artifact, text) end
    end
  end)

  it("yields after the coverage run and after every trial, and stops at its trials", function()
    local ctx = context { profile = { trials = 5 }, random = random.new "five" }
    ctx.public.tests[1].want = { "never" }
    worker.run(ctx)
    assert.equal(5, #of_kind(ctx, "edit"))
    assert.equal(6, ctx.yields)
    assert.equal("trials", ctx.spans[#ctx.spans].stopped)
  end)

  it("runs a few failing tests first and stops at the first failure, but not when it measures", function()
    local ctx = context { random = random.new "order" }
    worker.run(ctx)
    assert.is_true(ctx.requests[1].coverage)
    assert.is_nil(ctx.requests[1].stop)
    for i = 2, #ctx.requests do
      local request = ctx.requests[i]
      assert.is_true(request.stop == "first" or request.coverage == true)
      assert.equal(request.stop and math.min(#request.calls, worker.DEFAULTS.probe) or 4, #request.calls)
    end
  end)

  it("never tries the same text twice, nor one that is no Lua", function()
    local ctx = context { profile = { trials = 150 }, random = random.new "cache" }
    ctx.public.tests[1].want = { "never" }
    worker.run(ctx)
    local seen = {}
    for _, request in ipairs(ctx.requests) do
      if request.stop then
        assert.is_nil(seen[request.code])
        assert.is_not_nil(syntax.parse(request.code))
        seen[request.code] = true
      end
    end
  end)

  it("keeps the text that passes most public tests", function()
    -- two faults: one shot of few trials mends one of them sooner than both
    local ctx = context { random = random.new "two" }
    ctx.artifact = ctx.artifact:gsub("2 %* M.sum", "3 * M.sum")
    local text = worker.run(ctx)
    local before = eval.lua { code = ctx.artifact, calls = ctx.public.tests }
    local after = eval.lua { code = text, calls = ctx.public.tests }
    local function passed(result)
      local n = 0
      for _, row in ipairs(result.calls) do if row.pass then n = n + 1 end end
      return n
    end
    assert.is_true(passed(after) > passed(before))
    assert.equal(passed(after), ctx.spans[#ctx.spans].passed)
  end)

  it("takes texts that are no better as well when the profile says equal", function()
    local ctx = context { profile = { trials = 120, accept = "equal" }, random = random.new "equal" }
    ctx.public.tests[4].want = { "never" }
    ctx.public.tests[1].want = { 1 }
    worker.run(ctx)
    local accepted = 0
    for _, span in ipairs(of_kind(ctx, "edit")) do if span.outcome == "accepted" then accepted = accepted + 1 end end
    assert.equal(accepted + 1, #of_kind(ctx, "coverage"))
  end)

  it("takes up the start again after its patience", function()
    local ctx = context { profile = { trials = 200, patience = 10 }, random = random.new "restart" }
    ctx.artifact = ctx.artifact:gsub("2 %* M.sum", "3 * M.sum")
    ctx.public.tests[#ctx.public.tests + 1] = { fn = "twice", args = { { 4 } }, want = { "never" } }
    worker.run(ctx)
    assert.is_true(#of_kind(ctx, "restart") > 0)
  end)

  it("goes where a steer points", function()
    local function share(steer)
      local ctx = context { steer = steer, profile = { trials = 80, mix = { uniform = 0.2, ochiai = 0, steer = 0.8 } } }
      ctx.public.tests[1].want = { "never" }
      worker.run(ctx)
      local edits, there = of_kind(ctx, "edit"), 0
      for _, span in ipairs(edits) do if span.line == 10 then there = there + 1 end end
      return there / #edits
    end
    local steered = share { { origin = "trace", lens = "localize", where = { fn = "M.twice", line = 10 }, weight = 1 } }
    assert.is_true(steered > share(nil) + 0.2)
  end)

  it("gives back at once what passes, what is no Lua, and what no candidate caused", function()
    local fine = context()
    fine.artifact = fine.artifact:gsub("total = 1", "total = 0")
    assert.equal(fine.artifact, worker.run(fine))
    assert.equal(1, fine.spent.evals)
    assert.equal("nothing fails", fine.spans[#fine.spans].stopped)

    local broken = context { artifact = "local M = {" }
    assert.equal(broken.artifact, worker.run(broken))
    assert.equal("not Lua", broken.spans[#broken.spans].stopped)

    local down = context()
    down.eval = function() return nil, "the fork server is gone", "PEER" end
    assert.same({ nil, "the fork server is gone", "PEER" }, { worker.run(down) })
  end)

  it("tells failure classes apart", function()
    assert.equal("CONTRACT", worker.class_of({ want_error = "x" }, { ok = true, values = {} }))
    assert.equal("RUNTIME", worker.class_of({ want = { 1 } }, { ok = false, class = "runtime" }))
    assert.equal("RUNTIME", worker.class_of({ want = { 1 } }, { ok = false, class = "limit:instructions" }))
    assert.equal("CONTRACT", worker.class_of({ want = { 1 } }, { ok = true, values = { "1" } }))
    assert.equal("LOGIC", worker.class_of({ want = { 1 } }, { ok = true, values = { 2 } }))
    assert.equal("FORMAT", worker.class_of({ want = { 1 } }, { ok = false, class = "format" }))
  end)

  it("chooses operators by the profile's weights, above a floor", function()
    local only = {}
    for _, entry in ipairs(operators.list) do only[entry.name] = 0 end
    only.number_step = 1
    local weights = { LOGIC = only, RUNTIME = only, CONTRACT = only }
    local ctx = context { profile = { trials = 40, floor = 0, weights = weights } }
    ctx.public.tests[1].want = { "never" }
    worker.run(ctx)
    for _, span in ipairs(of_kind(ctx, "edit")) do assert.equal("number_step", span.op) end
    ctx = context { profile = { trials = 200, floor = 0.2, weights = weights } }
    ctx.public.tests[1].want = { "never" }
    worker.run(ctx)
    local names = {}
    for _, span in ipairs(of_kind(ctx, "edit")) do names[span.op] = true end
    local n = 0
    for _ in pairs(names) do n = n + 1 end
    assert.is_true(n > 8)
  end)

  it("leaves spans that are plain values", function()
    local value = require "tests.lua.support.value_local"
    local ctx = context()
    worker.run(ctx)
    assert.is_not_nil((value.copy(ctx.spans)))
  end)
end)
