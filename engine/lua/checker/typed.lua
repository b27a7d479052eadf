--- han.checker.typed: values of Python as text that tells their exact types, so that equal texts are equal values.
--   N None   T True   F False   i-12 int   d and 16 hexadecimal digits: the bits of a float, highest first
--   s and hexadecimal UTF-8: str   b and hexadecimal: bytes
--   [x,y] list   (x,y) tuple   <x,y> set, sorted as text   {k:v,k:v} dict, sorted as text
-- The checker writes what is wanted and compares bytes: what a candidate sends is never interpreted, only shown.

local cases = require "han.checker.cases"
local json = require "han.json"

local M = {}

local SHOWN = 120

local function hex(text)
  return (text:gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end
M.hex = hex

local write

local function items(list)
  local out = {}
  for i, item in ipairs(list) do out[i] = write(item) end
  return out
end

local function sorted(list)
  table.sort(list)
  return table.concat(list, ",")
end

local function refuse(format, ...) error({ fault = format:format(...) }, 0) end

local function list_of(kind, inner)
  if not cases.is_list(inner) then refuse("$%s must be an array", kind) end
  return items(inner)
end

local special = {}

function special.bytes(inner)
  local text, why = cases.hex_bytes(inner)
  if not text then refuse("%s", why) end
  return "b" .. hex(text)
end

function special.int(inner)
  local sign, digits = tostring(inner):match("^(%-?)0*(%d+)$")
  if type(inner) ~= "string" or not digits or #digits > 4000 then
    refuse("$int must be a text of at most 4000 decimal digits")
  end
  return "i" .. (digits == "0" and "" or sign) .. digits
end

function special.tuple(inner) return "(" .. table.concat(list_of("tuple", inner), ",") .. ")" end

function special.set(inner)
  local list = list_of("set", inner)
  local result = sorted(list)
  for i = 2, #list do
    if list[i] == list[i - 1] then refuse("$set has one value twice") end
  end
  return "<" .. result .. ">"
end

local function write_table(value)
  local kind, inner = cases.special(value)
  if kind then
    if not special[kind] then refuse("$%s has no meaning; there are $bytes, $int, $set and $tuple", kind) end
    return special[kind](inner)
  end
  if cases.is_list(value) and (next(value) ~= nil or json.encode(value) == "[]") then
    return "[" .. table.concat(items(value), ",") .. "]"
  end
  local pairs_of = {}
  for key, item in pairs(value) do pairs_of[#pairs_of + 1] = "s" .. hex(key) .. ":" .. write(item) end
  return "{" .. sorted(pairs_of) .. "}"
end

function write(value)
  if value == json.null then return "N" end
  local kind = math.type(value) or type(value)
  if kind == "table" then return write_table(value) end
  if kind == "boolean" then return value and "T" or "F" end
  if kind == "integer" then return ("i%d"):format(value) end
  if kind == "float" then return "d" .. hex(string.pack(">d", value)) end
  return "s" .. hex(value)
end

--- The text of a JSON value, or nil and what is wrong with it.
function M.write(value)
  local ok, result = pcall(write, value)
  if ok then return result end
  if type(result) == "table" and result.fault then return nil, result.fault end
  error(result, 0)
end

-- ---- reading ----

local function unhex(text)
  if #text % 2 ~= 0 or text:find("%X") then return nil end
  return (text:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end

--- The number that a text says, an int or a float of Python; nil when it says anything else.
function M.number(text)
  if text:find("^i%-?%d+$") then return tonumber(text:sub(2)) end
  local bits = #text == 17 and text:sub(1, 1) == "d" and unhex(text:sub(2))
  return bits and string.unpack(">d", bits) or nil
end

-- ---- showing ----

local escapes = { ["\n"] = "\\n", ["\t"] = "\\t", ["\r"] = "\\r", ["'"] = "\\'", ["\\"] = "\\\\" }

local function quoted(bytes, set)
  return "'" .. bytes:gsub(set, function(c) return escapes[c] or ("\\x%02x"):format(c:byte()) end) .. "'"
end

local function show_float(digits)
  local bits = #digits == 16 and unhex(digits)
  if not bits then return nil end
  local x = string.unpack(">d", bits)
  if x ~= x or x == math.huge or x == -math.huge then return ("%f"):format(x) end
  for precision = 15, 17 do
    local text = ("%." .. precision .. "g"):format(x)
    if tonumber(text) == x then return text:find("[.e]") and text or text .. ".0" end
  end
end

local scalars = {
  N = function(rest) return rest == "" and "None" end,
  T = function(rest) return rest == "" and "True" end,
  F = function(rest) return rest == "" and "False" end,
  i = function(rest) return rest:find("^%-?%d+$") and rest end,
  d = show_float,
  s = function(rest)
    local text = unhex(rest:sub(1, 2 * SHOWN))
    return text and quoted(text, utf8.len(text) and "[%c'\\\127]" or "[%c'\\\127-\255]")
  end,
  b = function(rest)
    local text = unhex(rest:sub(1, 2 * SHOWN))
    return text and "b" .. quoted(text, "[%c'\\\127-\255]")
  end,
}

local marks = { [","] = ", ", [":"] = ": ", ["<"] = "{", [">"] = "}" }

--- A text of values in Python's notation, at most about SHOWN characters; what is none says so.
function M.show(text)
  local out, length, at = {}, 0, 1
  while at <= #text and length <= SHOWN do
    local mark = text:match("^[][(){}<>,:]", at)
    local kind, rest = text:match("^([NTFidsb])([%x-]*)", at)
    local shown = mark and (marks[mark] or mark) or scalars[kind] and scalars[kind](rest)
    if not shown then return "what is no value" end
    at = at + (mark and 1 or #kind + #rest)
    out[#out + 1], length = shown, length + #shown
  end
  local all = table.concat(out)
  return (#all > SHOWN or at <= #text) and all:sub(1, SHOWN) .. "..." or all
end

return M
