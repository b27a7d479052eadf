--- The nodes of the tree, as the grammar makes them: one constructor for each kind, and operator precedence.
-- Constructors take what the grammar captured, in source order. Fields that later passes fill in are made here, as
-- false, so that a node is allocated once.
local M = {}

function M.simple(kind, length)
  return function(first)
    return { kind = kind, first = first, last = first + length - 1, parent = false }
  end
end

function M.name(first, text)
  return { kind = "name", first = first, last = first + #text - 1, parent = false, name = text, declaration = false,
    scope = false, attrib = false }
end

function M.key(first, text)
  return { kind = "key", first = first, last = first + #text - 1, parent = false, name = text }
end

function M.number(first, text)
  return { kind = "number", first = first, last = first + #text - 1, parent = false, text = text }
end

function M.string(first, text)
  return { kind = "string", first = first, last = first + #text - 1, parent = false, text = text }
end

function M.paren(first, inner, stop)
  return { kind = "paren", first = first, last = stop - 1, parent = false, inner = inner }
end

function M.field(object, key)
  return { kind = "field", first = object.first, last = key.last, parent = false, object = object, key = key }
end

function M.index(object, key, stop)
  return { kind = "index", first = object.first, last = stop - 1, parent = false, object = object, key = key }
end

-- A call without parentheses has no `stop`: it ends with its argument.
function M.call(callee, args, stop, style)
  return { kind = "call", first = callee.first, last = stop and stop - 1 or args[1].last, parent = false,
    callee = callee, args = args, style = style }
end

function M.method(object, key, args, stop, style)
  return { kind = "method", first = object.first, last = stop and stop - 1 or args[1].last, parent = false,
    object = object, key = key, args = args, style = style }
end

M["function"] = function(first, params, vararg, body, stop)
  return { kind = "function", first = first, last = stop - 1, parent = false, params = params, vararg = vararg,
    method = false, body = body, self = false }
end

function M.pair(key, value)
  return { kind = "pair", first = key.first, last = value.last, parent = false, key = key, value = value }
end

function M.keyed(first, key, value)
  return { kind = "keyed", first = first, last = value.last, parent = false, key = key, value = value }
end

function M.table(first, items, stop)
  return { kind = "table", first = first, last = stop - 1, parent = false, items = items }
end

---- Precedence: the reference manual, 3.4.8. An operator binds its left operand by [1] and its right one by [2].

local priority = {
  ["or"] = { 1, 1 }, ["and"] = { 2, 2 },
  ["<"] = { 3, 3 }, [">"] = { 3, 3 }, ["<="] = { 3, 3 }, [">="] = { 3, 3 }, ["~="] = { 3, 3 }, ["=="] = { 3, 3 },
  ["|"] = { 4, 4 }, ["~"] = { 5, 5 }, ["&"] = { 6, 6 }, ["<<"] = { 7, 7 }, [">>"] = { 7, 7 }, [".."] = { 9, 8 },
  ["+"] = { 10, 10 }, ["-"] = { 10, 10 }, ["*"] = { 11, 11 }, ["/"] = { 11, 11 }, ["//"] = { 11, 11 },
  ["%"] = { 11, 11 }, ["^"] = { 14, 13 },
}
local unary_priority = 12
M.priority, M.unary_priority = priority, unary_priority

-- The flat form of an expression: operands are nodes, an operator is two items, its offset and its text.
-- Recursion follows the compiler's, so the level it would refuse is refused here before this stack grows.
local climb
local function operand(items, at, level)
  local item = items[at]
  if type(item) ~= "number" then return item, at + 1 end
  local op = items[at + 1]
  local inner, next_at = climb(items, at + 2, unary_priority, level + 1)
  return { kind = "unop", first = item, last = inner.last, parent = false, op = op, op_first = item,
    operand = inner }, next_at
end

function climb(items, at, limit, level)
  if level > 400 then error({ offset = items[at - 2], message = "chunk has too many syntax levels" }, 0) end
  local left
  left, at = operand(items, at, level)
  local op = items[at + 1]
  while op and priority[op][1] > limit do
    local op_first = items[at]
    local right, next_at = climb(items, at + 2, priority[op][2], level + 1)
    left = { kind = "binop", first = left.first, last = right.last, parent = false, op = op, op_first = op_first,
      left = left, right = right }
    at = next_at
    op = items[at + 1]
  end
  return left, at
end

function M.fold_binary(first, items)
  if #items == 3 and priority[items[2]] then
    local right = items[3]
    return { kind = "binop", first = first.first, last = right.last, parent = false, op = items[2],
      op_first = items[1], left = first, right = right }
  end
  items[0] = first
  return (climb(items, 0, 0, 0))
end

function M.fold_unary(items)
  return (climb(items, 1, 0, 0))
end

---- Statements

function M.block(open, list)
  local count = #list
  list.kind, list.parent, list.open, list.close = "block", false, open, 0
  list.first = count > 0 and list[1].first or open
  list.last = count > 0 and list[count].last or open - 1
  return list
end

function M.chunk(body, stop)
  return { kind = "chunk", first = 1, last = stop - 1, parent = false, body = body }
end

M["local"] = function(first, names, values)
  local tail = values and values[#values] or names[#names]
  return { kind = "local", first = first, last = tail.attrib_last or tail.last, parent = false, names = names,
    values = values or {} }
end

function M.attrib(name, attrib, stop)
  name.attrib, name.attrib_last = attrib, stop - 1
  return name
end

function M.localfunction(first, name, func)
  return { kind = "localfunction", first = first, last = func.last, parent = false, name = name, func = func }
end

function M.funcstat(first, target, method, func)
  func.method = method and true or false
  if method then
    target = M.field(target, method)
  end
  return { kind = "funcstat", first = first, last = func.last, parent = false, target = target, func = func,
    method = func.method }
end

function M.assign(target, others, values)
  table.insert(others, 1, target)
  return { kind = "assign", first = target.first, last = values[#values].last, parent = false, targets = others,
    values = values }
end

function M.callstat(call)
  return { kind = "callstat", first = call.first, last = call.last, parent = false, call = call }
end

M["do"] = function(first, body, stop)
  return { kind = "do", first = first, last = stop - 1, parent = false, body = body }
end

M["while"] = function(first, cond, body, stop)
  return { kind = "while", first = first, last = stop - 1, parent = false, cond = cond, body = body }
end

M["repeat"] = function(first, body, until_first, cond)
  return { kind = "repeat", first = first, last = cond.last, parent = false, body = body, until_first = until_first,
    cond = cond }
end

function M.clause(first, cond, body)
  return { kind = "clause", first = first, last = body.last, parent = false, cond = cond, body = body }
end

M["if"] = function(first, clauses, orelse, stop)
  return { kind = "if", first = first, last = stop - 1, parent = false, clauses = clauses, orelse = orelse }
end

M["for"] = function(first, loop, stop)
  loop.first, loop.last = first, stop - 1
  return loop
end

function M.fornum(var, start, limit, step, body)
  return { kind = "fornum", first = 0, last = 0, parent = false, var = var, start = start, limit = limit, step = step,
    body = body }
end

function M.forin(names, values, body)
  return { kind = "forin", first = 0, last = 0, parent = false, names = names, values = values, body = body }
end

M["return"] = function(first, values, stop)
  local last = stop and stop - 1 or #values > 0 and values[#values].last or first + 5
  return { kind = "return", first = first, last = last, parent = false, values = values }
end

M["goto"] = function(first, name)
  return { kind = "goto", first = first, last = name.last, parent = false, label = name.name, label_first = name.first }
end

function M.label(first, name, stop)
  return { kind = "label", first = first, last = stop - 1, parent = false, label = name.name, label_first = name.first }
end

return M
