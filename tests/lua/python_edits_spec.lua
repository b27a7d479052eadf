-- The edits of the built-in worker for Python: each usual mistake has its mend among them, once, within its scope and
-- class. And those of texts that do not parse.
-- luacheck: no max line length

local fakes = dofile "tests/lua/support/fakes.lua"
package.loaded["han.json"] = { null = {}, encode = tostring } -- busted puts back what was there
package.loaded["han.sys"] = fakes.sys
package.loaded["han.value"] = require "tests.lua.support.value_local"
local random_local = require "tests.lua.support.random_local"
local python = require "han.syntax.python"
local source = require "han.worker.python_edits"
local execute, remove = fakes.parser()
local it = fakes.sys.access "/usr/bin/python3" and it or function(name) return pending(name .. " (no python3 here)") end

-- { class, what is broken, what mends it }: one text, so that it is parsed once.
local CASES = {
  { "LOGIC", "return low < x", "return low <= x" },
  { "LOGIC", "range(count)", "range(1, count)" },
  { "LOGIC", "range(1, stop)", "range(1, stop + 1)" },
  { "LOGIC", "items[0]", "items[1]" },
  { "LOGIC", "return power(base, expo)", "return power(expo, base)" },
  { "LOGIC", "width * width", "width * height" },
  { "LOGIC", "if ready:", "if not (ready):" },
  { "LOGIC", "not found", "found" },
  { "LOGIC", "gross - fee", "gross + fee" },
  { "LOGIC", "tally -= 1", "tally += 1" },
  { "LOGIC", "min(ages)", "max(ages)" },
  { "LOGIC", "hot and wet", "hot or wet" },
  { "LOGIC", "return seen", "return best" },
  { "LOGIC", "    log.append(1)", "    log = list(log)\n    log.append(1)" },
  { "LOGIC", "            late = late + 1\n            return late", "            late = late + 1\n        return late" },
  { "LOGIC", "    return depth * fact(", "    if depth <= 1:\n        return 1\n    return depth * fact(" },
  { "RUNTIME", "table[key]", "table.get(key, 0)" },
  { "RUNTIME", "part / whole", "(part / whole if whole else 0)" },
  { "RUNTIME", "    return word.lower()", "    if word is None:\n        return None\n    return word.lower()" },
  { "RUNTIME", "len(bag)", "len((bag or []))" },
  { "CONTRACT", "raise ValueError(\"old\")", "raise TypeError(\"old\")" },
  { "CONTRACT", "ValueError(\"old\")", "ValueError(\"a number, please\")" },
  { "CONTRACT", "return str(n)", "return int(n)" },
  { "CONTRACT", "    return age + 0", "    if age < 0:\n        raise TypeError(\"a number, please\")\n    return age + 0" },
}

local TEXT = [[
"""Of everything a little."""


def between(low, x, count, stop, items, ages):
    for i in range(count):
        print(i, range(1, stop), items[0], min(ages))
    return low < x


def power(base, expo):
    return power(base, expo)


def area(width, height, ready, found, gross, fee, tally, hot, wet):
    if ready:
        tally -= 1
    return width * width, not found, gross - fee, hot and wet


def largest(best, seen):
    print(best)
    return seen


def note(log=[]):
    log.append(1)
    return log


def last(late):
    for _ in range(3):
        if late:
            late = late + 1
            return late


def fact(depth):
    return depth * fact(depth - 1)


def look(table, key, part, whole, bag):
    print(table[key], part / whole, len(bag))


def lower(word):
    return word.lower()


def checked(n):
    if n is None:
        raise ValueError("old")
    return str(n)


def years(age):
    return age + 0
]]

describe("the edits of Python", function()
  teardown(function() remove() end)
  local tree

  -- All that the source gives, by text, with how often.
  local function all(class, places)
    tree = tree or assert(python.parse(TEXT, "m.py", { execute = execute }))
    local next_edit = source({ text = TEXT, tree = tree, raw = { failure = { lines = { 7 } } }, language = "python", name = "m.py" },
      { random = random_local.new(1), class = class, places = places, words = { "a number, please" }, errors = { "TypeError" } })
    local list, count = {}, 0
    for one in next_edit do
      list[one.text], count = one, count + 1
      assert.equal(TEXT:sub(1, one.edit.first - 1) .. one.edit.text .. TEXT:sub(one.edit.last + 1), one.text)
    end
    return list, count
  end

  it("hold the mend of each usual mistake, under its class", function()
    local known = { LOGIC = all "LOGIC", RUNTIME = all "RUNTIME", CONTRACT = all "CONTRACT" }
    for _, case in ipairs(CASES) do
      local first, last = TEXT:find(case[2], 1, true)
      local mended = TEXT:sub(1, (assert(first, case[2])) - 1) .. case[3] .. TEXT:sub(last + 1)
      assert.truthy(known[case[1]][mended], case[1] .. ": " .. case[2] .. " -> " .. case[3])
    end
  end)

  it("stay in their scope, and a class has its own only", function()
    local entry = python.function_named(tree or assert(python.parse(TEXT, "m.py", { execute = execute })), "look")
    local list, count = all("RUNTIME", { { first = entry.first, last = entry.last } })
    assert.is_true(count > 20)
    for _, one in pairs(list) do assert.equal("look", one.fn) end
    assert.is_nil(all "RUNTIME"[(TEXT:gsub("low < x", "low <= x"))])
    local _, every = all(nil)
    local sum = 0
    for _, class in ipairs { "LOGIC", "RUNTIME", "CONTRACT" } do sum = sum + select(2, all(class)) end
    assert.is_true(every > 0 and every <= sum)
  end)
end)
