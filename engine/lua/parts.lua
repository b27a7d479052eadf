--- han.parts: which tasks of a data set that somebody else made a bench gets. Such a set has no splits of its own: all
-- of it is dev, or with `parts=1` a task's name says for ever where it belongs, so that who learns from some can be
-- measured on others.
local sys = require "han.sys"

local M = {}

local SHARES = { { "train", 40 }, { "dev", 60 }, { "gate", 85 }, { "final", 100 } }

--- The split of a task by the names of its family and its own.
---@param family string
---@param id string
---@return "train"|"dev"|"gate"|"final" split
function M.split_of(family, id)
  local place = tonumber(sys.sha256(family .. "/" .. id):sub(1, 8), 16) % 100
  for _, share in ipairs(SHARES) do
    if place < share[2] then return share[1] end
  end
end

-- n of the rows, drawn without the split or the strategy having a say, in the order of the set.
local function some(rows, n, random)
  if n >= #rows then return rows end
  local left, kept = {}, {}
  for i = 1, #rows do left[i] = i end
  for i = 1, n do
    local k = i + random(#rows - i + 1) - 1
    left[i], left[k] = left[k], left[i]
    kept[i] = left[i]
  end
  table.sort(kept)
  for i, place in ipairs(kept) do kept[i] = rows[place] end
  return kept
end

--- What is wrong with the options that such families share (parts, and time, the seconds of one call), or nil.
---@param split string
---@param options table
---@return string|nil why
function M.fault(split, options)
  if options.time and (math.type(options.time) ~= "integer" or options.time < 1 or options.time > 600) then
    return "time, the seconds of one call of a candidate, must be a whole number from 1 to 600"
  end
  if options.parts ~= 1 and split ~= "dev" then
    return "all its tasks are in dev; with --set parts=1 they are parted into train, dev, gate and final"
  end
end

--- At most n of the rows that belong to a split; name(row) is what a row is known by.
---@param rows table[]
---@param family string
---@param split string
---@param n integer
---@param options table as the adapter got them
---@param name fun(row: table): string
---@return table[]
function M.choose(rows, family, split, n, options, name)
  local mine = {}
  for _, row in ipairs(rows) do
    if options.parts ~= 1 or M.split_of(family, name(row)) == split then mine[#mine + 1] = row end
  end
  return some(mine, n, options.random)
end

return M
