-- The rules of the arena, and nothing else: a world from a level, what one tick does, what a match is worth. Two teams
-- of three units on a grid act at once, tick by tick. This file is also run beside the candidate, and a C host plays by
-- the same rules (examples/arena); a test holds the two equal.
local M = {}

M.WIDTH, M.HEIGHT = 16, 10
M.TEAM = 3       -- units of a team; 1 to 3 are ours, 4 to 6 the opponent's
M.TICKS = 40
M.SIGHT = 5      -- cells in each direction that a unit sees
M.HP = 10
M.STRIKE, M.BURN, M.HEAL = 3, 2, 4

local WIDTH, HEIGHT, UNITS = M.WIDTH, M.HEIGHT, 2 * M.TEAM
local WALL, HAZARD, PACK, FLOOR = 35, 126, 43, 46 -- # ~ + .

-- Actions: 1 north, 2 south, 3 west, 4 east, 5 wait.
M.DX, M.DY = { 0, 0, -1, 1, 0 }, { -1, 1, 0, 0, 0 }
M.NAMES = { "north", "south", "west", "east", "wait" }
local DX, DY = M.DX, M.DY

--- The cell of a place (1 to 16, 1 to 10) in world.cells.
local function cell(x, y) return (y - 1) * WIDTH + x end

--- A world: cells (bytes by cell), at (unit by cell), units { x, y, hp, team }. A level is ten rows of sixteen
-- characters, one text: . floor, # wall, ~ hazard, + pack, 1 2 3 our units, a b c the opponent's.
function M.new(level)
  local world = { cells = {}, at = {}, units = {}, tick = 0, violations = { 0, 0 }, packs = {} }
  for y = 1, HEIGHT do
    for x = 1, WIDTH do
      local byte = level:byte((y - 1) * (WIDTH + 1) + x)
      local number = byte >= 97 and byte <= 99 and byte - 93 or byte >= 49 and byte <= 51 and byte - 48
      if number then
        world.units[number] = { x = x, y = y, hp = M.HP, team = number > M.TEAM and 2 or 1, last_x = 0, last_y = 0 }
        world.at[cell(x, y)] = number
        byte = FLOOR
      end
      world.cells[cell(x, y)] = byte
      if byte == PACK then world.packs[#world.packs + 1] = { x = x, y = y } end
    end
  end
  return world
end

--- What stands on a place: a byte of the level, wall outside of it.
function M.look(world, x, y)
  if x < 1 or x > WIDTH or y < 1 or y > HEIGHT then return WALL end
  return world.cells[cell(x, y)]
end

local function hurt(world, number, amount)
  local unit = world.units[number]
  unit.hp = unit.hp - amount
  if unit.hp <= 0 then
    unit.hp = 0
    world.at[cell(unit.x, unit.y)] = nil
  end
end

local function take_pack(world, unit, to)
  unit.hp = math.min(M.HP, unit.hp + M.HEAL)
  world.cells[to] = FLOOR
  for i, pack in ipairs(world.packs) do
    if cell(pack.x, pack.y) == to then
      table.remove(world.packs, i)
      return
    end
  end
end

local function act(world, number, action)
  local unit = world.units[number]
  local x, y = unit.x + DX[action], unit.y + DY[action]
  unit.last_x, unit.last_y = unit.x, unit.y
  if action == 5 then return end
  local ground, to = M.look(world, x, y), cell(x, y)
  if ground == WALL then return end
  local other = world.at[to]
  if other then
    if world.units[other].team == unit.team then world.violations[unit.team] = world.violations[unit.team] + 1 end
    hurt(world, other, M.STRIKE)
    return
  end
  world.at[cell(unit.x, unit.y)], world.at[to] = nil, number
  unit.x, unit.y = x, y
  if ground == PACK then take_pack(world, unit, to) end
  if ground == HAZARD then
    world.violations[unit.team] = world.violations[unit.team] + 1
    hurt(world, number, M.BURN)
  end
end

--- One tick: actions[number] of each living unit, in an order that turns with the ticks. A missing one is to wait.
function M.step(world, actions)
  world.tick = world.tick + 1
  for k = 0, UNITS - 1 do
    -- 1 4 2 5 3 6, begun one further in every tick
    local turn = (world.tick + k) % UNITS
    local number = turn // 2 + 1 + (turn % 2) * M.TEAM
    if world.units[number].hp > 0 then act(world, number, actions[number] or 5) end
  end
end

--- What is left of the teams: hp of ours and of the opponent's.
function M.strength(world)
  local sum = { 0, 0 }
  for _, unit in ipairs(world.units) do sum[unit.team] = sum[unit.team] + unit.hp end
  return sum[1], sum[2]
end

function M.over(world)
  local ours, theirs = M.strength(world)
  return world.tick >= M.TICKS or ours == 0 or theirs == 0
end

--- A match's worth: our share of what strength is left; 0.5 when nothing is.
function M.score(world)
  local ours, theirs = M.strength(world)
  return ours + theirs == 0 and 0.5 or ours / (ours + theirs)
end

return M
