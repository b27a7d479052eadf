-- A heap as a list of blocks { at, size, owner }: fitting, splitting, freeing with merging, growing and compaction.
local M = {}

-- A heap of one free block (a free block has no owner).
function M.create(size)
  if size < 1 then
    error("heap without room", 0)
  end
  return { { at = 0, size = size } }
end

-- Index of the free block that a policy ("first", "best", "worst") takes for a size, nil when none fits.
function M.choose(heap, size, policy)
  local found
  for i, block in ipairs(heap) do
    if not block.owner and block.size >= size then
      if policy == "first" then
        return i
      elseif not found then
        found = i
      elseif policy == "best" and block.size < heap[found].size then
        found = i
      elseif policy == "worst" and block.size > heap[found].size then
        found = i
      end
    end
  end
  if policy ~= "first" and policy ~= "best" and policy ~= "worst" then
    error("no policy " .. tostring(policy), 0)
  end
  return found
end

-- Gives a block to an owner, address and heap; sizes are rounded up to four, a rest below four stays with the block.
function M.allocate(heap, owner, size, policy)
  size = (size + 3) // 4 * 4
  local index = M.choose(heap, size, policy)
  if not index then
    return nil
  end
  local block = heap[index]
  local rest = block.size - size
  if rest >= 4 then
    table.insert(heap, index + 1, { at = block.at + size, size = rest })
    block.size = size
  end
  block.owner = owner
  return block.at, heap
end

-- Frees all blocks of an owner and merges free neighbours; how many were freed, and the heap.
function M.release(heap, owner)
  local freed, i = 0, 1
  for _, block in ipairs(heap) do
    if block.owner == owner then
      block.owner = nil
      freed = freed + 1
    end
  end
  if freed == 0 then
    error(owner .. " owns nothing", 0)
  end
  while i < #heap do
    if not heap[i].owner and not heap[i + 1].owner then
      heap[i].size = heap[i].size + table.remove(heap, i + 1).size
    else
      i = i + 1
    end
  end
  return freed, heap
end

-- Moves all owned blocks together to the front; how much was moved.
function M.compact(heap)
  local at, moved, kept, room = 0, 0, {}, 0
  for _, block in ipairs(heap) do
    if block.owner then
      if block.at ~= at then
        moved = moved + block.size
      end
      kept[#kept + 1] = { at = at, size = block.size, owner = block.owner }
      at = at + block.size
    else
      room = room + block.size
    end
  end
  if room > 0 then
    kept[#kept + 1] = { at = at, size = room }
  end
  return kept, moved
end

-- Free room, its largest piece, and the percentage of it outside that piece, rounded down.
function M.usage(heap)
  local free, largest = 0, 0
  for _, block in ipairs(heap) do
    if not block.owner then
      free = free + block.size
      largest = math.max(largest, block.size)
    end
  end
  return { free = free, largest = largest, scattered = free > 0 and (free - largest) * 100 // free or 0 }
end

-- Runs commands "+name size" and "-name"; when nothing fits, the heap is compacted once and tried again.
-- Addresses (false where refused), the usage at the end, and the room that compaction moved.
function M.run(size, policy, commands)
  local heap, results, moved = M.create(size), {}, 0
  for i, command in ipairs(commands) do
    local name, amount = command:match("^%+(%w+) (%d+)$")
    local gone = command:match("^%-(%w+)$")
    if name then
      local want = math.tointeger(tonumber(amount))
      local address = M.allocate(heap, name, want, policy)
      if not address and M.usage(heap).free >= want then
        local shifted
        heap, shifted = M.compact(heap)
        moved = moved + shifted
        address = M.allocate(heap, name, want, policy)
      end
      results[i] = address or false
    elseif gone then
      results[i] = M.release(heap, gone)
    else
      error("bad command: " .. command, 0)
    end
  end
  return results, M.usage(heap), moved
end

return M
