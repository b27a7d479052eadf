--- han.author.compose: strategies that are named by their parts, as in --arms steer=none,steer=driver+top=5 or
-- mine.lua+steer=lens: each of steer, topology, stop and act from its menu, or from a file that is made of the four,
-- and params by name. So that one part can be held against another with all else the same.

local parts = require "han.author.parts"
local shape = require "han.shape"
local syntax = require "han.syntax"

local M = {}

-- What a part is that nobody names: one line of work, steered by what the lenses saw (as `refine`).
M.DEFAULT = { steer = "lens", topology = "best", stop = "never", act = "serial" }

local is_part = {}
for _, part in ipairs(parts.ORDER) do is_part[part] = true end

--- The pieces of a word: base or nil, { { key, value } ... }; nil when it names no parts.
function M.pieces(word)
  local base, list = nil, {}
  for piece in (word .. "+"):gmatch "([^+]*)%+" do
    local key, value = piece:match "^([%a_][%w_]*)=([%w_.]+)$"
    if key then list[#list + 1] = { key, value }
    elseif #list == 0 and base == nil and piece ~= "" then base = piece
    else return nil end
  end
  if #list == 0 then return nil end
  return base or false, list
end

local function one_of(names)
  local list = table.move(names, 1, #names - 1, 1, {})
  return table.concat(list, ", ") .. " or " .. names[#names]
end

-- The functions and params to begin with.
local function base_of(base, read)
  if not base then
    local functions = {}
    for part, name in pairs(M.DEFAULT) do functions[part] = parts.source(part, name) end
    return functions, {}
  end
  local script, why, code = read(base)
  if not script then return nil, why, code end
  local tree, message = syntax.parse(script.source, script.path)
  if not tree then return nil, ("%s: %s"):format(script.path, message), "SYNTAX" end
  local functions, params = parts.split(tree)
  if functions then return functions, params end
  return nil, ("%s is not made of the four parts (local functions steer, topology, stop and act), so none of them can "
    .. "be replaced"):format(script.path), "INVALID"
end

local function read_param(functions, key, value)
  local number, known = math.tointeger(value) or tonumber(value), {}
  local text = functions.steer .. functions.topology .. functions.stop .. functions.act
  for name in text:gmatch "params%.([%a_][%w_]*)" do known[#known + 1], known[name] = name, true end
  if not known[key] then
    table.move(parts.ORDER, 1, #parts.ORDER, #known + 1, known)
    return nil, ("there is no part and no param '%s' in this strategy%s"):format(key, shape.hint(key, known)), "UNKNOWN"
  end
  if not number then return nil, ("the param %s is a number, got '%s'"):format(key, value), "INVALID" end
  return number
end

local function replace(functions, key, value)
  local menu = parts.menu(key)
  if not parts[key][value] then
    return nil, ("there is no %s '%s': it is %s%s"):format(key, value, one_of(menu), shape.hint(value, menu)), "UNKNOWN"
  end
  functions[key] = parts.source(key, value)
  return true
end

--- The strategy that a word names by its parts: { name = the word without a base's folders, path = the word, source=,
-- composed = true }; nil when it names none, and nil, message,
-- CODE when it names them wrongly. read(name) gives the file of a base, { source=, path= } or nil, message, CODE.
function M.read(word, read)
  local base, list = M.pieces(word)
  if base == nil then return nil end
  local functions, params, code = base_of(base, read)
  if not functions then return nil, params, code end
  local rest = {}
  for _, piece in ipairs(list) do
    if is_part[piece[1]] then
      local ok, why, what = replace(functions, piece[1], piece[2])
      if not ok then return nil, why, what end
    else
      rest[#rest + 1] = piece
    end
  end
  for _, piece in ipairs(rest) do
    local number, why, what = read_param(functions, piece[1], piece[2])
    if not number then return nil, why, what end
    params[piece[1]] = number
  end
  local name = word:gsub("^[^+]*/", ""):gsub("^([^+=]*)%.lua%+", "%1+")
  return { name = name, path = word, source = parts.file(functions, params), composed = true }
end

-- Of what is told to the next attempt, in the order of what it costs to make.
local rungs = { steer = { "none", "fixed", "lens", "report", "driver" } }

--- The words of all entries of a part's menu, other parts as they are when nobody names them: { "steer=none" ... };
-- nil, message for what is no part. The second value is true where each costs more to make than the one before it.
function M.menu(part)
  if not is_part[part] then return nil, ("there is no part '%s'; it is %s"):format(part, one_of(parts.ORDER)) end
  local words = {}
  for i, name in ipairs(rungs[part] or parts.menu(part)) do words[i] = part .. "=" .. name end
  return words, rungs[part] ~= nil
end

return M
