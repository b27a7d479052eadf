--- Nodes: their children in source order, walks without recursion, positions, values.
-- Owns the table that says which fields of a kind hold nodes; everything that visits a tree goes through it.
local M = {}

-- Fields in source order; "x*" is a list of nodes, a field may be false. Blocks list their statements in the array
-- part.
local fields = {
  chunk = { "body" }, block = {}, ["local"] = { "names*", "values*" }, localfunction = { "name", "func" },
    funcstat = { "target", "func" },
  assign = { "targets*", "values*" }, callstat = { "call" }, ["do"] = { "body" }, ["while"] = { "cond", "body" },
  ["repeat"] = { "body", "cond" }, ["if"] = { "clauses*", "orelse" }, clause = { "cond", "body" },
  fornum = { "var", "start", "limit", "step", "body" }, forin = { "names*", "values*", "body" },
    ["return"] = { "values*" },
  ["break"] = {}, ["goto"] = {}, label = {}, empty = {},
  ["nil"] = {}, ["true"] = {}, ["false"] = {}, vararg = {}, number = {}, string = {}, name = {}, key = {},
  field = { "object", "key" }, index = { "object", "key" }, call = { "callee", "args*" }, method = { "object", "key",
    "args*" },
  ["function"] = { "params*", "body" }, paren = { "inner" }, binop = { "left", "right" }, unop = { "operand" },
    table = { "items*" },
  pair = { "key", "value" }, keyed = { "key", "value" },
}
M.fields = fields

local function set(words)
  local kinds = {}
  for kind in words:gmatch "%a+" do kinds[kind] = true end
  return kinds
end
local statements = set
  "local localfunction funcstat assign callstat do while repeat if fornum forin return break goto label empty"
local expressions = set
  "nil true false vararg number string name field index call method function paren binop unop table"

local plans = {}
for kind, names in pairs(fields) do
  local plan = {}
  for i, name in ipairs(names) do
    plan[i] = { name = name:gsub("%*$", ""), list = name:sub(-1) == "*" }
  end
  plans[kind] = plan
end
M.plans = plans

function M.is_statement(node)
  return statements[node.kind] == true
end

-- A declared name is no expression: nothing can stand in its place but another name.
function M.is_expression(node)
  return expressions[node.kind] == true and not (node.kind == "name" and node.declares)
end

