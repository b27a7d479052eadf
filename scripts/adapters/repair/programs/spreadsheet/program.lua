-- A sheet of cells: names, ranges, formulas with sums and references, order by references, and copies that shift.
local M = {}

-- "C12" -> column 3, row 12; columns go on with AA.
function M.locate(name)
  local letters, row = name:match("^(%u+)(%d+)$")
  if not letters or tonumber(row) == 0 then
    error("no cell " .. name, 0)
  end
  local column = 0
  for letter in letters:gmatch(".") do
    column = column * 26 + letter:byte() - 64
  end
  return column, math.tointeger(tonumber(row))
end

function M.name(column, row)
  local letters = ""
  while column > 0 do
    local rest = (column - 1) % 26
    letters = string.char(65 + rest) .. letters
    column = (column - 1) // 26
  end
  return letters .. row
end

-- "A1:B2" -> names row by row; a single name is a range too, corners may be given in any order.
function M.range(text)
  local from, to = text:match("^(%w+):(%w+)$")
  local c1, r1 = M.locate(from or text)
  local c2, r2 = M.locate(to or text)
  local list = {}
  for row = math.min(r1, r2), math.max(r1, r2) do
    for column = math.min(c1, c2), math.max(c1, c2) do
      list[#list + 1] = M.name(column, row)
    end
  end
  return list
end

-- A formula moved by columns and rows: names shift, but not where "$" holds them.
function M.shift(formula, columns, rows)
  return (formula:gsub("(%$?)(%u+)(%$?)(%d+)", function(hold, letters, fix, digits)
    local column, row = M.locate(letters .. digits)
    column = hold == "" and column + columns or column
    row = fix == "" and row + rows or row
    if column < 1 or row < 1 then
      error("shifted off the sheet: " .. letters .. digits, 0)
    end
    local moved = M.name(column, row)
    return hold .. moved:match("%u+") .. fix .. moved:match("%d+")
  end))
end

-- The values of all cells: integers stay, "=A1+B2-3" and "=sum(A1:B2)" are worked out, empty cells count as 0.
function M.values(cells)
  local done, open = {}, {}
  local function value(name)
    local content = cells[name] or 0
    if type(content) == "number" or done[name] then
      return done[name] or content
    elseif open[name] then
      error("circle at " .. name, 0)
    end
    open[name] = true
    local total, rest = 0, content:match("^=(.+)$")
    if not rest then
      error("no formula in " .. name, 0)
    end
    for sign, term in ("+" .. rest:gsub("%$", "")):gmatch("([+-])([^+-]*)") do
      local inside, amount = term:match("^sum%(([%w:]+)%)$"), 0
      if inside then
        for _, cell in ipairs(M.range(inside)) do
          amount = amount + value(cell)
        end
      elseif term:find("^%d+$") then
        amount = math.tointeger(tonumber(term))
      else
        M.locate(term)
        amount = value(term)
      end
      total = sign == "-" and total - amount or total + amount
    end
    done[name] = total
    return total
  end
  local result = {}
  for name in pairs(cells) do
    result[name] = value(name)
  end
  return result
end

-- Copies one cell over a range, shifting its formula, and works the sheet out: values and how many cells hold formulas.
function M.fill(cells, source, target)
  local column, row = M.locate(source)
  local sheet, formulas = {}, 0
  for name, content in pairs(cells) do
    sheet[name] = content
  end
  local content = cells[source]
  for _, name in ipairs(M.range(target)) do
    local to_column, to_row = M.locate(name)
    sheet[name] = type(content) == "string" and M.shift(content, to_column - column, to_row - row) or content
  end
  for _, text in pairs(sheet) do
    if type(text) == "string" then
      formulas = formulas + 1
    end
  end
  return M.values(sheet), formulas
end

return M
