--- han.blocks.depend: what the functions of a chunk depend on, exactly enough that nothing else can change what they
-- do. A chunk is taken apart into units, its top-level statements. What a call of one exported function can meet is the
-- closure of the units that its text mentions, and of those that do something while the chunk is loaded.
--
-- The rule is by mention, not by call: code can only reach what it names. It leans to the safe side: a table that is
-- used as a value stands for all of its fields, a statement that may run code, raise or touch another's table at load
-- belongs to every closure, and what can see everything (_ENV, load, debug) depends on the whole text. Two texts in
-- which a function's closure has the same key give the same results for it, when each suite of tests is evaluated on
-- its own (see han.blocks). Not covered: memory limits, to which every text adds its own size.

local syntax = require "han.syntax"

local M = {}

M.LOAD_NODES = 2000 -- a chunk that does more than this while it is loaded is one unit: its load may meet a limit

local everything = { _ENV = true, _G = true, load = true, loadstring = true, dofile = true, loadfile = true,
  require = true, package = true, debug = true, collectgarbage = true }
local libraries = { string = true, table = true, math = true, utf8 = true }
local builtin = { assert = true, error = true, ipairs = true, next = true, pairs = true, pcall = true,
  rawequal = true, rawget = true, rawlen = true, rawset = true, select = true, setmetatable = true,
  getmetatable = true, tonumber = true, tostring = true, type = true, xpcall = true, string = true, table = true,
  math = true, utf8 = true }
-- What gives an error's text, with its line, as a value.
local catches = { pcall = true, xpcall = true, coroutine = true }

-- ---- expressions that do nothing but give a value ----

local pure -- of an expression: it runs no code of the chunk, cannot raise, and touches nothing

local simple = { ["nil"] = true, ["true"] = true, ["false"] = true, number = true, string = true,
  ["function"] = true }

local function is_literal(node, kinds) return kinds[node.kind] == true end

local numbers, texts = { number = true }, { number = true, string = true }

local pure_of = {}

function pure_of.name(node, written)
  if node.declaration then return true end
  return builtin[node.name] == true and not written[node.name]
end

function pure_of.field(node, written)
  local object = node.object
  return object.kind == "name" and not object.declaration and libraries[object.name] == true
    and not written[object.name]
end

function pure_of.paren(node, written) return pure(node.inner, written) end

function pure_of.unop(node, written)
  if node.op == "not" then return pure(node.operand, written) end
  return node.op == "-" and is_literal(node.operand, numbers)
end

local function pure_concat(node)
  if node.kind == "binop" and node.op == ".." then return pure_concat(node.left) and pure_concat(node.right) end
  return is_literal(node, texts)
end

function pure_of.binop(node, written)
  local op = node.op
  if op == "and" or op == "or" then return pure(node.left, written) and pure(node.right, written) end
  if op == ".." then return pure_concat(node) end
  return (op == "+" or op == "-" or op == "*") and is_literal(node.left, numbers) and is_literal(node.right, numbers)
end

function pure_of.table(node, written)
  for _, item in ipairs(node.items) do
    local value = item
    if item.kind == "pair" then value = item.value end
    if item.kind == "keyed" then
      if not is_literal(item.key, texts) then return false end
      value = item.value
    end
    if not pure(value, written) then return false end
  end
  return true
end

function pure(node, written)
  if simple[node.kind] then return true end
  local rule = pure_of[node.kind]
  return rule ~= nil and rule(node, written)
end

local function all_pure(list, written)
  for _, node in ipairs(list) do
    if not pure(node, written) then return false end
  end
  return true
end

-- ---- units ----

-- Top-level locals by their declaration, and those that hold one plain table for good. A table may be written through
-- its fields without running anything; a name that is assigned again may hold anything.
local function top_locals(tree)
  local owner, tables = {}, {}
  for i, statement in ipairs(tree.root.body) do
    if statement.kind == "local" then
      for k, name in ipairs(statement.names) do
        owner[name] = i
        local value = statement.values[k]
        tables[name] = value ~= nil and value.kind == "table" or nil
      end
    elseif statement.kind == "localfunction" then
      owner[statement.name] = i
    end
  end
  return owner, tables
end

