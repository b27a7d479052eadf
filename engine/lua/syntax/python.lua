--- han.syntax.python: Python source text as a tree that can be edited, behind the names of han.syntax.
-- The text is parsed by Python's own ast, in a box (python_driver.txt), because a parser is a program too; nothing of
-- the text is run. This file reads what comes back, holds it to the text, and answers from it. parse waits for the box;
-- all else is pure.
--
-- Conventions are those of han.syntax: offsets are 1-based bytes, first..last is inclusive, a tree is read-only, a
-- changed program is a spliced text that is parsed again. Lines end with \n, \r\n or \r, as for Python.
--
-- parse(text [, name [, options]]) -> tree { text=, name=, language = "python", root=, nodes = {node...} }
--     or nil, message, "SYNTAX", { line=, column=, offset=, message= }; nil, message, CODE when no box could be had.
--     options.execute stands in for han.exec.run.
-- node { kind=, role=, first=, last=, words = {text...}, items = {node...}, parent=, line= }
--     kind and role are class and field of Python's ast ("If", "test"); words are what is the node's own: names,
--     operators, constants as "int:1"; a FunctionDef's are its name and its signature. Inside an f-string every node
--     has the place of the whole string. A definition begins at def or class, its decorators are before that.
-- functions(tree) -> entries as in han.syntax: { index=, name = "Class.method" | "outer.inner" | "anonymous@LINE",
--     kind = "main"|"function"|"method"|"class"|"anonymous", params=, vararg=, signature = "(a, b=1) -> int", node=,
--     first=, last= (decorators included), line=, last_line=, parent=, depth= }; a class is an entry without params
-- function_at(tree, offset), function_on_line(tree, line), function_named(tree, name) -> entry
-- callgraph(tree) -> { {from=, to = entry index or nil, name = "self.add", node=} ... }
-- children, walk, find, node_at, statement_of, is_statement, print, position, line_offset, line_count, edit, replace,
-- remove, insert, same, hash as in han.syntax, but: statement_of(node) -> statement, list, index, where list is the
-- list of statements that it stands in; insert(tree, list, index, text); remove leaves `pass` in a block of one.
local cases = require "han.checker.cases"
local edit = require "han.syntax.edit"
local driver = require "han.syntax.python_driver_txt"
local sys = require "han.sys"
local value = require "han.value"

local M = {}

M.MAX_BYTES = 1 << 20
local PYTHON = "/usr/bin/python3"
local LIMITS = { time = 20.0, memory = 768 << 20, output = 64 << 20, disk = 8 << 20, procs = 4 }

-- ---- lines ----

