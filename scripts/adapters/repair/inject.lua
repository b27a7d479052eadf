-- Plants faults in sound programs. The operators and their shares follow what was found in the field,
-- not what the repairing worker can undo: Duraes and Madeira, "Emulation of software faults" (IEEE TSE
-- 32(11), 2006), table of the most frequent fault types over 668 real faults; most are missing
-- constructs. Two shares that the study folds into others (wrong order, swapped arguments) are small.
-- Every operator maps a tree to sites { line, fn, edits }; what a site does is decided there, so that a
-- site is one fault and not a family.
local syntax = require "han.syntax"

local M = {}

-- kind = share in percent of field faults; the letters are the study's own names of the types.
M.SHARES = {
  missing_if = 9.96,             -- MIFS: if construct plus statements missing
  missing_call = 8.64,           -- MFC: function call missing
  missing_and_clause = 7.89,     -- MLAC: a clause of an AND condition missing
  missing_if_around = 4.32,      -- MIA: if construct around statements missing
  missing_part = 3.19,           -- MLPA: small and localized part of the algorithm missing
  missing_assign_expression = 3.00, -- MVAE: assignment of an expression missing
  wrong_condition = 3.00,        -- WLEC: wrong logical expression as condition
  wrong_value = 2.44,            -- WVAV: wrong value assigned
  missing_init = 2.25,           -- MVIV: initialization of a variable missing
  missing_assign_value = 2.25,   -- MVAV: assignment of a value missing
  wrong_arithmetic = 2.25,       -- WAEP: wrong arithmetic expression as parameter
  wrong_variable = 1.50,         -- WPFV: wrong variable as parameter of a call
  missing_or_clause = 1.30,      -- MLOC: a clause of an OR condition missing
  missing_else = 1.20,           -- MIEB and kin: an else or elseif branch missing
  wrong_order = 0.60,
  swapped_arguments = 0.50,
}

local COMPARE = { ["<"] = { "<=", ">" }, ["<="] = { "<", ">=" }, [">"] = { ">=", "<" }, [">="] = { ">", "<=" },
  ["=="] = { "~=" }, ["~="] = { "==" } }
local ARITHMETIC = { ["+"] = "-", ["-"] = "+", ["*"] = "+", ["//"] = "*", ["%"] = "//", ["/"] = "*" }

local function inside(tree, node)
  local entry = syntax.function_at(tree, node.first)
  return entry and entry.depth > 0 and entry
end

local function text_of(tree, node) return tree.text:sub(node.first, node.last) end

-- Calls visit(node) for the nodes of some kinds that stand in a function.
local function each(tree, kinds, visit)
  syntax.walk(tree.root, function(node)
    if kinds[node.kind] and inside(tree, node) then visit(node) end
  end)
end

local function last_of_block(node)
  local _, block, index = syntax.statement_of(node)
  return index == #block
end

local SIMPLE = { assign = true, callstat = true, ["local"] = true }

local function has_local(node)
  return node.kind == "local" or node.kind == "localfunction"
end

local FIND = {}

function FIND.missing_if(tree, add)
  each(tree, { ["if"] = true }, function(node)
    if #node.clauses == 1 and not node.orelse then add(node, { syntax.remove(tree, node) }) end
  end)
end

function FIND.missing_if_around(tree, add)
  each(tree, { ["if"] = true }, function(node)
    local body = node.clauses[1].body
    local count = #body
    if #node.clauses > 1 or node.orelse or count == 0 then return end
    local final = body[count].kind
    if final == "return" or final == "break" or final == "goto" then return end
    for i = 1, count do if has_local(body[i]) then return end end
    add(node, { { first = node.first, last = node.last, text = text_of(tree, body) } })
  end)
end

function FIND.missing_call(tree, add)
  each(tree, { callstat = true }, function(node)
    local call = node.call
    if text_of(tree, call):find "^error" then return end
    add(node, { syntax.remove(tree, node) })
  end)
end

