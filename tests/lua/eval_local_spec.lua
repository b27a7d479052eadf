-- The development evaluator: what specs and benches of the repair family rest on.
local eval = require "tests.lua.support.eval_local"

local function one(code, call, more)
  call.fn = call.fn or "f"
  call.args = call.args or {}
  local request = { code = code, calls = { call }, limits = { instructions = 5000 } }
  for key, item in pairs(more or {}) do request[key] = item end
  local result = eval.lua(request)
  return result.calls[1], result
end

local LOOP = "return { f = function()\n  local n = 0\n  while n >= 0 do\n    n = 0\n  end\nend }"

describe("the development evaluator", function()
  it("stops a loop, also while it records lines, and in a pcall of the candidate's", function()
    assert.equal("limit:instructions", one(LOOP, {}).class)
    assert.equal("limit:instructions", one(LOOP, {}, { coverage = true }).class)
    local shy = LOOP:gsub("while", "pcall(function() while true do end end) while")
    assert.equal("limit:instructions", one(shy, {}).class)
  end)

  it("gives values, errors with their place, and the lines of a call", function()
    local code = "local M = {}\nfunction M.f(x)\n  if x then\n    error('no', 0)\n  end\n  return x, 2\nend\nreturn M"
    local row = one(code, { args = { n = 1 } }, { coverage = true })
    assert.same({ true, 2, { nil, 2 } }, { row.ok, row.n, row.values })
    assert.same({ 3, 6 }, { row.lines[1], row.lines[2] })
    row = one(code, { args = { true } })
    assert.same({ false, "runtime", "no", 4 }, { row.ok, row.class, row.message, row.line })
  end)

  it("refuses results that are no plain values, and text that is no module", function()
    assert.equal("value", one("return { f = function() return next end }", {}).class)
    assert.equal("value", one("return { f = function() return 0/0 end }", {}).class)
    for _, code in ipairs { "return 1", "x = = 1", "error('x')" } do
      assert.equal("format", select(2, one(code, {})).class)
    end
  end)

  it("gives every call arguments of its own and stops at the first failure when asked", function()
    local calls = { { fn = "f", args = { { 1 } }, want = { 1 } }, { fn = "f", args = { { 2 } }, want = { 9 } },
      { fn = "f", args = { { 3 } }, want = { 3 } } }
    local code = "return { f = function(t) return table.remove(t) end }"
    local result = eval.lua { code = code, calls = calls, stop = "first" }
    assert.equal(2, #result.calls)
    assert.equal(1, #calls[1].args[1])
    assert.is_true(result.calls[1].pass)
    assert.is_false(result.calls[2].pass)
  end)
end)
