--- han.checker.show: values in the few characters that a person reads. Never compared, only shown.

local M = {}

local WIDTH = 120

local escapes = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ['"'] = '\\"', ["\\"] = "\\\\" }

local function quoted(text)
  return '"' .. text:gsub('[%c"\\\127-\255]', function(c)
    return escapes[c] or ("\\x%02x"):format(c:byte())
  end) .. '"'
end

local function number(n)
  if math.type(n) == "integer" then return ("%d"):format(n) end
  for digits = 15, 17 do
    local text = ("%." .. digits .. "g"):format(n)
    if tonumber(text) == n then
      return text:find("[.einf]") and text or text .. ".0"
    end
  end
  return ("%.17g"):format(n)
end

local order = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  if type(a) ~= type(b) then return (order[type(a)] or 4) < (order[type(b)] or 4) end
  if type(a) == "number" or type(a) == "string" then return a < b end
  return tostring(a) < tostring(b)
end

local function key_text(key)
  if type(key) == "string" then return key:find("^[%a_][%w_]*$") and key .. " = " or "[" .. quoted(key) .. "] = " end
  return "[" .. (type(key) == "number" and number(key) or tostring(key)) .. "] = "
end

local write

local function write_table(out, t, left)
  local keys = {}
  for i = 1, #t do
    out[#out + 1] = i > 1 and ", " or ""
    left = write(out, t[i], left)
    if left < 0 then return left end
  end
  for key in next, t do
    if not (math.type(key) == "integer" and key >= 1 and key <= #t) then keys[#keys + 1] = key end
  end
  table.sort(keys, before)
  for i, key in ipairs(keys) do
    local text = ((i > 1 or #t > 0) and ", " or "") .. key_text(key)
    out[#out + 1] = text
    left = write(out, t[key], left - #text)
    if left < 0 then return left end
  end
  return left
end

-- Appends to out until `left` characters are used; what is left.
function write(out, value, left)
  local kind = type(value)
  if kind == "table" then
    out[#out + 1] = "{"
    left = write_table(out, value, left - 2)
    out[#out + 1] = left >= 0 and "}" or ""
    return left
  end
  local text
  if kind == "string" then text = quoted(#value > left + 1 and value:sub(1, math.max(left + 1, 0)) or value)
  elseif kind == "number" then text = number(value)
  else text = kind == "userdata" and "null" or tostring(value) end
  out[#out + 1] = text
  return left - #text
end

--- A value in Lua's notation, at most about `width` characters.
function M.value(value, width)
  local out = {}
  local left = write(out, value, width or WIDTH)
  local text = table.concat(out)
  if left < 0 then text = text:sub(1, width or WIDTH) .. "..." end
  return text
end

--- "1, 2, nil": a list with its length in n.
function M.list(list, width)
  local parts = {}
  for i = 1, list.n or #list do parts[i] = M.value(list[i], width or WIDTH) end
  local text = table.concat(parts, ", ")
  return #text > (width or WIDTH) and text:sub(1, width or WIDTH) .. "..." or text
end

return M
