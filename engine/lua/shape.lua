--- han.shape: declared shapes of tables, and what is said when a table does not have its shape.
-- One place for the tests that all constructors make, so that every message names the field, the type
-- that was wanted, the value that was given, and the nearest field that exists.
--
-- A rule is { type=, need=, test=, note= }: the Lua type wanted ("integer" and "any" too), whether the
-- field must be there, and a further test(value) that returns what is wrong, or nil.

local M = {}

local prefix = "han."

--- Edit distance, cut off at `max`: insertions, deletions, replacements, swaps of neighbours.
local function distance(a, b, max)
  if math.abs(#a - #b) > max then return max + 1 end
  local before, last = nil, {}
  for j = 0, #b do last[j] = j end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same and 0 or 1))
      if before and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
    end
    before, last = last, row
  end
  return last[#b]
end

--- The name in the list that was probably meant, or nil.
function M.nearest(name, names)
  if type(name) ~= "string" then return nil end
  local best, best_distance
  for _, candidate in ipairs(names) do
    local max = #candidate > 4 and 2 or 1
    local d = distance(name:lower(), candidate:lower(), max)
    if d <= max and (not best_distance or d < best_distance) then best, best_distance = candidate, d end
  end
  return best
end

--- ", did you mean 'x'?", or ": one of a, b, c" for a short list, or "".
function M.hint(name, names)
  local near = M.nearest(name, names)
  if near then return (", did you mean '%s'?"):format(near) end
  if #names > 0 and #names <= 12 then return ": one of " .. table.concat(names, ", ") end
  return ""
end

--- How a value is shown in a message: short, one line, no addresses.
function M.show(value)
  local kind = math.type(value) or type(value)
  if kind == "nil" then return "nothing" end
  if kind == "string" then
    local text = #value > 40 and value:sub(1, 37) .. "..." or value
    return ("the string %q"):format(text):gsub("\\\n", "\\n")
  end
  if kind == "integer" or kind == "float" or kind == "boolean" then return tostring(value) end
  return "a " .. kind
end

local function type_of(value)
  return type(value) == "number" and (math.type(value) or "number") or type(value)
end

local function is_a(value, wanted)
  if wanted == "any" then return value ~= nil end
  if wanted == "integer" then return math.type(value) == "integer" end
  return type(value) == wanted
end

local articles = { integer = "an integer" }

local function sorted_names(rules)
  local names = {}
  for name in pairs(rules) do names[#names + 1] = name end
  table.sort(names)
  return names
end
M.sorted_names = sorted_names

--- The fields that must be there, sorted.
function M.needed_names(rules)
  local names = {}
  for _, name in ipairs(sorted_names(rules)) do
    if rules[name].need then names[#names + 1] = name end
  end
  return names
end

local function field_fault(name, rule, field, what)
  if not is_a(field, rule.type) then
    return ("%s: the field '%s' must be %s, got %s"):format(
      what, name, articles[rule.type] or "a " .. rule.type, M.show(field))
  end
  local why = rule.test and rule.test(field)
  return why and ("%s: the field '%s' %s"):format(what, name, why)
end

--- What is wrong with `value` as a table of `rules`, or nil. `what` names it: "han.strategy". A misspelt
--- field is told before a missing one, and a wrong one too.
function M.fault(value, rules, what)
  if type(value) ~= "table" then
    return ("%s takes one table, got %s"):format(what, M.show(value))
  end
  local names = sorted_names(rules)
  for key in next, value do
    if rules[key] == nil then
      local shown = type(key) == "string" and "'" .. key .. "'" or M.show(key)
      return ("%s: there is no field %s%s"):format(what, shown, M.hint(key, names))
    end
  end
  for _, name in ipairs(names) do
    local field = rawget(value, name)
    local why = field ~= nil and field_fault(name, rules[name], field, what)
    if why then return why end
  end
  for _, name in ipairs(names) do
    if rules[name].need and rawget(value, name) == nil then
      return ("%s: the field '%s' is missing (%s)"):format(what, name, rules[name].note or rules[name].type)
    end
  end
  return nil
end

--- A test for rules: a name that can stand in a file name, an arm list and a cell id.
function M.is_name(value)
  if value:find("^[%a_][%w_.-]*$") and #value <= 64 then return nil end
  return ("must be a name of letters, digits, '_', '-' or '.' that starts with a letter, got %s"):format(M.show(value))
end

--- A test for rules: one line of text.
function M.is_line(value)
  if value:find("%S") and not value:find("\n") then return nil end
  return "must be one line of text, got " .. M.show(value)
end

--- A test for rules: channels of a budget with whole numbers from 0.
function M.is_budget(value)
  for channel, amount in next, value do
    if type(channel) ~= "string" then
      return "must name channels (tokens, shots, evals, ...), got " .. M.show(channel)
    end
    if math.type(amount) ~= "integer" or amount < 0 then
      return ("must give '%s' a whole number from 0, got %s"):format(channel, M.show(amount))
    end
  end
  return nil
end

-- Plain values: see engine/value/value.h.
local function plain_fault(value, path, seen, depth)
  local kind = type(value)
  if kind == "nil" or kind == "boolean" or kind == "string" then return nil end
  if kind == "number" then return value ~= value and path .. " is not a number (NaN)" or nil end
  if kind ~= "table" then return ("%s: a %s is not a plain value"):format(path, kind) end
  if seen[value] then return path .. " contains itself" end
  if depth > 64 then return path .. " is nested deeper than 64" end
  seen[value] = true
  for k, v in next, value do
    if type(k) ~= "string" and type(k) ~= "number" and type(k) ~= "boolean" then
      return ("%s: a %s is not a plain key"):format(path, type(k))
    end
    local is_word = type(k) == "string" and k:find("^[%a_][%w_]*$")
    local name = is_word and path .. "." .. k or ("%s[%s]"):format(path, tostring(k))
    local why = plain_fault(v, name, seen, depth + 1)
    if why then return why end
  end
  seen[value] = nil
  return nil
end

--- What keeps `value` from being a plain value (it may cross between processes), or nil.
function M.plain_fault(value, what)
  return plain_fault(value, what, {}, 0)
end

--- A test for rules: a table of plain values only.
function M.is_plain(value)
  local why = plain_fault(value, "it", {}, 0)
  return why and "must hold plain values only: " .. why or nil
end

--- A plain value whose tables nobody else holds; tables that `value` holds twice become two.
function M.copy(value)
  if type(value) ~= "table" then return value end
  local out = {}
  for k, v in next, value do out[k] = M.copy(v) end
  return out
end

--- Marks `value` as made by the constructor `kind`. The mark is the value's metatable, so the table
--- holds nothing but its fields.
function M.mark(value, kind)
  return setmetatable(value, { __name = prefix .. kind, __metatable = prefix .. kind })
end

--- "strategy", "adapter" or "check" for what those constructors made; nil otherwise.
function M.kind(value)
  if type(value) ~= "table" then return nil end
  local mark = getmetatable(value)
  if type(mark) ~= "string" then return nil end
  return mark:match("^han%.(%l+)$")
end

--- What is wrong with what a file of a kind returned, or nil.
function M.file_fault(value, kind)
  if M.kind(value) == kind then return nil end
  local a = kind:find "^[aeiou]" and "an" or "a"
  return ("%s %s file must return han.%s { ... }, got %s"):format(a, kind, kind, M.show(value))
end

--- Raises `why` at the place that called the constructor. A file that says `return han.strategy {...}`
--- makes a tail call, which leaves no such place: then the loader of the file adds it.
function M.refuse(why)
  error(why, 3)
end

M.type_of = type_of

return M
