-- Levels: drawn so that turning the map by half a turn gives the same map with the teams exchanged.
local dir = ...
local rules = dir "rules"

local M = {}

--- The themes: how many walls, hazards and packs a level of the kind has, in pairs.
M.KINDS = { open = { walls = 6, hazards = 4, packs = 2 }, walls = { walls = 20, hazards = 2, packs = 2 },
  lava = { walls = 6, hazards = 14, packs = 3 } }
M.ORDER = { "open", "walls", "lava" }

local WIDTH, HEIGHT = rules.WIDTH, rules.HEIGHT

-- Can every floor cell be reached from the first unit?
local function connected(grid)
  local seen, queue, floor, found = {}, {}, 0, 0
  for at, what in ipairs(grid) do
    if what ~= "#" then
      floor = floor + 1
      if #queue == 0 then queue[1], seen[at] = at, true end
    end
  end
  while #queue > 0 do
    local at = table.remove(queue)
    found = found + 1
    local x = (at - 1) % WIDTH
    local next_to = { at - WIDTH, at + WIDTH, x > 0 and at - 1 or 0, x < WIDTH - 1 and at + 1 or 0 }
    for _, to in ipairs(next_to) do
      if grid[to] and grid[to] ~= "#" and not seen[to] then
        seen[to] = true
        queue[#queue + 1] = to
      end
    end
  end
  return floor == found
end

local function put(grid, what, pairs_of, random)
  local size = WIDTH * HEIGHT
  for _ = 1, pairs_of do
    local at = random(size)
    if grid[at] == "." then
      grid[at], grid[size + 1 - at] = what, what
      if what == "#" and not connected(grid) then grid[at], grid[size + 1 - at] = ".", "." end
    end
  end
end

--- One level of a kind as a text of ten lines.
function M.draw(kind, random)
  local grid, size, rule = {}, WIDTH * HEIGHT, M.KINDS[kind]
  for at = 1, size do grid[at] = "." end
  for number = 1, rules.TEAM do
    local at
    repeat at = (random(HEIGHT) - 1) * WIDTH + random(3) until grid[at] == "."
    grid[at], grid[size + 1 - at] = tostring(number), ("abc"):sub(number, number)
  end
  put(grid, "#", rule.walls, random)
  put(grid, "~", rule.hazards, random)
  put(grid, "+", rule.packs, random)
  local rows = {}
  for y = 1, HEIGHT do rows[y] = table.concat(grid, "", (y - 1) * WIDTH + 1, y * WIDTH) end
  return table.concat(rows, "\n") .. "\n"
end

function M.list(kind, n, random)
  local list = {}
  for i = 1, n do list[i] = M.draw(kind, random) end
  return list
end

return M
