--- han.patch.view: the body of a function as the policy sees it, the same for Lua and Python.
--
-- body(tree, entry, language) -> list of statements:
--   { what=, kind=, shape=, first=, exprs = {...}, heads = {...}, blocks = { list... }, otherwise = bool, name= }
--   what   "if" (heads: its conditions; blocks: theirs, and with `otherwise` one more), "loop", "try" (blocks: body and
--          the like; handlers), "handler", "define", "return", "exit" (break, continue, goto), "raise", "assert",
--          "assign", "call", "pass", "other", "block"
-- An expression: { kind=, own = what is its own, shape=, items = {...}, op = "and"|"or"|"paren"|"if"|nil, callee=,
--   body = list of statements of a function in it }
-- A shape is a text that is equal where only layout and comments differ.

local lua_syntax = require "han.syntax"
local value = require "han.value"

local M = {}

local SHAPE_MAX = 2000 -- bytes; of a longer one the digest stands for it, for it is told again at every level above

local function short(shape) return #shape > SHAPE_MAX and value.digest(shape) or shape end

local function seal(statement)
  local parts = { statement.what, statement.kind, statement.name or "", statement.own or "" }
  for _, expr in ipairs(statement.heads) do parts[#parts + 1] = "?" .. expr.shape end
  for _, expr in ipairs(statement.exprs) do parts[#parts + 1] = expr.shape end
  for _, block in ipairs(statement.blocks) do
    parts[#parts + 1] = "{"
    for _, inner in ipairs(block) do parts[#parts + 1] = inner.shape end
    parts[#parts + 1] = "}"
  end
  statement.shape = short(table.concat(parts, " ") .. ";")
  return statement
end

local function new_statement(what, node)
  return { what = what, kind = node.kind, first = node.first, exprs = {}, heads = {}, blocks = {} }
end

local function seal_expression(expr)
  local parts = { expr.kind, ("%d:%s"):format(#expr.own, expr.own) }
  for _, item in ipairs(expr.items) do parts[#parts + 1] = item.shape end
  for _, inner in ipairs(expr.body or {}) do parts[#parts + 1] = inner.shape end
  expr.shape = short("(" .. table.concat(parts, " ") .. ")")
  return expr
end

-- ---- Lua ----

local OWN = { number = "text", string = "text", name = "name", key = "name", binop = "op", unop = "op" }
local lua_block

local function lua_expression(node)
  local own = OWN[node.kind] and node[OWN[node.kind]] or ""
  local expr = { kind = node.kind, own = own, first = node.first, items = {} }
  if node.kind == "paren" then expr.op = "paren" end
  if node.kind == "binop" and (own == "and" or own == "or") then expr.op = own end
  if node.kind == "call" and node.callee.kind == "name" then expr.callee = node.callee.name end
  if node.kind == "call" and node.callee.kind == "field" and node.callee.object.kind == "name" then
    expr.callee = node.callee.object.name .. "." .. node.callee.key.name
  end
  if node.kind == "function" then
    expr.own = node.vararg and "..." or ""
    for i, param in ipairs(node.params) do expr.items[i] = lua_expression(param) end
    expr.body = lua_block(node.body)
    return seal_expression(expr)
  end
  if node.kind == "name" and node.attrib then expr.own = own .. "<" .. node.attrib .. ">" end
  for i, child in ipairs(lua_syntax.children(node)) do expr.items[i] = lua_expression(child) end
  return seal_expression(expr)
end

local function lua_expressions(list)
  local out = {}
  for i, node in ipairs(list) do out[i] = lua_expression(node) end
  return out
end

local LUA_WHAT = { ["local"] = "assign", assign = "assign", ["return"] = "return", ["break"] = "exit",
  ["goto"] = "exit", ["do"] = "block", ["while"] = "loop", ["repeat"] = "loop", fornum = "loop", forin = "loop",
  ["if"] = "if", localfunction = "define", funcstat = "define", callstat = "call" }
local LUA_CALLS = { error = "raise", assert = "assert" }

local function lua_if(statement, node)
  for i, clause in ipairs(node.clauses) do
    statement.heads[i], statement.blocks[i] = lua_expression(clause.cond), lua_block(clause.body)
  end
  if node.orelse then
    statement.otherwise = true
    statement.blocks[#statement.blocks + 1] = lua_block(node.orelse)
  end
end

local function lua_define(statement, node)
  local target = node.name or node.target
  statement.name = lua_expression(target).shape
  statement.exprs = lua_expressions(node.func.params)
  statement.own = (node.func.vararg and "..." or "") .. (node.method and ":" or "")
  statement.blocks[1] = lua_block(node.func.body)
end

local function lua_statement(node)
  local statement = new_statement(LUA_WHAT[node.kind] or "other", node)
  if node.kind == "if" then lua_if(statement, node)
  elseif statement.what == "define" then lua_define(statement, node)
  elseif node.kind == "callstat" then
    statement.exprs[1] = lua_expression(node.call)
    statement.what = LUA_CALLS[statement.exprs[1].callee] or "call"
  elseif node.kind == "goto" or node.kind == "label" then statement.own = node.label
  else
    for _, child in ipairs(lua_syntax.children(node)) do
      if child.kind == "block" then statement.blocks[#statement.blocks + 1] = lua_block(child)
      else statement.exprs[#statement.exprs + 1] = lua_expression(child) end
    end
    statement.targets = node.targets and #node.targets or node.names and node.kind == "local" and #node.names or nil
  end
  return seal(statement)
end

lua_block = function(block)
  local list = {}
  for _, node in ipairs(block) do
    if node.kind ~= "empty" then list[#list + 1] = lua_statement(node) end
  end
  return list
end

-- ---- Python ----

local PY_WHAT = { Assign = "assign", AugAssign = "assign", AnnAssign = "assign", Return = "return", Break = "exit",
  Continue = "exit", Raise = "raise", Assert = "assert", Pass = "pass", If = "if", For = "loop", AsyncFor = "loop",
  While = "loop", Try = "try", TryStar = "try", With = "try", AsyncWith = "try", Match = "try",
  ExceptHandler = "handler", match_case = "handler", FunctionDef = "define", AsyncFunctionDef = "define",
  ClassDef = "define", Expr = "call" }
local BLOCKS = { "body", "handlers", "cases", "orelse", "finalbody" }
local PY_OP = { And = "and", Or = "or" }

local function py_expression(node)
  local expr = { kind = node.kind, own = table.concat(node.words, ","), first = node.first, items = {} }
  expr.op = node.kind == "BoolOp" and PY_OP[node.words[1]] or node.kind == "IfExp" and "if" or nil
  expr.callee = node.kind == "Call" and node.words[1] or nil
  for i, child in ipairs(node.items) do expr.items[i] = py_expression(child) end
  -- the name of what is called is its first child, too
  if node.kind == "Call" then expr.own = "" end
  return seal_expression(expr)
end

local COMPOUND = { ["if"] = true, loop = true, try = true, handler = true, define = true }
local py_statement

local function py_list(node, role)
  local list
  for _, child in ipairs(node.items) do
    if child.role == role then
      list = list or {}
      if child.kind ~= "Pass" then list[#list + 1] = py_statement(child) end
    end
  end
  return list
end

py_statement = function(node)
  local statement = new_statement(PY_WHAT[node.kind] or "other", node)
  local is_block, compound = {}, COMPOUND[statement.what]
  statement.own = table.concat(node.words, ",")
  for _, role in ipairs(compound and BLOCKS or {}) do
    local list = py_list(node, role)
    if list then
      is_block[role], statement.blocks[#statement.blocks + 1] = true, list
      if role == "handlers" then statement.handlers = list end
    end
  end
  statement.otherwise = node.kind == "If" and is_block.orelse or nil
  if statement.what == "define" then statement.name = node.words[1] end
  for _, child in ipairs(node.items) do
    if not is_block[child.role] then
      local to = node.kind == "If" and child.role == "test" and statement.heads or statement.exprs
      to[#to + 1] = py_expression(child)
    end
  end
  if statement.what == "assign" then statement.targets = #statement.exprs - 1 end
  return seal(statement)
end

-- ---- both ----

--- The statements of an entry of functions(tree).
function M.body(_, entry, language)
  if language == "lua" then return lua_block(entry.node.body) end
  return py_list(entry.node, "body") or {}
end

--- Calls visit(statement) for each statement in source order, those of functions in expressions, too; false skips what
--- is inside.
function M.walk(list, visit)
  local function inside(expr)
    if expr.body then M.walk(expr.body, visit) end
    for _, item in ipairs(expr.items) do inside(item) end
  end
  for _, statement in ipairs(list) do
    if visit(statement) ~= false then
      for _, expr in ipairs(statement.heads) do inside(expr) end
      for _, expr in ipairs(statement.exprs) do inside(expr) end
      for _, block in ipairs(statement.blocks) do M.walk(block, visit) end
    end
  end
end

return M