-- Globals that are assigned anywhere, and locals that are assigned after their declaration.
local function written_names(tree, tables)
  local written = {}
  for _, use in ipairs(tree.uses) do
    local parent = use.parent
    local target = syntax.is_written(use) or parent.kind == "funcstat" and parent.target == use
    if target and use.declaration then tables[use.declaration] = nil end
    if target and not use.declaration then written[use.name] = true end
  end
  return written
end

-- Whether a statement only puts values into `target`, without running anything.
local function is_plain_target(target, analysis)
  if target.kind == "name" then return target.declaration ~= false and target.declaration ~= nil end
  local object = target.kind == "field" and target.object
  return object and object.kind == "name" and object.declaration and analysis.tables[object.declaration] == true
end

local function all_plain(targets, analysis)
  for _, target in ipairs(targets) do
    if not is_plain_target(target, analysis) then return false end
  end
  return true
end

local function has_close(names)
  for _, name in ipairs(names) do
    if name.attrib == "close" then return true end
  end
  return false
end

-- Whether a statement acts while the chunk is loaded, beyond giving names their values.
local function acts(node, analysis)
  local kind = node.kind
  if kind == "localfunction" or kind == "empty" then return false end
  if kind == "local" then return has_close(node.names) or not all_pure(node.values, analysis.written) end
  if kind == "funcstat" then return not is_plain_target(node.target, analysis) end
  if kind == "assign" then
    return not (all_plain(node.targets, analysis) and all_pure(node.values, analysis.written))
  end
  return true
end

