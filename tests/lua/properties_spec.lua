-- han.blocks.property: templates against examples, each with a broken block that it alone catches, arguments near the
-- examples, failures made small.
-- luacheck: no max line length

local broken_blocks = require "tests.lua.support.broken_blocks"
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

  local CASES = broken_blocks.CASES
  local function caught(...) return broken_blocks.caught(property, ...) end

  it("have each a broken block that passes every example and that they alone catch", function()
    local names = {}
    for kind, case in pairs(CASES) do
      names[#names + 1] = kind
      local plan, right, broken = broken_blocks.prepare(case)
      assert.is_true(broken_blocks.passes_examples(broken, plan), kind)
      assert.same({}, (caught(right, plan)), kind)
      assert.same({ [kind] = true }, (caught(broken, plan)), kind)
      assert.same({}, (caught(broken, plan, { [kind] = true })), kind) -- left out, it is missed
    end
    assert.equal(#property.KINDS, #names)
  end)

  it("show the smallest arguments that fail", function()
    local plan, _, broken = broken_blocks.prepare(CASES.length)
    local _, row = caught(broken, plan)
    assert.same({ { 7 } }, (function() -- one element, as small as it may be
      assert.equal(1, #row.args[1])
      return { { math.min(row.args[1][1], 7) } }
    end)())
    plan, _, broken = broken_blocks.prepare(CASES.bounds)
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
