-- The same packing as protocol.lua, bin for bin, many times cheaper: bins of equal residual get equal
-- priorities, so each residual is asked once and only the first bin of each is looked at. In the
-- elementwise league a priority depends on item and residual alone and is asked once per program. What is
-- exact here rests on priorities being pure (program.lua). This file is also run beside the candidate.
local M = {}

-- ---- the bins of one residual: a heap with the first bin on top ----

local function push(heap, bin)
  local at = #heap + 1
  while at > 1 do
    local up = at // 2
    if heap[up] <= bin then break end
    heap[at], at = heap[up], up
  end
  heap[at] = bin
end

local function pop(heap)
  local n = #heap
  local top, last = heap[1], heap[n]
  heap[n], n = nil, n - 1
  if n == 0 then return top end
  local at, down = 1, 2
  while down <= n do
    if down < n and heap[down + 1] < heap[down] then down = down + 1 end
    if heap[down] >= last then break end
    heap[at], at, down = heap[down], down, down * 2
  end
  heap[at] = last
  return top
end

local function no_number(p)
  error(type(p) == "number" and "the priority is not a number (NaN)" or "the priority is a " .. type(p), 0)
end

local function checked(p)
  if type(p) ~= "number" or p ~= p then no_number(p) end
  return p
end

-- ---- elementwise ----

-- cache[capacity][item][before]: the priorities of one program.
local function row_of(cache, capacity, item)
  local rows = cache[capacity]
  if not rows then
    rows = {}
    cache[capacity] = rows
  end
  local row = rows[item]
  if not row then
    row = {}
    rows[item] = row
  end
  return row
end

-- The chosen residual. above[r] is the least residual greater than r that some bin has; an empty bin's, the
-- capacity, is always there.
local function choose(heaps, above, start, row, item, capacity, priority, used)
  local best, residual, first
  local before = start
  repeat
    local p = row[before]
    if not p then
      p = checked(priority(item + 0.0, before + 0.0, before - item + 0.0))
      row[before] = p
    end
    if not best or p > best then
      best, residual, first = p, before, nil
    elseif p == best then
      first = first or heaps[residual][1]
      local bin = before == capacity and used + 1 or heaps[before][1]
      if bin < first then residual, first = before, bin end
    end
    before = above[before]
  until not before
  return residual
end

-- ---- state-aware ----

local function choose_aware(heaps, above, start, lengths, item, capacity, priority, used)
  local best, residual, first
  local before, size = start, item + 0.0
  repeat
    local p = priority(size, before + 0.0, before - item + 0.0, lengths[before] + 0.0, lengths[before - item] + 0.0)
    if not best then
      best, residual = checked(p), before
    elseif p > best then
      best, residual, first = p, before, nil
    elseif p == best then
      first = first or heaps[residual][1]
      local bin = before == capacity and used + 1 or heaps[before][1]
      if bin < first then residual, first = before, bin end
    elseif p ~= p then
      no_number(p)
    end
    before = above[before]
  until not before
  return residual
end

-- The greatest residual under r that some bin has; -1 stands below all.
local function below(lengths, r)
  r = r - 1
  while r >= 0 and lengths[r] == 0 do r = r - 1 end
  return r
end

--- As pack of protocol.lua. cache: a table kept for all instances of one elementwise program; may be nil.
-- Third result: lengths, the number of bins in use by residual, of which 0 are the full ones.
function M.pack(items, capacity, priority, aware, cache)
  local heaps, lengths, above, bins, used = {}, {}, {}, {}, 0
  cache = cache or {}
  for r = 0, capacity do heaps[r], lengths[r] = {}, 0 end
  above[-1] = capacity
  for i = 1, #items do
    local item = items[i]
    local start, before = item
    while start < capacity and lengths[start] == 0 do start = start + 1 end
    if aware then
      before = choose_aware(heaps, above, start, lengths, item, capacity, priority, used)
    else
      before = choose(heaps, above, start, row_of(cache, capacity, item), item, capacity, priority, used)
    end
    local bin
    if before == capacity then
      used = used + 1
      bin = used
    else
      bin = pop(heaps[before])
      local left = lengths[before] - 1
      lengths[before] = left
      if left == 0 then
        above[below(lengths, before)] = above[before]
        above[before] = nil
      end
    end
    local after = before - item
    if lengths[after] == 0 then
      local under = below(lengths, after)
      above[after], above[under] = above[under], after
    end
    lengths[after] = lengths[after] + 1
    if after > 0 then push(heaps[after], bin) end
    bins[i] = bin
  end
  return bins, used, lengths
end

return M
