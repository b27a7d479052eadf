-- Packing by dynamic programming: knapsack with the chosen items, change, subset sums, two-way splits, cuts.
local M = {}

-- items: { { weight, value }, ... }. Best value within the capacity and the indices that give it.
function M.best(items, capacity)
  if capacity < 0 then
    error("negative capacity", 0)
  end
  local rows = { [0] = {} }
  for room = 0, capacity do
    rows[0][room] = 0
  end
  for i, item in ipairs(items) do
    local row, before = {}, rows[i - 1]
    for room = 0, capacity do
      row[room] = before[room]
      if item[1] <= room then
        local with = before[room - item[1]] + item[2]
        if with > row[room] then
          row[room] = with
        end
      end
    end
    rows[i] = row
  end
  local chosen, room = {}, capacity
  for i = #items, 1, -1 do
    if rows[i][room] ~= rows[i - 1][room] then
      table.insert(chosen, 1, i)
      room = room - items[i][1]
    end
  end
  return rows[#items][capacity], chosen
end

-- Fewest coins for an amount, largest first among the fewest; nil when it cannot be paid.
function M.coins(kinds, amount)
  local need, last = { [0] = 0 }, {}
  for sum = 1, amount do
    for _, coin in ipairs(kinds) do
      local rest = need[sum - coin]
      if rest and (not need[sum] or rest + 1 < need[sum] or (rest + 1 == need[sum] and coin > last[sum])) then
        need[sum] = rest + 1
        last[sum] = coin
      end
    end
  end
  if not need[amount] then
    return nil
  end
  local list = {}
  while amount > 0 do
    list[#list + 1] = last[amount]
    amount = amount - last[amount]
  end
  return list
end

-- In how many ways an amount can be paid, without order.
function M.ways(kinds, amount)
  local count = { [0] = 1 }
  for sum = 1, amount do
    count[sum] = 0
  end
  local seen = {}
  for _, coin in ipairs(kinds) do
    if coin < 1 then
      error("bad coin " .. coin, 0)
    end
    if not seen[coin] then
      seen[coin] = true
      for sum = coin, amount do
        count[sum] = count[sum] + count[sum - coin]
      end
    end
  end
  return count[amount]
end

-- All sums of some of the numbers that lie in a range, sorted.
function M.sums(numbers, low, high)
  local reached = { [0] = true }
  for _, number in ipairs(numbers) do
    local more = {}
    for sum in pairs(reached) do
      more[sum + number] = true
    end
    for sum in pairs(more) do
      reached[sum] = true
    end
  end
  local list = {}
  for sum in pairs(reached) do
    if sum >= low and sum <= high then
      list[#list + 1] = sum
    end
  end
  table.sort(list)
  return list
end

-- Least possible difference between two heaps of the numbers.
function M.halves(numbers)
  local total = 0
  for _, number in ipairs(numbers) do
    if number < 0 then
      error("negative weight", 0)
    end
    total = total + number
  end
  local best = total
  for _, sum in ipairs(M.sums(numbers, 0, total)) do
    best = math.min(best, math.abs(total - 2 * sum))
  end
  return best
end

-- Cuts a rod into pieces by a price list: best income and the pieces, longest first.
function M.cut(prices, length)
  local income, first = { [0] = 0 }, {}
  for size = 1, length do
    income[size] = 0
    for piece = 1, math.min(size, #prices) do
      local value = prices[piece] + income[size - piece]
      if value > income[size] then
        income[size] = value
        first[size] = piece
      end
    end
  end
  local pieces = {}
  local left = length
  while left > 0 and first[left] do
    pieces[#pieces + 1] = first[left]
    left = left - first[left]
  end
  table.sort(pieces, function(a, b)
    return a > b
  end)
  return income[length], pieces
end

-- A day at the shop: what to load, what change to give for the load's value, how the load splits on two carts.
function M.shop(items, capacity, kinds)
  local value, chosen = M.best(items, capacity)
  local weights, weight = {}, 0
  for _, index in ipairs(chosen) do
    weights[#weights + 1] = items[index][1]
    weight = weight + items[index][1]
  end
  local change = M.coins(kinds, value)
  return {
    value = value,
    weight = weight,
    chosen = chosen,
    change = change and table.concat(change, "+") or "none",
    ways = M.ways(kinds, value),
    carts = M.halves(weights),
  }
end

return M
