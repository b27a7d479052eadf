-- What an artifact may be: one Lua function expression that is pure by its form. Parameters and locals,
-- arithmetic, comparison, and/or/not, if, numeric for, return, and math.NAME of a frozen list. No other
-- global, no table, string, closure, method, bit operation or call: so it can keep nothing from one item to
-- the next, see nothing but its arguments, and equal arguments give equal priorities.
local syntax = require "han.syntax"

local M = {}

M.MAX_BYTES = 4096
M.PARAMS = { elementwise = 3, state = 5 }
M.MATH = { "abs", "ceil", "cos", "exp", "floor", "fmod", "huge", "log", "max", "min", "pi", "sin", "sqrt" }

local MATH = {}
for _, name in ipairs(M.MATH) do MATH[name] = true end

local function set(words)
  local names = {}
  for word in words:gmatch "%S+" do names[word] = true end
  return names
end
local KINDS = set "function block local assign do if clause fornum return empty nil true false number name key field \z
  call paren binop unop"
local OPERATORS = set "+ - * / // % ^ and or not == ~= < <= > >="

local function text_of(tree, node) return tree.text:sub(node.first, node.last) end

local function is_math(node)
  return node.kind == "field" and node.object.kind == "name" and node.object.name == "math" and MATH[node.key.name]
end

local function fault_of(tree, node, root)
  if not KINDS[node.kind] then return node.kind .. " is not allowed" end
  if node.kind == "function" and node ~= root then return "a function inside" end
  if (node.kind == "binop" or node.kind == "unop") and not OPERATORS[node.op] then
    return "the operator " .. node.op .. " is not allowed"
  end
  if node.kind == "field" and not is_math(node) then return text_of(tree, node) .. " is not in the frozen math" end
  if node.kind == "call" and not is_math(node.callee) then return "a call of something other than math" end
  if node.kind == "assign" then
    for _, target in ipairs(node.targets) do
      if target.kind ~= "name" then return "an assignment to " .. text_of(tree, target) end
    end
  end
  if node.kind == "name" and node.attrib == "close" then return "a variable to be closed" end
end

local function global_fault(tree)
  for _, entry in ipairs(syntax.globals(tree)) do
    for _, use in ipairs(entry.uses) do
      if entry.name ~= "math" or not is_math(use.parent) then return "the global " .. entry.name end
    end
    if entry.name == "math" and entry.writes > 0 then return "math is written" end
  end
end

--- Whether a text is an artifact of the league: the number of its parameters, or nil, message.
function M.check(text, league)
  if type(text) ~= "string" then return nil, "the program is no text" end
  if #text > M.MAX_BYTES then return nil, ("the program is longer than %d bytes"):format(M.MAX_BYTES) end
  local tree, why = syntax.parse_expression(text, "program")
  if not tree then return nil, why end
  local root, fault = tree.root, nil
  if root.kind ~= "function" then return nil, "the program is not one function expression" end
  if root.vararg then return nil, "the program takes any number of arguments" end
  if #root.params > M.PARAMS[league] then
    return nil, ("the program takes %d arguments; the league %s gives %d"):format(#root.params, league,
      M.PARAMS[league])
  end
  syntax.walk(root, function(node) fault = fault or fault_of(tree, node, root) end)
  fault = fault or global_fault(tree)
  if fault then return nil, "the program is not pure: " .. fault end
  return #root.params
end

return M
