--- Questions about a bound tree: its functions, what is visible where, globals, who calls whom.
-- Everything here is computed when asked and derives from node links; the function table is kept on the tree.
local node_module = require "han.syntax.node"

local M = {}

---- The function table

local function dotted(node)
  if node.kind == "name" then return node.name end
  if node.kind ~= "field" then return nil end
  local parts, count = {}, 0
  while node.kind == "field" do
    count = count + 1
    parts[count] = node.key.name
    node = node.object
  end
  if node.kind ~= "name" then return nil end
  local name = { node.name }
  for i = count, 1, -1 do name[#name + 1] = parts[i] end
  return table.concat(name, ".")
end
M.dotted = dotted

local function index_of(list, node)
  for i = 1, #list do
    if list[i] == node then return i end
  end
  return nil
end

-- The place a function value is put in: name, kind, declared name node, statement that holds the whole declaration.
local function from_assignment(node, statement)
  local names = statement.kind == "local" and statement.names or statement.targets
  local target = names[index_of(statement.values, node)]
  local name = target and dotted(target)
  if not name then return nil end
  local span = #statement.values == 1 and statement or node
  if statement.kind == "local" then return name, "local", target, span end
  if target.kind == "field" then return name, "field", nil, span end
  return name, target.declaration and "local" or "global", target.declaration or nil, span
end

local function from_statement(node, statement)
  if statement.kind == "localfunction" then return statement.name.name, "local", statement.name, statement end
  local target = statement.target
  if target.kind == "name" then
    return target.name, target.declaration and "local" or "global", target.declaration or nil, statement
  end
  if not node.method then return dotted(target), "field", nil, statement end
  return dotted(target.object) .. ":" .. target.key.name, "method", nil, statement
end

local function placed(node)
  local parent = node.parent
  if not parent then return nil end
  local kind = parent.kind
  if kind == "localfunction" or kind == "funcstat" then return from_statement(node, parent) end
  if kind == "local" or kind == "assign" then return from_assignment(node, parent) end
  if kind == "pair" then return parent.key.name, "field", nil, parent end
  return nil
end

local function param_names(node)
  local list = {}
  if node.method then list[1] = "self" end
  for _, param in ipairs(node.params) do list[#list + 1] = param.name end
  return list
end

local function entry_of(tree, node, index)
  if index == 1 then
    return { index = 1, name = "main", kind = "main", params = {}, vararg = true, node = node, first = node.first,
      last = node.last, line = 1,
      last_line = node_module.line_count(tree), depth = 0 }
  end
  local line = node_module.position(tree, node.first)
  local name, kind, declared, span = placed(node)
  span = span or node
  return { index = index, name = name or "anonymous@" .. line, kind = kind or "anonymous", params = param_names(node),
    vararg = node.vararg,
    node = node, first = span.first, last = span.last, line = node_module.position(tree, span.first),
    last_line = node_module.position(tree, span.last), declared = declared }
end

function M.functions(tree)
  if tree.entries then return tree.entries end
  local entries, by_node = {}, {}
  for i, node in ipairs(tree.function_nodes) do
    local entry = entry_of(tree, node, i)
    local outer = by_node[node.func]
    if outer then entry.parent, entry.depth = outer.index, outer.depth + 1 end
    entries[i], by_node[node] = entry, entry
  end
  tree.entries, tree.by_node = entries, by_node
  return entries
end

function M.function_at(tree, offset)
  local best
  for _, entry in ipairs(M.functions(tree)) do
    if entry.first <= offset and offset <= entry.last and (not best or entry.depth >= best.depth) then best = entry end
  end
  return best
end

function M.function_on_line(tree, line)
  local first = node_module.line_offset(tree, line)
  if not first then return nil end
  return M.function_at(tree, tree.text:match("^[ \t]*()", first))
end

function M.function_named(tree, name)
  for _, entry in ipairs(M.functions(tree)) do
    if entry.name == name then return entry end
  end
  return nil
end

---- Names

-- The function whose code is at an offset: its declaration's own header is still code of the one around it.
local function code_at(tree, offset)
  local nodes = tree.function_nodes
  local best = nodes[1]
  for i = 2, #nodes do
    local node = nodes[i]
    if node.first <= offset and offset <= node.last and node.first >= best.first then best = node end
  end
  return best
end

function M.names_at(tree, offset)
  local list, seen = {}, {}
  local here = code_at(tree, offset)
  local declarations = tree.declarations
  for i = #declarations, 1, -1 do
    local declaration = declarations[i]
    if declaration.from <= offset and offset <= declaration.to and not seen[declaration.name] then
      seen[declaration.name] = true
      list[#list + 1] = { name = declaration.name, declaration = declaration,
        scope = declaration.func == here and "local" or "upvalue" }
    end
  end
  return list
end

local function is_written(node)
  local parent = node.parent
  if not parent then return false end
  if parent.kind == "funcstat" then return parent.target == node end
  return parent.kind == "assign" and index_of(parent.targets, node) ~= nil
end
M.is_written = is_written

function M.globals(tree)
  local by_name, list = {}, {}
  for _, node in ipairs(tree.uses) do
    if node.scope == "global" then
      local entry = by_name[node.name]
      if not entry then
        entry = { name = node.name, reads = 0, writes = 0, uses = {} }
        by_name[node.name], list[#list + 1] = entry, entry
      end
      local what = is_written(node) and "writes" or "reads"
      entry[what] = entry[what] + 1
      entry.uses[#entry.uses + 1] = node
    end
  end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

---- Calls

-- Functions by the name that reaches them: a local by its declaration, anything else by its dotted name; a name that
-- two
-- functions share, or a local that is assigned again, reaches none for certain.
local function targets(tree)
  local by_declaration, by_name = {}, {}
  for _, entry in ipairs(M.functions(tree)) do
    local map, key = by_name, entry.name
    if entry.kind == "local" then map, key = by_declaration, entry.declared end
    if entry.kind ~= "main" and entry.kind ~= "anonymous" then map[key] = map[key] == nil and entry or false end
  end
  for _, node in ipairs(tree.uses) do
    local declaration = node.declaration
    if declaration and is_written(node) and by_declaration[declaration]
      and by_declaration[declaration].node.parent ~= node.parent then
      by_declaration[declaration] = false
    end
  end
  return by_declaration, by_name
end

local function callee(node, entry, entries, by_declaration, by_name)
  if node.kind == "call" then
    local name = dotted(node.callee)
    if not name then return "?", nil end
    if node.callee.kind == "name" and node.callee.declaration then return name,
      by_declaration[node.callee.declaration] end
    return name, by_name[name]
  end
  local object = dotted(node.object) or "?"
  -- Inside a method of M, self is taken to be an M.
  local owner = entry
  while object == "self" and owner and owner.kind ~= "method" do owner = owner.parent and entries[owner.parent] end
  if object == "self" and owner then object = owner.name:match "^(.*):" end
  local name = object .. ":" .. node.key.name
  return name, by_name[name] or by_name[object .. "." .. node.key.name]
end

function M.callgraph(tree)
  local entries = M.functions(tree)
  local by_declaration, by_name = targets(tree)
  local list, stack = {}, {}
  node_module.walk(tree.root, function(node)
    if tree.by_node[node] then stack[#stack + 1] = tree.by_node[node] end
    if node.kind == "call" or node.kind == "method" then
      local entry = stack[#stack]
      local name, target = callee(node, entry, entries, by_declaration, by_name)
      list[#list + 1] = { from = entry.index, to = target and target.index or nil, name = name, node = node }
    end
  end, function(node)
    if tree.by_node[node] then stack[#stack] = nil end
  end)
  return list
end

return M
