--- han.checker.cases: what a candidate is asked and what it should answer, read from JSON.
-- A function case is { call=, args=, want= | wants= | want_error=, within= }, a program case { stdin=, args=,
-- want_stdout=, want_status= }. Values stay as JSON has them until a language asks for its own (`lua_value`); what JSON
-- cannot say is written as a table with one key: { "$bytes": "00ff" }, and for Python { "$tuple": [...] },
-- { "$set": [...] }, { "$int": "123456789012345678901234567890" }.

local json = require "han.json"
local shape = require "han.shape"

local M = {}

M.MAX = 10000            -- cases of one file
M.BYTES_MAX = 1 << 20    -- of a file of cases
local NAME_MAX = 200
local TEXT_MAX = 1000    -- of want_error

local fields = {
  calls = { "args", "call", "want", "want_error", "wants", "within" },
  programs = { "args", "stdin", "want_status", "want_stdout" },
}

local function is_object(value)
  return type(value) == "table" and type(next(value)) == "string"
end

-- An empty object and an empty array are both lists here: a case cannot be either.
local function is_list(value)
  return type(value) == "table" and not is_object(value)
end
M.is_list, M.is_object = is_list, is_object

--- What a table says that JSON has no word for: "bytes", text; nil for any other value.
function M.special(value)
  if not is_object(value) then return nil end
  local key, inner = next(value)
  if next(value, key) ~= nil or key:sub(1, 1) ~= "$" then return nil end
  return key:sub(2), inner
end

-- ---- values ----

local function hex_bytes(text)
  if type(text) ~= "string" or #text % 2 ~= 0 or not text:find("^%x*$") then
    return nil, "$bytes must be a text of two hexadecimal digits for each byte"
  end
  return (text:gsub("%x%x", function(pair) return string.char(tonumber(pair, 16)) end))
end
M.hex_bytes = hex_bytes

local function lua_special(kind, inner)
  if kind == "bytes" then return hex_bytes(inner) end
  return nil, ("$%s has no meaning for Lua; there is $bytes"):format(kind)
end

local function to_lua(value)
  if value == json.null then return nil end
  if type(value) ~= "table" then return value end
  local kind, inner = M.special(value)
  if kind then
    local made, why = lua_special(kind, inner)
    if why then error({ fault = why }, 0) end
    return made
  end
  local copy = {}
  for key, item in pairs(value) do copy[key] = to_lua(item) end
  return copy
end

--- The Lua value of a JSON value: null is nil, arrays and objects are tables. Or nil, what is wrong.
function M.lua_value(value)
  local ok, result = pcall(to_lua, value)
  if ok then return result end
  if type(result) == "table" and result.fault then return nil, result.fault end
  error(result, 0)
end

--- A list of Lua values with its length in the field n, so that a null at the end is not lost.
function M.lua_list(list)
  local result = { n = #list }
  for i, item in ipairs(list) do
    local why
    result[i], why = M.lua_value(item)
    if why then return nil, why end
  end
  return result
end

-- ---- one case ----

local function unknown_field(case, known)
  local names = shape.sorted_names(case)
  for _, name in ipairs(names) do
    local found = false
    for _, one in ipairs(known) do found = found or one == name end
    if not found then return ("there is no field '%s'%s"):format(tostring(name), shape.hint(name, known)) end
  end
  return nil
end

local function text_fault(case, name, max)
  local text = case[name]
  if text == nil then return nil end
  if type(text) ~= "string" then return ("'%s' must be a text, got %s"):format(name, shape.show(text)) end
  if max and #text > max then return ("'%s' is longer than %d bytes"):format(name, max) end
  return nil
end

local function list_fault(case, name)
  if case[name] == nil or is_list(case[name]) then return nil end
  return ("'%s' must be an array, got %s"):format(name, is_object(case[name]) and "an object" or shape.show(case[name]))
end

local function wanted_fault(case)
  local given = {}
  for _, name in ipairs { "want", "wants", "want_error" } do
    if case[name] ~= nil then given[#given + 1] = "'" .. name .. "'" end
  end
  if #given == 0 then return "'want' is missing: what should the call give?" end
  if #given > 1 then return table.concat(given, " and ") .. " cannot both be wanted" end
  return nil
end

local function within_fault(case)
  local within = case.within
  if within == nil then return nil end
  if math.type(case.want) == nil then return "'within' goes with a 'want' that is a number" end
  if math.type(within) == nil or within < 0 then
    return ("'within' must be a number from 0 on, got %s"):format(shape.show(within))
  end
  return nil
end

local function call_fault(case)
  if case.call == nil then return "'call' is missing: the name of a function" end
  local why = text_fault(case, "call", NAME_MAX)
  if not why and case.call == "" then why = "'call' is empty" end
  return why or list_fault(case, "args") or list_fault(case, "wants") or text_fault(case, "want_error", TEXT_MAX)
    or wanted_fault(case) or within_fault(case)
end

local function program_fault(case)
  if case.want_stdout == nil then return "'want_stdout' is missing: what should the program print?" end
  local why = text_fault(case, "stdin") or text_fault(case, "want_stdout") or list_fault(case, "args")
  if why then return why end
  for _, word in ipairs(case.args or {}) do
    if type(word) ~= "string" or word:find("\0", 1, true) then
      return "'args' of a program must be texts without \\0"
    end
  end
  local status = case.want_status
  if status ~= nil and (math.type(status) ~= "integer" or status < 0 or status > 255) then
    return ("'want_status' must be a whole number from 0 to 255, got %s"):format(shape.show(status))
  end
  return nil
end

--- Whether a number that was given is as near to the one that is wanted as the case says; any other value is not.
function M.is_near(got, case)
  if not case.within or math.type(got) == nil then return false end
  return math.abs(got - case.near) <= case.within
end

--- How a shown value goes on that may be off: " within 0.5", or nothing.
function M.off(case) return case.within and (" within %.15g"):format(case.within) or "" end

-- ---- the file ----

local function fault(case, kind)
  if not is_object(case) then
    return ("must be an object, got %s"):format(type(case) == "table" and "an array" or shape.show(case))
  end
  return unknown_field(case, fields[kind]) or (kind == "calls" and call_fault or program_fault)(case)
end

-- "JSON, line 3:5: why" names its place as every other message does.
local function placed(name, why)
  local line, column, rest = why:match("^JSON, line (%d+):(%d+): (.*)$")
  if line then return ("%s:%s:%s: %s"):format(name, line, column, rest) end
  return ("%s: %s"):format(name, why)
end

--- The cases of a JSON text, or nil, a message that names the place, "INVALID". `kind` is "calls" or "programs", `name`
--- that of the file. An empty list is a list: nothing passes it.
function M.read(text, kind, name)
  local list, why, code = json.decode(text, { max_bytes = M.BYTES_MAX })
  if code then return nil, placed(name, why), "INVALID" end
  if not is_list(list) then return nil, name .. ": must be an array of cases", "INVALID" end
  if #list > M.MAX then return nil, ("%s: %d cases, at most %d"):format(name, #list, M.MAX), "INVALID" end
  for i, case in ipairs(list) do
    why = fault(case, kind)
    if why then return nil, ("%s: case %d: %s"):format(name, i, why), "INVALID" end
  end
  return list
end

return M
