--- han.worker.python_edits: edits of a Python text by its tree (Python's own ast, han.syntax.python), each of them
-- once, in an order drawn by weight: the usual slips for LOGIC, guards for RUNTIME, validation and errors for CONTRACT.
-- Lines that failures tell of come earlier. A source of han.worker.trials; what is put in is data
-- (worker/python_fixes.lua).

local edit = require "han.syntax.edit"
local fixes = require "han.worker.python_fixes"
local syntax = require "han.syntax.python"

local STATEMENT_MAX = 200 -- bytes of a statement that is moved
local NEAR, SUSPECT = 4, 2 -- how much more often a line of a failure and the most suspect function are edited

local Edits = {}
Edits.__index = Edits

local function text_of(self, node) return self.base.text:sub(node.first, node.last) end

local function set_of(list)
  local set = {}
  for _, item in ipairs(list or {}) do set[item] = true end
  return set
end

-- Adds what an edit makes of the text. weight: how likely it is beside the others.
function Edits.add(self, op, weight, node, change)
  if not change then return end
  local line = node.line
  if self.lines[line] then weight = weight * NEAR end
  local entry = syntax.function_at(self.base.tree, node.first)
  if entry and entry.name == self.suspect then weight = weight * SUSPECT end
  self.list[#self.list + 1] = { op = op, weight = weight, line = line, fn = entry and entry.name or "main",
    edit = change }
end

function Edits.put(self, op, weight, node, text)
  self:add(op, weight, node, syntax.replace(self.base.tree, node, text))
end

-- An edit of the sign between two nodes.
function Edits.sign(self, op, weight, node, left, right, old, new)
  local gap = self.base.text:sub(left.last + 1, right.first - 1)
  local first, last = gap:find(old:gsub("[%p]", "%%%0"):gsub(" ", "%%s+"))
  if not first then return end
  self:add(op, weight, node, { first = left.last + first, last = left.last + last, text = new })
end

-- ---- what stands where ----

local TARGETS = set_of { "target", "targets", "optional_vars" }
local HEADS = set_of { "args", "decorator_list", "returns", "annotation" }

-- Whether a value is read there.
local function is_read(node)
  local at = node
  while at.parent and (at.parent.kind == "Tuple" or at.parent.kind == "List" or at.parent.kind == "Starred") do
    at = at.parent
  end
  return not TARGETS[at.role]
end

-- In a signature or a decorator, which no patch may touch.
local function in_head(node)
  while node and not syntax.is_statement(node) do
    if node.kind == "arguments" or HEADS[node.role] and node.role ~= "args" then return true end
    node = node.parent
  end
  return false
end

-- The parameters and the names that are assigned in the function around a node.
local function names_at(self, node)
  local entry = syntax.function_at(self.base.tree, node.first)
  while entry and entry.kind ~= "function" and entry.kind ~= "method" and entry.kind ~= "main" do
    entry = syntax.functions(self.base.tree)[entry.parent]
  end
  if self.names[entry] then return self.names[entry], entry end
  local list, seen = {}, { self = true, cls = true }
  local function add(name)
    if name and not seen[name] then seen[name], list[#list + 1] = true, name end
  end
  for _, name in ipairs(entry.params or {}) do add(name) end
  if entry.kind ~= "main" then
    syntax.walk(entry.node, function(one)
      if one.kind == "Name" and not is_read(one) then add(one.words[1]) end
    end)
  end
  self.names[entry] = list
  return list, entry
end

-- ---- LOGIC ----

local function compare(self, node)
  for i, word in ipairs(node.words) do
    local left, right, sign = node.items[i], node.items[i + 1], fixes.COMPARE[word]
    for k, other in ipairs(right and sign and sign.to or {}) do
      self:sign("compare", k == 1 and 6 or 2, node, left, right, sign.text, fixes.COMPARE[other].text)
    end
  end
end

local function binary(self, node)
  local sign, left, right = fixes.BINARY[node.words[1]], node.items[1], node.items[2]
  if not sign or not right then return end
  for k, other in ipairs(sign.to) do
    self:sign("arithmetic", k == 1 and 4 or 1.5, node, left, right, sign.text, other)
  end
  if fixes.ORDERED[node.words[1]] then
    self:put("operands", 1.5, node, ("%s %s %s"):format(text_of(self, right), sign.text, text_of(self, left)))
  end
  self:put("operand_drop", 0.7, node, text_of(self, left))
  self:put("operand_drop", 0.7, node, text_of(self, right))
end

local function augmented(self, node)
  local sign, target, value = fixes.BINARY[node.words[1]], node.items[1], node.items[2]
  if not sign or not value then return end
  for k, other in ipairs(sign.to) do
    self:sign("arithmetic", k == 1 and 4 or 1.5, node, target, value, sign.text .. "=", other .. "=")
  end
  self:sign("arithmetic", 1.5, node, target, value, sign.text .. "=", "=")
end

local function assigned(self, node)
  local target, value = node.items[1], node.items[2]
  if value and not node.items[3] then self:sign("arithmetic", 1, node, target, value, "=", "+=") end
end

local function boolean(self, node)
  local old, new = "and", "or"
  if node.words[1] == "Or" then old, new = new, old end
  for i = 1, #node.items - 1 do self:sign("boolean", 4, node, node.items[i], node.items[i + 1], old, new) end
  for i, item in ipairs(node.items) do
    if #node.items == 2 then self:put("operand_drop", 1, node, text_of(self, node.items[3 - i])) end
    if item.kind ~= "UnaryOp" then self:put("negate", 1, item, "not (" .. text_of(self, item) .. ")") end
  end
end

local function unary(self, node)
  self:put(node.words[1] == "Not" and "negate" or "operand_drop", node.words[1] == "Not" and 5 or 2, node,
    text_of(self, node.items[1]))
end

local function constant(self, node)
  local kind, shown = node.words[1]:match "^(%w+):(.*)$"
  local n = kind == "int" and math.tointeger(tonumber(shown))
  if n then
    self:put("number", 4, node, tostring(n + 1))
    self:put("number", 4, node, n > 0 and tostring(n - 1) or "-1")
    for _, other in ipairs { 0, 1, 2 } do
      if math.abs(other - n) > 1 then self:put("number", 1, node, tostring(other)) end
    end
  elseif kind == "bool" then
    self:put("constant", 5, node, shown == "True" and "False" or "True")
  elseif kind == "str" and not syntax.is_statement(node.parent) then
    for _, other in ipairs(self.strings) do
      if other ~= text_of(self, node) then self:put("text", 0.7, node, other) end
    end
  end
end

local function name(self, node)
  if not is_read(node) or in_head(node) then return end
  local own, called = node.words[1], node.role == "func"
  for _, other in ipairs(fixes.SIBLINGS[own] or {}) do self:put("name", 3, node, other) end
  local names = names_at(self, node)
  for _, other in ipairs(not called and names or {}) do
    if other ~= own then self:put("name", 2, node, other) end
  end
  for _, other in ipairs(called and self.functions or {}) do
    if other ~= own then self:put("name", 1, node, other) end
  end
end

local function attribute(self, node)
  local own = node.words[1]
  local place = { first = node.last - #own + 1, last = node.last }
  if self.base.text:sub(place.first, place.last) ~= own then return end
  local function becomes(other, weight)
    if other ~= own then self:add("name", weight, node, { first = place.first, last = place.last, text = other }) end
  end
  for _, other in ipairs(fixes.SIBLINGS[own] or {}) do becomes(other, 3) end
  for _, other in ipairs(node.role ~= "func" and self.attributes or {}) do becomes(other, 1) end
end

local function call(self, node)
  local args = {}
  for _, item in ipairs(node.items) do
    if item.role == "args" then args[#args + 1] = item end
  end
  for i = 1, #args - 1 do
    local a, b = args[i], args[i + 1]
    local between = self.base.text:sub(a.last + 1, b.first - 1)
    self:add("arguments", 5, node, { first = a.first, last = b.last, text = text_of(self, b) .. between
      .. text_of(self, a) })
  end
  if node.words[1] == "range" and #args == 1 then self:put("range", 3, args[1], "1, " .. text_of(self, args[1])) end
end

local STEPPED = set_of { "slice", "lower", "upper", "left", "comparators", "right" }

-- One more, one less, where numbers count.
local function step(self, node)
  local counted = STEPPED[node.role] or node.role == "args" and node.parent.words[1] == "range"
    or node.role == "value" and node.parent.kind == "Return"
  if not counted or node.kind == "Slice" or node.kind == "Tuple" or in_head(node) then return end
  local weight = node.role == "args" and 4 or 1.5
  for _, more in ipairs { " + 1", " - 1" } do
    local text = text_of(self, node) .. more
    self:put("step", weight, node, node.parent.kind == "BinOp" and "(" .. text .. ")" or text)
  end
end

local function condition(self, node)
  if node.role ~= "test" or in_head(node) then return end
  if node.kind ~= "UnaryOp" then self:put("negate", 3, node, "not (" .. text_of(self, node) .. ")") end
  if node.kind == "Name" then self:put("negate", 2, node, text_of(self, node) .. " is not None") end
end

local function returned(self, node)
  local value = node.items[1]
  for _, other in ipairs(value and names_at(self, node) or {}) do
    if value.kind ~= "Name" then self:put("return", 1.5, value, other) end
  end
  if value and (value.kind == "Compare" or value.kind == "BoolOp") then
    self:put("negate", 3, value, "not (" .. text_of(self, value) .. ")")
  end
end

-- The last statement of a block behind it, or the one behind a block into it.
local function moved(self, node)
  local statement, list, index = syntax.statement_of(node)
  local owner = list and list.owner
  if statement ~= node or not owner or #text_of(self, node) > STATEMENT_MAX or text_of(self, node):find "\n" then
    return
  end
  local tree = self.base.tree
  local start = syntax.line_offset(tree, node.line)
  local indent = self.base.text:sub(start, node.first - 1)
  if not indent:find "^[ \t]*$" then return end
  local before = list[index - 1]
  if index == #list and index > 1 and (owner.kind == "For" or owner.kind == "While" or owner.kind == "If") then
    local outer = self.base.text:sub(syntax.line_offset(tree, owner.line), owner.first - 1)
    if outer:find "^[ \t]*$" then
      self:add("dedent", 1.5, node, { first = start, last = node.last, text = outer .. text_of(self, node) })
    end
  end
  if before and (before.kind == "For" or before.kind == "While" or before.kind == "If") then
    self:add("indent", 1, node, { first = start, last = node.last, text = indent .. "    " .. text_of(self, node) })
  end
end

local LOGIC = { Compare = compare, BinOp = binary, AugAssign = augmented, Assign = assigned, BoolOp = boolean,
  UnaryOp = unary, Constant = constant, Name = name, Attribute = attribute, Call = call, Return = returned }

-- ---- statements that are put in ----

-- Where statements of a function may be put first: behind its description.
local function top_of(node)
  local list = { owner = node, role = "body" }
  for _, item in ipairs(node.items) do
    if item.role == "body" then list[#list + 1] = item end
  end
  local first = list[1]
  local described = first and first.kind == "Expr" and first.items[1].kind == "Constant" and #list > 1
  return list, described and 2 or 1
end

function Edits.insert(self, op, weight, list, index, text)
  self:add(op, weight, list[index], (syntax.insert(self.base.tree, list, index, text)))
end

local function fill(template, values) return (template:gsub("%$(%u)", values)) end

-- Each template with each parameter before the first statement.
local function at_top(self, entry, templates, more)
  local list, index = top_of(entry.node)
  if not list[index] then return end
  for _, param in ipairs(entry.params) do
    for _, template in ipairs(param ~= "self" and param ~= "cls" and templates or {}) do
      for _, values in ipairs(more or { {} }) do
        values.P = param
        self:insert(template.op, template.weight, list, index, fill(template.text, values))
      end
    end
  end
end

local COPIES = { List = "list", Dict = "dict", Set = "set" }

-- `def f(x, acc=[])`: a value that all calls share; what is used is a copy.
local function mutable(self, entry)
  local list, index = top_of(entry.node)
  for _, arguments in ipairs(entry.node.items) do
    local last
    for _, item in ipairs(arguments.kind == "arguments" and arguments.items or {}) do
      if item.kind == "arg" then last = item end
      if COPIES[item.kind] and last and list[index] then
        self:insert("mutable_default", 8, list, index, ("%s = %s(%s)"):format(last.words[1], COPIES[item.kind],
          last.words[1]))
      end
    end
  end
end

local function recursive(self, entry)
  for _, row in ipairs(syntax.callgraph(self.base.tree)) do
    if row.from == entry.index and row.to == entry.index then return true end
  end
  return false
end

-- ---- RUNTIME ----

-- The names in a node that are read.
local function names_in(node)
  local list, seen = {}, {}
  syntax.walk(node, function(one)
    local own = one.kind == "Name" and one.role ~= "func" and one.words[1]
    if own and not seen[own] then seen[own], list[#list + 1] = true, own end
  end)
  return list
end

local function guarded_expression(self, node)
  if in_head(node) or not is_read(node) then return end
  local text = text_of(self, node)
  if node.kind == "Subscript" and node.items[2] and node.items[2].kind ~= "Slice" then
    local of, key = text_of(self, node.items[1]), text_of(self, node.items[2])
    for _, value in ipairs { "", ", 0", ", []", ', ""' } do
      self:put("get", 3, node, ("%s.get(%s%s)"):format(of, key, value))
    end
    for _, value in ipairs { "None", "0", '""' } do
      self:put("guard", 2, node, ("(%s if %s else %s)"):format(text, of, value))
      self:put("guard", 1.5, node, ("(%s if %s < len(%s) else %s)"):format(text, key, of, value))
      self:put("guard", 1.5, node, ("(%s if %s in %s else %s)"):format(text, key, of, value))
    end
  elseif node.kind == "BinOp" and (node.words[1]:find "Div$" or node.words[1] == "Mod") then
    for _, value in ipairs { "0", "None", "0.0" } do
      self:put("guard", 4, node, ("(%s if %s else %s)"):format(text, text_of(self, node.items[2]), value))
    end
  elseif node.kind == "Call" and node.items[1].kind == "Attribute" then
    local of = text_of(self, node.items[1].items[1])
    for _, value in ipairs { "None", '""', "0" } do
      self:put("guard", 3, node, ("(%s if %s is not None else %s)"):format(text, of, value))
    end
  end
  if (node.kind == "Name" or node.kind == "Attribute") and node.role ~= "func" then
    for _, value in ipairs { "0", '""', "[]", "{}" } do
      self:put("default", 2, node, ("(%s or %s)"):format(text, value))
    end
  end
end

local function guarded_condition(self, node)
  if node.role ~= "test" or in_head(node) then return end
  local text = text_of(self, node)
  if node.kind == "BoolOp" then text = "(" .. text .. ")" end
  for _, own in ipairs(names_in(node)) do
    self:put("guard", 2, node, ("%s is not None and %s"):format(own, text))
    self:put("guard", 2, node, ("%s and %s"):format(own, text))
    for _, other in ipairs(names_in(node)) do
      if other ~= own then self:put("guard", 1, node, ("%s < len(%s) and %s"):format(own, other, text)) end
    end
  end
end

local SIMPLE = set_of { "Assign", "AugAssign", "Return", "Expr", "If", "For", "While", "AnnAssign" }

-- A way out before a statement, for each name that it reads.
local function guarded_statement(self, node)
  local statement, list, index = syntax.statement_of(node)
  if statement ~= node or not list or list.owner.kind == "Module" or list.owner.kind == "ClassDef" then return end
  for _, own in ipairs(names_in(node.kind == "For" and node.items[2] or node)) do
    for _, template in ipairs(fixes.GUARDS) do
      if not template.loop or list.owner.kind == "For" or list.owner.kind == "While" then
        self:insert("guard", template.weight, list, index, fill(template.text, { P = own }))
      end
    end
  end
end

-- ---- CONTRACT ----

local function quoted(text) return '"' .. text:gsub('[\\"]', "\\%0") .. '"' end

local function errors_of(self)
  local errors = #self.about.errors > 0 and self.about.errors or fixes.ERRORS
  local words, rows = {}, {}
  for _, text in ipairs(self.about.words) do words[#words + 1] = quoted(text) end
  if #words == 0 then words[1] = '"not a valid value"' end
  for _, err in ipairs(errors) do
    for i, text in ipairs(words) do
      if i <= 6 then rows[#rows + 1] = { E = err, M = text } end
    end
  end
  return rows
end

local function in_raise(node)
  while node and not syntax.is_statement(node) do node = node.parent end
  return node and node.kind == "Raise"
end

-- A value of another type: a conversion more, less, or another one.
local function converted(self, value)
  local inner = value.kind == "Call" and #value.items == 2 and value.items[2]
  local old = inner and value.words[1]
  for _, word in ipairs(fixes.CONVERSIONS) do
    self:put("conversion", 4, value, ("%s(%s)"):format(word, text_of(self, value)))
    if old == word then self:put("conversion", 8, value, text_of(self, inner)) end
    for _, other in ipairs(old == word and fixes.CONVERSIONS or {}) do
      if other ~= word then self:put("conversion", 4, value, ("%s(%s)"):format(other, text_of(self, inner))) end
    end
  end
end

local function contract_node(self, node)
  if node.kind == "Name" and (in_raise(node) or node.role == "type") and node.words[1]:find "^%u" then
    for _, err in ipairs(#self.about.errors > 0 and self.about.errors or fixes.ERRORS) do
      if err ~= node.words[1] then self:put("error", 8, node, err) end
    end
  elseif node.kind == "Constant" and in_raise(node) then
    for _, text in ipairs(self.about.words) do self:put("message", 5, node, quoted(text)) end
  elseif node.kind == "Return" and node.items[1] then
    converted(self, node.items[1])
  end
end

-- Inside of a condition that ends with an error.
local function in_validation(node)
  while node do
    if node.kind == "If" and node.items[#node.items].kind == "Raise" then return true end
    node = node.parent
  end
  return false
end

-- ---- the whole ----

local function within(places, node)
  for _, place in ipairs(places or {}) do
    if node.first >= place.first and node.last <= place.last then return true end
  end
  return places == nil
end

local function logic_node(self, node)
  local make = LOGIC[node.kind]
  if make and not in_head(node) then make(self, node) end
  step(self, node)
  condition(self, node)
  if SIMPLE[node.kind] and node.kind ~= "For" and node.kind ~= "While" and not self.about.tight then
    moved(self, node)
  end
end

local function of_node(self, node, class)
  if class == nil or class == "LOGIC" or class == "CONTRACT" and in_validation(node) then logic_node(self, node) end
  if class == nil or class == "RUNTIME" then
    guarded_expression(self, node)
    guarded_condition(self, node)
    if SIMPLE[node.kind] then guarded_statement(self, node) end
  end
  if class == nil or class == "CONTRACT" then contract_node(self, node) end
end

local function of_function(self, entry, class)
  if class == nil or class == "LOGIC" then mutable(self, entry) end
  if class ~= "CONTRACT" then at_top(self, entry, recursive(self, entry) and fixes.BASES or fixes.EARLY) end
  if class == nil or class == "CONTRACT" then at_top(self, entry, fixes.VALIDATION, errors_of(self)) end
end

local function gather(self)
  local seen = {}
  local function add(list, item)
    if item and not seen[item] then seen[item], list[#list + 1] = true, item end
  end
  syntax.walk(self.base.tree.root, function(node)
    if node.kind == "Attribute" then add(self.attributes, node.words[1]) end
    if node.kind == "FunctionDef" then add(self.functions, node.words[1]) end
    if node.kind == "Constant" and node.words[1]:find "^str:" and node.last - node.first < 24 then
      add(self.strings, text_of(self, node))
    end
  end)
end

-- Drawn without putting back, each as likely as its weight (Efraimidis and Spirakis, 2006: the largest u^(1/w) first).
local function in_order(list, random)
  for i, one in ipairs(list) do one.key, one.index = random() ^ (1 / one.weight), i end
  table.sort(list, function(a, b)
    if a.key ~= b.key then return a.key > b.key end
    return a.index < b.index
  end)
end

return function(base, about)
  local failure = base.raw.failure or {}
  local self = setmetatable({ base = base, about = about, list = {}, names = {}, strings = {}, attributes = {},
    functions = {}, lines = set_of(failure.lines), suspect = (failure.votes or {})[1] }, Edits)
  local class = about.class ~= "UNKNOWN" and about.class or nil
  gather(self)
  syntax.walk(base.tree.root, function(node)
    if within(about.places, node) then of_node(self, node, class) end
  end)
  for _, entry in ipairs(syntax.functions(base.tree)) do
    local callable = entry.kind == "function" or entry.kind == "method"
    if callable and not about.tight and within(about.places, entry) then of_function(self, entry, class) end
  end
  in_order(self.list, about.random)
  local at = 0
  return function()
    while at < #self.list do
      at = at + 1
      local one = self.list[at]
      local text = edit.edit(base.text, { one.edit })
      if text and text ~= base.text then
        return { text = text, op = one.op, fn = one.fn, line = one.line, edit = one.edit }
      end
    end
    return nil
  end
end