local function condition_of(node)
  local top = node
  while top.parent and (top.parent.kind == "binop" and (top.parent.op == "and" or top.parent.op == "or")
    or top.parent.kind == "paren" or top.parent.kind == "unop") do top = top.parent end
  local up = top.parent
  return up and (up.kind == "clause" or up.kind == "while" or up.kind == "repeat") and up.cond == top
end

local function clause(operator)
  return function(tree, add)
    each(tree, { binop = true }, function(node)
      if node.op ~= operator or not condition_of(node) then return end
      for _, kept in ipairs { node.left, node.right } do
        add(node, { { first = node.first, last = node.last, text = text_of(tree, kept) } })
      end
    end)
  end
end
FIND.missing_and_clause = clause "and"
FIND.missing_or_clause = clause "or"

function FIND.missing_part(tree, add)
  each(tree, SIMPLE, function(node)
    local _, block, index = syntax.statement_of(node)
    local after = block[index + 1]
    if not after or not SIMPLE[after.kind] or has_local(node) or has_local(after) then return end
    add(node, { { first = node.first, last = after.last, text = "" } })
  end)
end

local function is_literal(node)
  local kind = node.kind
  return kind == "number" or kind == "string" or kind == "true" or kind == "false" or kind == "nil"
end

local function missing_assign(wants_literal)
  return function(tree, add)
    each(tree, { assign = true }, function(node)
      if is_literal(node.values[1]) == wants_literal then add(node, { syntax.remove(tree, node) }) end
    end)
  end
end
FIND.missing_assign_expression = missing_assign(false)
FIND.missing_assign_value = missing_assign(true)

