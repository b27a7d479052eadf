-- han.blocks.property: templates against examples, each with a broken block that it alone catches, arguments near the
-- examples, failures made small.
-- luacheck: no max line length

local eval = require "tests.lua.support.eval_local"
local random = require "tests.lua.support.random_local"

describe("properties", function()
  local property, shapes
  setup(function()
    package.loaded["han.value"] = require "tests.lua.support.value_local"
    package.loaded["han.blocks.property"] = nil
    property, shapes = require "han.blocks.property", require "han.blocks.shapes"
  end)
  teardown(function()
    package.loaded["han.value"], package.loaded["han.blocks.property"] = nil, nil
  end)

  it("have shapes that join and fit", function()
    local function join(...)
      local shape
      for i = 1, select("#", ...) do
        local one = shapes.of((select(i, ...)))
        shape = shape and shapes.join(shape, one) or one
      end
      return shape
    end
    assert.equal("number", join(1, 2.5).kind)
    assert.equal("any", join(1, "a").kind)
    assert.same({ kind = "integer", maybe = true }, join(1, nil, 2))
    assert.same({ kind = "list", of = { kind = "integer" } }, join({}, { 1, 2 }))
    local record = join({ a = 1, b = "x" }, { a = 2 })
    assert.same({ kind = "record", fields = { a = { kind = "integer" }, b = { kind = "string", maybe = true } } }, record)
    assert.is_true(shapes.fits({ a = 1 }, record) and shapes.fits({ a = 1, b = "" }, record))
    assert.is_false(shapes.fits({ b = "x" }, record) or shapes.fits({ a = 1, c = 1 }, record) or shapes.fits({ a = 1.5 }, record))
    assert.is_true(shapes.fits({}, { kind = "list", of = { kind = "string" } }))
    assert.is_false(shapes.fits({ 1 }, { kind = "list", of = { kind = "string" } }) or shapes.fits(nil, { kind = "integer" }))
    assert.equal("any", shapes.of({ [2] = 1 }).kind)
  end)

  it("make near values and smaller ones", function()
    local roll, seen = random.new "near", {}
    for _ = 1, 300 do
      local list = shapes.change({ 3, 1, 2 }, roll)
      assert.equal("list", shapes.of(list).kind)
      seen[table.concat(list, ",")] = true
    end
    assert.is_true(seen["2,1,3"] and seen["3,1"] and seen["3,3,1,2"])
    assert.same({ 0, 4 }, shapes.smaller(8))
    assert.same({ 0, 4 }, (function() local l = shapes.smaller(-8) return { l[1], -l[2] } end)())
    for _, value in ipairs { 9, -3, 2.5, "abc", { 5, { 1 } }, { k = "x" }, true, "" } do
      local steps = 0 -- smaller and smaller comes to an end
      while #shapes.smaller(value) > 0 do
        local list = shapes.smaller(value)
        value, steps = list[#list], steps + 1
        assert.is_true(steps < 60)
      end
    end
  end)

  -- Each block is given by a right body, a broken one that passes all examples, and examples.
  local function ex(...) return { args = { ... } } end
  local CASES = {
    shape = { right = "function M.f(n) if n % 2 == 0 then return { n } end return { n, n } end",
      broken = "function M.f(n) if n > 3 then return { tostring(n) } end if n % 2 == 0 then return { n } end return { n, n } end",
      args = { ex(1), ex(2), ex(3) } },
    length = { right = "function M.f(l) local o = {} for i = 1, #l do o[i] = l[i] + 1 end return o end",
      broken = "function M.f(l) local o = {} for i = 1, #l do if l[i] < 7 then o[#o + 1] = l[i] + 1 end end return o end",
      args = { ex { 1 }, ex { 2, 3 }, ex { 4, 5, 6 } } },
    order = { right = "function M.f(l) local o = {} for _, x in ipairs(l) do if x % 2 == 1 then o[#o + 1] = x end end return o end",
      broken = "function M.f(l) local o = {} for _, x in ipairs(l) do if x % 2 == 1 then table.insert(o, #l > 5 and 1 or #o + 1, x) end end return o end",
      args = { ex { 1, 2, 5, 3 }, ex { 9, 7, 4, 1, 3 }, ex { 2 }, ex { 3 } } },
    sorted = { right = "function M.f(l) local o = {} for i, x in ipairs(l) do o[i] = 2 * x end table.sort(o) return o end",
      broken = "function M.f(l) local o = {} for i, x in ipairs(l) do o[i] = 2 * x end if #l < 5 then table.sort(o) end return o end",
      args = { ex { 3, 1, 2 }, ex { 9, 8, 7, 1 }, ex { 1, 5, 3 }, ex { 4 } } },
    bounds = { right = "function M.f(n, top) return n > top and top or n end",
      broken = "function M.f(n, top) if n < 50 and n > top then return top end return n end",
      args = { ex(1, 5), ex(9, 5), ex(40, 20), ex(30, 11), ex(3, 12), ex(45, 44) } },
    idempotent = { right = "function M.f(s) return (s:gsub('  +', ' ')) end",
      broken = "function M.f(s) if #s < 6 then return (s:gsub('  +', ' ')) end return (s:gsub('  ', ' ')) end",
      args = { ex "a  b", ex "a b", ex "c   d", ex "c d", ex "x" } },
    inverse = { right = "function M.f(n) return 2 * n + 1 end\nfunction M.g(n) return (n - 1) // 2 end",
      broken = "function M.f(n) return 2 * n + (n > 5 and 3 or 1) end\nfunction M.g(n) return (n - 1) // 2 end",
      args = { ex(1), ex(2), ex(4), ex(-3) }, other = { ex(3), ex(5), ex(9) } },
    deterministic = { right = "local seen = {}\nfunction M.f(n) return n * n end",
      broken = "local seen = {}\nfunction M.f(n) if n > 5 and seen[n] then return 0 end seen[n] = true return n * n end",
      args = { ex(1), ex(2), ex(3) } },
    unchanged = { right = "function M.f(l) local s = 0 for _, x in ipairs(l) do s = s + x end return s end",
      broken = "function M.f(l) local s = 0 for i, x in ipairs(l) do s = s + x if i > 3 then l[i] = 0 end end return s end",
      args = { ex { 1 }, ex { 2, 3 }, ex { 4, 4, 4 }, ex { 1, 2, 3 } } },
  }

  local function answers(source, fn, list)
    local calls = {}
    for i, example in ipairs(list) do calls[i] = { fn = fn, args = example.args } end
    for i, row in ipairs(eval.lua({ code = source, calls = calls }).calls) do
      list[i].want = assert(row.ok and row.values, row.message)
    end
    return { name = fn, examples = list }
  end

  -- The plan, the right and the broken text of a case.
  local function prepare(case)
    local right, broken = "local M = {}\n" .. case.right .. "\nreturn M\n", "local M = {}\n" .. case.broken .. "\nreturn M\n"
    local plan = { name = "case", blocks = { answers(right, "f", case.args) }, limits = { instructions = 20000 } }
    if case.other then plan.blocks[2] = answers(right, "g", case.other) end
    return plan, right, broken
  end

  local function caught(text, plan, without)
    local block, kinds, first = plan.blocks[1], {}, nil
    local list = property.propose(plan, block, without)
    for _, row in ipairs(property.test(text, plan, block, list, { evaluate = eval.lua, random = random.new "cases", cases = 120 })) do
      if not row.holds then
        kinds[row.property.kind] = true
        first = first or row
      end
    end
    return kinds, first
  end

  it("have each a broken block that passes every example and that they alone catch", function()
    local names = {}
    for kind, case in pairs(CASES) do
      names[#names + 1] = kind
      local plan, right, broken = prepare(case)
      local rows = eval.lua({ code = broken, calls = (function()
        local calls = {}
        for i, e in ipairs(plan.blocks[1].examples) do calls[i] = { fn = "f", args = e.args, want = e.want } end
        return calls
      end)() }).calls
      for _, row in ipairs(rows) do assert.is_true(row.pass, kind) end
      assert.same({}, (caught(right, plan)), kind)
      assert.same({ [kind] = true }, (caught(broken, plan)), kind)
      assert.same({}, (caught(broken, plan, { [kind] = true })), kind) -- left out, it is missed
    end
    assert.equal(#property.KINDS, #names)
  end)

  it("show the smallest arguments that fail", function()
    local plan, _, broken = prepare(CASES.length)
    local _, row = caught(broken, plan)
    assert.same({ { 7 } }, (function() -- one element, as small as it may be
      assert.equal(1, #row.args[1])
      return { { math.min(row.args[1][1], 7) } }
    end)())
    plan, _, broken = prepare(CASES.bounds)
    row = select(2, caught(broken, plan))
    assert.is_true(row.args[1] >= 50 and row.args[1] < 110, row.args[1])
  end)

  it("are proposed only where the examples could have shown otherwise", function()
    local function kinds(list, more)
      local block, out = { name = "f", examples = list }, {}
      for key, item in pairs(more or {}) do block[key] = item end
      for _, p in ipairs(property.propose({ blocks = { block } }, block)) do out[#out + 1] = p.kind end
      return table.concat(out, " ")
    end
    local function one(args, want) return { args = args, want = want } end
    assert.equal("", kinds {})
    assert.equal("deterministic", kinds { one({ 1 }, { 2 }) })
    assert.equal("shape", kinds({ one({ 1 }, { 2 }), one({ 2 }, { 1 }), one({ 3 }, { 0 }) }, { stateful = true }))
    assert.equal("shape", kinds { one({ 1 }, { 2 }), one({ 1 }, { 3 }), one({ 3 }, { 0 }) }) -- one question, two answers
    assert.equal("shape deterministic unchanged", kinds { one({ { 1 } }, { { 2 } }), one({ { 3 } }, { { 1 } }), one({ { 4 } }, { { 0 } }) }) -- one length is no length
    assert.equal("", kinds { { args = { 1 }, want_error = "no" } })
  end)

  it("say nothing of arguments for which the block raises, and leave the lines of the text alone", function()
    local text = "local M = {}\nfunction M.f(n)\n  if n > 3 then error('too much') end\n  return { n }\nend\nreturn M"
    local block = { name = "f", examples = { { args = { 1 }, want = { { 1 } } }, { args = { 2 }, want = { { 2 } } }, { args = { 3 }, want = { { 3 } } } } }
    local plan = { name = "p", blocks = { block }, limits = { instructions = 20000 } }
    local rows = property.test(text, plan, block, property.propose(plan, block), { evaluate = eval.lua, random = random.new "x" })
    for _, row in ipairs(rows) do
      assert.is_true(row.holds and row.silent > 0 and row.tested > 0 and row.tested + row.silent == property.CASES)
    end
    local result = eval.lua { code = property.wrap(text, property.propose(plan, block)), name = "p", calls = { { fn = "f", args = { 9 } } } }
    assert.equal("p:3: too much", result.calls[1].message)
    local none, why, code = property.test(text, plan, block, property.propose(plan, block),
      { evaluate = function() return nil, "gone", "PEER" end, random = random.new "x" })
    assert.same({ nil, "gone", "PEER" }, { none, why, code })
  end)
end)