-- Offsets of the first byte of each line.
local function line_starts(text)
  local starts, at = { 1 }, 1
  while true do
    local found = text:find("[\r\n]", at)
    if not found then return starts end
    at = text:sub(found, found + 1) == "\r\n" and found + 2 or found + 1
    starts[#starts + 1] = at
  end
end

--- Line and column of an offset.
function M.position(tree, offset)
  local starts = tree.starts
  local low, high = 1, #starts
  while low < high do
    local middle = (low + high + 1) // 2
    if starts[middle] <= offset then low = middle else high = middle - 1 end
  end
  return low, offset - starts[low] + 1
end

function M.line_offset(tree, line) return tree.starts[line] end
function M.line_count(tree) return #tree.starts end

-- ---- reading what the box said ----

local function words_of(field)
  local words = {}
  if field == "-" then return words end
  for word in field:gmatch "[^,]+" do words[#words + 1] = word == "00" and "" or cases.hex_bytes(word) end
  return words
end

local function failure(name, line)
  local at_line, column, offset, words = line:match "^error (%d+) (%d+) (%d+) (%S+)$"
  if not at_line then return nil, "the parser gave no tree", "PEER" end
  local message = words_of(words)[1]
  at_line, column = math.tointeger(at_line), math.tointeger(column)
  return nil, ("%s:%d:%d: %s"):format(name, at_line, column, message), "SYNTAX",
    { line = at_line, column = column, offset = math.tointeger(offset), message = message }
end

-- One node: its place must lie in the text and in that of its parent, for whoever wrote the line.
local function read_node(tree, line)
  local parent, kind, role, first, last, words = line:match "^(%d+) ([%a_]+) ([%a_]+) (%d+) (%d+) ([%x,-]+)$"
  if not parent then return nil end
  local nodes = tree.nodes
  local node = { kind = kind, role = role, first = math.tointeger(first), last = math.tointeger(last),
    words = words_of(words), items = {}, parent = nodes[math.tointeger(parent)] }
  local within = node.parent
  if not node.first or not node.last or (parent == "0") ~= (#nodes == 0) then return nil end
  if parent ~= "0" and not within then return nil end
  if node.first < 1 or node.last > #tree.text or node.last < node.first - 1 then return nil end
  if within then within.items[#within.items + 1] = node end
  nodes[#nodes + 1] = node
  node.line = M.position(tree, node.first)
  return node
end

local function read_tree(text, name, said)
  if said:find "^error " then return failure(name, said:match "^[^\n]*") end
  local tree = { text = text, name = name, language = "python", nodes = {}, starts = line_starts(text) }
  for line in said:gmatch "[^\n]+" do
    if not read_node(tree, line) then return nil, "the parser gave no tree", "PEER" end
  end
  tree.root = tree.nodes[1]
  if not tree.root then return nil, "the parser gave no tree", "PEER" end
  return tree
end

--- Parses a text; see the head of this file.
function M.parse(text, name, options)
  if type(text) ~= "string" then error("text must be a string, got " .. type(text), 2) end
  name = name or "module"
  if #text > M.MAX_BYTES then
    return nil, ("%s:1:1: more than %d bytes"):format(name, M.MAX_BYTES), "SYNTAX",
      { line = 1, column = 1, offset = 1, message = ("more than %d bytes"):format(M.MAX_BYTES) }
  end
  if not sys.access(PYTHON, "x") then
    return nil, PYTHON .. " is not there or cannot be executed; install python3", "ENVIRONMENT"
  end
  local execute = options and options.execute or require("han.exec").run
  local answer, why, code = execute { argv = { PYTHON, "-I", "-S", "-B", "outline.py" }, input = text,
    files = { { path = "outline.py", bytes = driver, mode = 292 } }, limits = LIMITS }
  if not answer then return nil, why, code end
  if answer.class == "sandbox-error" then return nil, answer.message, "PEER" end
  if answer.class ~= "pass" then
    local message = "the parser ended with " .. answer.class
    return nil, ("%s:1:1: %s"):format(name, message), "SYNTAX", { line = 1, column = 1, offset = 1, message = message }
  end
  return read_tree(text, name, answer.stdout)
end

-- ---- walking ----

function M.children(node) return table.move(node.items, 1, #node.items, 1, {}) end

--- Depth first, in source order, at any depth; enter(node) == false skips the children.
function M.walk(node, enter, leave)
  local stack = { { node = node, at = 0 } }
  if enter(node) == false then stack[1].at = #node.items end
  while #stack > 0 do
    local top = stack[#stack]
    top.at = top.at + 1
    local child = top.node.items[top.at]
    if not child then
      if leave then leave(top.node) end
      stack[#stack] = nil
    else
      stack[#stack + 1] = { node = child, at = enter(child) == false and #child.items or 0 }
    end
  end
end

--- Nodes of a kind, or of a set of kinds, in source order.
function M.find(tree, kind)
  local set, found = type(kind) == "table" and kind or { [kind] = true }, {}
  M.walk(tree.root, function(node) if set[node.kind] then found[#found + 1] = node end end)
  return found
end

--- The innermost node that covers first..last, or nil.
function M.node_at(tree, first, last)
  last = last or first
  local node = tree.root
  if first < node.first or last > node.last then return nil end
  repeat
    local inner
    for _, child in ipairs(node.items) do
      if child.first <= first and child.last >= last then inner = inner or child end
    end
    node = inner or node
  until not inner
  return node
end

local BODIES = { body = true, orelse = true, finalbody = true }
local EXPRESSIONS = { Lambda = true, IfExp = true } -- whose body is no statement

function M.is_statement(node)
  local parent = node.parent
  return parent ~= nil and BODIES[node.role] == true and not EXPRESSIONS[parent.kind]
end

--- The enclosing statement (or the node itself), the list of statements that it stands in, its index there.
function M.statement_of(node)
  while node and not M.is_statement(node) do node = node.parent end
  if not node then return nil end
  local list, index = { owner = node.parent, role = node.role }, nil
  for _, item in ipairs(node.parent.items) do
    if item.role == node.role then list[#list + 1] = item end
    if item == node then index = #list end
  end
  return node, list, index
end

function M.print(tree, node)
  node = node or tree.root
  return tree.text:sub(node.first, node.last)
end

-- ---- functions ----

local DEFINITIONS = { FunctionDef = "function", AsyncFunctionDef = "function", ClassDef = "class",
  Lambda = "anonymous" }

-- From the @ of the first decorator on.
local function first_of(tree, node)
  local first = node.first
  for _, item in ipairs(node.items) do
    if item.role == "decorator_list" and item.first < first then first = item.first end
  end
  if first == node.first then return first end
  local before = tree.text:sub(1, first - 1):match "@[ \t\f\\\r\n]*$"
  return before and first - #before or first
end

local function params_of(node)
  local names, vararg = {}, false
  for _, item in ipairs(node.items) do
    for _, arg in ipairs(item.kind == "arguments" and item.items or {}) do
      if arg.kind == "arg" then names[#names + 1] = arg.words[1] end
      vararg = vararg or arg.role == "vararg" or arg.role == "kwarg"
    end
  end
  return names, vararg
end

local function entry_of(tree, node, parent, index)
  local kind = DEFINITIONS[node.kind]
  if kind == "function" and parent.kind == "class" then kind = "method" end
  local first = first_of(tree, node)
  local own = kind == "anonymous" and "anonymous@" .. node.line or node.words[1]
  local entry = { index = index, kind = kind, node = node, first = first, last = node.last, parent = parent.index,
    name = parent.kind ~= "main" and parent.name .. "." .. own or own, depth = parent.depth + 1,
    line = M.position(tree, first), last_line = M.position(tree, math.max(node.last, first)) }
  if kind ~= "class" then
    entry.params, entry.vararg = params_of(node)
    entry.signature = node.words[kind == "anonymous" and 1 or 2]
  end
  return entry
end

--- Every definition, in source order; entry 1 is the module.
function M.functions(tree)
  if tree.entries then return tree.entries end
  local entries = { { index = 1, name = "main", kind = "main", params = {}, vararg = false, node = tree.root, first = 1,
    last = #tree.text, line = 1, last_line = M.position(tree, math.max(1, #tree.text)), depth = 0 } }
  local open = { entries[1] }
  M.walk(tree.root, function(node)
    if not DEFINITIONS[node.kind] then return end
    entries[#entries + 1] = entry_of(tree, node, open[#open], #entries + 1)
    open[#open + 1] = entries[#entries]
  end, function(node)
    if DEFINITIONS[node.kind] then open[#open] = nil end
  end)
  tree.entries = entries
  return entries
end

--- The innermost entry that an offset lies in.
function M.function_at(tree, offset)
  local found
  for _, entry in ipairs(M.functions(tree)) do
    if entry.first <= offset and entry.last >= offset then found = entry end
  end
  return found
end

--- The innermost entry of the first thing on a line.
function M.function_on_line(tree, line)
  local start = tree.starts[line]
  if not start then return nil end
  local stop = (tree.starts[line + 1] or #tree.text + 1) - 1
  return M.function_at(tree, math.min(tree.text:find("[^ \t\f]", start) or start, stop))
end

function M.function_named(tree, name)
  for _, entry in ipairs(M.functions(tree)) do
    if entry.name == name then return entry end
  end
  return nil
end

-- ---- calls ----

local function by_name(entries)
  local names = {}
  for _, entry in ipairs(entries) do names[entry.name] = names[entry.name] or entry end
  return names
end

-- The class that an entry is a method of, at any depth.
local function class_of(entries, entry)
  while entry and entry.kind ~= "class" do entry = entries[entry.parent] end
  return entry
end

-- What a called name means: of self and cls a method of the class; else the nearest definition around the call.
local function target_of(entries, names, from, name)
  local rest = name:match "^self%.([%w_]+)$" or name:match "^cls%.([%w_]+)$"
  local class = rest and class_of(entries, from)
  if class then return names[class.name .. "." .. rest] end
  local scope = from
  while scope do
    local inner = scope.kind ~= "main" and names[scope.name .. "." .. name]
    if inner and scope.kind ~= "class" then return inner end
    scope = entries[scope.parent]
  end
  return names[name]
end

--- Which entry calls what: { from=, to=, name=, node= } in source order.
function M.callgraph(tree)
  local entries, list = M.functions(tree), {}
  local names = by_name(entries)
  for _, node in ipairs(M.find(tree, "Call")) do
    local from, name = M.function_at(tree, node.first), node.words[1]
    local to = name and target_of(entries, names, from, name)
    list[#list + 1] = { from = from.index, to = to and to.index, name = name or "?", node = node }
  end
  return list
end

-- ---- edits ----

M.edit = edit.edit

--- An edit that puts a text in the place of a node; a space is added where words would fuse.
function M.replace(tree, node, text)
  local before, after = tree.text:sub(node.first - 1, node.first - 1), tree.text:sub(node.last + 1, node.last + 1)
  if node.first > 1 and before:find "[%w_]" and text:find "^[%w_]" then text = " " .. text end
  if after:find "[%w_]" and text:find "[%w_]$" then text = text .. " " end
  return { first = node.first, last = node.last, text = text }
end

-- The white space before a statement, nil when something else stands before it on its line.
local function indent_of(tree, first)
  local line = M.position(tree, first)
  return tree.text:sub(tree.starts[line], first - 1):match "^[ \t\f]*$"
end

--- An edit that deletes a statement, with its decorators and its line when it stands alone.
function M.remove(tree, node)
  local statement, list = M.statement_of(node)
  if statement ~= node then error("not a statement: " .. node.kind, 2) end
  local first, last = first_of(tree, node), node.last
  if #list == 1 and list.role == "body" and list.owner.kind ~= "Module" then
    return { first = first, last = last, text = "pass" }
  end
  if not indent_of(tree, first) then return { first = first, last = last, text = "pass" } end
  local stop = tree.starts[M.position(tree, last) + 1] or #tree.text + 1
  local rest = tree.text:sub(last + 1, stop - 1)
  if not rest:find "^[ \t\f]*[\r\n]*$" then return { first = first, last = last, text = "pass" } end
  return { first = tree.starts[M.position(tree, first)], last = stop - 1, text = "" }
end

--- An edit that puts statements before list[index] (#list + 1: behind the last), indented as it is.
function M.insert(tree, list, index, text)
  local at = list[index] or list[#list]
  local behind = list[index] == nil
  local first = first_of(tree, at)
  local indent = indent_of(tree, first)
  if not indent then return nil, "there is no line of its own beside that statement", "EDIT" end
  local lines = {}
  for line in (text:gsub("\n$", "") .. "\n"):gmatch "(.-)\n" do
    lines[#lines + 1] = line ~= "" and indent .. line or ""
  end
  local piece = table.concat(lines, "\n")
  if not behind then
    local start = tree.starts[M.position(tree, first)]
    return { first = start, last = start - 1, text = piece .. "\n" }
  end
  local next_line = tree.starts[M.position(tree, at.last) + 1]
  if next_line then return { first = next_line, last = next_line - 1, text = piece .. "\n" } end
  return { first = #tree.text + 1, last = #tree.text, text = "\n" .. piece .. "\n" }
end

-- ---- structure ----

local function shape_of(node)
  local out = {}
  M.walk(node, function(one)
    out[#out + 1] = ("(%s %s"):format(one == node and "-" or one.role, one.kind)
    for _, word in ipairs(one.words) do out[#out + 1] = ("%d:%s"):format(#word, word) end
  end, function() out[#out + 1] = ")" end)
  return table.concat(out, " ")
end

--- Whether two nodes have the same structure: layout and comments do not count.
function M.same(a, b) return shape_of(a) == shape_of(b) end

--- 32 hexadecimal digits of the structure.
function M.hash(node) return value.digest(shape_of(node)):sub(1, 32) end

return M