function FIND.missing_init(tree, add)
  each(tree, { ["local"] = true }, function(node)
    local value = node.values[1]
    if not value or value.kind == "function" then return end
    local last = node.names[#node.names]
    add(node, { { first = last.last + 1, last = node.last, text = "" } })
  end)
end

function FIND.missing_else(tree, add)
  each(tree, { ["if"] = true }, function(node)
    for i = 2, #node.clauses do
      local before, here = node.clauses[i - 1], node.clauses[i]
      add(here, { { first = before.last + 1, last = here.last, text = "" } })
    end
    if node.orelse then
      add(node.orelse, { { first = node.clauses[#node.clauses].last + 1, last = node.orelse.last, text = "" } })
    end
  end)
end

function FIND.wrong_condition(tree, add)
  each(tree, { binop = true }, function(node)
    for _, op in ipairs(condition_of(node) and COMPARE[node.op] or {}) do
      add(node, { { first = node.op_first, last = node.op_first + #node.op - 1, text = op } })
    end
  end)
end

function FIND.wrong_value(tree, add)
  each(tree, { number = true, ["true"] = true, ["false"] = true }, function(node)
    local up = node.parent.kind
    if up ~= "assign" and up ~= "local" and up ~= "return" and up ~= "binop" then return end
    if node.kind ~= "number" then
      add(node, { { first = node.first, last = node.last, text = node.kind == "true" and "false" or "true" } })
      return
    end
    local value = math.tointeger(syntax.value(node))
    if not value then return end
    for _, other in ipairs { value + 1, value > 0 and value - 1 or nil } do
      add(node, { { first = node.first, last = node.last, text = tostring(other) } })
    end
  end)
end

function FIND.wrong_arithmetic(tree, add)
  each(tree, { binop = true }, function(node)
    local op = ARITHMETIC[node.op]
    if op then add(node, { { first = node.op_first, last = node.op_first + #node.op - 1, text = op } }) end
  end)
end

-- Names that could stand in place of a name by mistake: declared in the same function, and no function.
local function neighbours(tree, node)
  local list = {}
  for _, entry in ipairs(syntax.names_at(tree, node.first)) do
    local declared = entry.declaration
    if entry.scope == "local" and declared and declared.declares ~= "function" and entry.name ~= node.name then
      list[#list + 1] = entry.name
    end
  end
  return list
end

function FIND.wrong_variable(tree, add)
  each(tree, { call = true, index = true }, function(node)
    for _, arg in ipairs(node.kind == "call" and node.args or { node.key }) do
      if arg.kind == "name" and arg.scope == "local" then
        for _, name in ipairs(neighbours(tree, arg)) do
          add(arg, { { first = arg.first, last = arg.last, text = name } })
        end
      end
    end
  end)
end

function FIND.wrong_order(tree, add)
  each(tree, SIMPLE, function(node)
    local _, block, index = syntax.statement_of(node)
    local after = block[index + 1]
    if not after or not SIMPLE[after.kind] or has_local(node) then return end
    add(node, { { first = node.first, last = node.last, text = text_of(tree, after) },
      { first = after.first, last = after.last, text = text_of(tree, node) } })
  end)
end

function FIND.swapped_arguments(tree, add)
  each(tree, { call = true }, function(node)
    for i = 1, #node.args - 1 do
      local a, b = node.args[i], node.args[i + 1]
      if text_of(tree, a) ~= text_of(tree, b) then
        add(node, { { first = a.first, last = a.last, text = text_of(tree, b) },
          { first = b.first, last = b.last, text = text_of(tree, a) } })
      end
    end
  end)
end

-- Sorted names of all kinds, and the operator of each, for tests.
M.FIND = FIND
M.KINDS = {}
for kind in pairs(M.SHARES) do M.KINDS[#M.KINDS + 1] = kind end
table.sort(M.KINDS)

-- All sites of the given kinds in a text: kind -> list of { kind, fn, line, edits } in source order.
function M.sites(text, kinds)
  local tree = assert(syntax.parse(text))
  local by_kind = {}
  for _, kind in ipairs(kinds or M.KINDS) do
    local list = {}
    FIND[kind](tree, function(node, edits)
      local entry = inside(tree, node)
      if node.kind == "return" and not last_of_block(node) then return end
      list[#list + 1] = { kind = kind, fn = entry.name, line = (syntax.position(tree, node.first)), edits = edits }
    end)
    by_kind[kind] = list
  end
  return by_kind
end

-- Where a fault of the text lies, as a function of its edits: "wiring" when one of them touches a call from one
-- function of the program to another, or stands in the function called `assembly`; else "block".
function M.places(text, assembly)
  local tree, names, calls = assert(syntax.parse(text)), {}, {}
  for _, entry in ipairs(syntax.functions(tree)) do names[entry.name or ""] = true end
  syntax.walk(tree.root, function(node)
    if node.kind ~= "call" then return end
    local callee, home = text_of(tree, node.callee), syntax.function_at(tree, node.first)
    if names[callee] and home and home.name ~= callee then calls[#calls + 1] = node end
  end)
  return function(fault)
    if fault.fn == assembly or fault.fn == "M." .. assembly then return "wiring" end
    for _, edit in ipairs(fault.edits) do
      for _, call in ipairs(calls) do
        if edit.first <= call.last and edit.last >= call.first then return "wiring" end
      end
    end
    return "block"
  end
end

-- One site drawn: a kind by its share among those that have sites, then a site uniformly. nil for none.
function M.draw(by_kind, kinds, random)
  local total = 0
  for _, kind in ipairs(kinds) do
    if #by_kind[kind] > 0 then total = total + M.SHARES[kind] end
  end
  local point = random() * total
  for _, kind in ipairs(kinds) do
    local list = by_kind[kind]
    if #list > 0 then
      point = point - M.SHARES[kind]
      if point < 0 then return list[random(#list)] end
    end
  end
  return nil
end

-- The text with the edits of a site, nil when that is no Lua any more.
function M.apply(text, site)
  local changed = syntax.edit(text, site.edits)
  if not changed or changed == text or not syntax.parse(changed) then return nil end
  return changed
end

-- Splices a bug written by hand: its `find` must occur once, or at its `nth` place.
function M.apply_hand(text, bug)
  local first, last = text:find(bug.find, 1, true)
  for _ = 2, bug.nth or 1 do
    if first then first, last = text:find(bug.find, last + 1, true) end
  end
  if not first or (not bug.nth and text:find(bug.find, last + 1, true)) then return nil end
  local changed = text:sub(1, first - 1) .. bug.replace .. text:sub(last + 1)
  return changed, first
end

return M
