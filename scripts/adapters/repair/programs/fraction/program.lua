-- Exact fractions { top, bottom } in lowest terms with the sign on top: reading, arithmetic, order, expansions.
local M = {}

function M.make(top, bottom)
  if bottom == 0 then
    error("nothing divides by zero", 0)
  end
  local a, b = top, bottom
  while b ~= 0 do
    a, b = b, a % b
  end
  if (a < 0) ~= (bottom < 0) then
    a = -a
  end
  return { top // a, bottom // a }
end

-- "3/4", "-2", "1 1/2" (mixed) and "0.125".
function M.read(text)
  local sign, rest = text:match("^%s*(%-?)%s*(.-)%s*$")
  local factor = sign == "-" and -1 or 1
  local whole, top, bottom = rest:match("^(%d+)%s+(%d+)/(%d+)$")
  if whole then
    return M.make(factor * (whole * bottom + top), math.tointeger(bottom))
  end
  top, bottom = rest:match("^(%d+)/(%d+)$")
  if top then
    return M.make(factor * top, math.tointeger(bottom))
  end
  local before, digits = rest:match("^(%d*)%.?(%d*)$")
  if not before or before .. digits == "" then
    error("bad fraction: " .. text, 0)
  end
  return M.make(factor * math.tointeger(before .. digits), math.tointeger(10 ^ #digits))
end

-- The result of "+", "-", "*" or "/" on two fractions.
function M.combine(a, operator, b)
  if operator == "+" then
    return M.make(a[1] * b[2] + b[1] * a[2], a[2] * b[2])
  elseif operator == "-" then
    return M.make(a[1] * b[2] - b[1] * a[2], a[2] * b[2])
  elseif operator == "*" then
    return M.make(a[1] * b[1], a[2] * b[2])
  elseif operator == "/" then
    return M.make(a[1] * b[2], a[2] * b[1])
  end
  error("no operator " .. operator, 0)
end

-- Mixed text: "-1 1/2", "3", "2/3".
function M.show(f)
  local size = math.abs(f[1])
  local whole, rest = size // f[2], size % f[2]
  local text
  if rest == 0 then
    text = tostring(whole)
  elseif whole == 0 then
    text = rest .. "/" .. f[2]
  else
    text = whole .. " " .. rest .. "/" .. f[2]
  end
  return f[1] < 0 and "-" .. text or text
end

-- Decimal text with the digits that repeat in brackets: 1/6 is "0.1(6)".
function M.decimal(f)
  local rest = math.abs(f[1]) % f[2]
  local seen, digits = {}, {}
  while rest ~= 0 and not seen[rest] do
    seen[rest] = #digits + 1
    rest = rest * 10
    digits[#digits + 1] = rest // f[2]
    rest = rest % f[2]
  end
  local text = (f[1] < 0 and "-" or "") .. math.abs(f[1]) // f[2]
  if #digits == 0 then
    return text
  end
  text = text .. "." .. table.concat(digits, "", 1, rest ~= 0 and seen[rest] - 1 or #digits)
  if rest ~= 0 then
    text = text .. "(" .. table.concat(digits, "", seen[rest]) .. ")"
  end
  return text
end

-- The continued fraction, and the fraction that its first terms give.
function M.continued(f)
  local terms, top, bottom = {}, f[1], f[2]
  repeat
    terms[#terms + 1] = top // bottom
    top, bottom = bottom, top % bottom
  until bottom == 0
  return terms
end

-- The closest fraction to another one among those with a bottom no greater than a limit; the smaller one on a tie.
function M.nearest(f, limit)
  local best, miss
  for bottom = 1, limit do
    for top = f[1] * bottom // f[2], f[1] * bottom // f[2] + 1 do
      local away = M.make(math.abs(f[1] * bottom - top * f[2]), f[2] * bottom)
      if not best or away[1] * miss[2] < miss[1] * away[2] then
        best, miss = M.make(top, bottom), away
      end
    end
  end
  if not best then
    error("no bottom allowed", 0)
  end
  return best
end

-- Sums up lines such as "+ 1/2" or "* 0.25" from zero: mixed text, decimal text, terms, and the nearest tenth or
-- better.
function M.tape(lines)
  local total = { 0, 1 }
  for number, line in ipairs(lines) do
    local operator, operand = line:match("^([-+*/])%s*(%S.*)$")
    if not operator then
      error("line " .. number .. " has no operator", 0)
    end
    total = M.combine(total, operator, M.read(operand))
  end
  return M.show(total), M.decimal(total), M.continued(total), M.nearest(total, 10)
end

return M
