--- han.syntax: Lua 5.4 source text as a tree that can be edited.
-- This file owns the public interface and the glue to its parts in syntax/: grammar (LPeg: tokens and tree), scope
-- (names, labels, limits: what a compiler refuses after the grammar), node (kinds, walks, positions), query (functions,
-- names, calls), edit (splices), shape (hash, diff). It accepts what `luac5.4 -p` accepts as text, and nothing else.
--
-- Conventions. Offsets are 1-based bytes; first..last is inclusive, text:sub(first, last) is the node, an empty node
-- has last == first - 1. Lines and columns are 1-based, columns count bytes; \n, \r, \r\n and \n\r each end one line.
-- A tree is read-only: to change a program, splice its text and parse again. Nodes link to their parents, so they are
-- no plain values: give offsets, not nodes, to anything that serializes.
-- Bad arguments throw. A text that is not Lua gives nil, message, "SYNTAX", detail:
--   message  "name:line:column: expected X near 'token'", or another fault in place of "expected X"
--   detail   { line=, column=, offset=, near=, message=, expected = { names, sorted; empty for other faults } }
-- Nesting is limited as in the compiler (LUAI_MAXCCALLS); beyond it: "chunk has too many syntax levels". A text has
-- at most MAX_BYTES (4 MiB).
--
-- ## Functions
-- parse(text [, name [, options]]) -> tree { text=, name=, root = chunk, declarations = {name...}, uses = {name...} }
--     name is for messages (default "chunk"); options.shebang = false refuses a first line with '#' and a byte order
--     mark, as load() does and luac does not
-- parse_expression(text [, name]) -> tree     tree.root is one expression; varargs allowed
-- parse_statements(text [, name]) -> tree     tree.root is a block; break, varargs, goto an unknown label allowed
-- tokens(text) -> { {kind=, first=, last=} ... }     all bytes, in order; kind is space, comment, shebang, name,
--     keyword, number, string or symbol
-- normal(text) -> the tokens alone, one a line, or nil, message, "SYNTAX" where none starts: equal for texts that
--     differ in layout and comments only; a cheap key for a cache, made without a tree
-- print(tree [, node]) -> the text of the node (of the whole tree), exactly as written
-- value(node) -> the value of a literal: number, string, true, false, nil; throws for other kinds
-- position(tree, offset) -> line, column      line_offset(tree, line) -> offset of its first byte or nil
-- line_count(tree) -> number of lines
-- children(node) -> list of child nodes in source order
-- walk(node, enter [, leave])     depth first, in source order, at any depth; enter(node) == false skips the children
-- find(tree, kind) -> list of nodes in source order; kind may be a set { binop = true, unop = true }
-- node_at(tree, first [, last]) -> the innermost node that covers first..last, or nil
-- statement_of(node) -> the enclosing statement (or the node itself), its block, its index there; nil for chunk, block
-- is_statement(node), is_expression(node) -> boolean; a declared name is no expression
-- functions(tree) -> { entry... } in source order; entry 1 is the main chunk:
--     { index=, name=, kind = "main"|"local"|"global"|"field"|"method"|"anonymous", params = { "a", "b" }, vararg=,
--       node = function node (chunk for main), first=, last=, line=, last_line= (of the whole declaration),
--       parent = index of the enclosing entry or nil, depth = 0 for main, declared = name node or nil }
--     `function M.a.b:c()` is "M.a.b:c" and its params start with "self"; `local f = function`, `M.f = function` and
--     `{ f = function }` are "f", "M.f", "f"; others "anonymous@LINE"
-- function_at(tree, offset), function_on_line(tree, line) -> innermost entry     function_named(tree, name) -> entry
-- names_at(tree, offset) -> { {name=, declaration=, scope = "local"|"upvalue"} ... } visible there, innermost first
-- is_written(node) -> whether this use of a name is the target of an assignment
-- globals(tree) -> { {name=, reads=, writes=, uses = {name...}} ... } by name
-- callgraph(tree) -> { {from = entry index, to = entry index or nil, name = "M.add"|"print"|"?", node = call} ... }
-- edit(text, edits) -> new text; edits = { {first=, last=, text=} ... } at offsets of `text`, any order. An insertion
--     has last = first - 1; insertions at one place keep their order and come before a replacement that starts there.
--     Overlap or range: nil, message, "EDIT"
-- replace(tree, node, text) -> edit; a space is added where tokens would fuse
-- enclose(node, expression) -> the text of `expression` (a tree of parse_expression), in parentheses when, in the place
--     of `node`, its operator would bind to the surroundings or a suffix follows
-- remove(tree, node) -> edit that deletes a statement, with its line when it stands alone
-- insert(tree, block, index, text) -> edit that puts statements before block[index] (#block + 1: at the end), indented
--     as their neighbours are
-- hash(node [, options]) -> 32 hex digits of the structure; layout and comments do not count, parentheses do.
--     options.constants = "erase": number and string literals count by kind. options.names = "alpha": locals and
--     labels count by order of appearance; "rename": so do globals and keys; "erase": all identifiers are alike
-- same(a, b [, options]) -> whether two nodes have the same structure; exact, no hash
-- diff(old, new) -> for two trees, the functions that differ:
--     { {fn = name, status = "added"|"removed"|"changed", old = entry, new = entry,
--        changes = { {op = "added"|"removed"|"changed", old = node, new = node} ... } } ... }
--     The code of an inner function is reported for the inner function alone.
--
-- ## Nodes { kind=, first=, last=, parent=, ... }     x*: a list, x?: a node or false
-- chunk      body                             the whole text: first = 1, last = #text
-- block      [1..n] statements; open, close   offsets after the token that opens it and of the one that closes it
-- Statements
-- local      names*, values*                  a name has attrib = "const"|"close"|false
-- localfunction name, func
-- funcstat   target, func, method=            target: name or field; method is true for a:b, whose target is a field
-- assign     targets*, values*
-- callstat   call                             of kind call or method
-- do         body
-- while      cond, body
-- repeat     body, cond
-- if         clauses*, orelse?                orelse is a block
-- clause     cond, body                       part of an if
-- fornum     var, start, limit, step?, body
-- forin      names*, values*, body
-- return     values*                          the span holds a closing ';'
-- break
-- goto, label  label=, label_first=           the label's text and its offset
-- empty                                       a ';'
-- Expressions
-- nil, true, false, vararg
-- number, string  text=                       as written
-- name       name=                            a use: declaration = name or false, scope = "local"|"upvalue"|"global"
--                                             a declaration: declares = "local"|"param"|"for"|"function"|"self",
--                                             from=, to= offsets where it is visible, func = its function node or chunk
-- field      object, key                      a.b; key is a node of kind key with name=
-- index      object, key                      a[b]
-- call       callee, args*, style=            style = "paren"|"string"|"table"
-- method     object, key, args*, style=
-- function   params*, vararg=, method=, body  self = its implicit declaration when method
-- paren      inner
-- binop      op=, op_first=, left, right
-- unop       op=, op_first=, operand
-- table      items*                           an expression, or pair, or keyed
-- pair       key, value                       k = v; key is of kind key
-- keyed      key, value                       [k] = v
local grammar = require "han.syntax.grammar"
local lexer = require "han.syntax.lexer"
local scope = require "han.syntax.scope"
local node_module = require "han.syntax.node"
local query = require "han.syntax.query"
local edit = require "han.syntax.edit"
local shape = require "han.syntax.shape"

local M = {}

-- A tree takes some fifty times its text, and four hundred times while the densest text is parsed.
M.MAX_BYTES = 4 << 20

---- Parsing

local function check_text(text, name)
  if type(text) ~= "string" then error("text must be a string, got " .. type(text), 3) end
  if name ~= nil and type(name) ~= "string" then error("name must be a string, got " .. type(name), 3) end
end

local function failure(text, name, wrong)
  local line, column = node_module.position({ text = text }, wrong.offset)
  local close_to = lexer.near(text, wrong.offset)
  local message = ("%s:%d:%d: %s near %s"):format(name, line, column, wrong.message, close_to)
  return nil, message, "SYNTAX", { line = line, column = column, offset = wrong.offset, near = close_to,
    expected = wrong.expected or {},
    message = wrong.message }
end

local function too_large(text, name)
  return failure(text, name, { offset = 1, message = ("more than %d bytes"):format(M.MAX_BYTES) })
end

-- Limits that only code generation can tell are asked of it, for the few texts that may come near them (scope.lua,
-- `heavy`). Its own stack may already be in use, so what it says about nesting does not count here.
local function generate(text)
  local source = text:gsub("^\239\187\191", ""):gsub("^#[^\n]*", "")
  -- pcall, because an overflow inside load() would otherwise run the message handler of a caller's xpcall.
  local _, chunk, message = pcall(load, source, "=c", "t")
  if chunk or message:find("overflow", 1, true) then return nil end
  local line, what = message:match "^c:(%d+): (.-) near "
  if not line then line, what = message:match "^c:(%d+): (.*)" end
  return { offset = node_module.line_offset({ text = text }, tonumber(line) or 1) or 1, message = what or message }
end

local function build(text, name, start, fragment)
  if #text > M.MAX_BYTES then return too_large(text, name) end
  local root, wrong = grammar.parse(text, start)
  local found
  if root then found, wrong = scope.resolve(root, fragment) end
  if found and found.heavy and not fragment then wrong = generate(text) end
  if wrong then
    if wrong.diagnose then wrong = grammar.diagnose(text, start) or wrong end
    return failure(text, name, wrong)
  end
  return { text = text, name = name, root = root, declarations = found.declarations, uses = found.uses,
    function_nodes = found.functions,
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
  if #text > M.MAX_BYTES then return too_large(text, "tokens") end
  local list, wrong = lexer.tokens(text)
  if not list then return failure(text, "tokens", wrong) end
  return list
end

function M.normal(text)
  check_text(text)
  local tokens, wrong = lexer.normal(text)
  if not tokens then return failure(text, "tokens", wrong) end
  return tokens
end

---- Text of the tree

function M.print(tree, node)
  if not node then return tree.text end
  return tree.text:sub(node.first, node.last)
end

-- The interface is the union of the parts' public functions.
local parts = {
  { node_module, "value position line_offset line_count children walk find node_at statement_of" },
  { node_module, "is_statement is_expression" },
  { query, "functions function_at function_on_line function_named names_at is_written globals callgraph" },
  { edit, "edit replace enclose remove insert" },
  { shape, "hash same diff" },
}
for _, part in ipairs(parts) do
  for name in part[2]:gmatch "[%a_]+" do M[name] = part[1][name] end
end

return M
