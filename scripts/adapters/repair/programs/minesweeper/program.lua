-- Mine fields as rows of text: numbering, opening, flags by simple deduction, and a game from moves.
local M = {}

-- Rows of "*" (mine) and "." to rows of "*" and digits.
function M.number(field)
  local rows = {}
  for r, row in ipairs(field) do
    if #row ~= #field[1] then
      error("rows of different length", 0)
    end
    local out = {}
    for c = 1, #row do
      local count = 0
      for near = math.max(r - 1, 1), math.min(r + 1, #field) do
        local part = field[near]:sub(math.max(c - 1, 1), c + 1)
        count = count + select(2, part:gsub("%*", ""))
      end
      out[c] = row:sub(c, c) == "*" and "*" or tostring(count)
    end
    rows[r] = table.concat(out)
  end
  return rows
end

-- What is seen after opening a cell: "#" is covered. Cells without mines around open those next to them.
function M.open(numbers, seen, row, column)
  if not numbers[row] or column < 1 or column > #numbers[row] then
    error("outside the field", 0)
  end
  local grid = {}
  for r, line in ipairs(seen) do
    grid[r] = { line:byte(1, -1) }
  end
  local todo = { { row, column } }
  while #todo > 0 do
    local here = table.remove(todo)
    local r, c = here[1], here[2]
    local value = numbers[r] and numbers[r]:sub(c, c) or ""
    if c >= 1 and value ~= "" and grid[r][c] == 35 then
      grid[r][c] = value:byte()
      if value == "0" then
        for dr = -1, 1 do
          for dc = -1, 1 do
            todo[#todo + 1] = { r + dr, c + dc }
          end
        end
      end
    end
  end
  for r, cells in ipairs(grid) do
    grid[r] = string.char(table.unpack(cells))
  end
  return grid
end

-- Puts or takes away a flag ("F"); an open cell stays as it is.
function M.flag(seen, row, column)
  local line = seen[row]
  local char = line and line:sub(column, column) or ""
  local rows = table.move(seen, 1, #seen, 1, {})
  if char == "#" or char == "F" then
    rows[row] = line:sub(1, column - 1) .. (char == "#" and "F" or "#") .. line:sub(column + 1)
  end
  return rows
end

-- Cells that must be mines and cells that must be free, from one number at a time, as "row,column" in reading order.
function M.deduce(seen)
  local mines, free, known = {}, {}, {}
  for r, line in ipairs(seen) do
    for c = 1, #line do
      local digit = tonumber(line:sub(c, c))
      local covered, flags = {}, 0
      for rr = r - 1, r + 1 do
        for cc = math.max(c - 1, 1), c + 1 do
          local char = seen[rr] and seen[rr]:sub(cc, cc)
          if char == "#" then
            covered[#covered + 1] = { rr, cc }
          elseif char == "F" then
            flags = flags + 1
          end
        end
      end
      local list
      if digit and #covered > 0 then
        if digit == flags then
          list = free
        elseif digit - flags == #covered then
          list = mines
        end
      end
      for _, cell in ipairs(list and covered or {}) do
        local name = cell[1] .. "," .. cell[2]
        if not known[name] then
          known[name] = true
          list[#list + 1] = cell
        end
      end
    end
  end
  for _, list in ipairs { mines, free } do
    table.sort(list, function(a, b)
      if a[1] == b[1] then
        return a[2] < b[2]
      end
      return a[1] < b[1]
    end)
    for i, cell in ipairs(list) do
      list[i] = cell[1] .. "," .. cell[2]
    end
  end
  return mines, free
end

-- Whether a game is "won" (all free cells open), "lost" (a mine is open) or "open".
function M.state(numbers, seen)
  local covered_free = 0
  for r, line in ipairs(seen) do
    for c = 1, #line do
      local char = line:sub(c, c)
      if char == "*" then
        return "lost"
      elseif (char == "#" or char == "F") and numbers[r]:sub(c, c) ~= "*" then
        covered_free = covered_free + 1
      end
    end
  end
  return covered_free == 0 and "won" or "open"
end

-- Plays moves { "open" | "flag", row, column } on a field until it ends: state, what is seen, moves used.
function M.play(field, moves)
  local numbers = M.number(field)
  local seen, state, used = {}, "open", 0
  for r, row in ipairs(field) do
    seen[r] = ("#"):rep(#row)
  end
  for _, move in ipairs(moves) do
    if move[1] == "open" then
      seen = M.open(numbers, seen, move[2], move[3])
    elseif move[1] == "flag" then
      seen = M.flag(seen, move[2], move[3])
    else
      error("no move " .. tostring(move[1]), 0)
    end
    used = used + 1
    state = M.state(numbers, seen)
    if state ~= "open" then
      break
    end
  end
  return state, seen, used, M.deduce(seen)
end

return M
