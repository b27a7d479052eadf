-- Cells on a board of text ("#" lives, "." is dead): Conway's game under any rule, borders open or joined.
local M = {}

-- Rows of text to a set of living cells, keyed "row,column", and the size.
function M.read(rows)
  local alive, width = {}, rows[1] and #rows[1] or 0
  for r, row in ipairs(rows) do
    if #row ~= width then
      error("row " .. r .. " has " .. #row .. " cells, not " .. width, 0)
    end
    for c = 1, width do
      local char = row:sub(c, c)
      if char == "#" then
        alive[r .. "," .. c] = true
      elseif char ~= "." then
        error("no cell " .. char, 0)
      end
    end
  end
  return { alive = alive, height = #rows, width = width }
end

function M.draw(board)
  local rows = {}
  for r = 1, board.height do
    local row = ""
    for c = 1, board.width do
      row = row .. (board.alive[r .. "," .. c] and "#" or ".")
    end
    rows[r] = row
  end
  return rows
end

-- Living cells around one; on a joined board the edges touch.
function M.neighbours(board, row, column, joined)
  local count = 0
  for r = row - 1, row + 1 do
    for c = column - 1, column + 1 do
      local rr, cc = r, c
      if joined then
        rr = (r - 1) % board.height + 1
        cc = (c - 1) % board.width + 1
      end
      if (r ~= row or c ~= column) and board.alive[rr .. "," .. cc] then
        count = count + 1
      end
    end
  end
  return count
end

-- "B3/S23" -> counts at which a cell is born, and at which it stays.
function M.rule(text)
  local born, stay = text:match("^B([0-8]*)/S([0-8]*)$")
  if not born then
    error("bad rule: " .. text, 0)
  end
  local rule = { born = {}, stay = {} }
  for digit in born:gmatch("%d") do
    rule.born[digit + 1] = true
  end
  for digit in stay:gmatch("%d") do
    rule.stay[digit + 1] = true
  end
  for i = 1, 9 do
    rule.born[i] = rule.born[i] or false
    rule.stay[i] = rule.stay[i] or false
  end
  return rule
end

-- The board one turn later.
function M.step(board, rule, joined)
  local after = {}
  for r = 1, board.height do
    for c = 1, board.width do
      local place, count = r .. "," .. c, M.neighbours(board, r, c, joined)
      local fate = rule.born
      if board.alive[place] then
        fate = rule.stay
      end
      after[place] = fate[count + 1] or nil
    end
  end
  return { alive = after, height = board.height, width = board.width }
end

-- How a board goes on: "dies", "still", "repeats" or "open", the turn it was known, the period, and the last rows.
function M.fate(rows, text, joined, turns)
  local rule, board = M.rule(text), M.read(rows)
  local seen = { [table.concat(M.draw(board))] = 0 }
  for turn = 1, turns do
    board = M.step(board, rule, joined)
    local drawn = M.draw(board)
    local key = table.concat(drawn)
    if not key:find("#", 1, true) then
      return "dies", turn, 0, drawn
    end
    local before = seen[key]
    if before then
      return turn - before == 1 and "still" or "repeats", before, turn - before, drawn
    end
    seen[key] = turn
  end
  return "open", turns, 0, M.draw(board)
end

return M
