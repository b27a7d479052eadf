-- The algorithms that stand beside every result, as artifacts like any other; what they need is measured
-- here in the harness, on the very instances of a score.
local dir = ...
local fast, instances, measure = dir "fast", dir "instances", dir "measure"

local M = {}

M.TEXT = {
  -- all alike: the first bin with room
  first_fit = "function(item, before, after)\n  return 0\nend\n",
  -- the bin in which least is left
  best_fit = "function(item, before, after)\n  return -after\nend\n",
  -- Sum of Squares (Csirik, Johnson, Kenyon, Orlin, Shor, Weber, JACM 53, 2006): keeps the sum of squared
  -- counts of open bins by residual small, full and empty bins left out; the fullest bin on ties.
  sum_of_squares = "function(item, before, after, count_before, count_after)\n"
    .. "  return (count_before > 0 and 2 * count_before - 1 or 0) - (after > 0 and 2 * count_after + 1 or 0)"
    .. " - after * 0.000001\nend\n",
}
M.NAMES = { "best_fit", "first_fit", "sum_of_squares" }
M.AWARE = { sum_of_squares = true }

local PRIORITY = {
  first_fit = function() return 0.0 end,
  best_fit = function(_, _, after) return -after end,
  sum_of_squares = function(_, _, after, count_before, count_after)
    return (count_before > 0 and 2 * count_before - 1 or 0) - (after > 0 and 2 * count_after + 1 or 0)
      - after * 0.000001
  end,
}

--- The name of the baseline whose text this is, or nil.
function M.name_of(text)
  for name, own in pairs(M.TEXT) do if own == text then return name end end
end

--- The bins that a baseline uses on each set.
function M.bins(name, sets)
  local used, cache, aware = {}, {}, M.AWARE[name]
  for i, set in ipairs(sets) do
    local _, n = fast.pack(instances.unpack(set), set.capacity, PRIORITY[name], aware, cache)
    used[i] = n
  end
  return used
end

--- { name = excess } on the sets.
function M.excess(sets)
  local result = {}
  for _, name in ipairs(M.NAMES) do result[name] = (measure.excess(sets, M.bins(name, sets))) end
  return result
end

return M
