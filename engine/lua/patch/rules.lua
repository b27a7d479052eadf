--- han.patch.rules: what a patch may do to the body of a function, class by class (docs/patching.md). Each of `classes`
-- takes the statements before and after and gives true, or nil, why, CODE, the offset where it went wrong.

local match = require "han.patch.match"
local view = require "han.patch.view"

local M = { classes = {} }

local function all(list, test)
  for _, item in ipairs(list) do
    if not test(item) then return false end
  end
  return true
end

-- ---- what statements are ----

local LEAVES = { ["return"] = true, exit = true, raise = true }

-- `x = value` where the condition asks about x.
local function is_default(statement, heads)
  if statement.what ~= "assign" or (statement.targets or 0) ~= 1 then return false end
  for _, head in ipairs(heads) do
    if head.shape:find(statement.exprs[1].shape, 1, true) then return true end
  end
  return false
end

-- What a guard may do: leave, or give what was asked about a value.
local function is_short(block, heads)
  local last = block[#block]
  if not last or not (LEAVES[last.what] or is_default(last, heads)) then return false end
  for i = 1, #block - 1 do
    if not is_default(block[i], heads) then return false end
  end
  return true
end

-- `x = x or value`, `x = value if x is None else x`.
local function is_own_default(statement)
  if statement.what ~= "assign" or #statement.exprs ~= 2 then return false end
  local target, given = statement.exprs[1], statement.exprs[2]
  while given.op == "paren" do given = given.items[1] end
  if given.op ~= "or" and given.op ~= "if" then return false end
  for _, item in ipairs(given.items) do
    if item.shape == target.shape or item.own == target.own and item.kind == target.kind then return true end
  end
  return false
end

local function is_guard(statement)
  if statement.what == "assert" then return true end
  if statement.what == "if" and not statement.otherwise then
    return all(statement.blocks, function(block) return is_short(block, statement.heads) end)
  end
  return is_own_default(statement)
end

-- A block that ends with an error, of Lua also `return nil, why`.
local function is_refusal(block)
  local last = block[#block]
  if not last then return false end
  local first = last.exprs[1]
  local told = last.what == "return" and #last.exprs >= 2 and last.kind == "return"
    and (first.kind == "nil" or first.kind == "false")
  if last.what ~= "raise" and not told then return false end
  for i = 1, #block - 1 do
    if block[i].what ~= "assign" then return false end
  end
  return true
end

local function is_validation(statement)
  if statement.what == "raise" or statement.what == "assert" then return true end
  return statement.what == "if" and all(statement.blocks, is_refusal)
end

-- ---- what expressions are ----

local function same_part(a, b) return a.kind == b.kind and a.own == b.own and #a.items == #b.items end

-- One with parts that may differ as `allowed` says; functions in it by their statements.
local function by_parts(old, new, run, allowed)
  if not same_part(old, new) or (old.body == nil) ~= (new.body == nil) then return false end
  for i, item in ipairs(old.items) do
    if item.shape ~= new.items[i].shape and not allowed(item, new.items[i], run) then return false end
  end
  return old.body == nil or run:lists(old.body, new.body)
end

-- d[k] that became d.get(k) or d.get(k, value).
local function is_get(old, new)
  if old.kind ~= "Subscript" or new.kind ~= "Call" or not (new.callee or ""):find "%.get$" then return false end
  local from, key = new.items[1].items[1], new.items[2]
  return from ~= nil and key ~= nil and from.shape == old.items[1].shape and key.shape == old.items[2].shape
end

-- The old expression is still there, with something beside it that decides whether it is asked.
local function is_guarded(old, new, run)
  if old.shape == new.shape then return true end
  if old.op == "paren" and is_guarded(old.items[1], new, run) then return true end
  if new.op then
    for _, item in ipairs(new.items) do
      if is_guarded(old, item, run) then return true end
    end
  end
  return is_get(old, new) or by_parts(old, new, run, is_guarded)
end

local CONVERSIONS = {}
for word in ([[tostring tonumber math.tointeger math.floor string.format table.concat
  str int float bool list tuple set frozenset dict sorted bytes repr]]):gmatch "%S+" do CONVERSIONS[word] = true end
local ERRORS = { error = true, assert = true }

-- The one argument of a conversion, or nil.
local function converted(expr)
  if not expr.callee or not CONVERSIONS[expr.callee] or #expr.items ~= 2 then return nil end
  return expr.items[2]
end

-- A value of another type: a conversion around it more, less, or in place of another.
local function is_converted(old, new)
  local inner_old, inner_new = converted(old), converted(new)
  return inner_new ~= nil and inner_new.shape == old.shape or inner_old ~= nil and inner_old.shape == new.shape
    or inner_old ~= nil and inner_new ~= nil and inner_old.shape == inner_new.shape
end

local function in_contract(old, new, run)
  if old.shape == new.shape then return true end
  if old.callee and old.callee == new.callee and ERRORS[old.callee] then return true end
  if new.op == "or" and new.items[2] and ERRORS[new.items[2].callee or ""] then
    return in_contract(old, new.items[1], run)
  end
  if new.callee == "assert" and new.items[2] then return in_contract(old, new.items[2], run) end
  return by_parts(old, new, run, in_contract)
end

-- ---- classes ----

-- A `try` whose handlers do what `fit` says; what it is put around.
local function tried(statement, fit)
  if statement.what ~= "try" or not statement.handlers or #statement.blocks ~= 2 then return nil end
  local well = all(statement.handlers, function(handler) return fit(handler.blocks[1] or {}) end)
  return well and statement.blocks[1] or nil
end

local function never() return false end

local runtime = {
  insert = is_guard, remove = never, expression = is_guarded,
  block = function(block, statement) return is_short(block, statement.heads) end,
  wrap = function(statement)
    if statement.what == "if" and #statement.heads == 1 and (not statement.otherwise
      or is_short(statement.blocks[2], statement.heads)) then return statement.blocks[1] end
    return tried(statement, function(block) return is_short(block, {}) end)
  end,
}

local contract = {
  insert = is_validation, remove = is_validation, expression = in_contract,
  block = is_refusal,
  pair = function(old, new, run)
    if is_validation(old) and is_validation(new) then return true end
    if old.what == "return" and new.what == "return" and #old.exprs == #new.exprs then
      for i, expr in ipairs(old.exprs) do
        if not is_converted(expr, new.exprs[i]) and not in_contract(expr, new.exprs[i], run) then return false end
      end
      return true
    end
    if old.what == "handler" and new.what == "handler" then return run:lists(old.blocks[1], new.blocks[1]) end
    return nil
  end,
  wrap = function(statement) return tried(statement, is_refusal) end,
}

local function place_of(statement) return statement and statement.first end

function M.classes.RUNTIME(old, new)
  local well, statement = match.run(old, new, runtime)
  if well then return true end
  return nil, "RUNTIME may add guards and short-circuit returns, and nothing else", "RUNTIME_SCOPE", place_of(statement)
end

function M.classes.CONTRACT(old, new)
  local well, statement = match.run(old, new, contract)
  if well then return true end
  return nil, "CONTRACT may change validation, the type and the message of errors, and the type of what is returned",
    "CONTRACT_SCOPE", place_of(statement)
end

-- ---- LOGIC ----

M.TIGHT = "under a tight constraint LOGIC may change expressions and conditions, and no statement more or less"
M.SIMPLE = "LOGIC may change expressions, conditions and simple statements; loops, functions and blocks of errors stay"

local KEPT = { loop = true, define = true, try = true, handler = true, other = true }

-- Loops, functions and the like, in order: what an algorithm is built of. A Python docstring is none of it.
local function frame_of(list, whole)
  local frame = {}
  view.walk(list, function(statement)
    if KEPT[statement.what] or whole then
      frame[#frame + 1] = { word = statement.kind .. " " .. (statement.name or ""), statement = statement }
    end
  end)
  return frame
end

local function check_frame(old, new, whole)
  local a, b = frame_of(old, whole), frame_of(new, whole)
  for i = 1, math.max(#a, #b) do
    if not a[i] or not b[i] or a[i].word ~= b[i].word then
      return nil, whole and M.TIGHT or M.SIMPLE, "LOGIC_SCOPE", place_of(b[i] and b[i].statement)
    end
  end
  return true
end

local NEVER = { ["false"] = true, ["nil"] = true, ["bool:False"] = true, ["NoneType:None"] = true, ["int:0"] = true }

-- A condition that cannot hold.
local function never_holds(expr)
  while expr.op == "paren" do expr = expr.items[1] end
  if expr.kind == "Constant" then return NEVER[expr.own] == true end
  if NEVER[expr.kind] then return true end
  if expr.op ~= "and" then return false end
  for _, item in ipairs(expr.items) do
    if never_holds(item) then return true end
  end
  return false
end

local function leaves(block) return #block > 0 and LEAVES[block[#block].what] or false end

--- The guards of a body: conditions that leave it early, and assertions; { shape=, heads=, blocks=, first= }.
function M.guards(list)
  local found = {}
  view.walk(list, function(statement)
    if statement.what == "if" and all(statement.heads, never_holds) then return false end
    if statement.what == "assert" or statement.what == "if" and not statement.otherwise
      and all(statement.blocks, leaves) and #statement.blocks > 0 then
      found[#found + 1] = statement
    end
  end)
  return found
end

local function heads_of(statement)
  local shapes = {}
  for i, expr in ipairs(#statement.heads > 0 and statement.heads or statement.exprs) do shapes[i] = expr.shape end
  return table.concat(shapes)
end

local function body_of(statement)
  local shapes = {}
  for _, block in ipairs(statement.blocks) do
    for _, inner in ipairs(block) do shapes[#shapes + 1] = inner.shape end
  end
  return table.concat(shapes)
end

-- Takes from a list the first that is wanted.
local function take(list, wanted)
  for i, item in ipairs(list) do
    if wanted(item) then return table.remove(list, i) end
  end
end

-- Guards that are gone: neither there as they were, nor with another condition or another way out.
local function lost_guards(old, new, may_go)
  local left, rest = table.move(new, 1, #new, 1, {}), {}
  for _, guard in ipairs(old) do
    if not take(left, function(other) return other.shape == guard.shape end) then rest[#rest + 1] = guard end
  end
  local lost = {}
  for _, guard in ipairs(rest) do
    local heads, body = heads_of(guard), body_of(guard)
    local kept = take(left, function(other)
      return heads_of(other) == heads or body ~= "" and body_of(other) == body
    end)
    if not kept and not may_go(guard) then lost[#lost + 1] = guard end
  end
  return lost
end

--- options.guards: shapes of the guards that were there when more tests passed; others may go. Without it all stay.
-- options.tight: only expressions and conditions.
function M.classes.LOGIC(old, new, options)
  local ok, why, code, at = check_frame(old, new, false)
  if not ok then return nil, why, code, at end
  local known = {}
  for _, shape in ipairs(options.guards or {}) do known[shape] = true end
  local lost = lost_guards(M.guards(old), M.guards(new), function(guard)
    return options.guards ~= nil and not known[guard.shape]
  end)
  if lost[1] then
    return nil, "LOGIC may not remove a guard: " .. (lost[1].what == "assert" and "an assertion"
      or "a condition that leaves early"), "GUARD"
  end
  if options.tight then return check_frame(old, new, true) end
  return true
end

return M
