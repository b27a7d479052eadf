--- What a Lua compiler refuses after the grammar, and what every name refers to.
-- One walk in the compiler's order: gives nodes their parent, binds names to declarations, and checks labels, gotos,
-- break,
-- varargs, attribs and the limits of lparser.c (5.4.4): 200 locals and 255 upvalues in a function, 198 levels of
-- nesting.
local M = {}

local MAX_LEVEL, MAX_LOCALS, MAX_UPVALUES = 198, 200, 255

-- A function has 255 registers, and how many an expression needs only code generation tells. A function whose locals,
-- pending values (of argument lists, tables, assignments) and levels (two registers each) stay within these cannot get
-- there: 100 + 60 + 2 * 40. What goes beyond is not refused but marked `heavy`; so is a `for` whose jump may be too
-- long for an instruction (2^17 of them, and each takes a byte of text or more).
local LIGHT_LOCALS, LIGHT_PENDING, LIGHT_LEVEL, LIGHT_LOOP = 100, 60, 40, 100000

local statement_handlers, expression_handlers = {}, {}

local function refuse(node, message, expected)
  error({ offset = type(node) == "number" and node or node.first, message = message, expected = expected or {} }, 0)
end

local function check_level(s, level, node)
  if level <= LIGHT_LEVEL then return end
  s.heavy = true
  if level > MAX_LEVEL then refuse(node, "chunk has too many syntax levels") end
end

local function check_pending(s, count)
  if count > LIGHT_PENDING then s.heavy = true end
end

---- Functions, blocks, declarations
-- A function state: active = locals in force (hidden loop state included), owned = those a name can reach, block =
-- innermost.
-- s.names maps a name to its innermost declaration in the whole text; a declaration remembers the one it hides.

local function open_block(s, loop)
  local fs = s.fs
  fs.block = { parent = fs.block, active = fs.active, owned = #fs.owned, labels = false, goto_at = #fs.gotos + 1,
    seq = s.seq, loop = loop }
  if loop then fs.loops = fs.loops + 1 end
end

local function leave_gotos(fs, block)
  local gotos, kept = fs.gotos, block.goto_at - 1
  for i = block.goto_at, #gotos do
    local pending = gotos[i]
    gotos[i] = nil
    if not pending.solved then
      kept = kept + 1
      gotos[kept] = pending
      if pending.active > block.active then pending.active = block.active end
    end
  end
end

local function close_block(s, to)
  local fs = s.fs
  local block = fs.block
  local owned = fs.owned
  for i = #owned, block.owned + 1, -1 do
    local declaration = owned[i]
    declaration.to = to
    s.names[declaration.name] = declaration.hides or nil
    declaration.hides = nil
    owned[i] = nil
  end
  fs.active = block.active
  if block.labels then
    for _, label in ipairs(block.labels) do fs.labels[label] = nil end
  end
  leave_gotos(fs, block)
  if block.loop then fs.loops = fs.loops - 1 end
  fs.block = block.parent
end

local function check_locals(s, count, node)
  local total = s.fs.active + count
  if total <= LIGHT_LOCALS then return end
  s.heavy = true
  if total > MAX_LOCALS then refuse(node, "too many local variables (limit is 200)") end
end