-- What it gives a value to: locals by declaration, fields as { declaration, key }, globals by name.
local function define(unit, target)
  if target.kind == "name" then
    if target.declaration then table.insert(unit.sets, target.declaration)
    else unit.globals[target.name] = true end
  elseif target.kind == "field" and target.object.kind == "name" and target.object.declaration then
    unit.fields[#unit.fields + 1] = { of = target.object.declaration, key = target.key.name }
  end
end

local function definitions(unit, node)
  if node.kind == "local" then for _, name in ipairs(node.names) do table.insert(unit.sets, name) end
  elseif node.kind == "localfunction" then table.insert(unit.sets, node.name)
  elseif node.kind == "funcstat" then define(unit, node.target)
  elseif node.kind == "assign" then for _, target in ipairs(node.targets) do define(unit, target) end end
end

-- One use of a name: of a field of a top-level table, of a top-level local as a value, or of a global.
local function mention(into, use, analysis)
  local declaration, parent = use.declaration, use.parent
  if not declaration then
    into.globals[use.name] = true
    into.everything = into.everything or everything[use.name] == true
    into.catches = into.catches or catches[use.name] == true
  elseif analysis.owner[declaration] then
    if parent.kind == "field" and parent.object == use then
      into.fields[#into.fields + 1] = { of = declaration, key = parent.key.name }
    else
      table.insert(into.values, declaration)
    end
  end
end

local function no_mentions() return { values = {}, fields = {}, globals = {}, everything = false, catches = false } end

local function new_unit(tree, index, node, analysis)
  local unit = { index = index, node = node, hash = syntax.hash(node), sets = {}, fields = {}, globals = {},
    line = syntax.position(tree, node.first), mentions = no_mentions() }
  definitions(unit, node)
  unit.acts = acts(node, analysis)
  return unit
end

-- Uses come in source order, so each belongs to the statement that is reached then.
local function share_out(units, tree, analysis)
  local at = 1
  for _, use in ipairs(tree.uses) do
    while units[at] and units[at].node.last < use.first do at = at + 1 end
    if units[at] and use.first >= units[at].node.first then mention(units[at].mentions, use, analysis) end
  end
end

-- ---- what is exported ----

-- The mentions by which a caller reaches a function: of `return M` its field, of `return { f = ... }` that value.
local function exports(analysis, node)
  local value = node and #node.values == 1 and node.values[1]
  if not value then return nil end
  if value.kind == "name" and value.declaration and analysis.tables[value.declaration] then
    return function(name)
      local found = no_mentions()
      found.fields[1] = { of = value.declaration, key = name }
      return found, "field"
    end
  end
  if value.kind ~= "table" or not pure(value, analysis.written) then return nil end
  return function(name)
    local found, hash = no_mentions(), nil
    for _, item in ipairs(value.items) do
      if item.kind ~= "pair" then return nil end
      if item.key.name == name then
        hash = syntax.hash(item.value)
        syntax.walk(item.value, function(inner)
          if inner.kind == "name" and not inner.declares then mention(found, inner, analysis) end
        end)
      end
    end
    return found, hash or "nothing"
  end
end

local function count_load_nodes(tree)
  local count = 0
  syntax.walk(tree.root, function(node)
    count = count + 1
    return node.kind ~= "function"
  end)
  return count
end

-- ---- closures ----

local function index_definers(units)
  local of_local, of_field, of_table, of_global = {}, {}, {}, {}
  local function add(set, key, unit)
    set[key] = set[key] or {}
    table.insert(set[key], unit)
  end
  for _, unit in ipairs(units) do
    for _, declaration in ipairs(unit.sets) do add(of_local, declaration, unit) end
    for name in pairs(unit.globals) do add(of_global, name, unit) end
    for _, field in ipairs(unit.fields) do
      of_field[field.of] = of_field[field.of] or {}
      add(of_field[field.of], field.key, unit)
      add(of_table, field.of, unit)
    end
  end
  return { of_local = of_local, of_field = of_field, of_table = of_table, of_global = of_global }
end

local function take(closure, list)
  for _, unit in ipairs(list or {}) do
    if not closure.has[unit] then
      closure.has[unit] = true
      closure.queue[#closure.queue + 1] = unit
    end
  end
end

local function follow(closure, mentions, definers)
  closure.everything = closure.everything or mentions.everything
  closure.catches = closure.catches or mentions.catches
  for _, declaration in ipairs(mentions.values) do
    take(closure, definers.of_local[declaration])
    take(closure, definers.of_table[declaration])
  end
  for _, field in ipairs(mentions.fields) do
    take(closure, definers.of_local[field.of])
    take(closure, (definers.of_field[field.of] or {})[field.key])
  end
  for name in pairs(mentions.globals) do take(closure, definers.of_global[name]) end
end

local function close(self, mentions)
  local closure = { has = {}, queue = {}, everything = false, catches = false }
  take(closure, self.acting)
  follow(closure, mentions, self.definers)
  local at = 1
  while closure.queue[at] do
    follow(closure, closure.queue[at].mentions, self.definers)
    at = at + 1
  end
  table.sort(closure.queue, function(a, b) return a.index < b.index end)
  return closure
end

local Depend = {}
Depend.__index = Depend

--- What the calls of an exported function depend on.
---@param name string as a test names it
---@return table { key = equal for texts in which it does the same, place = equal when its lines stand where they
-- stood too, positions = whether its results may hold line numbers, whole = whether it depends on the whole text,
-- units = indices of the statements }
function Depend:of(name)
  local mentions, how
  if self.export then mentions, how = self.export(name) end
  local closure = mentions and close(self, mentions)
  if not closure or closure.everything then
    return { key = self.tree.text, place = "", positions = true, whole = true, units = self.indices }
  end
  local keys, places, indices = { how }, {}, {}
  for i, unit in ipairs(closure.queue) do
    keys[i + 1], indices[i] = unit.hash, unit.index
    places[i] = unit.line .. ":" .. syntax.print(self.tree, unit.node)
  end
  return { key = table.concat(keys, " "), place = table.concat(places, "\n"), positions = closure.catches,
    whole = false, units = indices }
end

--- Takes a text apart.
---@param tree table of han.syntax
---@return table with the method of(name)
function M.new(tree)
  local analysis = {}
  analysis.owner, analysis.tables = top_locals(tree)
  analysis.written = written_names(tree, analysis.tables)
  local self = setmetatable({ tree = tree, units = {}, indices = {}, acting = {} }, Depend)
  local result
  for i, node in ipairs(tree.root.body) do
    local unit = new_unit(tree, i, node, analysis)
    self.units[i], self.indices[i] = unit, i
    if node.kind == "return" then
      result, unit.acts = node, false
    elseif unit.acts then
      self.acting[#self.acting + 1] = unit
    end
  end
  share_out(self.units, tree, analysis)
  self.definers = index_definers(self.units)
  if count_load_nodes(tree) <= M.LOAD_NODES then self.export = exports(analysis, result) end
  return self
end

return M
