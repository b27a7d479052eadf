-- han.worker.material: what one program offers to an edit: names visible at a place, literals, conditions,
-- statements and expressions to copy. Built once for each tree; draws come from the worker's random.
local syntax = require "han.syntax"

local M = {}
M.__index = M

M.LARGEST = 160    -- bytes of a statement or expression that may be copied

local LOOPS = { ["while"] = true, ["repeat"] = true, fornum = true, forin = true }
local COPIED = { binop = true, call = true, method = true, index = true, field = true, unop = true, name = true,
  number = true, string = true }

function M.text(self, node) return self.tree.text:sub(node.first, node.last) end

local function add_unique(list, seen, item)
  if not seen[item] then
    seen[item] = true
    list[#list + 1] = item
  end
end

local function collect(self, node)
  local kind = node.kind
  if kind == "number" then add_unique(self.numbers, self.seen_number, self:text(node))
  elseif kind == "string" and node.last - node.first < 24 then add_unique(self.strings, self.seen_string,
    self:text(node))
  elseif kind == "clause" or kind == "while" or kind == "repeat" then self.conditions[#self.conditions + 1] = node.cond
  elseif kind == "binop" and (node.op == "and" or node.op == "or") then
    self.conditions[#self.conditions + 1] = node.left
    self.conditions[#self.conditions + 1] = node.right
  end
  local small = node.last - node.first < M.LARGEST
  if small and syntax.is_statement(node) and kind ~= "localfunction" and kind ~= "funcstat" and kind ~= "empty"
    and kind ~= "label" and kind ~= "goto" then
    self.statements[#self.statements + 1] = node
  elseif small and COPIED[kind] and not (kind == "name" and node.declares) then
    self.expressions[kind] = self.expressions[kind] or {}
    self.expressions[kind][#self.expressions[kind] + 1] = node
  end
end

-- Which function a node stands in, by the tree's index.
function M.function_of(self, node)
  local entry = syntax.function_at(self.tree, node.first)
  return entry and entry.index or 1
end

-- Declarations of values that nothing reads: what a linter would warn of, and a hint at what is missing.
local function unread(tree)
  local read, list = {}, {}
  for _, use in ipairs(tree.uses) do
    local written = false
    if use.parent.kind == "assign" then
      for _, target in ipairs(use.parent.targets) do written = written or target == use end
    end
    if use.declaration and not written then read[use.declaration] = true end
  end
  for _, declared in ipairs(tree.declarations) do
    if not read[declared] and declared.declares ~= "function" and declared.name ~= "_" then list[declared] = true end
  end
  return list
end

function M.new(tree, random)
  local self = setmetatable({ tree = tree, random = random, numbers = {}, strings = {}, conditions = {},
    statements = {}, expressions = {}, seen_number = {}, seen_string = {}, visible = {}, unread = unread(tree) }, M)
  for _, number in ipairs { "0", "1" } do add_unique(self.numbers, self.seen_number, number) end
  syntax.walk(tree.root, function(node) collect(self, node) end)
  return self
end

function M.pick(self, list) return list[self.random(#list)] end

function M.chance(self, p) return self.random() < p end

-- Names that hold values at an offset: { all = names, own = those of this very function, unread = those that
-- nothing reads, by_name = declarations }.
function M.names(self, offset)
  local known = self.visible[offset]
  if known then return known end
  known = { all = {}, own = {}, unread = {}, by_name = {} }
  for _, entry in ipairs(syntax.names_at(self.tree, offset)) do
    local declared = entry.declaration
    known.by_name[entry.name] = declared
    local top = declared and declared.parent and declared.parent.parent == self.tree.root.body
    if declared and declared.declares ~= "function" and not top then
      known.all[#known.all + 1] = entry.name
      if entry.scope == "local" then known.own[#known.own + 1] = entry.name end
      if self.unread[declared] then known.unread[#known.unread + 1] = entry.name end
    end
  end
  self.visible[offset] = known
  return known
end

-- A visible name, mostly of the same function; nil when there is none.
function M.name(self, offset)
  local names = self:names(offset)
  if #names.unread > 0 and self:chance(0.3) then return self:pick(names.unread) end
  if #names.own > 0 and self:chance(0.85) then return self:pick(names.own) end
  if #names.all > 0 then return self:pick(names.all) end
  return nil
end

-- The text of a node as it would read at another place: names that are not visible there, and now and
-- then one that is, become other names. nil when there is nothing to put in their place.
function M.transplant(self, node, offset)
  local names = self:names(offset)
  local edits, map = {}, {}
  local failed = false
  syntax.walk(node, function(inner)
    local declared = inner.kind == "name" and inner.declaration
    if not declared or (declared.first >= node.first and declared.last <= node.last) then return end
    local same = names.by_name[inner.name] == declared
    if same and (declared.declares == "function" or not self:chance(0.15)) then return end
    if map[inner.name] == nil then map[inner.name] = (not same or self:chance(0.5)) and self:name(offset)
      or inner.name end
    if not map[inner.name] then failed = true return end
    edits[#edits + 1] = { first = inner.first - node.first + 1, last = inner.last - node.first + 1,
      text = map[inner.name] }
  end)
  if failed then return nil end
  return (syntax.edit(self:text(node), edits))
end

-- Whether break may stand there.
function M.in_loop(_, node)
  local at = node.parent
  while at and at.kind ~= "function" do
    if LOOPS[at.kind] then return true end
    at = at.parent
  end
  return false
end

-- Whether a statement holds a break of a loop outside of it.
function M.breaks(_, statement)
  local found = false
  syntax.walk(statement, function(node)
    if LOOPS[node.kind] or node.kind == "function" then return false end
    if node.kind == "break" then found = true end
  end)
  return found
end

-- One of a list of nodes, those of the same function twice as likely as all others together.
function M.near(self, list, node)
  if #list == 0 then return nil end
  local own = self:function_of(node)
  local close = {}
  for _, item in ipairs(list) do if self:function_of(item) == own then close[#close + 1] = item end end
  if #close > 0 and self:chance(0.7) then return self:pick(close) end
  return self:pick(list)
end

local COMPARISONS = { "==", "~=", "<", "<=", ">", ">=" }

-- A condition in terms of what is visible at a node.
function M.condition(self, node)
  local name = self:name(node.first)
  local point = self.random()
  if point < 0.3 or not name then
    local donor = self:near(self.conditions, node)
    return donor and self:transplant(donor, node.first)
  elseif point < 0.6 then
    return name .. " " .. self:pick(COMPARISONS) .. " " .. self:pick(self.numbers)
  elseif point < 0.75 then
    return name .. " " .. self:pick(COMPARISONS) .. " " .. self:name(node.first)
  elseif point < 0.9 then
    return self:pick { name .. " == nil", name, "not " .. name }
  elseif point < 0.95 and #self.strings > 0 then
    return name .. " " .. self:pick { "==", "~=" } .. " " .. self:pick(self.strings)
  end
  return "#" .. name .. " " .. self:pick { "== 0", "> 0", "> 1", "< 2" }
end

-- A small expression that could be a value at a node.
function M.expression(self, node)
  local name = self:name(node.first)
  local point = self.random()
  if point < 0.25 or not name then return self:pick { "nil", "true", "false", "{}", '""', self:pick(self.numbers) } end
  if point < 0.5 then return name end
  if point < 0.6 then return self:pick { name .. "[" .. self:name(node.first) .. "]", "#" .. name } end
  if point < 0.75 then return name .. " " .. self:pick { "+", "-" } .. " " .. self:pick { "1",
    self:name(node.first) } end
  local kind = self:pick { "binop", "call", "index", "field" }
  local donor = self.expressions[kind] and self:near(self.expressions[kind], node)
  return donor and self:transplant(donor, node.first) or name
end

return M