local function declare(s, node, what, from)
  local fs = s.fs
  fs.active = fs.active + 1
  node.declares, node.from, node.to, node.func = what, from, 0, fs.node
  node.hides = s.names[node.name]
  s.names[node.name] = node
  fs.owned[#fs.owned + 1] = node
  s.declarations[#s.declarations + 1] = node
end

local function declare_list(s, names, what, from)
  for i = 1, #names do declare(s, names[i], what, from) end
end

-- More than the limit is for code generation to judge as well: a constant it can fold is no upvalue.
local function add_upvalue(s, declaration, owner)
  local fs = s.fs
  while fs.node ~= owner do
    if fs.upvalues[declaration] then return end
    fs.upvalues[declaration] = true
    fs.upvalue_count = fs.upvalue_count + 1
    if fs.upvalue_count > MAX_UPVALUES then s.heavy = true end
    fs = fs.parent
  end
end

local function use(s, node)
  local declaration = s.names[node.name]
  s.uses[#s.uses + 1] = node
  if not declaration then
    node.scope = "global"
    local env = s.names._ENV
    if env then
      if env.func ~= s.fs.node then add_upvalue(s, env, env.func) end
    else
      add_upvalue(s, s, s.root)
    end
    return
  end
  node.declaration = declaration
  if declaration.func == s.fs.node then
    node.scope = "local"
  else
    node.scope = "upvalue"
    if not declaration.constant then add_upvalue(s, declaration, declaration.func) end
  end
end

---- Blocks and functions

-- A fragment's own level is part of a function that is not here: its loops and labels may be there.
local function is_open(s, fs)
  return s.fragment and fs.node == s.root
end

local function finish_gotos(fs)
  local pending = fs.gotos[1]
  if pending then refuse(pending.node, "no visible label '" .. pending.node.label .. "' for goto") end
end

local function statements(s, block, level)
  local extra = 0
  for i = 1, #block do
    local node = block[i]
    local kind = node.kind
    node.parent = block
    -- The compiler reads labels and semicolons that follow a label inside the label's own level.
    if extra > 0 and kind ~= "label" and kind ~= "empty" then extra = 0 end
    check_level(s, level + extra, node)
    statement_handlers[kind](s, node, level + extra, block, i)
    if kind == "label" then extra = extra + 1 end
  end
end

-- `level` is that of the statement or expression that holds the block; `to` is the last offset of the block's region.
local function body(s, block, parent, level, to)
  block.parent, block.close = parent, to + 1
  open_block(s, false)
  statements(s, block, level + 1)
  close_block(s, to)
end

local function open_function(s, node, vararg)
  local fs = { parent = s.fs, node = node, active = 0, owned = {}, upvalues = {}, upvalue_count = 0, labels = {},
    gotos = {}, pending = {},
    loops = 0, vararg = vararg, block = false }
  node.func = s.fs and s.fs.node
  s.fs = fs
  open_block(s, false)
  s.functions[#s.functions + 1] = node
end

local function close_function(s, to)
  local fs = s.fs
  close_block(s, to)
  if not is_open(s, fs) then finish_gotos(fs) end
  s.fs = fs.parent
end

local function function_body(s, node, level)
  open_function(s, node, node.vararg)
  local pending = s.pending
  s.pending = 0
  local block = node.body
  local from, to = block.open, node.last - 3
  check_locals(s, #node.params + (node.method and 1 or 0), node)
  if node.method then
    node.self = { kind = "name", first = node.first, last = node.first - 1, parent = node, name = "self",
      implicit = true,
      declaration = false, scope = false }
    declare(s, node.self, "self", from)
  end
  for _, param in ipairs(node.params) do param.parent = node end
  declare_list(s, node.params, "param", from)
  block.parent, block.close = node, to + 1
  statements(s, block, level + 1)
  close_function(s, to)
  s.pending = pending
end

---- Expressions

local function expression(s, node, level, parent)
  node.parent = parent
  check_level(s, level, node)
  return expression_handlers[node.kind](s, node, level)
end

local function expressions(s, list, level, parent)
  local before = s.pending
  for i = 1, #list do
    s.pending = before + i
    expression(s, list[i], level, parent)
  end
  check_pending(s, s.pending)
  s.pending = before
end

local function nothing() end
for _, kind in ipairs { "nil", "true", "false", "number", "string" } do expression_handlers[kind] = nothing end
expression_handlers.name = use
expression_handlers["function"] = function_body

function expression_handlers.vararg(s, node)
  if not s.fs.vararg then refuse(node, "cannot use '...' outside a vararg function") end
end

function expression_handlers.paren(s, node, level)
  expression(s, node.inner, level + 1, node)
end

function expression_handlers.unop(s, node, level)
  expression(s, node.operand, level + 1, node)
end

-- Left operands and objects nest as deep as the text is long: these two loop down the left side and come back up.
function expression_handlers.binop(s, node, level)
  local at = node
  while at.left.kind == "binop" do
    at.left.parent = at
    at = at.left
  end
  expression(s, at.left, level, at)
  while true do
    expression(s, at.right, level + 1, at)
    if at == node then return end
    at = at.parent
  end
end

local object_of = { field = "object", index = "object", method = "object", call = "callee" }

local function suffix_parts(s, node, level)
  local kind = node.kind
  if kind == "index" then
    expression(s, node.key, level + 1, node)
    return
  end
  if kind ~= "call" then node.key.parent = node end
  if kind ~= "field" then expressions(s, node.args, level + 1, node) end
end

local function suffixed(s, node, level)
  local at = node
  while true do
    local object = at[object_of[at.kind]]
    object.parent = at
    if not object_of[object.kind] then break end
    at = object
  end
  expression(s, at[object_of[at.kind]], level, at)
  while true do
    suffix_parts(s, at, level)
    if at == node then return end
    at = at.parent
  end
end
for kind in pairs(object_of) do expression_handlers[kind] = suffixed end

function expression_handlers.table(s, node, level)
  local before, items = s.pending, node.items
  for i = 1, #items do
    local item = items[i]
    if item.kind == "pair" then
      item.parent, item.key.parent = node, item
      expression(s, item.value, level + 1, item)
    elseif item.kind == "keyed" then
      item.parent = node
      expression(s, item.key, level + 1, item)
      expression(s, item.value, level + 1, item)
    else
      -- The compiler stores positional values fifty at a time.
      s.pending = before + (i - 1) % 50 + 1
      check_pending(s, s.pending)
      expression(s, item, level + 1, node)
    end
  end
  s.pending = before
end

---- Statements

local literal = { ["nil"] = true, ["true"] = true, ["false"] = true, number = true, string = true }

-- A <const> local with a literal value is no variable for the compiler: it takes no upvalue in inner functions.
local function constant_value(node)
  return literal[node.kind] or node.kind == "name" and node.declaration and node.declaration.constant
    or node.kind == "unop" and node.op == "-" and node.operand.kind == "number" and tonumber(node.operand.text) ~= 0
end

local function check_attribs(node)
  local closing = 0
  for _, name in ipairs(node.names) do
    if name.attrib and name.attrib ~= "const" and name.attrib ~= "close" then
      refuse(name, "unknown attribute '" .. name.attrib .. "'")
    end
    if name.attrib == "close" then closing = closing + 1 end
  end
  if closing > 1 then refuse(node, "multiple to-be-closed variables in local list") end
end

statement_handlers["local"] = function(s, node, level)
  local names, values = node.names, node.values
  check_attribs(node)
  check_locals(s, #names, node)
  expressions(s, values, level + 1, node)
  for i = 1, #names do
    names[i].parent = node
    declare(s, names[i], "local", node.last + 1)
  end
  local tail = names[#names]
  if tail.attrib == "const" and #names == #values and constant_value(values[#values]) then tail.constant = true end
end

function statement_handlers.localfunction(s, node, level)
  node.name.parent = node
  check_locals(s, 1, node)
  declare(s, node.name, "function", node.name.last + 1)
  node.func.parent = node
  function_body(s, node.func, level)
end

local function check_writable(node)
  local declaration = node.kind == "name" and node.declaration
  if declaration and declaration.attrib then
    refuse(node, "attempt to assign to const variable '" .. node.name .. "'")
  end
end

function statement_handlers.funcstat(s, node, level)
  local target = node.target
  target.parent = node
  expression_handlers[target.kind](s, target, level)
  check_writable(target)
  node.func.parent = node
  function_body(s, node.func, level)
end

local assignable = { name = true, field = true, index = true }

function statement_handlers.assign(s, node, level)
  local targets = node.targets
  for i = 1, #targets do
    local target = targets[i]
    target.parent = node
    if not assignable[target.kind] then refuse(target, "cannot assign to this expression") end
    check_level(s, level + i - 1, target)
    s.pending = 2 * i
    expression_handlers[target.kind](s, target, level + i - 1)
    check_writable(target)
  end
  s.pending = 2 * #targets
  expressions(s, node.values, level + #targets, node)
  s.pending = 0
end

function statement_handlers.callstat(s, node, level)
  local call = node.call
  if call.kind ~= "call" and call.kind ~= "method" then error({ diagnose = true, offset = node.first,
    message = "expected a call" }, 0) end
  call.parent = node
  suffixed(s, call, level)
end

statement_handlers["do"] = function(s, node, level)
  body(s, node.body, node, level, node.last - 3)
end

statement_handlers["while"] = function(s, node, level)
  expression(s, node.cond, level + 1, node)
  open_block(s, true)
  body(s, node.body, node, level, node.last - 3)
  close_block(s, node.last - 3)
end

statement_handlers["repeat"] = function(s, node, level)
  open_block(s, true)
  local block = node.body
  block.parent, block.close = node, node.until_first
  open_block(s, false)
  block.is_repeat = true
  statements(s, block, level + 1)
  expression(s, node.cond, level + 1, node)
  close_block(s, node.last)
  close_block(s, node.last)
end

statement_handlers["if"] = function(s, node, level)
  local clauses = node.clauses
  for i = 1, #clauses do
    local clause = clauses[i]
    local after = clauses[i + 1]
    clause.parent = node
    expression(s, clause.cond, level + 1, clause)
    local to = after and after.first - 1 or node.orelse and node.orelse.open - 5 or node.last - 3
    body(s, clause.body, clause, level, to)
  end
  if node.orelse then body(s, node.orelse, node, level, node.last - 3) end
end

local function loop_body(s, node, level, hidden, names, from)
  if node.last - node.first > LIGHT_LOOP then s.heavy = true end
  check_locals(s, hidden + #names, node)
  open_block(s, true)
  s.fs.active = s.fs.active + hidden
  open_block(s, false)
  for _, name in ipairs(names) do name.parent = node end
  declare_list(s, names, "for", from)
  body(s, node.body, node, level, node.last - 3)
  close_block(s, node.last - 3)
  close_block(s, node.last - 3)
end

function statement_handlers.fornum(s, node, level)
  expression(s, node.start, level + 1, node)
  expression(s, node.limit, level + 1, node)
  if node.step then expression(s, node.step, level + 1, node) end
  loop_body(s, node, level, 3, { node.var }, node.body.open)
end

function statement_handlers.forin(s, node, level)
  expressions(s, node.values, level + 1, node)
  loop_body(s, node, level, 4, node.names, node.body.open)
end

statement_handlers["return"] = function(s, node, level)
  expressions(s, node.values, level + 1, node)
end

statement_handlers["break"] = function(s, node)
  if s.fs.loops == 0 and not is_open(s, s.fs) then refuse(node, "break outside a loop") end
end

statement_handlers.empty = nothing

statement_handlers["goto"] = function(s, node)
  local fs = s.fs
  if fs.labels[node.label] then return end
  s.seq = s.seq + 1
  local pending = { node = node, active = fs.active, seq = s.seq, solved = false }
  fs.gotos[#fs.gotos + 1] = pending
  local same = fs.pending[node.label]
  if not same then
    same = {}
    fs.pending[node.label] = same
  end
  same[#same + 1] = pending
end

-- A label at the end of its block (only labels and semicolons follow, and no `until`) counts as outside the block's
-- locals.
local function is_last(block, index)
  if block.is_repeat then return false end
  if not block.tail then
    local tail = #block
    while tail > 0 and (block[tail].kind == "empty" or block[tail].kind == "label") do tail = tail - 1 end
    block.tail = tail + 1
  end
  return index >= block.tail
end

function statement_handlers.label(s, node, _, block, index)
  local fs = s.fs
  local label, scope = node.label, s.fs.block
  if fs.labels[label] then refuse(node, "label '" .. label .. "' already defined") end
  fs.labels[label] = node
  scope.labels = scope.labels or {}
  scope.labels[#scope.labels + 1] = label
  local active = is_last(block, index) and scope.active or fs.active
  local same = fs.pending[label] or {}
  for i = #same, 1, -1 do
    local pending = same[i]
    if pending.seq <= scope.seq then break end
    if pending.active < active then refuse(pending.node, "goto '" .. label .. "' jumps into the scope of a local") end
    pending.solved = true
    same[i] = nil
  end
end

---- Entry

-- Binds and checks a tree from grammar.parse: { functions=, declarations=, uses=, heavy= }, or nil and an error as
-- grammar.parse gives it. With `fragment`, break and unknown labels are left to the program the text will be put into.
function M.resolve(root, fragment)
  local s = { fs = false, names = {}, seq = 0, fragment = fragment, root = root, functions = {}, declarations = {},
    uses = {}, pending = 0, heavy = false }
  local ok, wrong = pcall(function()
    open_function(s, root, true)
    s.fs.upvalue_count = 1
    if root.kind == "chunk" then
      root.body.parent, root.body.close = root, root.last + 1
      statements(s, root.body, 1)
    elseif root.kind == "block" then
      root.close = root.last + 1
      statements(s, root, 1)
    else
      expression(s, root, 2, false)
    end
    close_function(s, root.last)
  end)
  if ok then return s end
  if type(wrong) ~= "table" then error(wrong, 0) end
  return nil, wrong
end

return M
