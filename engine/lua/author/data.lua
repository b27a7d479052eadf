-- han.author.data: plain tables as Lua text and back, without running anything: keys sorted, so that equal tables are
-- equal texts. What learnt data (profiles) look like as versioned artifacts.
local syntax = require "han.syntax"

local M = {}

local function key_text(key)
  if type(key) == "string" and key:find "^[%a_][%w_]*$" and not M.KEYWORDS[key] then return key .. " = " end
  return ("[%s] = "):format(type(key) == "string" and ("%q"):format(key) or tostring(key))
end

M.KEYWORDS = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or repeat return then true
  until while]]):gmatch "%S+" do M.KEYWORDS[word] = true end

local function number_text(value)
  if math.type(value) == "integer" then return tostring(value) end
  local short = ("%.6g"):format(value)
  if not short:find "[.eni]" then short = short .. ".0" end
  return short
end

local text_of

local function table_text(value, indent)
  local keys, parts, inner = {}, {}, indent .. "  "
  for i = 1, #value do parts[i] = inner .. text_of(value[i], inner) end
  for key in pairs(value) do
    if not (math.type(key) == "integer" and key >= 1 and key <= #value) then keys[#keys + 1] = key end
  end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  for _, key in ipairs(keys) do parts[#parts + 1] = inner .. key_text(key) .. text_of(value[key], inner) end
  if #parts == 0 then return "{}" end
  return "{\n" .. table.concat(parts, ",\n") .. ",\n" .. indent .. "}"
end

function text_of(value, indent)
  if type(value) == "table" then return table_text(value, indent) end
  if type(value) == "number" then return number_text(value) end
  if type(value) == "string" then return (("%q"):format(value):gsub("\\\n", "\\n")) end
  return tostring(value)
end

--- A plain table as a chunk that returns it.
function M.print(value) return "return " .. text_of(value, "") .. "\n" end

local read

local function read_table(node)
  local out, n = {}, 0
  for _, item in ipairs(node.items) do
    if item.kind == "pair" then out[item.key.name] = read(item.value)
    elseif item.kind == "keyed" then out[read(item.key)] = read(item.value)
    else
      n = n + 1
      out[n] = read(item)
    end
  end
  return out
end

function read(node)
  if node.kind == "table" then return read_table(node) end
  if node.kind == "unop" then return -read(node.operand) end
  return syntax.value(node)
end

--- The table of a tree that audit.check found to be data; nil when its chunk is not one return of one table.
function M.of_tree(tree)
  local body = tree.root.body
  local statement = body[1]
  if #body ~= 1 or statement.kind ~= "return" or #statement.values ~= 1 or statement.values[1].kind ~= "table" then
    return nil
  end
  local ok, value = pcall(read, statement.values[1])
  return ok and value or nil
end

--- The table of a text, or nil.
function M.read(text)
  local tree = syntax.parse(text, "data")
  return tree and M.of_tree(tree)
end

return M
