-- What a set of packings is worth. Excess is a ratio of means, as published: mean bins used over mean lower
-- bound, minus one. A set of mixed sizes is the mean of that over its sizes, so that 5,000 items do not
-- drown 120; `pooled` is the plain ratio over all instances. This file is also run beside the candidate.
local M = {}

--- L1: no packing uses fewer bins.
function M.lower_bound(items, capacity)
  local sum = 0
  for _, item in ipairs(items) do sum = sum + item end
  return (sum + capacity - 1) // capacity
end

--- sets: { { n =, lower = } ... }; bins: the number of bins used in each, for the first #bins sets.
-- Gives excess, pooled, { { n =, instances =, excess = } ... by ascending n }.
function M.excess(sets, bins)
  local sizes, by_size, all = {}, {}, { bins = 0, lower = 0 }
  for i, used in ipairs(bins) do
    local set = sets[i]
    local row = by_size[set.n]
    if not row then
      row = { n = set.n, instances = 0, bins = 0, lower = 0 }
      by_size[set.n] = row
      sizes[#sizes + 1] = row
    end
    row.instances, row.bins, row.lower = row.instances + 1, row.bins + used, row.lower + set.lower
    all.bins, all.lower = all.bins + used, all.lower + set.lower
  end
  table.sort(sizes, function(a, b) return a.n < b.n end)
  local total = 0.0
  for i, row in ipairs(sizes) do
    local excess = row.bins / row.lower - 1
    sizes[i] = { n = row.n, instances = row.instances, excess = excess }
    total = total + excess
  end
  return total / #sizes, all.bins / all.lower - 1, sizes
end

--- Counts the bins of an assignment, trusting nothing: nil and why when it is no packing of the items.
function M.count(items, capacity, bins)
  local loads, used = {}, 0
  if #bins ~= #items then return nil, ("%d items have %d bins"):format(#items, #bins) end
  for i, bin in ipairs(bins) do
    if math.type(bin) ~= "integer" or bin < 1 or bin > #items then return nil, "a bin's number is none" end
    if not loads[bin] then
      loads[bin], used = 0, used + 1
    end
    loads[bin] = loads[bin] + items[i]
    if loads[bin] > capacity then return nil, ("bin %d holds more than its capacity"):format(bin) end
  end
  return used
end

--- A score in [0, 1] that falls as excess grows: 0.5 is best fit on the same instances, 1 is the lower
-- bound, and excess = best_fit * (1 - score) / score gives it back. Nothing is clipped, so worse than best
-- fit is told apart as well. best_fit without excess counts as one bin too many.
function M.score(excess, best_fit, lower)
  if excess ~= excess or excess == math.huge then return 0.0 end
  local reference = math.max(best_fit, 1 / math.max(1, lower))
  return reference / (reference + math.max(0.0, excess))
end

return M
