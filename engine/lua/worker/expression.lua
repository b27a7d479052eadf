-- han.worker.expression: typed expression trees, the programs that the decision worker searches. Owns their
-- random growth, size, text as Lua and the way back from Lua text. A tree is a node { op, child... } where op
-- names a row of M.OPS; "const" has value=, "var" has name=. Trees are never changed in place.
local syntax = require "han.syntax"

local M = {}

M.MAX_NODES = 31

-- Every operator: its type, the types of its arguments, its text with $1..$3, and its weight in growth.
M.OPS = {
  add = { "num", { "num", "num" }, "($1 + $2)", 4 },
  sub = { "num", { "num", "num" }, "($1 - $2)", 4 },
  mul = { "num", { "num", "num" }, "($1 * $2)", 3 },
  div = { "num", { "num", "num" }, "($1 / $2)", 2 },
  mod = { "num", { "num", "num" }, "($1 % $2)", 1 },
  min = { "num", { "num", "num" }, "math.min($1, $2)", 1 },
  max = { "num", { "num", "num" }, "math.max($1, $2)", 1 },
  neg = { "num", { "num" }, "(-$1)", 1 },
  abs = { "num", { "num" }, "math.abs($1)", 1 },
  sqrt = { "num", { "num" }, "math.sqrt(math.abs($1))", 1 },
  square = { "num", { "num" }, "($1 ^ 2)", 2 },
  exp = { "num", { "num" }, "math.exp($1)", 1 },
  log = { "num", { "num" }, "math.log(1 + math.abs($1))", 1 },
  pick = { "num", { "bool", "num", "num" }, "($1 and $2 or $3)", 5 },
  lt = { "bool", { "num", "num" }, "($1 < $2)", 4 },
  le = { "bool", { "num", "num" }, "($1 <= $2)", 2 },
  eq = { "bool", { "num", "num" }, "($1 == $2)", 3 },
  both = { "bool", { "bool", "bool" }, "($1 and $2)", 1 },
  either = { "bool", { "bool", "bool" }, "($1 or $2)", 1 },
  const = { "num", {}, nil, 0 },
  var = { "num", {}, nil, 0 },
}

