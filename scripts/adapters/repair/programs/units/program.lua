-- Quantities with units: dimensions as exponents, prefixes, products and quotients of units, and conversion.
local M = {}

-- Base exponents are metre, gram, second; top / bottom is the size in base units.
local UNITS = { m = { 1, 0, 0, 1, 1 }, g = { 0, 1, 0, 1, 1 }, s = { 0, 0, 1, 1, 1 }, min = { 0, 0, 1, 60, 1 },
  h = { 0, 0, 1, 3600, 1 }, t = { 0, 1, 0, 1000000, 1 }, ["in"] = { 1, 0, 0, 127, 5000 }, ft = { 1, 0, 0, 381, 1250 },
  L = { 3, 0, 0, 1, 1000 }, N = { 1, 1, -2, 1000, 1 } }
local PREFIXES = { k = { 1000, 1 }, c = { 1, 100 }, m = { 1, 1000 } }

-- One unit such as "km" or "h": exponents, and its size as top and bottom.
function M.unit(name)
  local unit = UNITS[name]
  if unit then
    return { unit[1], unit[2], unit[3] }, unit[4], unit[5]
  end
  local prefix, rest = PREFIXES[name:sub(1, 1)], UNITS[name:sub(2)]
  if not prefix or not rest or #name < 2 then
    error("unknown unit " .. name, 0)
  end
  return { rest[1], rest[2], rest[3] }, rest[4] * prefix[1], rest[5] * prefix[2]
end

-- A product of units: "kg*m/s^2". What comes after "/" is divided by, that one alone.
function M.compound(text)
  local total, top, bottom = { 0, 0, 0 }, 1, 1
  local sign = 1
  for name, power, mark in (text .. "*"):gmatch("([^*/^]*)%^?(%-?%d*)([*/])") do
    local exponents, unit_top, unit_bottom = M.unit(name)
    local times = sign * (math.tointeger(tonumber(power)) or 1)
    for i = 1, 3 do
      total[i] = total[i] + times * exponents[i]
    end
    if times < 0 then
      unit_top, unit_bottom = unit_bottom, unit_top
    end
    for _ = 1, math.abs(times) do
      top, bottom = top * unit_top, bottom * unit_bottom
    end
    sign = mark == "/" and -1 or 1
  end
  return total, top, bottom
end

-- How exponents are written in base units: "m*g/s^2"; "1" without any.
function M.dimension(exponents)
  local above, below = {}, {}
  for i, name in ipairs { "m", "g", "s" } do
    local power = exponents[i]
    local text = math.abs(power) > 1 and name .. "^" .. math.abs(power) or name
    if power > 0 then
      above[#above + 1] = text
    elseif power < 0 then
      below[#below + 1] = "/" .. text
    end
  end
  if #above == 0 then
    above[1] = "1"
  end
  return table.concat(above, "*") .. table.concat(below)
end

-- A whole value in one unit told in another, in thousandths rounded half up.
function M.convert(value, from, to)
  local have, top, bottom = M.compound(from)
  local want, to_top, to_bottom = M.compound(to)
  for i = 1, 3 do
    if have[i] ~= want[i] then
      error(from .. " is " .. M.dimension(have) .. ", " .. to .. " is " .. M.dimension(want), 0)
    end
  end
  local over, under = value * top * to_bottom * 1000, bottom * to_top
  return (2 * over + under) // (2 * under)
end

-- A value split over units of one kind, large ones first: 3725 s in h, min, s is 1, 2, 5; the last is rounded down.
function M.split(value, from, units)
  local have, top, bottom = M.compound(from)
  local counts, over = {}, value * top
  for i, name in ipairs(units) do
    local want, unit_top, unit_bottom = M.unit(name)
    for axis = 1, 3 do
      if want[axis] ~= have[axis] then
        error("cannot split " .. from .. " into " .. name, 0)
      end
    end
    counts[i] = over * unit_bottom // (bottom * unit_top)
    over, bottom = over * unit_bottom - counts[i] * bottom * unit_top, bottom * unit_bottom
  end
  return counts
end

-- Sums lines such as "3 km" and "+ 20 m" in the unit asked for; every line is told apart when it fails.
function M.total(lines, unit)
  local sum, count = 0, 0
  for number, line in ipairs(lines) do
    local sign, value, name = line:match("^([+-]?)%s*(%d+)%s*(%S+)$")
    if not value then
      error("line " .. number .. " is no quantity", 0)
    end
    local amount = M.convert(math.tointeger(tonumber(value)), name, unit)
    sum = sign == "-" and sum - amount or sum + amount
    count = count + 1
  end
  local exponents = M.compound(unit)
  return sum, count, M.dimension(exponents)
end

return M
