-- The injector's operators and the worker's are two tables from different sources: what they have in common is
-- printed, in the small form of tests/bench/repair_overlap.lua and repair_reach.lua.
local dir = require("tests.lua.support.dir_loader").new "scripts/adapters/repair"
local inject = require("tests.lua.support.engine_local").with(dir, "inject")
local operators = require "han.worker.operators"
local full = os.getenv "HAN_FULL" == "1"

local function lines_of(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local list = {}
  for line in pipe:lines() do list[#list + 1] = line end
  assert.is_true(pipe:close(), table.concat(list, "\n"))
  return list
end

local function show(list)
  for _, line in ipairs(list) do print("# " .. line) end
end

describe("the tables of injector and worker", function()
  it("have no name in common", function()
    assert.is_true(#inject.KINDS >= 16 and #operators.list >= 20)
    for _, kind in ipairs(inject.KINDS) do assert.is_nil(operators.by_name[kind]) end
  end)

  if not full then
    pending "the overlap and the reach are measured in the long form (HAN_FULL=1)"
    return
  end

  it("overlap in what one edit takes back, and not in most of what is missing", function()
    local list = lines_of "lua5.4 tests/bench/repair_overlap.lua --faults 2 --draws 20"
    show(list)
    assert.equal(#inject.KINDS + 1, #list)
    local undone, total = list[#list]:match "(%d+) of (%d+)"
    assert.is_true(tonumber(undone) > 0 and tonumber(undone) < tonumber(total))
    for _, line in ipairs(list) do
      local kind, taken, of = line:match "^(%S+) .*undone by one edit +(%d+) of +(%d+)"
      if kind == "missing_if" then assert.is_true(tonumber(taken) < tonumber(of)) end
    end
  end)

  it("leave a share of faults out of the worker's reach", function()
    local list = lines_of "lua5.4 tests/bench/repair_reach.lua --faults 10"
    show(list)
    local share = tonumber(list[#inject.KINDS + 1]:match "weighted by share: ([%d.]+) %%")
    assert.is_true(share > 0 and share < 50)
    for _, line in ipairs(list) do
      local kind, lost = line:match "^(%S+) .*out of reach +(%d+) of"
      if kind and kind:find "^wrong_" then assert.equal("0", lost) end
    end
  end)
end)
