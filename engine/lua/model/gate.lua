-- han.model.gate: how many calls go to one endpoint at once, and how fast. Fibers wait in a row for their place. The
-- limit halves when the endpoint says that it is too much, and grows back with every answer; a wait that the
-- endpoint asks for holds for all.

local fiber = require "han.fiber"
local sys = require "han.sys"

local M = {}

local Gate = {}
Gate.__index = Gate

-- A place that was free at once: all of them are one value, since nothing is known of them but that they are left.
local Pass = {}

--- A gate that lets at most `parallel` through at once, and at most `per_minute` in a minute (nil: no such limit).
function M.new(parallel, per_minute)
  local gate = setmetatable({ most = parallel, limit = parallel, running = 0, first = 1, last = 0, row = {},
    resting_until = 0, interval = per_minute and 60 / per_minute or 0, next_at = 0 }, Gate)
  gate.pass = setmetatable({ gate = gate }, Pass)
  return gate
end

-- Lets those in for whom there is a place. One whose fiber was stopped meanwhile is passed over.
local function admit(gate)
  while gate.first <= gate.last and gate.running < math.max(1, math.floor(gate.limit)) do
    local place = gate.row[gate.first]
    gate.row[gate.first] = nil
    gate.first = gate.first + 1
    if not place.left then
      place.inside = true
      gate.running = gate.running + 1
      place.signal:send(true)
    end
  end
end

local function leave(gate)
  gate.running = gate.running - 1
  if gate.first <= gate.last then admit(gate) end
end

function Pass.__close(pass) leave(pass.gate) end

local Place = {}
Place.__index = Place

-- Leaves the gate, or the row: however the fiber ends.
function Place.__close(place)
  if place.left then return end
  place.left = true
  if place.inside then leave(place.gate) end
end

local function rest(gate)
  while true do
    local wait = math.max(gate.resting_until, gate.next_at) - sys.mono()
    if wait <= 0 then break end
    sys.wait(math.min(wait, 60))
  end
  if gate.interval > 0 then gate.next_at = math.max(gate.next_at, sys.mono()) + gate.interval end
end

--- Waits for a place: local place <close> = gate:enter(). It is held until it is closed.
function Gate.enter(gate)
  if gate.first > gate.last and gate.running + 1 <= gate.limit and gate.interval == 0
    and (gate.resting_until == 0 or gate.resting_until <= sys.mono()) then -- nobody waits, and there is a place
    gate.running = gate.running + 1
    return gate.pass
  end
  local place = setmetatable({ gate = gate, signal = fiber.signal() }, Place)
  local guard <close> = setmetatable({}, { __close = function() -- luacheck: ignore 211
    if not place.kept then place:__close() end
  end })
  gate.last = gate.last + 1
  gate.row[gate.last] = place
  admit(gate)
  place.signal:wait()
  rest(gate)
  place.kept = true
  return place
end

--- An answer came: one more may go at once, by and by.
function Gate.went_well(gate)
  gate.limit = math.min(gate.most, gate.limit + 1 / math.max(1, gate.limit))
end

--- It was too much; nobody goes for so many seconds.
function Gate.too_much(gate, seconds)
  gate.limit = math.max(1, gate.limit / 2)
  gate:pause(seconds)
end

--- Nobody goes for so many seconds.
function Gate.pause(gate, seconds)
  gate.resting_until = math.max(gate.resting_until, sys.mono() + seconds)
end

return M
