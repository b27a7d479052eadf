-- One lift: calls, doors, direction. A state is { floor, doors = "open"|"shut", going = "up"|"down"|"idle",
-- stops = { sorted floors }, held = ticks the doors stay open }.
local M = {}

function M.start(floor)
  return { floor = floor, doors = "shut", going = "idle", stops = {}, held = 0 }
end

local function with(state, changes)
  local result = {}
  for key, value in pairs(state) do
    result[key] = value
  end
  for key, value in pairs(changes) do
    result[key] = value
  end
  return result
end

-- Adds a stop, kept sorted and once; a call from the very floor with open doors only holds them.
function M.press(state, floor, lowest, highest)
  if floor < lowest or floor > highest then
    error("no floor " .. floor, 0)
  end
  if floor == state.floor and state.doors == "open" then
    return with(state, { held = 2 })
  end
  local stops, placed = {}, false
  for _, stop in ipairs(state.stops) do
    if stop == floor then
      return state
    end
    if not placed and stop > floor then
      stops[#stops + 1] = floor
      placed = true
    end
    stops[#stops + 1] = stop
  end
  if not placed then
    stops[#stops + 1] = floor
  end
  return with(state, { stops = stops })
end

-- Goes on in its direction while a stop lies there, else turns, else rests.
function M.direction(state)
  if #state.stops == 0 then
    return "idle"
  end
  local above = state.stops[#state.stops] > state.floor
  local below = state.stops[1] < state.floor
  if state.going == "down" and below then
    return "down"
  end
  if state.going == "up" and above then
    return "up"
  end
  if above and below then
    local up = state.stops[#state.stops] - state.floor
    local down = state.floor - state.stops[1]
    return up < down and "up" or "down"
  end
  if above then
    return "up"
  end
  return below and "down" or "idle"
end

-- One tick: close doors, or open them at a stop, or move one floor.
function M.tick(state)
  if state.doors == "open" then
    if state.held > 0 then
      return with(state, { held = state.held - 1 })
    end
    return with(state, { doors = "shut" })
  end
  for i, stop in ipairs(state.stops) do
    if stop == state.floor then
      local stops = table.move(state.stops, 1, #state.stops, 1, {})
      table.remove(stops, i)
      local opened = with(state, { doors = "open", held = 1, stops = stops })
      opened.going = M.direction(opened)
      return opened
    end
  end
  local going = M.direction(state)
  local step = 0
  if going == "up" then
    step = 1
  elseif going == "down" then
    step = -1
  end
  return with(state, { going = going, floor = state.floor + step })
end

-- What a panel shows: floor, arrow, doors, open calls.
function M.panel(state)
  local arrow = "-"
  if state.going == "up" then
    arrow = "^"
  elseif state.going == "down" then
    arrow = "v"
  end
  local text = ("%2d %s %s"):format(state.floor, arrow, state.doors == "open" and "[ ]" or "[|]")
  if #state.stops > 0 then
    text = text .. " to " .. table.concat(state.stops, ",")
  end
  return text
end

-- Runs calls { tick, floor } for so many ticks; the trace, floors travelled and the wait of each call.
function M.run(floor, calls, ticks, lowest, highest)
  local state = M.start(floor)
  local trace, travelled, waits, open = {}, 0, {}, {}
  for now = 1, ticks do
    for i, call in ipairs(calls) do
      if call[1] == now then
        state = M.press(state, call[2], lowest, highest)
        open[i] = now
      end
    end
    local before = state.floor
    state = M.tick(state)
    travelled = travelled + math.abs(state.floor - before)
    if state.doors == "open" then
      for i, since in pairs(open) do
        if calls[i][2] == state.floor then
          waits[i] = now - since
        end
      end
      for i in pairs(waits) do
        open[i] = nil
      end
    end
    trace[now] = M.panel(state)
  end
  for i in ipairs(calls) do
    waits[i] = waits[i] or -1
  end
  return { trace = trace, travelled = travelled, waits = waits }
end

return M
