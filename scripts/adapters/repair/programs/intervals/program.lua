-- Sets of integers as sorted lists of half-open ranges { from, to }.
local M = {}

-- Sorts, drops empty ranges, merges those that touch.
function M.normalize(ranges)
  local sorted = {}
  for _, range in ipairs(ranges) do
    if range[1] > range[2] then
      error("range " .. range[1] .. ".." .. range[2] .. " runs backwards", 0)
    end
    if range[1] < range[2] then
      sorted[#sorted + 1] = { range[1], range[2] }
    end
  end
  table.sort(sorted, function(a, b)
    return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2])
  end)
  local result = {}
  for _, range in ipairs(sorted) do
    local last = result[#result]
    if last and range[1] <= last[2] then
      if range[2] > last[2] then
        last[2] = range[2]
      end
    else
      result[#result + 1] = range
    end
  end
  return result
end

function M.intersect(a, b)
  local result, i, j = {}, 1, 1
  while i <= #a and j <= #b do
    local low = math.max(a[i][1], b[j][1])
    local high = math.min(a[i][2], b[j][2])
    if low < high then
      result[#result + 1] = { low, high }
    end
    if a[i][2] < b[j][2] then
      i = i + 1
    else
      j = j + 1
    end
  end
  return result
end

-- What is in a and not in b.
function M.subtract(a, b)
  local result = {}
  for _, range in ipairs(a) do
    local from = range[1]
    for _, hole in ipairs(b) do
      if hole[2] > from and hole[1] < range[2] then
        if hole[1] > from then
          result[#result + 1] = { from, hole[1] }
        end
        from = hole[2]
      end
      if from >= range[2] then
        break
      end
    end
    if from < range[2] then
      result[#result + 1] = { from, range[2] }
    end
  end
  return result
end

-- Index of the range that holds x, by bisection; nil when none does.
function M.find(set, x)
  local low, high = 1, #set
  while low <= high do
    local middle = (low + high) // 2
    local range = set[middle]
    if x < range[1] then
      high = middle - 1
    elseif x >= range[2] then
      low = middle + 1
    else
      return middle
    end
  end
  return nil
end

-- First gap of at least `size` at or after `from`, below `limit`.
function M.first_gap(set, from, limit, size)
  if size <= 0 then
    error("gap of no size", 0)
  end
  local start = from
  for _, range in ipairs(set) do
    if range[2] > start then
      if range[1] - start >= size then
        break
      end
      start = math.max(start, range[2])
    end
  end
  if start + size <= limit then
    return start
  end
  return nil
end

-- The deepest overlap of raw ranges: how many at once, and where that starts.
function M.peak(ranges)
  local events = {}
  for _, range in ipairs(ranges) do
    events[#events + 1] = { at = range[1], step = 1 }
    events[#events + 1] = { at = range[2], step = -1 }
  end
  table.sort(events, function(a, b)
    if a.at == b.at then
      return a.step < b.step
    end
    return a.at < b.at
  end)
  local depth, best, where = 0, 0, nil
  for _, event in ipairs(events) do
    depth = depth + event.step
    if depth > best then
      best, where = depth, event.at
    end
  end
  return best, where
end

-- Rooms booked by raw ranges: free time in a day, and a slot for each wanted length or false.
function M.day(bookings, open, close, wanted)
  if open >= close then
    error("the day is empty", 0)
  end
  local busy = M.intersect(M.normalize(bookings), { { open, close } })
  local free = M.subtract({ { open, close } }, busy)
  local total = 0
  for _, range in ipairs(free) do
    total = total + range[2] - range[1]
  end
  local slots = {}
  for i, length in ipairs(wanted) do
    local start = M.first_gap(busy, open, close, length)
    slots[i] = start or false
    if start then
      busy[#busy + 1] = { start, start + length }
      busy = M.normalize(busy)
    end
  end
  local crowd = M.peak(bookings)
  return { free = total, slots = slots, busy = busy, crowd = crowd }
end

return M
