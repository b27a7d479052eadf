-- What a bot does on fixed views that belong to no task: what our units see in a few matches of the hunter against
-- itself, at several ticks. The views are of three situations, and the trait of each is whether the bot goes nearer to
-- what the situation is about: 1 nearer, 0 away, 0.5 neither.
local dir = ...
local probe = require "han.author.probe"
local levels, matches = dir "levels", dir "matches"
local rules, views = dir "rules", dir "views"

local M = {}

M.TICKS = 16  -- of a match that is looked at
M.EVERY = 4   -- ticks from one look to the next
M.LEVELS = 2  -- of a kind

-- Steps from a place to the nearest of some; nil when there is none.
local function nearest(list, x, y)
  local least
  for _, one in ipairs(list) do
    local d = math.abs(one.x - x) + math.abs(one.y - y)
    least = least and math.min(least, d) or d
  end
  return least
end

-- What a view is about: enemies, else packs, else the middle; with the places that count, as steps from the unit.
local function subject_of(view)
  local foes, packs, me = {}, {}, view.sight + 1
  for _, unit in ipairs(view.units) do
    if not unit.ally then foes[#foes + 1] = { x = unit.dx, y = unit.dy } end
  end
  for y, row in ipairs(view.map) do
    for x = 1, #row do
      if row:sub(x, x) == "+" then packs[#packs + 1] = { x = x - me, y = y - me } end
    end
  end
  if #foes > 0 then return "foe", foes end
  if #packs > 0 then return "pack", packs end
  return "calm", { { x = (view.width + 1) / 2 - view.x, y = (view.height + 1) / 2 - view.y } }
end

local function look(world, states, samples)
  for number = 1, rules.TEAM do
    if world.units[number].hp > 0 then
      local view = views.view(world, number)
      local trait, places = subject_of(view)
      states[#states + 1] = { trait = trait, places = places }
      samples[#samples + 1] = { view, {} }
    end
  end
end

local function actions_of(world, hunter)
  local actions = {}
  for number, unit in ipairs(world.units) do
    if unit.hp > 0 then actions[number] = views.choose(world, number, hunter) end
  end
  return actions
end

--- { samples = the arguments of every call, behaviour = function(values) -> { foe=, pack=, calm= } }.
function M.of()
  local random, hunter, states, samples = probe.stream(20231), matches.hunter, {}, {}
  for _, kind in ipairs(levels.ORDER) do
    for _ = 1, M.LEVELS do
      local world = rules.new(levels.draw(kind, random))
      repeat
        if world.tick % M.EVERY == 0 then look(world, states, samples) end
        rules.step(world, actions_of(world, hunter))
      until world.tick > M.TICKS or rules.over(world)
    end
  end
  return { samples = samples, behaviour = function(values) return M.behaviour(states, values) end }
end

local STEP = { wait = { 0, 0 } }
for i, name in ipairs(rules.NAMES) do STEP[name] = { rules.DX[i], rules.DY[i] } end

function M.behaviour(states, values)
  local seen = {}
  for n, state in ipairs(states) do
    local step = STEP[values[n]] or STEP.wait
    local before, after = nearest(state.places, 0, 0), nearest(state.places, step[1], step[2])
    seen[n] = { trait = state.trait, at = after < before and 1.0 or after > before and 0.0 or 0.5 }
  end
  return probe.behaviour(seen)
end

return M
