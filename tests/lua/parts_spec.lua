-- han.parts: which tasks of somebody else's data set a bench gets.

local fakes = dofile "tests/lua/support/fakes.lua"
local known = {} -- each digest is asked of a program once
package.loaded["han.sys"] = { sha256 = function(text) -- busted puts back what was there
  known[text] = known[text] or fakes.sys.sha256(text)
  return known[text]
end }
local parts = require "han.parts"

local function rows(n)
  local list = {}
  for i = 1, n do list[i] = { name = "t" .. i } end
  return list
end

local function name(row) return row.name end

local function names(list)
  local out = {}
  for i, row in ipairs(list) do out[i] = row.name end
  return table.concat(out, " ")
end

-- Draws the last that there is.
local function last(n) return n end

describe("han.parts", function()
  it("gives all in their order, or some that were drawn, in the same order", function()
    assert.equal("t1 t2 t3", names(parts.choose(rows(3), "f", "dev", 3, { random = last }, name)))
    assert.equal("t1 t2 t3", names(parts.choose(rows(3), "f", "dev", 99, { random = last }, name)))
    assert.equal("t1 t5", names(parts.choose(rows(5), "f", "dev", 2, { random = last }, name)))
    assert.equal("t1 t2", names(parts.choose(rows(5), "f", "dev", 2, { random = function() return 1 end }, name)))
  end)

  it("parts by the names of family and task: each row in one split, whatever else there is", function()
    local seen, list = {}, rows(40)
    for _, split in ipairs { "train", "dev", "gate", "final" } do
      local mine = parts.choose(list, "f", split, 40, { parts = 1, random = last }, name)
      assert.is_true(#mine > 0 and #mine < 30, split)
      for _, row in ipairs(mine) do
        assert.is_nil(seen[row.name])
        seen[row.name] = split
        assert.equal(split, parts.split_of("f", row.name))
      end
      local few = parts.choose({ mine[1] }, "f", split, 9, { parts = 1, random = last }, name)
      assert.equal(mine[1], few[1])
    end
    for _, row in ipairs(list) do assert.is_string(seen[row.name]) end
    local other = 0
    for _, row in ipairs(list) do other = other + (parts.split_of("g", row.name) ~= seen[row.name] and 1 or 0) end
    assert.is_true(other > 0)
  end)

  it("says what is wrong with the options", function()
    assert.is_nil(parts.fault("dev", {}))
    assert.is_nil(parts.fault("gate", { parts = 1, time = 600 }))
    assert.matches("all its tasks are in dev", parts.fault("gate", {}))
    assert.matches("all its tasks are in dev", parts.fault("train", { parts = 2 }))
    for _, time in ipairs { 0, 601, 1.5, "1" } do
      assert.matches("time, the seconds of one call", parts.fault("dev", { time = time }))
    end
  end)
end)
