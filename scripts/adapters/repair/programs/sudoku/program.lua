-- Small sudokus of four by four as rows of text ("." is empty): checking, candidates, sure moves, solving, counting.
local M = {}

-- Refuses what is no grid; how many cells are filled.
function M.check(rows)
  local filled = 0
  if #rows ~= 4 then
    error("needs four rows", 0)
  end
  for r, row in ipairs(rows) do
    if not row:find("^[1-4.][1-4.][1-4.][1-4.]$") then
      error("bad row " .. r .. ": " .. row, 0)
    end
    filled = filled + select(2, row:gsub("%d", ""))
  end
  return filled
end

-- Cells that see another one of the same digit, as "row,column" in reading order.
function M.conflicts(rows)
  local seen, list = {}, {}
  local function houses(r, c)
    return { "r" .. r, "c" .. c, "b" .. (r - 1) // 2 .. (c - 1) // 2 }
  end
  for r = 1, 4 do
    for c = 1, 4 do
      for _, house in ipairs(houses(r, c)) do
        local key = house .. rows[r]:sub(c, c)
        seen[key] = (seen[key] or 0) + 1
      end
    end
  end
  for r = 1, 4 do
    for c = 1, 4 do
      local digit, clash = rows[r]:sub(c, c), false
      for _, house in ipairs(houses(r, c)) do
        clash = clash or seen[house .. digit] > 1
      end
      if clash and digit ~= "." then
        list[#list + 1] = r .. "," .. c
      end
    end
  end
  return list
end

-- Digits that an empty cell may take, as text; "" for a filled one.
function M.candidates(rows, r, c)
  if rows[r]:sub(c, c) ~= "." then
    return ""
  end
  local top, left = (r - 1) // 2 * 2 + 1, (c - 1) // 2 * 2 + 1
  local used = rows[r] .. rows[top]:sub(left, left + 1) .. rows[top + 1]:sub(left, left + 1)
  for other = 1, 4 do
    used = used .. rows[other]:sub(c, c)
  end
  local free = ""
  for digit = 1, 4 do
    if not used:find(tostring(digit), 1, true) then
      free = free .. digit
    end
  end
  return free
end

-- Fills cells with one candidate until none is left: rows, and how many were filled.
function M.fill(rows)
  local grid, filled = table.move(rows, 1, 4, 1, {}), 0
  local again = true
  while again do
    again = false
    for r = 1, 4 do
      for c = 1, 4 do
        local free = M.candidates(grid, r, c)
        if #free == 1 then
          grid[r] = grid[r]:sub(1, c - 1) .. free .. grid[r]:sub(c + 1)
          filled, again = filled + 1, true
        end
      end
    end
  end
  return grid, filled
end

-- The first solution in order of digits, and how many there are up to a limit.
function M.solve(rows, limit)
  local first, count = nil, 0
  local function try(grid)
    local best_r, best_c, best
    for r = 1, 4 do
      for c = 1, 4 do
        if grid[r]:sub(c, c) == "." then
          local free = M.candidates(grid, r, c)
          if not best or #free < #best then
            best_r, best_c, best = r, c, free
          end
        end
      end
    end
    if not best then
      first = first or grid
      count = count + 1
      return
    end
    for digit in best:gmatch(".") do
      if count < limit then
        local copy = { grid[1], grid[2], grid[3], grid[4] }
        copy[best_r] = copy[best_r]:sub(1, best_c - 1) .. digit .. copy[best_r]:sub(best_c + 1)
        try(copy)
      end
    end
  end
  if #M.conflicts(rows) == 0 then
    try(rows)
  end
  return first, count
end

-- What a puzzle is: "wrong", "impossible", "open" (several solutions), "easy" (single candidates do) or "hard";
-- its solution, and how many cells were given.
function M.judge(rows)
  local given = M.check(rows)
  if #M.conflicts(rows) > 0 then
    return "wrong", nil, given
  end
  local solution, count = M.solve(rows, 2)
  if count == 0 then
    return "impossible", nil, given
  elseif count > 1 then
    return "open", solution, given
  end
  local _, filled = M.fill(rows)
  return given + filled == 16 and "easy" or "hard", solution, given
end

return M
