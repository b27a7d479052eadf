-- han.artifact: sections and their markers, signatures, digests, what freezing keeps.
-- luacheck: no max line length

local fakes = dofile "tests/lua/support/fakes.lua"

package.loaded["han.json"] = { null = {}, encode = tostring } -- busted puts back what was there
package.loaded["han.sys"] = fakes.sys
package.loaded["han.value"] = require "tests.lua.support.value_local"
local artifact = require "han.artifact"
local execute, remove = fakes.parser()

local function lua(text, more)
  local about = { text = text, language = "lua", name = "m.lua" }
  for name, item in pairs(more or {}) do about[name] = item end
  return artifact.new(about)
end

local function shown(list)
  local out = {}
  for i, one in ipairs(list) do out[i] = (one.public and "+" or "-") .. one.name .. one.signature end
  return table.concat(out, " ")
end

local SECTIONS = "-- head\n-- === IMPLEMENTATION ===\nlocal M = {}\nreturn M\n-- === TESTS ===\nassert(true)\n"

describe("han.artifact", function()
  teardown(function() remove() end)

  it("takes a text without markers as implementation", function()
    local one = assert(lua "return {}\n")
    assert.same({ first = 1, last = 10 }, one.sections.implementation)
    assert.is_nil(one.sections.tests)
    assert.same({}, one.invariants.markers)
  end)

  it("reads the markers of Lua and keeps their places", function()
    local one = lua((SECTIONS:gsub("return M\n", "")))
    local s = one.sections
    assert.equal("local M = {}\n", one.text:sub(s.implementation.first, s.implementation.last))
    assert.equal("assert(true)\n", one.text:sub(s.tests.first, s.tests.last))
    assert.same({ "IMPLEMENTATION", "TESTS" }, one.invariants.markers)
    assert.equal(2, s.markers[1].line)
  end)

  it("reads the markers of Python", function()
    local s = assert(artifact.sections("# === IMPLEMENTATION ===\nx = 1\n#  === TESTS ===  \nassert x\n", "python"))
    assert.same({ first = 26, last = 31 }, s.implementation)
    assert.equal(3, s.markers[2].line)
  end)

  it("does not take data for a marker", function()
    local one = lua "local s = [[\n-- === TESTS ===\n]]\n--[[\n-- === IMPLEMENTATION ===\n]]\nreturn { s = s }\n"
    assert.same({}, one.invariants.markers)
    assert.equal(#one.text, one.sections.implementation.last)
  end)

  it("takes other words for comments", function()
    assert.same({}, lua("-- === NOTES ===\nreturn {}\n").invariants.markers)
    assert.same({}, lua("-- === TESTS\nreturn {}\n").invariants.markers)
  end)

  for what, text in pairs {
    ["a second time"] = "-- === TESTS ===\n-- === TESTS ===\n",
    ["comes after TESTS"] = "-- === TESTS ===\n-- === IMPLEMENTATION ===\n",
  } do
    it("refuses markers: " .. what, function()
      local one, why, code = lua(text)
      assert.is_nil(one)
      assert.equal("MARKERS", code)
      assert.truthy(why:find("line 2: ", 1, true) and why:find(what, 1, true))
    end)
  end

  it("tells public signatures of a returned table", function()
    local one = lua [[
local M = { old = function(a) return a end }
local function hidden(x) return x end
local function late(p, q) return p, q end
function M.add(a, b, ...) return hidden(a + b) end
function M:push(item) self[1] = item end
M.late = late
function Global(z) return function(inner) return inner end end
return M
]]
    assert.equal("+old(a) -hidden(x) +late(p, q) +M.add(a, b, ...) +M:push(self, item) +Global(z)",
      shown(one.invariants.signatures))
  end)

  it("tells those of a table that is returned as it is written", function()
    local one = lua "local function a(x) return x end\nlocal function b() end\nreturn { a = a, c = function(y) return y, b end }\n"
    assert.equal("+a(x) -b() +c(y)", shown(one.invariants.signatures))
  end)

  it("tells those of Python, with defaults and annotations", function()
    if not fakes.sys.access "/usr/bin/python3" then return pending "no python3 here" end
    local one = assert(artifact.new { text = [[
def add(a, b=1, *, c: int = 2) -> int:
    def inner(x):
        return x
    return inner(a)

def _own(z):
    return z

class Stack:
    def __init__(self):
        self.items = []

    def _grow(self):
        pass
]], language = "python", name = "m.py", execute = execute })
    assert.equal("+add(a, b=1, *, c: int=2) -> int -add.inner(x) -_own(z) +Stackclass +Stack.__init__(self) -Stack._grow(self)",
      shown(one.invariants.signatures))
  end)

  it("is an artifact though it does not parse, and says where", function()
    local one = assert(lua "local function (\n")
    assert.is_nil(one.tree)
    assert.equal(1, one.fault.line)
    assert.same({}, one.invariants.signatures)
  end)

  it("is named by what it is made of", function()
    local a, b = lua "return {}\n", lua("return {}\n", { name = "other.lua" })
    assert.equal(a.digest, b.digest)
    assert.are_not.equal(a.digest, lua("return {} \n").digest)
    assert.are_not.equal(a.digest, lua("return {}\n", { tests = "assert(true)" }).digest)
  end)

  it("keeps what passed and tells what was lost", function()
    local one = lua "return {}\n"
    local frozen = one:freeze { "b", "a" }
    assert.is_nil(one.invariants.passing)
    assert.same({ "a", "b" }, frozen.invariants.passing)
    assert.same({ "b" }, frozen:regressions { "a", "c" })
    assert.same({}, frozen:regressions { "b", "a" })
  end)

  it("has a history of changes, and its identity through them", function()
    local one = lua "return {}\n"
    local two = one:replace("return { 1 }\n", { class = "LOGIC", rung = "patch" })
    local three = two:replace("return { 2 }\n", {})
    assert.same({ { from = one.digest, to = two.digest, class = "LOGIC", rung = "patch" },
      { from = two.digest, to = three.digest } }, three.history)
    assert.equal(one.digest, three.id)
    assert.same({}, one.history)
  end)

  it("keeps the signatures it had when a text no longer parses", function()
    local one = lua "local M = {}\nfunction M.f(a) return a end\nreturn M\n"
    assert.equal("+M.f(a)", shown(one:replace("oops (", {}).invariants.signatures))
  end)

  it("has a plain form without its tree", function()
    local plain = lua("return {}\n"):plain()
    assert.is_nil(plain.tree)
    assert.equal("return {}\n", plain.text)
  end)
end)
