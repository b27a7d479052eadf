-- What a priority does on a few states of a packing that belong to no task: an item and six kinds of bins that it fits.
-- The states are of three situations, and the trait of each is how wide the chosen bin is among them: 0 the tightest, 1
-- an empty one.
local dir = ...
local probe = require "han.author.probe"
local instances = dir "instances"

local M = {}

M.STATES = 8    -- of a situation
M.OPTIONS = 6   -- kinds of bins in a state, the last of them empty

-- Where the tightest bin leaves so much, in shares of the capacity: next to nothing, a gap that little will fit, room.
local SITUATIONS = { { "close", 0, 0.02 }, { "gap", 0.05, 0.15 }, { "room", 0.25, 0.35 } }

-- The tightest bin's rest, then wider ones, all different, then that of an empty bin; nil when there are not so many.
local function rests_of(capacity, item, tightest, random)
  local room = capacity - item - 1 - tightest
  if room < M.OPTIONS - 2 then return nil end
  local seen, list = {}, { tightest }
  while #list < M.OPTIONS - 1 do
    local rest = tightest + random(room)
    if not seen[rest] then
      seen[rest], list[#list + 1] = true, rest
    end
  end
  table.sort(list)
  list[M.OPTIONS] = capacity - item
  return list
end

-- Bins as they stand when the item comes: in no order of width, the empty ones last.
local function shuffled(random)
  local order = {}
  for i = 1, M.OPTIONS do order[i] = i end
  for i = M.OPTIONS - 1, 2, -1 do
    local k = random(i)
    order[i], order[k] = order[k], order[i]
  end
  return order
end

local function state_of(kind, situation, random)
  local rule, item, rests = instances.KINDS[kind]
  local capacity = rule.capacity
  repeat
    item = rule.draw(capacity, random)
    local least, most = math.floor(capacity * situation[2]), math.floor(capacity * situation[3])
    rests = rests_of(capacity, item, least + random(most - least + 1) - 1, random)
  until rests
  return { trait = situation[1], item = item, rests = rests, order = shuffled(random) }
end

--- { samples = the arguments of every call, behaviour = function(values) -> { close=, gap=, room= } }, for a kind of
-- instances. An argument of a call is what a packing gives: floats, with the counts of bins as wide.
function M.of(kind)
  local random, states, samples = probe.stream(20233), {}, {}
  for _, situation in ipairs(SITUATIONS) do
    for _ = 1, M.STATES do
      local state = state_of(kind, situation, random)
      states[#states + 1] = state
      for _, i in ipairs(state.order) do
        local after = state.rests[i]
        local before, as_wide = i < M.OPTIONS and random(3) or 0, random(4) - 1
        samples[#samples + 1] = { state.item + 0.0, after + state.item + 0.0, after + 0.0, before + 0.0, as_wide + 0.0 }
      end
    end
  end
  return { samples = samples, behaviour = function(values) return M.behaviour(states, values) end }
end

-- The place among the widths of the bin that has the highest priority, the first of equals; nil when one has none.
local function choice(state, values, at)
  local best, chosen
  for k, i in ipairs(state.order) do
    local value = values[at + k]
    if type(value) ~= "number" or value ~= value then return nil end
    if not best or value > best then best, chosen = value, i end
  end
  return (chosen - 1) / (M.OPTIONS - 1)
end

function M.behaviour(states, values)
  local seen = {}
  for n, state in ipairs(states) do
    seen[n] = { trait = state.trait, at = choice(state, values, (n - 1) * M.OPTIONS) }
  end
  return probe.behaviour(seen)
end

return M
