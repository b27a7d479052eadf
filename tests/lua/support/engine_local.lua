-- Stands in for the parts of the engine that the repair family needs, so that it runs in plain Lua:
-- han (constructors that give back what they get), han.eval and han.value. adapter() loads the family.
local M = {}

local FAKES = {
  ["han.eval"] = require "tests.lua.support.eval_local",
  ["han.value"] = require "tests.lua.support.value_local",
  han = { adapter = function(t) return t end, check = function(t) return t end, strategy = function(t) return t end },
}

-- Runs f with the stand-ins in place of the modules, and puts back what was there.
function M.with(f, ...)
  local before = {}
  for name, fake in pairs(FAKES) do
    before[name] = package.loaded[name]
    package.loaded[name] = fake
  end
  local results = table.pack(pcall(f, ...))
  for name in pairs(FAKES) do package.loaded[name] = before[name] end
  if not results[1] then error(results[2], 0) end
  return table.unpack(results, 2, results.n)
end

function M.dir()
  return require("tests.lua.support.dir_loader").new "scripts/adapters/repair"
end

function M.adapter()
  local dir = M.dir()
  return M.with(function() return dir "init" end), dir
end

return M
