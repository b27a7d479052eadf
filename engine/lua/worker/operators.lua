-- han.worker.operators: the edits that the built-in worker knows, by name. They are fix templates from
-- the repair literature: statement deletion, copying and swapping (GenProg: Le Goues and others, 2012),
-- checker and replacer templates (PAR: Kim and others, 2013), condition refinement and introduction,
-- control flow and initialization insertion (SPR: Long and Rinard, 2015), default and guard templates
-- (SapFix: Marginean and others, 2019). Each has the node kinds it applies to and make(material, node,
-- failure) -> edit { first, last, text } on the tree's text, or nil when nothing fits.
local syntax = require "han.syntax"

local M = {}

local LIST, BY_NAME = {}, {}
M.list, M.by_name = LIST, BY_NAME

local function operator(name, kinds, make)
  local set = {}
  for kind in kinds:gmatch "%S+" do set[kind] = true end
  local entry = { name = name, kinds = set, make = make }
  LIST[#LIST + 1], BY_NAME[name] = entry, entry
end

local EXPRESSIONS = "name number string index field call method binop unop paren nil true false"
local PLAIN = "assign callstat local if fornum forin while repeat"
local ANY = PLAIN .. " return break clause"

local function replace(node, text) return { first = node.first, last = node.last, text = text } end

local function is_value_name(node) return node.kind ~= "name" or (not node.declares and node.scope ~= "global") end

-- Whether the expression is a place that is assigned to, or the callee of a call.
local function is_target(node)
  local up = node.parent
  if not up then return true end
  if up.kind == "assign" then
    for _, target in ipairs(up.targets) do if target == node then return true end end
  end
  return (up.kind == "call" and up.callee == node) or up.kind == "funcstat"
    or (up.kind == "callstat") or ((up.kind == "field" or up.kind == "index" or up.kind == "method")
      and up.object == node)
end

-- Literals and names -------------------------------------------------------------------------------

operator("number_step", "number", function(m, node)
  local value = math.tointeger(syntax.value(node))
  if not value then return nil end
  return replace(node, tostring(value + m:pick { 1, -1, 1, -1, -value }))
end)

operator("literal_swap", "number string", function(m, node)
  local list = node.kind == "number" and m.numbers or m.strings
  return #list > 1 and replace(node, m:pick(list)) or nil
end)

operator("constant_flip", "true false nil", function(m, node)
  return replace(node, m:pick { "true", "false", "nil", "{}", "0" })
end)

operator("name_swap", "name", function(m, node)
  if not is_value_name(node) then return nil end
  local other = m:name(node.first)
  return other and other ~= node.name and replace(node, other) or nil
end)

operator("default_value", "name index field call", function(m, node)
  if not is_value_name(node) or is_target(node) then return nil end
  return replace(node, "(" .. m:text(node) .. " or " .. m:pick { "0", '""', "{}", "1", "false" } .. ")")
end)

operator("initialize", "local", function(m, node)
  if #node.values > 0 then return nil end
  return replace(node, m:text(node) .. " = " .. m:pick { "0", "1", '""', "{}", "false", m:expression(node) or "0" })
end)

-- Expressions --------------------------------------------------------------------------------------

local FAMILIES = { { "<", "<=", ">", ">=", "==", "~=" }, { "+", "-", "*", "//", "%" }, { "and", "or" },
  { "&", "|", "~", "<<", ">>" } }

operator("operator_swap", "binop", function(m, node)
  for _, family in ipairs(FAMILIES) do
    for _, op in ipairs(family) do
      if op == node.op then
        return { first = node.op_first, last = node.op_first + #op - 1, text = m:pick(family) }
      end
    end
  end
end)

local BOUNDARY = { ["<"] = "<=", ["<="] = "<", [">"] = ">=", [">="] = ">", ["=="] = "~=", ["~="] = "==" }

operator("boundary", "binop", function(_, node)
  local op = BOUNDARY[node.op]
  return op and { first = node.op_first, last = node.op_first + #node.op - 1, text = op } or nil
end)

operator("expression_copy", EXPRESSIONS, function(m, node)
  if not is_value_name(node) or is_target(node) then return nil end
  local list = m.expressions[node.kind]
  local donor = list and m:near(list, node)
  local text = donor and m:transplant(donor, node.first)
  return text and replace(node, text) or nil
end)

operator("expression_step", "name number index field call binop unop", function(m, node)
  if not is_value_name(node) or is_target(node) then return nil end
  local text = m:text(node)
  return replace(node, "(" .. text .. m:pick { " + 1", " - 1", " + " .. (m:name(node.first) or "1"),
    " - " .. (m:name(node.first) or "1") } .. ")")
end)

operator("operand_drop", "binop unop", function(m, node)
  if node.kind == "unop" then return replace(node, m:text(node.operand)) end
  return replace(node, m:text(m:pick { node.left, node.right }))
end)

operator("argument_swap", "call method", function(m, node)
  if #node.args < 2 then return nil end
  local i = m.random(#node.args - 1)
  local a, b = node.args[i], node.args[i + 1]
  return { first = a.first, last = b.last, text = m:text(b) .. ", " .. m:text(a) }
end)

operator("argument_change", "call method", function(m, node)
  if node.style ~= "paren" then return nil end
  local args = {}
  for i, arg in ipairs(node.args) do args[i] = m:text(arg) end
  if #args > 1 and m:chance(0.4) then table.remove(args, m.random(#args))
  else table.insert(args, m.random(#args + 1), m:expression(node) or "1") end
  local open = node.kind == "call" and node.callee.last or node.key.last
  return { first = open + 1, last = node.last, text = "(" .. table.concat(args, ", ") .. ")" }
end)

local SIBLINGS = { ["math.max"] = { "math.min" }, ["math.min"] = { "math.max" }, ["math.floor"] = { "math.ceil" },
  ["math.ceil"] = { "math.floor" }, tonumber = { "tostring" }, tostring = { "tonumber" }, ipairs = { "pairs" },
  pairs = { "ipairs" } }

operator("callee_swap", "call", function(m, node)
  local list = SIBLINGS[m:text(node.callee)]
  if not list then
    local donor = m.expressions.call and m:near(m.expressions.call, node)
    list = donor and { m:text(donor.callee) }
  end
  return list and replace(node.callee, m:pick(list)) or nil
end)

operator("clamp", "name index field binop call", function(m, node)
  if not is_value_name(node) or is_target(node) then return nil end
  return replace(node, m:pick { "math.max", "math.min" } .. "(" .. m:text(node) .. ", "
    .. m:pick { m:pick(m.numbers), m:name(node.first) or "0" } .. ")")
end)

-- Conditions ---------------------------------------------------------------------------------------

local function strip(m, node)
  local text = m:text(node)
  local simple = node.kind ~= "binop" or (node.op ~= "or" and node.op ~= "and")
  return simple and text or "(" .. text .. ")"
end

operator("negate", "clause while repeat", function(m, node)
  local cond = node.cond
  if cond.kind == "unop" and cond.op == "not" then return replace(cond, m:text(cond.operand)) end
  return replace(cond, "not (" .. m:text(cond) .. ")")
end)

operator("clause_add", "clause while repeat", function(m, node)
  local extra = m:condition(node.cond)
  if not extra then return nil end
  local word = m:pick { " and ", " or " }
  local cond = strip(m, node.cond)
  if extra:find " or " or extra:find " and " then extra = "(" .. extra .. ")" end
  return replace(node.cond, m:chance(0.5) and cond .. word .. extra or extra .. word .. cond)
end)

operator("condition_replace", "clause while repeat", function(m, node)
  local text = m:condition(node.cond)
  return text and replace(node.cond, text) or nil
end)

-- Statements ---------------------------------------------------------------------------------------

-- Where new statements could stand: before a statement, after it, or in the body of a clause or loop. Gives
-- what stands for a node there (names are those visible at that place), and put(text) -> edit.
local function spot(m, node, late)
  local after = m:chance(late)
  local block, index
  if node.kind == "clause" or (node.body and (#node.body == 0 or m:chance(0.3))) then
    block = node.body
    index = after and #block + 1 or 1
  else
    local _
    _, block, index = syntax.statement_of(node)
    if not block then return nil end
    if after then index = index + 1 end
  end
  local final = block[index - 1]
  if final and (final.kind == "return" or final.kind == "break") then index = index - 1 end
  local offset = block[index] and block[index].first or final and final.last + 1 or block.open
  return { first = offset, last = offset - 1, parent = block }, function(text)
    return syntax.insert(m.tree, block, index, text)
  end
end

operator("statement_delete", PLAIN .. " return break", function(m, node)
  return syntax.remove(m.tree, node)
end)

local function copied(m, node)
  local donor = m:near(m.statements, node)
  if not donor or (m:breaks(donor) and not m:in_loop(node)) then return nil end
  local text = m:transplant(donor, node.first)
  if text and donor.kind == "return" then text = "do " .. text .. " end" end
  return text
end

operator("statement_copy", ANY, function(m, node)
  local place, put = spot(m, node, 0.4)
  local text = place and copied(m, place)
  return text and put(text) or nil
end)

operator("statement_replace", PLAIN, function(m, node)
  local text = copied(m, node)
  return text and replace(node, text) or nil
end)

operator("statement_swap", PLAIN, function(m, node)
  local _, block, index = syntax.statement_of(node)
  local after = block and block[index + 1]
  if not after or after.kind == "return" or after.kind == "break" then return nil end
  return { first = node.first, last = after.last, text = m:text(after) .. "\n" .. m:text(node) }
end)

operator("assign_insert", ANY, function(m, node)
  local place, put = spot(m, node, 0.4)
  if not place then return nil end
  local name, value = m:name(place.first), m:expression(place)
  if not name or not value then return nil end
  local text = name .. " = " .. value
  if m:chance(0.5) then
    text = name .. " = " .. name .. m:pick { " + ", " - " } .. m:pick { "1", m:name(place.first) }
  end
  return put(text)
end)

operator("element_insert", ANY, function(m, node)
  local place, put = spot(m, node, 0.4)
  local list = place and m:name(place.first)
  if not list then return nil end
  local value = m:expression(place) or "true"
  return put(list .. m:pick { "[#" .. list .. " + 1] = ", "[" .. m:name(place.first) .. "] = " } .. value)
end)

-- Guards -------------------------------------------------------------------------------------------

operator("guard_return", ANY, function(m, node)
  local place, put = spot(m, node, 0.2)
  local cond = place and m:condition(place)
  if not cond then return nil end
  local value = m:chance(0.25) and "" or m:expression(place)
  return put("if " .. cond .. " then return " .. (value or "nil") .. " end")
end)

operator("guard_assign", ANY, function(m, node)
  local place, put = spot(m, node, 0.4)
  if not place then return nil end
  local cond, name, value = m:condition(place), m:name(place.first), m:expression(place)
  if not cond or not name or not value then return nil end
  return put("if " .. cond .. " then " .. name .. " = " .. value .. " end")
end)

operator("guard_break", ANY, function(m, node)
  local place, put = spot(m, node, 0.4)
  local cond = place and m:in_loop(place) and m:condition(place)
  return cond and put("if " .. cond .. " then break end") or nil
end)

operator("guard_wrap", "assign callstat if fornum forin while repeat break return", function(m, node)
  local cond = m:condition(node)
  return cond and replace(node, "if " .. cond .. " then " .. m:text(node) .. " end") or nil
end)

operator("guard_unwrap", "if", function(m, node)
  if #node.clauses > 1 then return nil end
  return replace(node, "do " .. m:text(node.clauses[1].body) .. " end")
end)

operator("else_insert", "if", function(m, node)
  if node.orelse then return nil end
  local inner = copied(m, node)
  if not inner then return nil end
  return { first = node.last - 2, last = node.last, text = "else " .. inner .. " end" }
end)

-- The text that a want_error pattern stands for, when it is one plain text.
local function plain_text(pattern)
  local text = pattern:gsub("^%^", ""):gsub("%$$", "")
  local bare = text:gsub("%%%p", "")
  if bare:find "[%^%$%(%)%%%.%[%]%*%+%-%?]" then return nil end
  return (text:gsub("%%(%p)", "%1"))
end

-- An error of the text that a failing test asks for; what looks like an argument becomes a variable.
operator("guard_error", ANY, function(m, node, failure)
  local text = failure.test.want_error and plain_text(failure.test.want_error)
  local place, put = spot(m, node, 0.2)
  local cond = text and place and m:condition(place)
  if not cond then return nil end
  local message = ("%q"):format(text)
  local head, tail = text:match "^(.-)(%S+)$"
  local name = m:name(place.first)
  if head ~= "" and name and m:chance(0.5) then message = ("%q .. %s"):format(head, name) end
  local donors = {}
  for _, statement in ipairs(m.strings) do
    if #statement > 4 and text:find(statement:sub(2, -2), 1, true) == 1 then donors[#donors + 1] = statement end
  end
  if #donors > 0 and name and m:chance(0.5) then message = m:pick(donors) .. " .. " .. name end
  if tail == nil then return nil end
  return put("if " .. cond .. " then error(" .. message .. ", 0) end")
end)

return M
