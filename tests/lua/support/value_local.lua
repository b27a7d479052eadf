-- A plain-Lua stand-in for han.value, for specs and benches that run without the engine: the same
-- equality (equal canonical encodings: integer and float differ, -0.0 and 0.0 differ, NaN is refused).
local M = {}

local function scalar_equal(a, b)
  if type(a) ~= "number" then return a == b end
  if math.type(a) ~= math.type(b) or a ~= b then return false end
  return a ~= 0 or math.type(a) == "integer" or 1 / a == 1 / b
end

function M.equal(a, b)
  if type(a) ~= type(b) then return false end
  if type(a) ~= "table" then return scalar_equal(a, b) end
  for key, value in next, a do
    if not M.equal(value, rawget(b, key)) then return false end
  end
  for key in next, b do
    if rawget(a, key) == nil then return false end
  end
  return true
end

-- A deep copy of a plain value; nil and the reason when it is none (function, cycle, NaN, too deep).
local function copy(value, depth)
  local kind = type(value)
  if kind == "nil" or kind == "boolean" or kind == "string" then return value end
  if kind == "number" then
    if value ~= value then error("NaN is not a plain value", 0) end
    return value
  end
  if kind ~= "table" then error("a " .. kind .. " is not a plain value", 0) end
  if depth > 64 then error("too deep for a plain value", 0) end
  local result = {}
  for key, item in next, value do
    if type(key) == "table" then error("a table key is not plain", 0) end
    result[copy(key, depth + 1)] = copy(item, depth + 1)
  end
  return result
end

function M.copy(value)
  local ok, result = pcall(copy, value, 1)
  if ok then return result end
  return nil, result
end

--- Stands in for SHA-256: 64 hexadecimal digits that follow from a text.
function M.digest(text)
  local h = 0xcbf29ce484222325
  for i = 1, #text do h = (h ~ text:byte(i)) * 0x100000001b3 end
  return ("%016x"):format(h):rep(4)
end

return M
