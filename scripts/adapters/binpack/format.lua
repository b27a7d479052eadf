-- OR-Library's bin packing format (Beasley, 1990): the number of problems, then for each its name, a line
-- "capacity items best-known", and one size a line. Sizes with decimals (the triplets) are scaled to whole
-- numbers, capacity with them. A file of capacities and sizes alone, as the Weibull sets are passed around,
-- has the same shape.
local M = {}

M.MAX_ITEMS = 110000
M.SCALE = 10 -- one decimal is all that the format has

local function whole(text, scale)
  local x = tonumber(text)
  x = x and x * scale
  if not x or x ~= x or x < 0 or x > 1e9 or x % 1 ~= 0 then return nil end
  return math.tointeger(x // 1)
end

local function words_of(text)
  local words = {}
  for word in text:gmatch "%S+" do words[#words + 1] = word end
  return words
end

-- One problem from words[at]; it and the place behind it, or nil and why.
local function problem(words, at, scale)
  local name, capacity, n, best = words[at], words[at + 1], tonumber(words[at + 2]), tonumber(words[at + 3])
  capacity = whole(capacity, scale)
  n = n and math.tointeger(n)
  if not capacity or capacity < 1 or not n or n < 1 or n > M.MAX_ITEMS or not best then
    return nil, ("word %d: expected a name, then capacity, number of items and best known bins"):format(at)
  end
  local items = {}
  for i = 1, n do
    local size = whole(words[at + 3 + i], scale)
    if not size or size < 1 or size > capacity then
      return nil, ("problem %s, item %d: '%s' is no size from 1 to the capacity"):format(name, i,
        tostring(words[at + 3 + i]))
    end
    items[i] = size
  end
  return { name = name, capacity = capacity, items = items, best = math.tointeger(best) or best }, at + 4 + n
end

--- { { name =, capacity =, items =, best = best known number of bins } ... }, or nil, message, "FORMAT".
function M.read(text)
  local words = words_of(text)
  local count = math.tointeger(tonumber(words[1]) or 0)
  if not count or count < 1 then return nil, "the first word is not the number of problems", "FORMAT" end
  local scale = text:find("%d%.%d") and M.SCALE or 1
  local problems, at = {}, 2
  for i = 1, count do
    local one, after = problem(words, at, scale)
    if not one then return nil, after, "FORMAT" end
    problems[i], at = one, after
  end
  if words[at] then return nil, ("there is more behind the last of %d problems"):format(count), "FORMAT" end
  return problems
end

return M
