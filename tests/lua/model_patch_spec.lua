-- A model worker that patches: what it is asked, and what of its answers is taken.
-- luacheck: no max line length

local fakes = dofile "tests/lua/support/fakes.lua"
package.loaded["han.json"] = { null = {}, encode = tostring, array = function(t) return t end } -- busted puts back what was there
package.loaded["han.sys"] = fakes.sys
package.loaded["han.value"] = require "tests.lua.support.value_local"
local replies, asked = {}, {}
package.loaded["han.model"] = { ask = function(_, request)
  asked[#asked + 1] = request.messages[#request.messages].text
  return { ok = true, text = table.remove(replies, 1), stop = "end" }
end }
package.loaded["han.model.endpoint"] = { MAX_TOKENS = 100, SECONDS = 10 }
package.loaded["han.model.worker"] = nil
local eval_local = require "tests.lua.support.eval_local"
local model_worker = require "han.model.worker"

local TEXT = "local function add(a, b)\n  if a == nil then return b end\n  return a - b\nend\n\nlocal function neg(a)\n  return -a\nend\nreturn { add = add, neg = neg }\n"
local TESTS = { { fn = "add", args = { 1, 2 }, want = { 3 }, instructions = 5000 }, { fn = "neg", args = { 2 }, want = { -2 }, instructions = 5000 },
  { fn = "add", args = { 5, 0 }, want = { 5 }, instructions = 5000 } }

-- What comes of a reply, and the reasons of refusals.
local function shot(reply, patch)
  replies, asked = { reply }, {}
  local codes = {}
  local ctx = { artifact = TEXT, public = { name = "sum.lua", tests = TESTS, limits = { instructions = 5000 } }, profile = { patch = patch },
    eval = eval_local.lua, meter = function() return true end, yield = function() end,
    span = function(span) if span.kind == "refused" then codes[#codes + 1] = span.code end end }
  return model_worker.run(ctx), codes
end

local function fenced(text) return "Here:\n```diff\n" .. text .. "```\n" end
local HEAD = "--- a/sum.lua\n+++ b/sum.lua\n"
local LOGIC = { rung = "patch", class = "LOGIC", scope = { "add" } }
local GOOD = HEAD .. "@@ -3 +3 @@\n-  return a - b\n+  return a + b\n"

describe("a model worker that patches", function()
  it("is asked for the smallest change, with its scope quoted and the rest forbidden", function()
    shot(fenced(GOOD), LOGIC)
    local text = asked[1]
    assert.truthy(text:find("the smallest change for exactly these failures, which are of the class LOGIC", 1, true))
    assert.truthy(text:find("<data>\nlocal function add(a, b)\n  if a == nil then return b end\n  return a - b\nend\n</data>", 1, true))
    assert.truthy(text:find("All else is forbidden", 1, true))
    assert.truthy(text:find("--- a/sum.lua", 1, true))
    shot(fenced(GOOD), { rung = "tight", class = "LOGIC", scope = { "add" }, tight = true })
    assert.truthy(asked[1]:find("The same failures came again", 1, true))
  end)

  it("has its diff applied, and a whole program held to the same rules", function()
    local fixed = TEXT:gsub("a %- b", "a + b")
    local text, codes = shot(fenced(GOOD), LOGIC)
    assert.same({ fixed, {} }, { text, codes })
    assert.equal(fixed, (shot("```lua\n" .. fixed .. "```", LOGIC)))
  end)

  for what, case in pairs {
    ["another function"] = { HEAD .. "@@ -7 +7 @@\n-  return -a\n+  return a\n", "SCOPE" },
    ["a guard less"] = { HEAD .. "@@ -2,2 +2 @@\n-  if a == nil then return b end\n-  return a - b\n+  return a + b\n", "GUARD" },
    ["a test that passed"] = { HEAD .. "@@ -3 +3 @@\n-  return a - b\n+  return a * b + 1\n", "REGRESSION" },
    ["another file"] = { (GOOD:gsub("sum.lua", "../sum.lua")), "PATH" },
    ["what is no diff"] = { HEAD .. "@@ nonsense\n", "MALFORMED" },
  } do
    it("is refused " .. what .. ", and the text stays as it was", function()
      local text, codes = shot(fenced(case[1]), LOGIC)
      assert.same({ TEXT, { case[2] } }, { text, codes })
    end)
  end

  it("may write all anew in a rung that says so, but breaks nothing", function()
    local anew = { rung = "regenerate", class = "LOGIC", whole = true, scope = {} }
    local fixed = "local function add(a, b) return (a or 0) + b end\nlocal function neg(a) return 0 - a end\nreturn { add = add, neg = neg }\n"
    assert.same({ fixed, {} }, { shot("```lua\n" .. fixed .. "```", anew) })
    assert.is_nil(asked[1]:find("smallest change", 1, true))
    local worse = fixed:gsub("0 %- a", "a")
    assert.same({ TEXT, { "REGRESSION" } }, { shot("```lua\n" .. worse .. "```", anew) })
    local other = fixed:gsub("neg = neg", "not_neg = neg")
    assert.equal(TEXT, (shot("```lua\n" .. other .. "```", anew)))
  end)

  it("keeps the text when the reply has no program", function()
    assert.equal(TEXT, (shot("I cannot.", LOGIC)))
  end)

  it("without rules answers with what was written", function()
    local text = shot("```lua\nreturn {}\n```", nil)
    assert.equal("return {}\n", text)
    assert.is_nil(asked[1]:find("smallest change", 1, true))
  end)
end)

describe("a model worker without tests of its own", function()
  -- The question of a shot whose verifier the context scripts; metered: how many checks were made.
  local function question(public, checks)
    replies, asked = { "```python\nx = 2\n```" }, {}
    local made = 0
    public.checked, public.language, public.artifact = true, "python", "x = 1\n"
    model_worker.run { artifact = public.artifact, public = public, profile = {}, span = function() end, check = function()
      if made == checks then return nil, "spent", "BUDGET_EXHAUSTED" end
      made = made + 1
      return { pass = false, correct = 0.5, raw = { passed = 1, total = 2, failing = { "x() gives 1 and should give 2" }, message = "so it is" } }
    end }
    return asked[1], made
  end

  it("is told what fails of the program that it repairs", function()
    local text, made = question({}, 9)
    assert.equal(2, made) -- the program as it is, and the answer
    assert.truthy(text:find("fails some of its tests", 1, true))
    assert.truthy(text:find("1 of 2 public tests pass. These fail:\n<data>\nx() gives 1 and should give 2\nso it is\n</data>", 1, true), text)
  end)

  it("is asked all the same when no check may be made, and when the task has a question of its own", function()
    assert.is_nil(question({}, 0):find("public tests pass", 1, true))
    local text, made = question({ prompt = "Write x." }, 9)
    assert.same({ "Write x.", 1 }, { text, made })
  end)
end)
