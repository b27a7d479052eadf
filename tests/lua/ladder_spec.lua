-- han.ladder and the strategies on it: what follows what, what a shot is given, when it ends; han.failure.rows, which
-- tells the ladder what fails.
-- luacheck: no max line length

local ladder = require "han.ladder"
local rows = require "han.failure.rows"
local syntax = require "han.syntax"

local function state(class, failing, passed, more)
  local out = { class = class, failing = failing, passed = passed or 3, votes = { "f", "g" }, text = class .. #failing .. (passed or 3) }
  for name, item in pairs(more or {}) do out[name] = item end
  return out
end

local function shown(step) return step.rung .. " " .. step.class .. " " .. table.concat(step.scope, ",") .. (step.tight and " tight" or "") .. (step.whole and " whole" or "") end

-- The steps after each of some states.
local function climb(states, options)
  local one, out = ladder.new(options), {}
  for i, s in ipairs(states) do
    one:see(s)
    out[i] = shown(one:step())
  end
  return out, one
end

describe("han.ladder", function()
  local logic = state("LOGIC", { 1, 2 })

  it("begins with a patch of the owner within its class", function()
    assert.same({ "patch LOGIC f" }, (climb { logic }))
    assert.same({ "patch CONTRACT f" }, (climb { state("CONTRACT", { 1 }) }))
  end)

  it("escalates slowly while the failures are the same, and never jumps", function()
    assert.same({ "patch LOGIC f", "tight LOGIC f tight", "patch LOGIC g", "tight LOGIC g tight", "regenerate LOGIC  whole",
      "regenerate LOGIC  whole", "regenerate_all LOGIC  whole", "regenerate_all LOGIC  whole" },
      (climb { logic, logic, logic, logic, logic, logic, logic, logic }))
    assert.same({ "patch LOGIC f", "tight LOGIC f tight", "regenerate LOGIC  whole", "regenerate_all LOGIC  whole" },
      (climb({ logic, logic, logic, logic }, { patience = 2, regenerate = 1 })))
  end)

  it("takes failures in another order for the same", function()
    assert.same({ "patch LOGIC f", "tight LOGIC f tight" }, (climb { logic, state("LOGIC", { 2, 1 }) }))
  end)

  it("begins again below when something was won", function()
    assert.same({ "patch LOGIC f", "tight LOGIC f tight", "patch LOGIC f" }, (climb { logic, logic, state("LOGIC", { 2 }, 4) }))
  end)

  it("reclassifies when an edit changed the class", function()
    assert.same({ "patch RUNTIME f", "reclassify LOGIC f" }, (climb { state("RUNTIME", { 1, 2 }), logic }))
    assert.same({ "patch RUNTIME f", "tight RUNTIME f tight", "reclassify LOGIC f", "tight LOGIC f tight" },
      (climb { state("RUNTIME", { 1, 2 }), state("RUNTIME", { 1, 2 }), logic, logic }))
  end)

  it("regenerates what does not parse, what is not known, and what has no suspect", function()
    for _, class in ipairs { "FORMAT", "UNKNOWN" } do
      local steps = climb { state(class, { 1 }) }
      assert.same({ "regenerate " .. class .. "  whole" }, steps)
    end
    assert.same({ "regenerate LOGIC  whole" }, (climb { state("LOGIC", { 1 }, 3, { votes = {} }) }))
    assert.same({ "regenerate FORMAT  whole", "regenerate FORMAT  whole" }, (climb { state("FORMAT", { 1 }), state("FORMAT", { 1 }) }))
    assert.same({ "regenerate FORMAT  whole", "reclassify LOGIC f" }, (climb { state("FORMAT", { 1 }), logic }))
  end)

  it("goes round when there are fewer suspects than patches", function()
    local one = state("LOGIC", { 1 }, 3, { votes = { "only" } })
    assert.same({ "patch LOGIC only", "tight LOGIC only tight", "patch LOGIC only" }, (climb { one, one, one }))
  end)

  it("keeps the text that passed most, the first of equals, and names the failures", function()
    local first, second, third = state("LOGIC", { 1, 2 }, 3), state("LOGIC", { 3 }, 5), state("RUNTIME", { 3 }, 5)
    local _, one = climb { first, second, third }
    assert.equal(second.text, one:step().before)
    assert.same({ 3 }, one:step().repeated)
  end)

  it("says that it saw nothing", function()
    assert.has_error(function() ladder.new():step() end, "han.ladder: nothing was seen yet")
  end)
end)

describe("han.failure.rows", function()
  local text = [[
local function inner(x) return x + 1 end
local function outer(x)
  local y = inner(x)
  return y * 2
end
local function other(x)
  return x.a
end
return { inner = inner, outer = outer, other = other }
]]
  local tree = assert(syntax.parse(text, "m"))
  local tests = { { fn = "inner", args = { 1 }, want = { 3 } }, { fn = "outer", args = { 1 }, want = { 6 } },
    { fn = "other", args = { {} }, want = { 1 } }, { fn = "other", args = { 1 }, want_error = "no" } }
  local wrong = { ok = true, values = { 2 } }

  it("suspects what is called, where both fail", function()
    local seen = rows.read(tests, { wrong, wrong }, { 1, 2 }, tree, "m")
    assert.same({ "LOGIC", { 1, 2 }, { "inner" } }, { seen.class, seen.failing, seen.votes })
  end)

  it("suspects the caller, where what it calls passes, and then what it calls", function()
    assert.same({ "outer", "inner" }, rows.read(tests, { {}, wrong }, { 2 }, tree, "m").votes)
  end)

  it("takes the deepest line of a trace", function()
    local raised = { ok = false, class = "runtime", line = 7, message = "attempt to index", traceback = { { fn = "other", line = 7 } } }
    local seen = rows.read(tests, { {}, {}, raised }, { 3 }, tree, "m")
    assert.same({ "RUNTIME", { "other" } }, { seen.class, seen.votes })
    assert.equal("CONTRACT", rows.read(tests, { {}, {}, {}, raised }, { 4 }, tree, "m").class)
  end)

  it("has no owner of what does not parse, and nothing where nothing fails", function()
    local seen = rows.read(tests, { { ok = false, class = "format" } }, { 1 }, nil, "m")
    assert.same({ "FORMAT", {} }, { seen.class, seen.votes })
    assert.is_nil(rows.read(tests, {}, {}, tree, "m"))
  end)
end)
