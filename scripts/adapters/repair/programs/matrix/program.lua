-- Matrices of integers as lists of rows, with exact elimination.
local M = {}

-- Rows and columns of a matrix; an error when rows differ in length.
function M.shape(m)
  local rows = #m
  if rows == 0 then
    error("a matrix needs a row", 0)
  end
  local columns = #m[1]
  for i, row in ipairs(m) do
    if #row ~= columns then
      error("row " .. i .. " has " .. #row .. " of " .. columns .. " columns", 0)
    end
  end
  return rows, columns
end

function M.transpose(m)
  local rows, columns = M.shape(m)
  local result = {}
  for j = 1, columns do
    result[j] = {}
    for i = 1, rows do
      result[j][i] = m[i][j]
    end
  end
  return result
end

function M.multiply(a, b)
  local rows, inner = M.shape(a)
  local others, columns = M.shape(b)
  if inner ~= others then
    error("cannot multiply " .. rows .. "x" .. inner .. " by " .. others .. "x" .. columns, 0)
  end
  local result = {}
  for i = 1, rows do
    local row = {}
    for j = 1, columns do
      local sum = 0
      for k = 1, inner do
        sum = sum + a[i][k] * b[k][j]
      end
      row[j] = sum
    end
    result[i] = row
  end
  return result
end

-- By repeated squaring; the zeroth power is the identity.
function M.power(m, exponent)
  local rows, columns = M.shape(m)
  if rows ~= columns then
    error("power of a matrix that is not square", 0)
  end
  if exponent < 0 then
    error("negative power", 0)
  end
  local result = {}
  for i = 1, rows do
    result[i] = {}
    for j = 1, rows do
      result[i][j] = i == j and 1 or 0
    end
  end
  local base = m
  while exponent > 0 do
    if exponent % 2 == 1 then
      result = M.multiply(result, base)
    end
    exponent = exponent // 2
    if exponent > 0 then
      base = M.multiply(base, base)
    end
  end
  return result
end

-- Fraction-free elimination (Bareiss): every division is exact.
function M.determinant(m)
  local n, columns = M.shape(m)
  if n ~= columns then
    error("determinant of a matrix that is not square", 0)
  end
  local work, sign, previous = {}, 1, 1
  for i = 1, n do
    work[i] = table.move(m[i], 1, n, 1, {})
  end
  for k = 1, n - 1 do
    if work[k][k] == 0 then
      local swap
      for i = k + 1, n do
        if work[i][k] ~= 0 then
          swap = i
          break
        end
      end
      if not swap then
        return 0
      end
      work[k], work[swap] = work[swap], work[k]
      sign = -sign
    end
    for i = k + 1, n do
      for j = k + 1, n do
        work[i][j] = (work[i][j] * work[k][k] - work[i][k] * work[k][j]) // previous
      end
    end
    previous = work[k][k]
  end
  return sign * work[n][n]
end

-- Number of independent rows, by elimination with cross-multiplied rows.
function M.rank(m)
  local rows, columns = M.shape(m)
  local work = {}
  for i, row in ipairs(m) do
    work[i] = table.move(row, 1, columns, 1, {})
  end
  local rank = 0
  for column = 1, columns do
    local pivot
    for i = rank + 1, rows do
      if work[i][column] ~= 0 then
        pivot = i
        break
      end
    end
    if pivot then
      rank = rank + 1
      work[rank], work[pivot] = work[pivot], work[rank]
      for i = rank + 1, rows do
        local a, b = work[rank][column], work[i][column]
        if b ~= 0 then
          for j = column, columns do
            work[i][j] = work[i][j] * a - work[rank][j] * b
          end
        end
      end
    end
  end
  return rank
end

-- Clockwise from the top left corner inward.
function M.spiral(m)
  local rows, columns = M.shape(m)
  local top, left, bottom, right = 1, 1, rows, columns
  local list = {}
  while top <= bottom and left <= right do
    for j = left, right do
      list[#list + 1] = m[top][j]
    end
    for i = top + 1, bottom do
      list[#list + 1] = m[i][right]
    end
    if top < bottom then
      for j = right - 1, left, -1 do
        list[#list + 1] = m[bottom][j]
      end
    end
    if left < right then
      for i = bottom - 1, top + 1, -1 do
        list[#list + 1] = m[i][left]
      end
    end
    top, left, bottom, right = top + 1, left + 1, bottom - 1, right - 1
  end
  return list
end

-- Term n of a linear recurrence x(n) = sum of factors[i] * x(n - i), from its first terms.
function M.recurrence(factors, first, n)
  local order = #factors
  if #first ~= order then
    error("as many first terms as factors", 0)
  end
  if n <= order then
    if n < 1 then
      error("terms count from 1", 0)
    end
    return first[n]
  end
  local step = { factors }
  for i = 2, order do
    step[i] = {}
    for j = 1, order do
      step[i][j] = j == i - 1 and 1 or 0
    end
  end
  local column = {}
  for i = 1, order do
    column[i] = { first[order - i + 1] }
  end
  return M.multiply(M.power(step, n - order), column)[1][1]
end

return M