function M.children(node)
  local list, count = {}, #node
  if count > 0 then return table.move(node, 1, count, 1, list) end
  for _, part in ipairs(plans[node.kind]) do
    local value = node[part.name]
    if part.list then
      table.move(value, 1, #value, #list + 1, list)
    elseif value then
      list[#list + 1] = value
    end
  end
  return list
end

-- Pushes the children of a node in reverse, so that the first is on top; gives the new top.
local function push(stack, top, node)
  if node.kind == "block" then
    for i = #node, 1, -1 do
      top = top + 1
      stack[top] = node[i]
    end
    return top
  end
  local plan = plans[node.kind]
  for p = #plan, 1, -1 do
    local part = plan[p]
    local value = node[part.name]
    if part.list then
      for i = #value, 1, -1 do
        top = top + 1
        stack[top] = value[i]
      end
    elseif value then
      top = top + 1
      stack[top] = value
    end
  end
  return top
end
M.push = push

local leave_mark = {}

function M.walk(root, enter, leave)
  local stack, top = { root }, 1
  while top > 0 do
    local node = stack[top]
    top = top - 1
    if node == leave_mark then
      leave(stack[top])
      top = top - 1
    else
      local inside = enter(node) ~= false
      if leave and not inside then leave(node) end
      if leave and inside then
        stack[top + 1], stack[top + 2] = node, leave_mark
        top = top + 2
      end
      if inside then top = push(stack, top, node) end
    end
  end
end

function M.find(tree, kind)
  local list = {}
  local wanted = type(kind) == "table" and kind or { [kind] = true }
  M.walk(tree.root, function(node)
    if wanted[node.kind] then list[#list + 1] = node end
  end)
  return list
end

function M.node_at(tree, first, last)
  last = last or first
  local node, inner = nil, tree.root
  while inner do
    node, inner = inner, nil
    for _, child in ipairs(M.children(node)) do
      if child.first <= first and last <= child.last then
        inner = child
        break
      end
    end
  end
  if node.first <= first and last <= node.last then return node end
  return nil
end

function M.statement_of(node)
  while node and not statements[node.kind] do node = node.parent end
  if not node then return nil end
  local block = node.parent
  for i = 1, #block do
    if block[i] == node then return node, block, i end
  end
  return node
end

---- Lines: \n, \r, \r\n and \n\r each end one, as in the compiler's line count. The index is made at the first
---- question.

local function line_starts(tree)
  if tree.lines then return tree.lines end
  local text, starts, count, at = tree.text, { 1 }, 1, 1
  while true do
    local first = text:find("[\r\n]", at)
    if not first then break end
    local a, b = text:byte(first, first + 1)
    at = first + ((b == 10 or b == 13) and b ~= a and 2 or 1)
    count = count + 1
    starts[count] = at
  end
  tree.lines = starts
  return starts
end

function M.position(tree, offset)
  local starts = line_starts(tree)
  local low, high = 1, #starts
  while low < high do
    local middle = (low + high + 1) // 2
    if starts[middle] <= offset then low = middle else high = middle - 1 end
  end
  return low, offset - starts[low] + 1
end

function M.line_offset(tree, line)
  return line_starts(tree)[line]
end

function M.line_count(tree)
  return #line_starts(tree)
end

---- Values of literals

local simple_escapes = { a = "\a", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", v = "\v", ["\\"] = "\\",
  ['"'] = '"', ["'"] = "'" }

-- UTF-8 as extended to 2^31 (six bytes), as the compiler writes it.
local function unescape(body)
  local out, at = {}, 1
  while true do
    local slash = body:find("\\", at, true)
    if not slash then break end
    out[#out + 1] = body:sub(at, slash - 1)
    local c = body:sub(slash + 1, slash + 1)
    local _, stop, digits
    if simple_escapes[c] then
      out[#out + 1], at = simple_escapes[c], slash + 2
    elseif c == "x" then
      out[#out + 1], at = string.char(tonumber(body:sub(slash + 2, slash + 3), 16)), slash + 4
    elseif c == "z" then
      at = body:match("^[ \t\r\n\f\v]*()", slash + 2)
    elseif c == "u" then
      _, stop, digits = body:find("^{(%x+)}", slash + 2)
      out[#out + 1], at = utf8.char(tonumber(digits, 16)), stop + 1
    elseif c == "\n" or c == "\r" then
      local pair = body:sub(slash + 1, slash + 2)
      out[#out + 1], at = "\n", slash + ((pair == "\r\n" or pair == "\n\r") and 3 or 2)
    else
      _, stop, digits = body:find("^(%d%d?%d?)", slash + 1)
      out[#out + 1], at = string.char(tonumber(digits)), stop + 1
    end
  end
  out[#out + 1] = body:sub(at)
  return table.concat(out)
end

local function string_value(text)
  local level = text:match "^%[(=*)%["
  if not level then return unescape(text:sub(2, -2)) end
  local body = text:sub(#level + 3, -#level - 3)
  body = body:gsub("\r\n", "\n"):gsub("\n\r", "\n"):gsub("\r", "\n")
  if body:sub(1, 1) == "\n" then body = body:sub(2) end
  return body
end

function M.value(node)
  local kind = node.kind
  if kind == "number" then return (tonumber(node.text)) end
  if kind == "string" then return string_value(node.text) end
  if kind == "true" then return true end
  if kind == "false" then return false end
  if kind == "nil" then return nil end
  error("no literal: " .. tostring(kind), 2)
end

return M
