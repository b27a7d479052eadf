-- What a unit knows. A view is a plain value for any bot; the features are the numbers that a bot of the shipped frame
-- (bots.lua) draws from its view, computed from the world at once. This file is also run beside the candidate.
local dir = ...
local rules = dir "rules"

local M = {}
local SIGHT, FAR = rules.SIGHT, 20
local DX, DY = rules.DX, rules.DY

local function near(a, b)
  local dx, dy = a.x - b.x, a.y - b.y
  return dx <= SIGHT and dx >= -SIGHT and dy <= SIGHT and dy >= -SIGHT
end

--- The view of a unit: { x, y, hp, tick, width, height, sight, map = rows of characters around it, units = { { dx, dy,
-- hp, ally } ... } }. What is out of sight is not in it.
function M.view(world, number)
  local me, map, units = world.units[number], {}, {}
  for dy = -SIGHT, SIGHT do
    local row = {}
    for dx = -SIGHT, SIGHT do row[#row + 1] = string.char(rules.look(world, me.x + dx, me.y + dy)) end
    map[#map + 1] = table.concat(row)
  end
  for i, unit in ipairs(world.units) do
    if i ~= number and unit.hp > 0 and near(me, unit) then
      units[#units + 1] = { dx = unit.x - me.x, dy = unit.y - me.y, hp = unit.hp, ally = unit.team == me.team }
    end
  end
  return { x = me.x, y = me.y, hp = me.hp, tick = world.tick, width = rules.WIDTH, height = rules.HEIGHT, sight = SIGHT,
    map = map, units = units }
end

-- The visible living units of one team, other than `number`.
local function seen(world, number, team)
  local me, list = world.units[number], {}
  for i = team == 1 and 1 or rules.TEAM + 1, team == 1 and rules.TEAM or 2 * rules.TEAM do
    local unit = world.units[i]
    if i ~= number and unit.hp > 0 and near(me, unit) then list[#list + 1] = unit end
  end
  return list
end

local function distance(list, x, y)
  local least, which = FAR, nil
  for i = 1, #list do
    local one = list[i]
    local d = math.abs(one.x - x) + math.abs(one.y - y)
    if d < least then least, which = d, one end
  end
  return least, which
end

--- The action that a priority over the features prefers, as a bot of the frame chooses it from its view.
function M.choose(world, number, priority)
  local me = world.units[number]
  local foes, friends = seen(world, number, 3 - me.team), seen(world, number, me.team)
  local packs = {}
  for _, pack in ipairs(world.packs) do if near(me, pack) then packs[#packs + 1] = pack end end
  local _, foe = distance(foes, me.x, me.y)
  local foe_hp = foe and foe.hp or 0
  local best, chosen = -math.huge, 5
  for action = 1, 5 do
    local x, y = me.x + DX[action], me.y + DY[action]
    local ground = rules.look(world, x, y)
    if ground ~= 35 then
      local enemy, ally = distance(foes, x, y), distance(friends, x, y)
      local p = priority(enemy + 0.0, ally + 0.0, distance(packs, x, y) + 0.0, me.hp + 0.0, foe_hp + 0.0,
        enemy == 0 and 1.0 or 0.0, ally == 0 and 1.0 or 0.0, ground == 126 and 1.0 or 0.0, #foes + 0.0, #friends + 0.0,
        (x == me.last_x and y == me.last_y) and 1.0 or 0.0, math.abs(x - 8.5) + math.abs(y - 5.5), world.tick + 0.0)
      if type(p) == "number" and p > best then best, chosen = p, action end
    end
  end
  return chosen
end

return M
