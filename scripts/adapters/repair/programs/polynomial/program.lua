-- Polynomials with integer coefficients as lists, lowest power first, without zeros at the end.
local M = {}

function M.trim(list)
  local last = #list
  while last > 0 and list[last] == 0 do
    last = last - 1
  end
  return table.move(list, 1, last, 1, {})
end

function M.add(a, b, scale)
  scale = scale or 1
  local result = {}
  for i = 1, math.max(#a, #b) do
    result[i] = (a[i] or 0) + scale * (b[i] or 0)
  end
  return M.trim(result)
end

function M.times(a, b)
  local result = {}
  if #a == 0 or #b == 0 then
    return result
  end
  for i = 1, #a + #b - 1 do
    result[i] = 0
  end
  for i, x in ipairs(a) do
    for j, y in ipairs(b) do
      result[i + j - 1] = result[i + j - 1] + x * y
    end
  end
  return result
end

-- Horner's rule.
function M.at(p, x)
  local value = 0
  for i = #p, 1, -1 do
    value = value * x + p[i]
  end
  return value
end

-- Division by a polynomial whose leading coefficient divides everything it must.
function M.divide(a, b)
  if #b == 0 then
    error("division by zero", 0)
  end
  local rest, quotient = table.move(a, 1, #a, 1, {}), {}
  for i = #a - #b + 1, 1, -1 do
    local top = rest[i + #b - 1]
    if top % b[#b] ~= 0 then
      error("no whole quotient", 0)
    end
    local factor = top // b[#b]
    quotient[i] = factor
    for j = 1, #b do
      rest[i + j - 1] = rest[i + j - 1] - factor * b[j]
    end
  end
  return M.trim(quotient), M.trim(rest)
end

function M.derive(p, times)
  if times < 0 then
    error("cannot derive " .. times .. " times", 0)
  end
  local result = p
  for _ = 1, times do
    local next_one = {}
    for i = 2, #result do
      next_one[i - 1] = result[i] * (i - 1)
    end
    result = next_one
  end
  return result
end

-- p(q(x)).
function M.compose(p, q)
  local result = {}
  for i = #p, 1, -1 do
    result = M.add(M.times(result, q), M.trim({ p[i] }))
  end
  return result
end

-- Highest power first: "3x^2 - x + 1".
function M.show(p)
  local text = ""
  for i = #p, 1, -1 do
    local c = p[i]
    if c ~= 0 then
      local size, power = math.abs(c), i - 1
      local term = ""
      if size ~= 1 or power == 0 then
        term = tostring(size)
      end
      if power == 1 then
        term = term .. "x"
      elseif power > 1 then
        term = term .. "x^" .. power
      end
      if text == "" then
        text = (c < 0 and "-" or "") .. term
      else
        text = text .. (c < 0 and " - " or " + ") .. term
      end
    end
  end
  return text == "" and "0" or text
end

-- "3x^2 - x + 1" to coefficients; powers may come in any order and more than once.
function M.parse(text)
  local body = text:gsub("%s+", "")
  if body == "" then
    error("empty polynomial", 0)
  end
  if not body:find("^[+-]") then
    body = "+" .. body
  end
  local result, at = {}, 1
  while at <= #body do
    local sign, digits, x, power, stop = body:match("^([+-])(%d*)(x?)%^?(%d*)()", at)
    if not sign or (digits == "" and x == "") or (power ~= "" and x == "") then
      error("cannot read at " .. at, 0)
    end
    local c = digits == "" and 1 or math.tointeger(tonumber(digits))
    local n = 0
    if x ~= "" then
      n = power == "" and 1 or math.tointeger(tonumber(power))
    end
    if n > 20 then
      error("power too high: " .. n, 0)
    end
    if sign == "-" then
      c = -c
    end
    for i = #result + 1, n + 1 do
      result[i] = 0
    end
    result[n + 1] = result[n + 1] + c
    at = stop
  end
  return M.trim(result)
end

-- Whole roots, each as often as it counts, and what is left when they are divided out.
function M.factor(text)
  local p = M.parse(text)
  if #p == 0 then
    error("every number is a root", 0)
  end
  local roots = {}
  local zero = 0
  while p[1] == 0 do
    p = M.divide(p, { 0, 1 })
    zero = zero + 1
  end
  for _ = 1, zero do
    roots[#roots + 1] = 0
  end
  local bound = math.abs(p[1])
  for candidate = -bound, bound do
    while candidate ~= 0 and #p > 1 and M.at(p, candidate) == 0 do
      p = M.divide(p, { -candidate, 1 })
      roots[#roots + 1] = candidate
    end
  end
  table.sort(roots)
  return { roots = roots, rest = M.show(p), slope = M.show(M.derive(p, 1)) }
end

return M
