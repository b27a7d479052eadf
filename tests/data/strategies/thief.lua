-- Looks for what a run may not see: modules of the harness, doors out of the state, and the word CANARY in everything that
-- can be reached from its task, its scope, its globals and what its workers and lenses give back.
local han = require "han"

local closed = { "db", "harness", "eval", "registry", "cells", "channel", "host", "sys", "runs", "job", "ledger",
  "cli.gate", "cli.recorder" }
local doors = { "io", "os", "debug", "package", "loadstring", "loadfile", "dofile", "collectgarbage" }
local paths = { "adapters.canary", "../adapters/canary", "adapters/repair/tasks", "adapters.repair.tasks", "canary",
  "/etc/passwd", "han.adapters" }

local function opened(list, prefix)
  local found, walls = {}, 0
  for _, name in ipairs(list) do
    local ok, why = pcall(require, prefix .. name)
    if ok then found[#found + 1] = name end
    if tostring(why):find("FIREWALL", 1, true) then walls = walls + 1 end
  end
  return table.concat(found, " "), walls
end

local function globals()
  local found = {}
  for _, name in ipairs(doors) do
    local ok, value = pcall(function() return _G[name] end)
    if ok and value ~= nil then found[#found + 1] = name end
  end
  return table.concat(found, " ")
end

local function search(value, seen, path)
  if type(value) == "string" then return value:find("CANARY", 1, true) and path or nil end
  if type(value) ~= "table" or seen[value] then return nil end
  seen[value], seen.count = true, seen.count + 1
  for k, v in pairs(value) do
    local found = search(k, seen, path) or search(v, seen, path .. "." .. tostring(k))
    if found then return found end
  end
  local meta = getmetatable(value)
  return type(meta) == "table" and search(meta, seen, path .. ".meta") or nil
end

return han.strategy {
  name = "thief",
  intent = "Finds nothing.",
  act = function(task, scope)
    assert(scope:spawn(task.worker, task))
    local settled = scope:next()
    local seen = { count = 0 }
    local leak = search({ task = task, settled = settled, seen = scope:observe(settled), view = scope:view(),
      budget = scope:budget(), best = scope:best(), scope = scope, globals = _G, han = han }, seen, "reach")
    local _, walls = opened(closed, "han.")
    error(("walls[%d of %d] modules[%s] paths[%s] doors[%s] leak[%s] metatable[%s] binary[%s] looked[%s]"):format(walls, #closed,
      (opened(closed, "han.")), (opened(paths, "")), globals(), leak or "", type(getmetatable("")),
      type(load("\27Lua", "binary")), seen.count > 20 and "well" or "badly"), 0)
  end,
}
