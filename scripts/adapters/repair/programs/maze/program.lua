-- Mazes as rows of text: "#" wall, "." floor, "S" start, "E" exit, small letters keys, capitals A-D their doors.
local M = {}

-- Place of a mark as row and column.
function M.locate(maze, mark)
  for r, row in ipairs(maze) do
    local c = row:find(mark, 1, true)
    if c then
      return r, c
    end
  end
  error("no " .. mark .. " in the maze", 0)
end

-- Whether a place can be entered with some keys (a string of small letters).
function M.enter(maze, r, c, keys)
  local char = maze[r] and c > 0 and maze[r]:sub(c, c) or ""
  if char == "" or char == "#" then
    return false
  elseif char:find("[A-D]") then
    return keys:find(char:lower(), 1, true) ~= nil
  end
  return true
end

-- Fewest steps from the start to every place that can be reached with some keys: "row,column" -> steps.
function M.distances(maze, keys)
  local r, c = M.locate(maze, "S")
  local steps, queue, head = { [r .. "," .. c] = 0 }, { { r, c } }, 1
  while queue[head] do
    local at = queue[head]
    head = head + 1
    local base = steps[at[1] .. "," .. at[2]]
    for _, move in ipairs { { -1, 0 }, { 0, 1 }, { 1, 0 }, { 0, -1 } } do
      local rr, cc = at[1] + move[1], at[2] + move[2]
      local name = rr .. "," .. cc
      if not steps[name] and M.enter(maze, rr, cc, keys) then
        steps[name] = base + 1
        queue[#queue + 1] = { rr, cc }
      end
    end
  end
  return steps
end

-- Walls up floor that leads nowhere: places with at most one way on, again and again; marks stay.
function M.prune(maze)
  local rows, changed = table.move(maze, 1, #maze, 1, {}), true
  while changed do
    changed = false
    for r = 1, #rows do
      for c = 1, #rows[r] do
        if rows[r]:sub(c, c) == "." then
          local ways = 0
          for _, move in ipairs { { r - 1, c }, { r, c + 1 }, { r + 1, c }, { r, c - 1 } } do
            if M.enter(rows, move[1], move[2], "abcd") then
              ways = ways + 1
            end
          end
          if ways < 2 then
            rows[r] = rows[r]:sub(1, c - 1) .. "#" .. rows[r]:sub(c + 1)
            changed = true
          end
        end
      end
    end
  end
  return rows
end

-- Fewest steps from start to exit picking up keys on the way, and the keys held at the exit; nil when shut in.
function M.escape(maze)
  local r, c = M.locate(maze, "S")
  local goal_r, goal_c = M.locate(maze, "E")
  local queue, head, seen = { { r, c, "", 0 } }, 1, {}
  while queue[head] do
    local row, column, keys, steps = table.unpack(queue[head])
    head = head + 1
    local char = maze[row]:sub(column, column)
    if char:find("[a-d]") and not keys:find(char, 1, true) then
      local held = { keys:byte(1, -1) }
      held[#held + 1] = char:byte()
      table.sort(held)
      keys = string.char(table.unpack(held))
    end
    if row == goal_r and column == goal_c then
      return steps, keys
    end
    local state = row .. "," .. column .. keys
    if not seen[state] then
      seen[state] = true
      for dr = -1, 1 do
        for dc = -1, 1 do
          if (dr == 0) ~= (dc == 0) and M.enter(maze, row + dr, column + dc, keys) then
            queue[#queue + 1] = { row + dr, column + dc, keys, steps + 1 }
          end
        end
      end
    end
  end
  return nil
end

-- What can be said of a maze: places reached without and with all keys, dead ends walled up, and the way out.
function M.survey(maze)
  for r, row in ipairs(maze) do
    local strange = row:match("[^#.SEa-dA-D]")
    if strange then
      error("row " .. r .. " has a " .. strange, 0)
    end
  end
  local bare, all, walled = 0, 0, 0
  for _ in pairs(M.distances(maze, "")) do
    bare = bare + 1
  end
  for _ in pairs(M.distances(maze, "abcd")) do
    all = all + 1
  end
  for r, row in ipairs(M.prune(maze)) do
    for c = 1, #row do
      if row:sub(c, c) ~= maze[r]:sub(c, c) then
        walled = walled + 1
      end
    end
  end
  local steps, keys = M.escape(maze)
  return { bare = bare, all = all, walled = walled, steps = steps, keys = keys }
end

return M
