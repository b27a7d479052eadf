-- A disk arm and its requests: the order in which several policies serve tracks, and what that costs.
local M = {}

function M.check(requests, tracks)
  for i, track in ipairs(requests) do
    if track < 0 or track >= tracks then
      error("request " .. i .. " is off the disk: " .. track, 0)
    end
  end
  return #requests
end

-- The closest request each time; the lower track on a tie.
function M.nearest(start, requests)
  local left, order, at = table.move(requests, 1, #requests, 1, {}), {}, start
  while #left > 0 do
    local pick = 1
    for i = 2, #left do
      local far, best = math.abs(left[i] - at), math.abs(left[pick] - at)
      if far < best or (far == best and left[i] < left[pick]) then
        pick = i
      end
    end
    at = table.remove(left, pick)
    order[#order + 1] = at
  end
  return order
end

-- Sweeps up and then down (or down and then up); "turn" says whether the arm runs to the edge before it turns.
function M.sweep(start, requests, upward, edge)
  local ahead, behind = {}, {}
  for _, track in ipairs(requests) do
    local before = track < start
    if track == start or before ~= upward then
      ahead[#ahead + 1] = track
    else
      behind[#behind + 1] = track
    end
  end
  local up = function(a, b) return a < b end
  local down = function(a, b) return a > b end
  table.sort(ahead, upward and up or down)
  table.sort(behind, upward and down or up)
  local stops = table.move(ahead, 1, #ahead, 1, {})
  if edge and #behind > 0 then
    stops[#stops + 1] = edge
  end
  return table.move(behind, 1, #behind, #stops + 1, stops)
end

-- Goes up only; at the end it flies back to the lowest request.
function M.circle(start, requests)
  local order = {}
  for _, track in ipairs(requests) do
    local at = #order + 1
    local key = track >= start and track or track + 1000000
    while at > 1 and key < (order[at - 1] >= start and order[at - 1] or order[at - 1] + 1000000) do
      at = at - 1
    end
    table.insert(order, at, track)
  end
  return order
end

-- Tracks passed and the longest single move, starting from a track.
function M.cost(start, stops)
  local total, longest, at = 0, 0, start
  for _, stop in ipairs(stops) do
    local move = math.abs(stop - at)
    total = total + move
    longest = math.max(longest, move)
    at = stop
  end
  return total, longest
end

-- Serves requests that come in over time ({ time, track }): the arm moves one track a tick towards the nearest
-- waiting one and serves in no time. Waiting times in the order given, and the tick when all is done.
function M.live(start, arrivals)
  local waits, served, at, now = {}, 0, start, 0
  while served < #arrivals do
    local goal, far
    for i, arrival in ipairs(arrivals) do
      if not waits[i] and arrival[1] <= now then
        local away = math.abs(arrival[2] - at)
        if away == 0 then
          waits[i] = now - arrival[1]
          served = served + 1
        elseif not far or away < far then
          goal, far = arrival[2], away
        end
      end
    end
    if served == #arrivals then
      break
    end
    if goal then
      at = goal > at and at + 1 or at - 1
    end
    now = now + 1
  end
  return waits, now
end

-- Total moves of every policy on the same requests, and the cheapest by name; names in order decide a tie.
function M.compare(start, requests, tracks)
  M.check({ start }, tracks)
  M.check(requests, tracks)
  local plans = { fcfs = requests, sstf = M.nearest(start, requests), scan = M.sweep(start, requests, true, tracks - 1),
    look = M.sweep(start, requests, true), circle = M.circle(start, requests) }
  local costs, best = {}, nil
  for _, name in ipairs { "circle", "fcfs", "look", "scan", "sstf" } do
    costs[name] = M.cost(start, plans[name])
    if not best or costs[name] < costs[best] then
      best = name
    end
  end
  return best, costs
end

return M
