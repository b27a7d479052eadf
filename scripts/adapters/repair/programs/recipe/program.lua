-- Recipes: amounts in text, scaling to portions with friendly fractions, shopping lists, pantries and costs.
local M = {}

local GRAINS = { g = 1, kg = 1000, ml = 1, l = 1000, tsp = 5, tbsp = 15, cup = 240 }
local BASE = { g = "g", kg = "g", ml = "ml", l = "ml", tsp = "ml", tbsp = "ml", cup = "ml" }

-- "1 1/2 cup flour" or "3 eggs" -> { twelfths, unit (or "piece"), name }; amounts are in twelfths.
function M.read(line)
  local whole, rest = line:match("^(%d+)%s+(%d.*)$")
  if not whole then
    whole, rest = "0", line
  end
  local top, bottom, words = rest:match("^(%d+)/(%d+)%s+(.+)$")
  if not top then
    if whole ~= "0" then
      error("bad amount: " .. line, 0)
    end
    top, words = rest:match("^(%d+)%s+(.+)$")
    bottom = "1"
  end
  if not top or 12 % math.max(1, tonumber(bottom)) ~= 0 or tonumber(bottom) == 0 then
    error("bad amount: " .. line, 0)
  end
  local unit, name = words:match("^(%a+)%s+(.+)$")
  if not GRAINS[unit] then
    unit, name = "piece", words
  end
  local twelfths = 12 * whole + top * 12 // math.tointeger(bottom)
  return { twelfths = math.tointeger(twelfths), unit = unit, name = name }
end

-- Twelfths as text: "1 1/2", "2/3", "5".
function M.show(twelfths)
  local whole, rest = twelfths // 12, twelfths % 12
  if rest == 0 then
    return tostring(whole)
  end
  local top, bottom = rest, 12
  for _, divisor in ipairs { 2, 2, 3 } do
    if top % divisor == 0 and bottom % divisor == 0 then
      top, bottom = top // divisor, bottom // divisor
    end
  end
  return (whole > 0 and whole .. " " or "") .. top .. "/" .. bottom
end

-- An item for other portions: pieces go up to the next half, the rest to the nearest twelfth, but never to nothing.
function M.scale(item, from, to)
  if from < 1 or to < 1 then
    error("no portions", 0)
  end
  local twelfths
  if item.unit == "piece" then
    twelfths = -(-item.twelfths * to // (6 * from)) * 6
  else
    twelfths = (2 * item.twelfths * to + from) // (2 * from)
  end
  return { twelfths = math.max(1, twelfths), unit = item.unit, name = item.name }
end

-- Items added up by name and kind of unit, in base units (g, ml, piece), sorted by name and then unit.
function M.gather(items)
  local sums, list = {}, {}
  for _, item in ipairs(items) do
    local unit = BASE[item.unit] or item.unit
    local key = item.name .. "/" .. unit
    if not sums[key] then
      sums[key] = { twelfths = 0, unit = unit, name = item.name }
      list[#list + 1] = sums[key]
    end
    sums[key].twelfths = sums[key].twelfths + item.twelfths * (GRAINS[item.unit] or 1)
  end
  table.sort(list, function(a, b)
    if a.name ~= b.name then
      return a.name < b.name
    end
    return a.unit < b.unit
  end)
  return list
end

-- How often a recipe can be made from a pantry (both lists of items); what runs out first, nil for an empty recipe.
function M.servings(needs, pantry)
  local have, times, short = {}, nil, nil
  for _, item in ipairs(M.gather(pantry)) do
    have[item.name .. item.unit] = item.twelfths
  end
  for _, item in ipairs(M.gather(needs)) do
    local enough = (have[item.name .. item.unit] or 0) // math.max(1, item.twelfths)
    if not times or enough < times then
      times, short = enough, item.name
    end
  end
  return times or 0, short
end

-- What to buy for meals { lines, from, to } with a pantry of lines: text lines of what is missing.
function M.shop(meals, pantry)
  local needed, missing, lines = {}, {}, {}
  for _, meal in ipairs(meals) do
    for _, line in ipairs(meal.lines) do
      needed[#needed + 1] = M.scale(M.read(line), meal.from, meal.to)
    end
  end
  for _, item in ipairs(M.gather(needed)) do
    missing[item.name .. item.unit] = item.twelfths
  end
  for _, line in ipairs(pantry) do
    local item = M.gather({ M.read(line) })[1]
    local key = item.name .. item.unit
    missing[key] = missing[key] and missing[key] - item.twelfths
  end
  for _, item in ipairs(M.gather(needed)) do
    local left = missing[item.name .. item.unit]
    if left > 0 then
      lines[#lines + 1] = M.show(left) .. " " .. (item.unit == "piece" and "" or item.unit .. " ") .. item.name
    end
  end
  return lines
end

return M
