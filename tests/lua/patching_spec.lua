-- The built-in worker under the rules of a patch, on real evaluations: it stays in its scope, breaks nothing that
-- passed, tells what was refused, and without rules it does what it always did.
-- luacheck: no max line length

local fakes = dofile "tests/lua/support/fakes.lua"
package.loaded["han.json"] = { null = {}, encode = tostring } -- busted puts back what was there
package.loaded["han.sys"] = fakes.sys
package.loaded["han.value"] = require "tests.lua.support.value_local"
local eval_local = require "tests.lua.support.eval_local"
local random_local = require "tests.lua.support.random_local"
local fixes = require "han.worker.fixes"
local operators = require "han.worker.operators"
local patch, artifact = require "han.patch", require "han.artifact"
local syntax = require "han.syntax"
local worker = require "han.worker"

local TEXT = [[
local function sum(list)
  local total = 0
  for i = 1, #list do
    if list[i] < 0 then break end
    total = total - list[i]
  end
  return total
end

local function twice(x)
  if x == nil then return 0 end
  return x + 2
end

return { sum = sum, twice = twice }
]]

local function test(fn, args, ...) return { fn = fn, args = args, want = { ... }, instructions = 5000 } end

local TESTS = { test("sum", { {} }, 0), test("sum", { { 1, 2 } }, 3), test("sum", { { 4, -1, 5 } }, 4), test("twice", {}, 0),
  test("twice", { 2 }, 4), test("twice", { 3 }, 6) }

local function shot(rules, options)
  options = options or {}
  local spans, evals = {}, 0
  local ctx = { artifact = options.text or TEXT, public = { name = "m", tests = options.tests or TESTS, limits = { instructions = 5000 } },
    profile = { trials = options.trials or 200, patch = rules, templates = options.templates }, random = random_local.new(options.seed or 3),
    eval = eval_local.lua, meter = function(units) evals = evals + (units.evals or 0) return true end,
    span = function(span) spans[#spans + 1] = span end, yield = function() end }
  local text, why = worker.run(ctx)
  return assert(text, why), spans, evals
end

local function of_kind(spans, kind)
  local list = {}
  for _, span in ipairs(spans) do if span.kind == kind then list[#list + 1] = span end end
  return list
end

describe("the worker that patches", function()
  it("edits its scope only, and is allowed what it settles with", function()
    local rules = { rung = "patch", class = "LOGIC", scope = { "sum" } }
    local text, spans = shot(rules, { tests = table.move(TESTS, 1, 4, 1, {}) })
    assert.are_not.equal(TEXT, text)
    assert.equal("solved", of_kind(spans, "settle")[1].stopped)
    local one = assert(artifact.new { text = TEXT, language = "lua", name = "m" })
    assert.truthy(patch.judge(one, text, rules))
    for _, span in ipairs(of_kind(spans, "edit")) do assert.equal("sum", span.fn) end
    local said = of_kind(spans, "patch")
    assert.same({ { kind = "patch", rung = "patch", class = "LOGIC", scope = "sum" } }, said)
  end)

  it("breaks nothing that passed, in no rung", function()
    for seed = 1, 2 do
      for _, rules in ipairs { { rung = "patch", class = "LOGIC", scope = { "twice" } }, { rung = "regenerate", whole = true, class = "LOGIC" } } do
        local text = shot(rules, { seed = seed, trials = 120 })
        local result = eval_local.lua { code = text, name = "m", calls = TESTS, limits = { instructions = 5000 } }
        for _, k in ipairs { 1, 4, 5 } do assert.is_true(result.calls[k].pass, text) end
      end
    end
  end)

  it("tells what was refused, by reason and with how often", function()
    local _, spans = shot({ rung = "patch", class = "RUNTIME", scope = { "sum" } })
    local refused = of_kind(spans, "refused")
    assert.truthy(#refused > 0)
    for _, span in ipairs(refused) do
      assert.truthy(span.count >= 1 and span.code ~= "" and span.text ~= "")
      if span.code == "RUNTIME_SCOPE" then assert.equal("RUNTIME may add guards and short-circuit returns, and nothing else", span.text) end
    end
  end)

  it("has nothing to do where its scope is not there", function()
    local text, spans = shot({ rung = "patch", class = "LOGIC", scope = { "nobody" } })
    assert.equal(TEXT, text)
    assert.equal("nothing in its scope", of_kind(spans, "settle")[1].stopped)
  end)

  it("holds the guards of the text that passed more", function()
    local masked = TEXT:gsub("  return x %+ 2", "  if x == 3 then return 1 end\n  return x * 2")
    local rules = { rung = "patch", class = "LOGIC", scope = { "twice" }, before = TEXT }
    local tests = { TESTS[4], TESTS[5], TESTS[6] }
    local text
    for seed = 1, 4 do
      text = shot(rules, { text = masked, tests = tests, seed = seed })
      if text ~= masked then break end
    end
    local one = assert(artifact.new { text = masked, language = "lua", name = "m" })
    assert.truthy(patch.judge(one, (masked:gsub("  if x == 3 then return 1 end\n", "")), { class = "LOGIC", scope = { "twice" },
      guards = patch.guards(assert(artifact.new { text = TEXT, language = "lua", name = "m" })) }))
    assert.truthy(text:find("if x == nil then return", 1, true))
  end)

  it("does what it always did without rules", function()
    local text, spans = shot(nil)
    local again = shot(nil)
    assert.equal(text, again)
    assert.same({ 0, 0 }, { #of_kind(spans, "patch"), #of_kind(spans, "refused") })
  end)

  it("has templates of every kind that Lua has, and weights of operators that there are", function()
    for class, known in pairs(fixes) do
      for _, one in ipairs(known.templates) do
        assert.truthy(syntax.parse_statements("local a = 1\n" .. (one.insert and one.text or "a = " .. one.text):gsub("[@$]%d", "a"):gsub("`", '"x"')), class .. ": " .. one.text)
        assert.truthy(one.weight > 0)
      end
      for _, weights in ipairs { known.weights or {}, known.tight or {} } do
        for name in pairs(weights) do assert.truthy(name == "other" or name == "template" or operators.by_name[name], name) end
      end
    end
  end)

  it("draws what a tight constraint allows, mostly", function()
    local _, spans = shot({ rung = "tight", class = "LOGIC", scope = { "sum" }, tight = true }, { trials = 60 })
    local refused = 0
    for _, span in ipairs(of_kind(spans, "refused")) do
      if span.code == "LOGIC_SCOPE" then refused = refused + span.count end
    end
    assert.is_true(refused < #of_kind(spans, "edit"), refused)
  end)

  it("makes edits of which its class allows some", function()
    local nils = TEXT:gsub("local total = 0", "local total")
    local tests = { TESTS[2], TESTS[3] }
    local won = 0
    for seed = 1, 5 do
      local text = shot({ rung = "patch", class = "RUNTIME", scope = { "sum" } }, { text = nils:gsub("total %- list", "total + list"), tests = tests, seed = seed })
      if text:find("total or 0", 1, true) or text:find("total = 0", 1, true) then won = won + 1 end
    end
    assert.truthy(won >= 2, won)
  end)
end)
