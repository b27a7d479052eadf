-- luacheck: no max line length
-- han.model.tools: what a model may do besides answering, over a context that each test scripts.

local dkjson = require "dkjson"
package.loaded["han.json"] = { array = function(list) return list end, decode = function(text) return (dkjson.decode(text, 1, nil)) end }
package.loaded["han.worker"] = {}
package.loaded["han.improve.diff"] = package.loaded["han.improve.diff"] or require "han.improve.diff"
local tools = require "han.model.tools"

-- A context whose verifier counts how many of the letters a, b, c a program has; `checks` may be made.
local function context(environment, checks)
  local ctx = { artifact = "a\n", public = {}, profile = { environment = environment }, spans = {}, made = 0 }
  function ctx.span(span) ctx.spans[#ctx.spans + 1] = span end
  function ctx.check(program)
    if ctx.made >= checks then return nil, "the budget is spent", "BUDGET_EXHAUSTED" end
    ctx.made = ctx.made + 1
    local n = 0
    for letter in ("abc"):gmatch "." do n = n + (program:find(letter, 1, true) and 1 or 0) end
    return { pass = n == 3, correct = n / 3, raw = { passed = n, total = 3, failing = n < 3 and { "a letter is missing" } or {} } }
  end
  return ctx
end

local function call(bench, name, arguments)
  return bench:call { name = name, arguments = type(arguments) == "string" and arguments or dkjson.encode(arguments) }
end

local function names(bench)
  local list = {}
  for i, tool in ipairs(bench:described()) do list[i] = tool.name end
  return list
end

describe("tools of a model", function()
  it("check programs by the adapter's verifier, keep the best, and stop with the budget", function()
    local ctx = context(nil, 3)
    local bench = tools.open(ctx)
    assert.same({ "run_check", "patch" }, names(bench))
    assert.matches("2 of 3 tests pass; these fail:\na letter is missing", (call(bench, "run_check", { program = "ab" })))
    call(bench, "run_check", { program = "c" })
    assert.equal("ab", bench.best)
    call(bench, "run_check", { program = "ba" }) -- as good, and later
    assert.equal("ab", bench.best)
    assert.matches("no more checks are allowed", (call(bench, "run_check", { program = "abc" })))
    assert.equal("ab", bench.best)
    assert.same({ 3, "check", false }, { #ctx.spans, ctx.spans[1].kind, ctx.spans[1].pass })
  end)

  it("take a patch only where it fits, and check what it gives", function()
    local ctx = context(nil, 9)
    local bench = tools.open(ctx)
    local text = call(bench, "patch", { diff = "--- a/program\n+++ b/program\n@@ -1 +1,2 @@\n-x\n+ab\n+c\n" })
    assert.matches("refused, nothing was changed %(CONTEXT%)", text)
    assert.equal(0, ctx.made)
    text = call(bench, "patch", { diff = "--- a/program\n+++ b/program\n@@ -1 +1,2 @@\n-a\n+ab\n+c\n" })
    assert.matches("passes everything", text)
    assert.equal("ab\nc\n", bench.best)
    call(bench, "patch", { diff = "--- a/program\n+++ b/program\n@@ -1,2 +1 @@\n-ab\n-c\n+b\n" }) -- of what was checked last
    assert.equal("ab\nc\n", bench.best)
    assert.equal("b\n", bench.current)
  end)

  it("end a task with a submission that passes, the best of all counts", function()
    local bench = tools.open(context("verifier", 9))
    assert.same({ "submit" }, names(bench))
    assert.is_true(bench.submits)
    local _, over = call(bench, "submit", { program = "ab" })
    assert.is_false(over)
    call(bench, "submit", { program = "c" })
    assert.equal("ab", bench.best)
    _, over = call(bench, "submit", { program = "cab" })
    assert.is_true(over)
    assert.equal("cab", bench.best)
  end)

  it("answer whatever a model calls them with", function()
    local ctx = context(nil, 9)
    local bench = tools.open(ctx)
    assert.matches("there is no tool 'rm'", (call(bench, "rm", {})))
    assert.matches("there is no tool 'submit'", (call(bench, "submit", { program = "abc" })))
    for _, arguments in ipairs { "", "nonsense", "[]", "3", '{"program":7}', '{"diff":null}' } do
      assert.matches("run_check takes", (call(bench, "run_check", arguments)))
      assert.matches("patch takes", (call(bench, "patch", arguments)))
    end
    assert.same({ 0, 0 }, { ctx.made, #ctx.spans })
    assert.is_nil(bench.best)
  end)
end)
