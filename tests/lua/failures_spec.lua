-- The corpus of failures: what it promises to a classifier. tests/data/failures/make.lua made it by running broken
-- programs.

local corpus = dofile "tests/data/failures/corpus.lua"
local dkjson = require "dkjson"

local function read(name)
  local list = {}
  for line in io.lines("tests/data/failures/" .. name .. ".jsonl") do list[#list + 1] = dkjson.decode(line) end
  return list
end

local seen, sealed, by_id = read "seen", read "sealed", corpus.by_id()

describe("the corpus of failures", function()
  it("is of at least 200, 50 of them sealed, of every class under every tool", function()
    assert.is_true(#seen + #sealed >= 200 and #sealed >= 50)
    local count = {}
    for _, one in ipairs(seen) do
      local key = one.tool .. " " .. one.class
      count[key] = (count[key] or 0) + 1
    end
    for _, tool in ipairs { "busted", "lua", "pytest", "python" } do
      for _, class in ipairs { "FORMAT", "CONTRACT", "RUNTIME", "LOGIC" } do
        assert.is_true((count[tool .. " " .. class] or 0) >= 10, tool .. " " .. class)
      end
    end
  end)

  it("has the labels of the faults, and nothing of a sealed program among the others", function()
    local ids = {}
    for _, list in ipairs { seen, sealed } do
      for _, one in ipairs(list) do
        local made = by_id[one.id]
        assert.same({ made.class, made.owner, made.lang, made.tool }, { one.class, one.owner, one.lang, one.tool })
        assert.equal(list == sealed, made.sealed == true)
        assert.is_nil(ids[one.id])
        assert.is_true(one.status == 124 or one.status ~= 0 and #one.output > 20, one.id)
        ids[one.id] = true
      end
    end
  end)

  it("can be made again: a plain Lua failure prints what is stored", function()
    for _, one in ipairs(seen) do
      if one.id == "lua/money/4" or one.id == "lua/grid/form1" then
        local made, folder = by_id[one.id], os.tmpname()
        os.remove(folder)
        os.execute("mkdir " .. folder)
        for name, text in pairs { [made.program .. ".lua"] = made.artifact, ["tests.lua"] = made.tests } do
          local file = assert(io.open(folder .. "/" .. name, "w"))
          file:write(text)
          file:close()
        end
        local pipe = io.popen(("cd %s && lua5.4 tests.lua 2>&1"):format(folder))
        assert.equal(one.output, pipe:read "a")
        pipe:close()
        os.execute("rm -rf " .. folder)
      end
    end
  end)
end)
