--- han.syntax: Lua 5.4 source text as a tree that can be edited.
-- This file owns the public interface: parse, positions, walking, and the glue to the parts in syntax/: grammar (LPeg:
-- tokens and tree), scope (names, labels, limits: what a Lua compiler refuses after the grammar), query (functions, call
-- graph), edit (splices), shape (hash, diff). Accepts exactly what `luac5.4 -p` accepts as text.
--
-- Conventions. Offsets are 1-based bytes; `first`..`last` is inclusive, text:sub(first, last) is the node; an empty node has
-- last == first - 1. Lines and columns are 1-based, columns count bytes; \n, \r, \r\n and \n\r each end one line.
-- A tree is read-only: to change a program, splice its text and parse again. Nodes carry `parent`, so they are no plain
-- values: pass offsets, not nodes, to anything that serializes.
-- Bad arguments throw. A text that is not Lua gives nil, message, "SYNTAX", detail, where
--   message = "name:line:column: expected X near 'token'" (or "name:line:column: what is wrong near 'token'") and
--   detail  = { line=, column=, offset=, near=, expected = { sorted names } (empty for errors that are not about a token), message= }.
-- Nesting is limited as the compiler limits it (LUAI_MAXCCALLS): such text is refused with "chunk has too many syntax levels".
--
-- ## Functions
-- parse(text [, name [, options]]) -> tree
--     name is for messages (default "chunk"). options.shebang = false refuses a first line that starts with '#' (and a BOM), as load() does.
--     tree = { text=, name=, root=chunk node, functions = {entry...}, declarations = {name node...}, uses = {name node...} }
-- parse_expression(text [, name]) -> tree    tree.root is one expression (varargs allowed)
-- parse_statements(text [, name]) -> tree    tree.root is a block (break, varargs, goto to an unknown label allowed)
-- tokens(text) -> { {kind=, first=, last=} ... }   lossless, in order; kind: space comment shebang name keyword number string symbol
-- print(tree [, node]) -> text of the node (of the whole tree without node), exactly as written
-- value(node) -> value of a literal: number, string, true, false, nil; throws for other kinds
-- position(tree, offset) -> line, column           line_offset(tree, line) -> offset of the line's first byte, or nil
-- line_count(tree) -> number of lines
-- children(node) -> list of child nodes in source order
-- walk(node, enter [, leave])   depth first, source order, no recursion; enter(node) == false skips the children
-- find(tree, kind) -> list of nodes of a kind in source order (kind may be a set { binop = true, unop = true })
-- node_at(tree, first [, last]) -> innermost node that covers first..last
-- statement_of(node) -> enclosing statement (or the node itself), block, index in block; nil for chunk and blocks
-- is_statement(node), is_expression(node) -> boolean
-- functions(tree) -> { entry... } in source order; entry 1 is the main chunk:
--     { index=, name=, kind = "main"|"local"|"global"|"field"|"method"|"anonymous", params = { "a", "b" }, vararg=, node=,
--       first=, last=, line=, last_line=, parent = index of the enclosing function or nil, depth = 0 for main, declared = name node or nil }
--     For `function M.a.b:c()` the name is "M.a.b:c" and params starts with "self"; `local f = function`, `M.f = function` and
--     `{ f = function }` take the name of the place they are put in ("f", "M.f", "f"); otherwise "anonymous@LINE".
--     node is the kind "function" node; first, last span the whole declaration (the statement) where there is one.
-- function_at(tree, offset) -> innermost entry       function_on_line(tree, line) -> innermost entry of the line's first token
-- function_named(tree, name) -> entry or nil
-- names_at(tree, offset) -> { {name=, declaration=, scope = "local"|"upvalue"} ... } visible there (shadowed ones left out), innermost first
-- globals(tree) -> { {name=, reads=, writes=, uses = {name node...}} ... } sorted by name
-- callgraph(tree) -> { {from = entry index, to = entry index or nil, name = "M.add" | "print" | "?", node = call node} ... }
-- edit(text, edits) -> new text; edits = { {first=, last=, text=} ... } on offsets of `text`, any order; an insertion has last = first - 1;
--     insertions at one place keep their order and come before a replacement that starts there. Overlap or range: nil, message, "EDIT".
-- replace(tree, node, text) -> {first=, last=, text=}; an edit (text is padded with a space where two tokens would fuse)
-- remove(tree, node) -> edit that deletes a statement, with its line when it stands alone
-- insert(tree, block, index, text) -> edit that puts statements before block[index] (index #block + 1: at the end), indented like its neighbours
-- hash(node [, options]) -> 32 hex digits of the structure (layout and comments never count; parentheses do).
--     options.constants = "erase": number and string literals count by kind only. options.names = "alpha": locals count by
--     order of declaration; "erase": every identifier counts the same.
-- same(a, b [, options]) -> boolean: equal structure (exact, no hash)
-- diff(old, new) -> { {fn = name, status = "added"|"removed"|"changed", old = entry, new = entry,
--       changes = { {op = "added"|"removed"|"changed", old = node, new = node} ... } } ... } for two trees; only functions that differ;
--     code inside an inner function is reported for the inner function alone.
--
-- ## Nodes: { kind=, first=, last=, parent=, ... }   (x: node, x*: list, x?: node or false)
-- chunk      body                        the whole text is tree.root; first = 1, last = #text
-- block      [1..n] statements           spans its statements
-- Statements
-- local      names*, values*             names are kind "name" with attrib = "const" | "close" | false
-- localfunction  name, func
-- funcstat   target, func, method=bool   target is name or field; func.method is true for a:b
-- assign     targets*, values*
-- callstat   call                        call is kind call or method
-- do body · while cond, body · repeat body, cond · if clauses*, orelse? (a block) · clause cond, body
-- fornum     var, start, limit, step?, body · forin names*, values*, body
-- return     values* (span holds a closing ';') · break · goto label= · label label= · empty (a ';')
-- Expressions
-- nil · true · false · vararg · number text= · string text= (as written)
-- name       name=, and after parse: declaration = name node | false, scope = "local"|"upvalue"|"global" (uses)
--            or declares = "local"|"param"|"for"|"function"|"self", from=, to= offsets where visible (declarations; of a use: nil)
-- field      object, key                 a.b: key is kind "key" (name=)
-- index      object, key                 a[b]
-- call       callee, args*, style = "paren"|"string"|"table" · method object, key, args*, style=
-- function   params* (names), vararg=bool, method=bool, body; self = implicit declaration when method
-- paren inner · binop op=, op_first=, left, right · unop op=, op_first=, operand
-- table      items* (an expression, or) pair key, value (key = v) · keyed key, value ([k] = v)
local grammar = require "han.syntax.grammar"
local scope = require "han.syntax.scope"
local node_module = require "han.syntax.node"
local query = require "han.syntax.query"
local edit = require "han.syntax.edit"
local shape = require "han.syntax.shape"

local M = {}

---- Parsing

local function check_text(text, name)
  if type(text) ~= "string" then error("text must be a string, got " .. type(text), 3) end
  if name ~= nil and type(name) ~= "string" then error("name must be a string, got " .. type(name), 3) end
end

local function failure(text, name, wrong)
  local line, column = node_module.position({ text = text }, wrong.offset)
  local close_to = grammar.near(text, wrong.offset)
  local message = ("%s:%d:%d: %s near %s"):format(name, line, column, wrong.message, close_to)
  return nil, message, "SYNTAX", { line = line, column = column, offset = wrong.offset, near = close_to, expected = wrong.expected or {},
    message = wrong.message }
end

local function build(text, name, start, fragment)
  local root, wrong = grammar.parse(text, start)
  local found
  if root then found, wrong = scope.resolve(root, fragment) end
  if not found then
    if wrong.diagnose then wrong = grammar.diagnose(text, start) or wrong end
    return failure(text, name, wrong)
  end
  return { text = text, name = name, root = root, declarations = found.declarations, uses = found.uses, function_nodes = found.functions,
    lines = false, entries = false }
end

function M.parse(text, name, options)
  check_text(text, name)
  local start = options and options.shebang == false and "string_chunk" or "chunk"
  return build(text, name or "chunk", start, false)
end

function M.parse_expression(text, name)
  check_text(text, name)
  return build(text, name or "expression", "expression", true)
end

function M.parse_statements(text, name)
  check_text(text, name)
  return build(text, name or "statements", "statements", true)
end

function M.tokens(text)
  check_text(text)
  local list, wrong = grammar.tokens(text)
  if not list then return failure(text, "tokens", wrong) end
  return list
end

---- Text of the tree

function M.print(tree, node)
  if not node then return tree.text end
  return tree.text:sub(node.first, node.last)
end

for _, part in ipairs { node_module, query, edit, shape } do
  for name, fn in pairs(part) do M[name] = fn end
end

return M
