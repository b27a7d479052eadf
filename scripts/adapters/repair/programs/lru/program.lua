-- Caches compared on a trace of keys: least recently used, first in first out, least frequently used.
local M = {}

-- A cache is { size=, order = { keys, next victim first }, hits=, misses=, evicted = { keys } }.
function M.new(size)
  if size < 1 then
    error("a cache holds at least one key", 0)
  end
  return { size = size, order = {}, hits = 0, misses = 0, evicted = {} }
end

local function position(list, key)
  for i = 1, #list do
    if list[i] == key then
      return i
    end
  end
end

-- One access under "lru" or "fifo": changes the cache, says whether it was a hit.
function M.touch(cache, key, policy)
  local order = cache.order
  local at = position(order, key)
  if at then
    cache.hits = cache.hits + 1
    if policy == "lru" then
      table.remove(order, at)
      order[#order + 1] = key
    end
    return cache, true
  end
  cache.misses = cache.misses + 1
  if #order >= cache.size then
    cache.evicted[#cache.evicted + 1] = table.remove(order, 1)
  end
  order[#order + 1] = key
  return cache, false
end

-- Least frequently used: who goes when the cache is full. Ties go to the one used longest ago.
function M.least_used(counts, last)
  local victim
  for key, count in pairs(counts) do
    if not victim then
      victim = key
    elseif count < counts[victim] then
      victim = key
    elseif count == counts[victim] and last[key] < last[victim] then
      victim = key
    end
  end
  return victim
end

function M.run_lfu(trace, size)
  local counts, last, held, hits, evicted = {}, {}, 0, 0, {}
  for now, key in ipairs(trace) do
    if counts[key] then
      hits = hits + 1
      counts[key] = counts[key] + 1
    else
      if held >= size then
        local victim = M.least_used(counts, last)
        counts[victim] = nil
        evicted[#evicted + 1] = victim
      else
        held = held + 1
      end
      counts[key] = 1
    end
    last[key] = now
  end
  return hits, evicted
end

-- The best that any policy can do: evicts the key whose next use is farthest (Belady).
function M.optimal(trace, size)
  local held, count, hits = {}, 0, 0
  for now, key in ipairs(trace) do
    if held[key] then
      hits = hits + 1
    else
      if count >= size then
        local victim, farthest
        for other in pairs(held) do
          local later = math.huge
          for t = now + 1, #trace do
            if trace[t] == other then
              later = t
              break
            end
          end
          if not victim or later > farthest or (later == farthest and other < victim) then
            victim, farthest = other, later
          end
        end
        held[victim] = nil
        count = count - 1
      end
      held[key] = true
      count = count + 1
    end
  end
  return hits
end

-- How many other keys came between a use and the one before; -1 for a first use.
function M.distances(trace)
  local result = {}
  for now, key in ipairs(trace) do
    local seen, n = {}, 0
    local before = now - 1
    while before >= 1 and trace[before] ~= key do
      if not seen[trace[before]] then
        seen[trace[before]] = true
        n = n + 1
      end
      before = before - 1
    end
    if before == 0 then
      n = -1
    end
    result[now] = n
  end
  return result
end

function M.compare(trace, size)
  local result = { size = size, keys = #trace }
  for _, policy in ipairs({ "lru", "fifo" }) do
    local cache = M.new(size)
    for _, key in ipairs(trace) do
      M.touch(cache, key, policy)
    end
    result[policy] = { hits = cache.hits, evicted = cache.evicted, left = cache.order }
  end
  local hits, evicted = M.run_lfu(trace, size)
  result.lfu = { hits = hits, evicted = evicted }
  result.best = M.optimal(trace, size)
  local enough = 0
  for _, distance in ipairs(M.distances(trace)) do
    if distance >= enough then
      enough = distance + 1
    end
  end
  result.enough = enough
  return result
end

return M