-- By result type, in a fixed order, with the sum of their weights.
local BY_TYPE = {}
local op_names = {}
for name in pairs(M.OPS) do op_names[#op_names + 1] = name end
table.sort(op_names)
for _, name in ipairs(op_names) do
  local row = M.OPS[name]
  if row[4] > 0 then
    local list = BY_TYPE[row[1]] or { total = 0 }
    BY_TYPE[row[1]] = list
    list[#list + 1], list.total = name, list.total + row[4]
  end
end

function M.type_of(node) return M.OPS[node.op][1] end

function M.const(value) return { op = "const", value = value } end
function M.var(name) return { op = "var", name = name } end

function M.size(node)
  local n = 1
  for _, child in ipairs(node) do n = n + M.size(child) end
  return n
end

-- ---- growth ----

-- A constant: small and whole, anywhere in the range, or a share. range: the largest that makes sense.
function M.draw_constant(range, random)
  local kind = random(10)
  if kind <= 4 then return M.const(random(11) - 1) end
  if kind <= 8 then return M.const(random(range + 1) - 1) end
  return M.const(random(40) / 20)
end

local function leaf(grammar, random)
  local names = grammar.leaves or grammar.params
  if random(10) <= 7 then return M.var(names[random(#names)]) end
  return M.draw_constant(grammar.constant, random)
end

local function draw_op(kind, random)
  local list = BY_TYPE[kind]
  local point = random() * list.total
  for _, name in ipairs(list) do
    point = point - M.OPS[name][4]
    if point < 0 then return name end
  end
  return list[#list]
end

--- A random tree of a type ("num" or "bool"), at most `depth` operators deep.
-- grammar: { params = names, leaves = names to draw from, as often as they stand there (default params),
-- constant = the largest constant that makes sense }.
function M.grow(grammar, kind, depth, random)
  if kind == "num" and (depth <= 0 or random(4) == 1) then return leaf(grammar, random) end
  local op = draw_op(kind, random)
  -- a comparison cannot be a leaf, and at the bottom its parts may not nest
  if depth <= 0 and (op == "both" or op == "either") then op = "lt" end
  local node = { op = op }
  for i, wanted in ipairs(M.OPS[op][2]) do node[i] = M.grow(grammar, wanted, depth - 1, random) end
  return node
end

-- ---- places in a tree ----

--- Every node as { node =, parent =, at = index in the parent }, parents first.
function M.places(root)
  local list = { { node = root } }
  local i = 1
  while list[i] do
    local node = list[i].node
    for at, child in ipairs(node) do list[#list + 1] = { node = child, parent = list[i], at = at } end
    i = i + 1
  end
  return list
end

--- The tree with another node at a place: what is not on the way to it is shared.
function M.replace(place, node)
  while place.parent do
    local parent = place.parent.node
    local copy = { op = parent.op }
    for i, child in ipairs(parent) do copy[i] = child end
    copy[place.at] = node
    place, node = place.parent, copy
  end
  return node
end

-- ---- text ----

local function number_text(value)
  local text = math.type(value) == "integer" and ("%d"):format(value) or ("%.6g"):format(value)
  return value < 0 and "(" .. text .. ")" or text
end

--- A node as a Lua expression.
function M.text(node)
  if node.op == "const" then return number_text(node.value) end
  if node.op == "var" then return node.name end
  return (M.OPS[node.op][3]:gsub("%$(%d)", function(i) return M.text(node[tonumber(i)]) end))
end

--- A tree as an artifact: a function of the parameters; or, with a frame { head =, tail = }, the expression between
-- these texts, which make a larger program of it.
function M.print(node, params, frame)
  if frame then return frame.head .. M.text(node) .. frame.tail end
  return ("function(%s)\n  return %s\nend\n"):format(table.concat(params, ", "), M.text(node))
end

-- ---- from text ----

local read

local function read_all(kids, nodes, params)
  for i, node in ipairs(nodes) do
    kids[i] = read(node, params)
    if not kids[i] then return nil end
  end
  for i, kind in ipairs(M.OPS[kids.op][2]) do
    if M.type_of(kids[i]) ~= kind then return nil end
  end
  return kids
end

local BINARY = { ["+"] = "add", ["-"] = "sub", ["*"] = "mul", ["/"] = "div", ["%"] = "mod", ["<"] = "lt",
  ["<="] = "le", ["=="] = "eq" }
local FLIPPED = { [">"] = "lt", [">="] = "le" }

local function is_and(node)
  while node.kind == "paren" do node = node.inner end
  return node.kind == "binop" and node.op == "and" and node or nil
end

-- `c and a or b` is pick when a and b are numbers: a number is never false.
local function read_logic(node, params)
  local first = node.op == "or" and is_and(node.left)
  if first then
    local pick = read_all({ op = "pick" }, { first.left, first.right, node.right }, params)
    if pick then return pick end
  end
  return read_all({ op = node.op == "and" and "both" or "either" }, { node.left, node.right }, params)
end

local function read_binop(node, params)
  if node.op == "and" or node.op == "or" then return read_logic(node, params) end
  if BINARY[node.op] then return read_all({ op = BINARY[node.op] }, { node.left, node.right }, params) end
  if FLIPPED[node.op] then return read_all({ op = FLIPPED[node.op] }, { node.right, node.left }, params) end
  if node.op == "^" and node.right.kind == "number" and node.right.text == "2" then
    return read_all({ op = "square" }, { node.left }, params)
  end
end

local function read_unop(node, params)
  if node.op ~= "-" then return nil end
  local inner = read(node.operand, params)
  if not inner then return nil end
  if inner.op == "const" and inner.value ~= 0 then return M.const(-inner.value) end
  return M.type_of(inner) == "num" and { op = "neg", inner } or nil
end

local function callee_of(node)
  local callee = node.kind == "call" and node.callee
  local math_field = callee and callee.kind == "field" and callee.object.kind == "name" and callee.object.name == "math"
  return math_field and callee.key.name or nil
end

-- sqrt(abs(x)) and log(1 + abs(x)) are one operator each; abs stands alone as well.
local function read_call(node, params)
  local name, args = callee_of(node), node.args
  if name == "min" or name == "max" then return #args == 2 and read_all({ op = name }, args, params) or nil end
  if #args ~= 1 then return nil end
  if name == "abs" or name == "exp" then return read_all({ op = name }, args, params) end
  local inner = args[1]
  if name == "log" then
    local added = inner.kind == "binop" and inner.op == "+" and inner.left.kind == "number" and inner.left.text == "1"
    if not added then return nil end
    inner = inner.right
  elseif name ~= "sqrt" then
    return nil
  end
  if callee_of(inner) ~= "abs" or #inner.args ~= 1 then return nil end
  return read_all({ op = name }, inner.args, params)
end

local readers = {
  number = function(node) return M.const(syntax.value(node)) end,
  name = function(node, params)
    for _, name in ipairs(params) do if name == node.name then return M.var(name) end end
  end,
  paren = function(node, params) return read(node.inner, params) end,
  binop = read_binop, unop = read_unop, call = read_call,
}

function read(node, params)
  local reader = readers[node.kind]
  return reader and reader(node, params) or nil
end

-- The expression of a framed artifact as a function of the parameters, or nil.
local function unframed(text, params, frame)
  local head, tail = frame.head, frame.tail
  if #text <= #head + #tail or text:sub(1, #head) ~= head or text:sub(-#tail) ~= tail then return nil end
  return ("function(%s) return %s end"):format(table.concat(params, ", "), text:sub(#head + 1, -#tail - 1))
end

--- The tree of an artifact that is one `return` of an expression in these operators, or such an expression in its
-- frame; nil for anything else.
function M.parse(text, params, frame)
  if frame then text = unframed(text, params, frame) end
  if not text then return nil end
  local tree = syntax.parse_expression(text, "program")
  local root = tree and tree.root
  if not root or root.kind ~= "function" or root.vararg then return nil end
  local body = root.body
  local statement = body[1]
  if #body ~= 1 or statement.kind ~= "return" or #statement.values ~= 1 then return nil end
  for i, param in ipairs(root.params) do if param.name ~= params[i] then return nil end end
  local node = read(statement.values[1], params)
  return node and M.type_of(node) == "num" and node or nil
end

return M
