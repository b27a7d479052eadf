-- Bots: the frame that turns a priority over features into a bot, the baselines, and the way from one to the other. A
-- bot is any Lua function (view, memory) -> action, memory; one of the frame differs from another in one expression.
local M = {}

--- The features, in the order of the priority's parameters. Distances are in steps from the cell that the action leads
-- to; 20 stands for "none in sight".
M.PARAMS = { "enemy", "ally", "pack", "hp", "foe_hp", "hit", "friend", "hazard", "foes", "friends", "back", "middle",
  "tick" }

--- What stands before and behind the expression in a bot of the frame.
M.FRAME = { head = [[
function(view, memory)
  local me, best, chosen = view.sight + 1, -math.huge, "wait"
  local foe_hp, near, foes, friends, packs = 0.0, 20, 0.0, 0.0, {}
  for _, unit in ipairs(view.units) do
    local d = math.abs(unit.dx) + math.abs(unit.dy)
    if unit.ally then friends = friends + 1 else
      foes = foes + 1
      if d < near then near, foe_hp = d, unit.hp + 0.0 end
    end
  end
  for y, row in ipairs(view.map) do
    for x = 1, #row do
      if row:byte(x) == 43 then packs[#packs + 1] = { dx = x - me, dy = y - me } end
    end
  end
  local function nearest(list, ally, ax, ay)
    local least = 20
    for _, one in ipairs(list) do
      if one.ally == ally then least = math.min(least, math.abs(one.dx - ax) + math.abs(one.dy - ay)) end
    end
    return least + 0.0
  end
  for i, name in ipairs({ "north", "south", "west", "east", "wait" }) do
    local ax, ay = ({ 0, 0, -1, 1, 0 })[i], ({ -1, 1, 0, 0, 0 })[i]
    local x, y, ground = view.x + ax, view.y + ay, view.map[me + ay]:byte(me + ax)
    if ground ~= 35 then
      local enemy, ally = nearest(view.units, false, ax, ay), nearest(view.units, true, ax, ay)
      local pack, hp, tick = nearest(packs, nil, ax, ay), view.hp + 0.0, view.tick + 0.0
      local hit, friend = enemy == 0 and 1.0 or 0.0, ally == 0 and 1.0 or 0.0
      local hazard = ground == 126 and 1.0 or 0.0
      local back = memory.x == x and memory.y == y and 1.0 or 0.0
      local middle = math.abs(x - 8.5) + math.abs(y - 5.5)
      local p = ]], tail = [[

      if p > best then best, chosen = p, name end
    end
  end
  return chosen, { x = view.x, y = view.y }
end
]] }

--- A bot of the frame.
function M.bot(expression) return M.FRAME.head .. expression .. M.FRAME.tail end

--- The expression of a bot of the frame; nil for any other text.
function M.expression(text)
  local head, tail = M.FRAME.head, M.FRAME.tail
  if #text > #head + #tail and text:sub(1, #head) == head and text:sub(-#tail) == tail then
    return text:sub(#head + 1, -#tail - 1)
  end
end

--- The opponent of every match and the program to start from: goes for the nearest enemy, else for the middle, and
-- hurts neither its allies nor itself.
M.HUNTER = "((enemy < 20 and (0 - enemy) or ((0 - middle) - 30)) - ((friend + hazard) * 60))"

M.BASELINES = {
  hunter = M.bot(M.HUNTER),
  idle = M.bot "(0 - enemy * 0 - middle * 0 - tick)",
}

return M
