-- Stock kept in layers of cost: receiving, issuing first in first out, counting, reordering, and a run of movements.
local M = {}

-- Adds a layer { count, cost } (cost of one piece in cents) behind the others; equal costs in a row are one layer.
function M.receive(layers, count, cost)
  if count <= 0 or cost < 0 then
    error("bad delivery of " .. count .. " at " .. cost, 0)
  end
  local after = {}
  for i, layer in ipairs(layers) do
    after[i] = { layer[1], layer[2] }
  end
  local last = after[#after]
  if last and last[2] == cost then
    last[1] = last[1] + count
  else
    after[#after + 1] = { count, cost }
  end
  return after
end

-- Takes pieces from the oldest layers: the layers left and the cost of what went.
function M.issue(layers, count)
  local left, cost, wanted = {}, 0, count
  for _, layer in ipairs(layers) do
    local taken = math.min(wanted, layer[1])
    cost = cost + taken * layer[2]
    wanted = wanted - taken
    if taken < layer[1] then
      left[#left + 1] = { layer[1] - taken, layer[2] }
    end
  end
  if wanted > 0 then
    error("short of " .. wanted, 0)
  end
  return left, cost
end

-- Pieces, their worth, and the mean cost of one, rounded half up.
function M.value(layers)
  local pieces, worth = 0, 0
  for _, layer in ipairs(layers) do
    pieces = pieces + layer[1]
    worth = worth + layer[1] * layer[2]
  end
  if pieces == 0 then
    return 0, 0, 0
  end
  return pieces, worth, (2 * worth + pieces) // (2 * pieces)
end

-- How many to order: up to the target when stock and what is on its way fall to the point, in whole packs.
function M.reorder(stock, coming, point, target, pack)
  if pack < 1 or target < point then
    error("bad rule", 0)
  end
  if stock + coming > point then
    return 0
  end
  return -((stock + coming - target) // pack) * pack
end

-- Brings the layers to a counted number: what is missing goes first in first out, what is too much comes in at the
-- cost of the newest layer; the difference in worth.
function M.count(layers, found)
  local pieces = M.value(layers)
  if found < pieces then
    local left, cost = M.issue(layers, pieces - found)
    return left, -cost
  elseif found > pieces then
    local newest = layers[#layers]
    if not newest then
      error("found " .. found .. " of nothing known", 0)
    end
    return M.receive(layers, found - pieces, newest[2]), (found - pieces) * newest[2]
  end
  return layers, 0
end

-- Runs movements { "in", item, count, cost }, { "out", item, count, price } and { "count", item, count }: stock by
-- item as pieces and worth, the profit of what was sold, and what was lost or found.
function M.run(movements)
  local stock, profit, drift, report = {}, 0, 0, {}
  for number, move in ipairs(movements) do
    local kind, item = move[1], move[2]
    local layers = stock[item] or {}
    if kind == "in" then
      stock[item] = M.receive(layers, move[3], move[4])
    elseif kind == "out" then
      local left, cost = M.issue(layers, move[3])
      stock[item] = left
      profit = profit + move[3] * move[4] - cost
    elseif kind == "count" then
      local after, change = M.count(layers, move[3])
      stock[item] = after
      drift = drift + change
    else
      error("movement " .. number .. " is unknown: " .. tostring(kind), 0)
    end
  end
  for item, layers in pairs(stock) do
    local pieces, worth = M.value(layers)
    report[item] = { pieces = pieces, worth = worth }
  end
  return report, profit, drift
end

return M
