-- han.pack: long lists of a record as bytes, so that a record of any size fits the frame and the store.
-- A list that is too long for one plain value loses its middle, and says how much it lost.

local value = require "han.value"

local M = {}

M.MOST = 4000         -- entries of one list that are kept
M.MOST_ATTEMPTS = 400 -- attempts of one cell that are kept

local function shorten(list, most)
  local head = most // 2
  local out = table.move(list, 1, head, 1, {})
  return table.move(list, #list - (most - head) + 1, #list, head + 1, out)
end

--- The list as encoded bytes, and how many entries from its middle are not in them.
---@param list table[]
---@return string bytes
---@return integer dropped
function M.list(list)
  local most = math.min(#list, M.MOST)
  while true do
    local kept = most < #list and shorten(list, most) or list
    local ok, bytes = pcall(value.encode, kept)
    if ok then return bytes, #list - most end
    if most <= 1 then return value.encode({}), #list end
    most = most // 2
  end
end

local function pack(holder, name)
  if type(holder[name]) == "string" then return end -- packed already
  local dropped
  holder[name], dropped = M.list(holder[name] or {})
  if dropped > 0 then holder[name .. "_dropped"] = (holder[name .. "_dropped"] or 0) + dropped end
end

--- Packs the traces, nodes and decisions of a cell's record, in place; packing twice is harmless.
---@param record table
function M.record(record)
  local lost = #record.attempts - M.MOST_ATTEMPTS
  if lost > 0 then
    record.attempts = shorten(record.attempts, M.MOST_ATTEMPTS)
    record.meta = record.meta or {}
    record.meta.attempts_dropped = lost
  end
  for _, attempt in ipairs(record.attempts) do pack(attempt, "spans") end
  pack(record, "nodes")
  pack(record, "decisions")
  return record
end

return M
