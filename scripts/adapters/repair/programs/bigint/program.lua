-- Whole numbers of any size as text, counted in limbs of four digits, lowest first.
local M = {}

local BASE = 10000

-- "12345" -> { 2345, 1 }; zero is the empty list.
function M.limbs(text)
  if not text:find("^%d+$") then
    error("no number: " .. text, 0)
  end
  local list = {}
  for stop = #text, 1, -4 do
    list[#list + 1] = math.tointeger(tonumber(text:sub(math.max(1, stop - 3), stop)))
  end
  while list[#list] == 0 do
    list[#list] = nil
  end
  return list
end

function M.text(limbs)
  if #limbs == 0 then
    return "0"
  end
  local parts = { tostring(limbs[#limbs]) }
  for i = #limbs - 1, 1, -1 do
    parts[#parts + 1] = string.format("%04d", limbs[i])
  end
  return table.concat(parts)
end

function M.add(a, b)
  local sum, carry = {}, 0
  for i = 1, math.max(#a, #b) do
    local total = (a[i] or 0) + (b[i] or 0) + carry
    sum[i] = total % BASE
    carry = total // BASE
  end
  if carry > 0 then
    sum[#sum + 1] = carry
  end
  return sum
end

-- a - b; refused below zero.
function M.subtract(a, b)
  local result, borrow = {}, 0
  for i = 1, math.max(#a, #b) do
    local left = (a[i] or 0) - (b[i] or 0) - borrow
    borrow = 0
    if left < 0 then
      left, borrow = left + BASE, 1
    end
    result[i] = left
  end
  if borrow > 0 then
    error("result below zero", 0)
  end
  while #result > 0 and result[#result] == 0 do
    table.remove(result)
  end
  return result
end

function M.multiply(a, b)
  local product = {}
  for i, x in ipairs(a) do
    local carry = 0
    for j, y in ipairs(b) do
      local place = i + j - 1
      local value = (product[place] or 0) + x * y + carry
      product[place] = value % BASE
      carry = value // BASE
    end
    if carry > 0 then
      product[i + #b] = carry
    end
  end
  return product
end

-- Quotient and rest by a divisor below the base.
function M.divide_small(a, divisor)
  if divisor < 1 or divisor >= BASE then
    error("divisor out of range", 0)
  end
  local quotient, rest = {}, 0
  for i = #a, 1, -1 do
    local here = rest * BASE + a[i]
    rest = here % divisor
    if here >= divisor or #quotient > 0 or i < #a then
      quotient[i] = here // divisor
    end
  end
  if quotient[#a] == 0 then
    quotient[#a] = nil
  end
  return quotient, rest
end

-- Powers by squaring, with an exponent that is a plain integer.
function M.power(base, exponent)
  if exponent < 0 then
    error("negative exponent", 0)
  end
  local result = { 1 }
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

-- A line such as "12 ^ 20", "5 !", "99 + 1", "7 - 3", "12 * 12": the result and the sum of its digits.
function M.calculate(line)
  local left, operator, right = line:match("^%s*(%d+)%s*([-+*^!])%s*(%d*)%s*$")
  if not left or (operator == "!") ~= (right == "") then
    error("cannot calculate " .. line, 0)
  end
  local a = M.limbs(left)
  local result
  if operator == "!" then
    result = { 1 }
    for factor = 2, math.tointeger(tonumber(left)) do
      result = M.multiply(result, { factor })
    end
  elseif operator == "^" then
    result = M.power(a, math.tointeger(tonumber(right)))
  elseif operator == "+" then
    result = M.add(a, M.limbs(right))
  elseif operator == "-" then
    result = M.subtract(a, M.limbs(right))
  else
    result = M.multiply(a, M.limbs(right))
  end
  local text, digits, rest = M.text(result), 0, result
  while #rest > 0 do
    local low
    rest, low = M.divide_small(rest, 10)
    digits = digits + low
  end
  return text, digits
end

return M
