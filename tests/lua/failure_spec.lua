-- han.failure and han.locality over the corpus of failures: how many outputs are read rightly, how many owners are
-- found; and what is told of outputs that are none.
-- luacheck: no max line length

local fakes = dofile "tests/lua/support/fakes.lua"
local corpus = dofile "tests/data/failures/corpus.lua"
local dkjson = require "dkjson"

package.loaded["han.json"] = { null = {}, encode = tostring } -- busted puts back what was there
package.loaded["han.sys"] = fakes.sys
package.loaded["han.value"] = require "tests.lua.support.value_local"
local failure, locality, shown = require "han.failure", require "han.locality", require "han.failure.shown"
local syntax, python = require "han.syntax", require "han.syntax.python"

local by_id = corpus.by_id()
local has_python = fakes.sys.access "/usr/bin/python3"
local full = os.getenv "HAN_FULL" == "1"

local function read(name)
  local list = {}
  for line in io.lines("tests/data/failures/" .. name .. ".jsonl") do list[#list + 1] = dkjson.decode(line) end
  return list
end

local function file_of(one) return by_id[one.id].program .. (one.lang == "lua" and ".lua" or ".py") end

local function classify(one)
  return failure.classify(one.output, { file = file_of(one), limit = one.status == 124 and "limit:time" or nil })
end

-- The table of a list: rows are labels, columns what was read.
local function confusion(list)
  local rows, right = {}, 0
  for _, one in ipairs(list) do
    local class = classify(one).class
    rows[one.class] = rows[one.class] or {}
    rows[one.class][class] = (rows[one.class][class] or 0) + 1
    if class == one.class then right = right + 1 end
  end
  local out = { ("%-10s"):format "" .. table.concat(failure.CLASSES, " ") }
  for _, label in ipairs(failure.CLASSES) do
    if rows[label] then
      local line = { ("%-10s"):format(label) }
      for _, class in ipairs(failure.CLASSES) do line[#line + 1] = ("%" .. #class .. "d"):format(rows[label][class] or 0) end
      out[#out + 1] = line[1] .. table.concat(line, " ", 2)
    end
  end
  return right / #list, table.concat(out, "\n")
end

local execute, remove = fakes.parser()

local trees = {}
local function tree_of(one)
  local made = by_id[one.id]
  trees[made.artifact] = trees[made.artifact] or assert((one.lang == "lua" and syntax or python).parse(made.artifact, file_of(one), { execute = execute }))
  return trees[made.artifact]
end

local function short(name) return name:match "[^.:]+$" end

-- The share of owners found. Trees of Python need a process each, so that the quick form takes the Lua ones.
local function owners(list)
  local n, found = 0, 0
  for _, one in ipairs(list) do
    if one.owner and (one.lang == "lua" or full and has_python) then
      local made = by_id[one.id]
      local owner = locality.owner(classify(one), tree_of(one), { file = file_of(one), syntax = one.lang == "lua" and syntax or python,
        tests = made.tests, tests_file = one.lang == "lua" and "tests.lua" or "tests.py" })
      n = n + 1
      if owner and short(owner.name) == short(one.owner) then found = found + 1 end
    end
  end
  return found, n
end

describe("han.failure", function()
  teardown(function() remove() end)

  for _, name in ipairs { "seen", "sealed" } do
    it("reads at least 95 % of the " .. name .. " outputs rightly", function()
      local share, rows = confusion(read(name))
      if full then print(("\n%s: %.1f %%\n%s"):format(name, 100 * share, rows)) end
      assert.is_true(share >= 0.95, rows)
    end)
  end

  it("finds the owning function of at least 90 % of the failures that have one", function()
    local found, n = 0, 0
    for _, name in ipairs { "seen", "sealed" } do
      local here, of = owners(read(name))
      if full then print(("\nowners of %s: %d of %d"):format(name, here, of)) end
      found, n = found + here, n + of
    end
    assert.is_true(found / n >= 0.9, ("%d of %d"):format(found, n))
  end)

  it("guesses nothing", function()
    for _, output in ipairs { "", "all is well\n", "Segmentation fault\n", "FAILED", ("x"):rep(100000), "\0\1\2", "ok 1 - a\nnot ok 2 - b\n",
      "Failure -> a.lua @ 1\n", "Traceback (most recent call last):\n", "lua: ", "Error -> x", "=== FAILURES ===\n___ t ___\n" } do
      local result = failure.classify(output, { file = "a.lua" })
      assert.equal("UNKNOWN", result.class, output:sub(1, 40))
    end
    assert.equal("UNKNOWN", failure.classify("lua5.4: t.lua:1: assertion failed!\nstack traceback:\n\t[C]: in ?\n", { file = "a.lua" }).class)
    assert.equal("RUNTIME", failure.classify("", { file = "a.lua", limit = "limit:time" }).class)
    assert.equal("UNKNOWN", failure.classify("", { file = "a.lua", limit = "crash" }).class)
    assert.has_error(function() failure.classify("", { file = "a.lua", tool = "make" }) end)
  end)

  it("comes to an end with outputs that were made to keep it busy", function()
    for _, output in ipairs { ("Failure -> a @ 1\n"):rep(5000), ("("):rep(30000), "E   assert " .. ("["):rep(20000) .. " == 1",
      "=== FAILURES ===\n_ t _\nE   assert " .. ("["):rep(200) .. ("]"):rep(200) .. " == " .. ("["):rep(9000) .. ("]"):rep(9000) .. "\n",
      "=== FAILURES ===\n_ t _\n" .. ("E   assert (" .. ("'"):rep(999) .. "\n"):rep(50), ("lua: x:1: expected "):rep(50000),
      ("= "):rep(500000), ("="):rep(1000000), ("_ "):rep(500000), ("1"):rep(1000000), ('  File "'):rep(100000), ('  File "x", line 1, in f\n'):rep(5000),
      "Traceback (most recent call last):\n" .. ("  a\n"):rep(20000), ("Traceback (most recent call last):\n"):rep(10000),
      "1 success / 0 failures\nFailure -> a @ 1\nt\n" .. ("x:1: "):rep(100000) } do
      failure.classify(output, { file = "x" })
      for _, tool in ipairs { "busted", "lua", "pytest", "python" } do failure.classify(output, { file = "x", tool = tool }) end
    end
  end)

  it("knows what a shown value is made of", function()
    for text, kind in pairs { ["1"] = "n", ["-2.5e3"] = "n", ["'a\\'b'"] = "s", ['"x"'] = "s", ["b'x'"] = "s", ["True"] = "b", ["nil"] = "-", ["[1, 2, 'a']"] = "[n s]",
      ["(1, 2)"] = "(n)", ["{'a': [1], 'b': []}"] = "{s:[] s:[n]}", ["{ 1 = 2, x = true }"] = "{n:n s:b}", ["{\n  [1] = 'a'\n *[2] = { } }"] = "{n:s n:{}}",
      ["Fraction(1, 2)"] = "Fraction", ["()"] = "()" } do
      assert.equal(kind, shown.kind(text), text)
    end
    for _, text in ipairs { "", "1 2", "none of it", "[1, 2", "1x", "'a", "{1:}" } do assert.is_nil(shown.kind(text), text) end
  end)
end)
