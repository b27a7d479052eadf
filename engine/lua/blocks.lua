--- han.blocks: a program at three levels: blocks with contracts, their assembly (who calls whom, what state is shared)
-- and the brief. Derives the view from a text and a plan, makes a suite of local tests for each block and one for the
-- assembly, and tests texts one after another without repeating what a change cannot reach.
--
-- A plan is plain data: { brief=, name=, blocks = { { name=, signature=, examples = { { args=, want= or want_error=,
-- instructions= } ... }, assembly = true for one of them } ... }, limits= of han.eval }. Each suite is evaluated on its
-- own, in a fresh process, so its results follow from the closure of its function (han.blocks.depend): the results of a
-- lazy re-test are those of a full one. What is stored of a result is what does not move with the layout.

local depend = require "han.blocks.depend"
local syntax = require "han.syntax"

local M = {}

-- ---- plans ----

local function fault_of_block(block, i, seen)
  if type(block) ~= "table" or type(block.name) ~= "string" or block.name == "" then
    return ("block %d has no name"):format(i)
  end
  if seen[block.name] then return ("two blocks are called '%s'"):format(block.name) end
  if type(block.examples) ~= "table" then return ("block %s has no examples"):format(block.name) end
  for k, example in ipairs(block.examples) do
    if type(example) ~= "table" or type(example.args) ~= "table" or (example.want == nil) == (example.want_error == nil)
    then
      return ("example %d of block %s needs args, and want or want_error"):format(k, block.name)
    end
  end
end

--- What is wrong with a value as a plan, in words, or nil.
---@param plan any
---@return string|nil
function M.fault(plan)
  if type(plan) ~= "table" or type(plan.blocks) ~= "table" then return "a plan is a table with a list of blocks" end
  if #plan.blocks == 0 then return "a plan has at least one block" end
  local seen, assembly = {}, nil
  for i, block in ipairs(plan.blocks) do
    local fault = fault_of_block(block, i, seen)
    if fault then return fault end
    seen[block.name] = true
    if block.assembly and assembly then
      return ("both %s and %s are the assembly"):format(assembly, block.name)
    end
    assembly = block.assembly and block.name or assembly
  end
  return nil
end

--- The plan that a task gives by itself: its public blocks and brief, with the limits of its tests.
---@param public table { brief=, name=, blocks=, tests=, limits= }
---@return table plan
function M.plan_of(public)
  local limit_of, blocks = {}, {}
  for _, test in ipairs(public.tests or {}) do
    limit_of[test.fn] = math.max(limit_of[test.fn] or 0, test.instructions or 0)
  end
  for i, block in ipairs(public.blocks) do
    local examples = {}
    for k, example in ipairs(block.examples) do
      local most = limit_of[block.name]
      examples[k] = { args = example.args, want = example.want, want_error = example.want_error,
        instructions = example.instructions or most and most > 0 and most or nil }
    end
    blocks[i] = { name = block.name, signature = block.signature, assembly = block.assembly, examples = examples }
  end
  return { brief = public.brief, name = public.name, blocks = blocks, limits = public.limits }
end

--- The plan whose suites are the given tests of a task, in order, by function; `which` are indices (nil: all).
---@param public table { brief=, name=, tests=, limits= }
---@param which integer[]|nil
---@return table plan
function M.plan_of_tests(public, which)
  local blocks, by_name = {}, {}
  local function add(test)
    local block = by_name[test.fn]
    if not block then
      block = { name = test.fn, examples = {} }
      by_name[test.fn], blocks[#blocks + 1] = block, block
    end
    block.examples[#block.examples + 1] = { args = test.args, want = test.want, want_error = test.want_error,
      instructions = test.instructions }
  end
  if which then
    for _, i in ipairs(which) do add(public.tests[i]) end
  else
    for _, test in ipairs(public.tests) do add(test) end
  end
  return { brief = public.brief, name = public.name, blocks = blocks, limits = public.limits }
end

local function checked(plan, level)
  local fault = M.fault(plan)
  if fault then error("han.blocks: " .. fault, level + 1) end
  return plan
end

-- ---- the view ----

local function short(name) return name:match "[^.:]+$" end

local function entry_of(tree, name)
  local found
  for _, entry in ipairs(syntax.functions(tree)) do
    if entry.depth == 1 and short(entry.name) == name then found = entry end -- the last definition holds
  end
  return found
end

-- The outermost function that an entry belongs to, below the chunk; nil for the chunk itself.
local function outer(entries, index)
  local entry = entries[index]
  while entry and entry.depth > 1 do entry = entries[entry.parent] end
  return entry and entry.depth == 1 and entry or nil
end

-- Who calls whom among the functions of the top level, by short name, each edge once.
local function call_edges(tree)
  local entries, edges, seen = syntax.functions(tree), {}, {}
  for _, call in ipairs(syntax.callgraph(tree)) do
    local from, to = outer(entries, call.from), call.to and outer(entries, call.to)
    if from and to and from ~= to then
      local edge = { from = short(from.name), to = short(to.name) }
      local key = edge.from .. "\0" .. edge.to
      if not seen[key] then edges[#edges + 1], seen[key] = edge, true end
    end
  end
  return edges
end

local writers = { insert = true, remove = true, sort = true, move = true }

-- Whether this use of a name changes what it stands for: an assignment to it or below it, table.insert and its like.
local function is_change(use)
  local at = use
  while (at.parent.kind == "field" or at.parent.kind == "index") and at.parent.object == at do at = at.parent end
  if at.parent.kind == "assign" then
    for _, target in ipairs(at.parent.targets) do if target == at then return true end end
  end
  local call = at.parent
  local callee = call.kind == "call" and call.args[1] == at and call.callee
  return callee and callee.kind == "field" and callee.object.kind == "name" and callee.object.name == "table"
    and writers[callee.key.name] == true or false
end

local function state_row(rows, order, declaration)
  if not rows[declaration] then
    rows[declaration] = { name = declaration.name, reads = {}, writes = {} }
    order[#order + 1] = rows[declaration]
  end
  return rows[declaration]
end

local function add_name(list, name)
  for _, known in ipairs(list) do if known == name then return end end
  list[#list + 1] = name
end

-- Top-level locals that hold no function and no export, with the functions that read and change them.
local function shared_state(tree)
  local rows, order, held = {}, {}, {}
  local result = tree.root.body[#tree.root.body]
  local value = result and result.kind == "return" and result.values[1]
  if value and value.kind == "name" and value.declaration then held[value.declaration] = true end
  for _, use in ipairs(tree.uses) do
    local declaration = use.declaration
    if declaration and declaration.declares == "local" and declaration.func == tree.root and not held[declaration] then
      local owner = syntax.function_at(tree, use.first)
      owner = owner and outer(syntax.functions(tree), owner.index)
      if owner then
        local row = state_row(rows, order, declaration)
        add_name(is_change(use) and row.writes or row.reads, short(owner.name))
      end
    end
  end
  return order
end

local function names_of(edges, name)
  local list = {}
  for _, edge in ipairs(edges) do if edge.from == name then list[#list + 1] = edge.to end end
  return list
end

local function state_of(shared, name)
  local list = {}
  for _, row in ipairs(shared) do
    for _, users in ipairs { row.reads, row.writes } do
      for _, user in ipairs(users) do if user == name then add_name(list, row.name) end end
    end
  end
  return list
end

--- The program at three levels.
---@param text string
---@param plan table
---@return table|nil { brief=, blocks = { { name=, signature=, missing = true where the text has no such function,
-- first=, last=, line=, last_line=, calls = names, state = names } ... }, assembly = { name=, calls = { {from=, to=}
-- ... }, shared = { { name=, reads = names, writes = names } ... } } }; nil, message, "SYNTAX" for what is no Lua
function M.view(text, plan)
  checked(plan, 2)
  local tree, why, code = syntax.parse(text, plan.name)
  if not tree then return nil, why, code end
  local edges, shared = call_edges(tree), shared_state(tree)
  local view = { brief = plan.brief, blocks = {}, assembly = { calls = edges, shared = shared } }
  for i, block in ipairs(plan.blocks) do
    local entry = entry_of(tree, block.name)
    local row = { name = block.name, signature = block.signature, missing = not entry or nil,
      calls = names_of(edges, block.name), state = state_of(shared, block.name) }
    if entry then
      row.first, row.last, row.line, row.last_line = entry.first, entry.last, entry.line, entry.last_line
    end
    if block.assembly then view.assembly.name = block.name end
    view.blocks[i] = row
  end
  return view
end

-- ---- local tests ----

--- The local tests of a block, as calls of han.eval.
function M.suite(block)
  local calls = {}
  for i, example in ipairs(block.examples) do
    calls[i] = { fn = block.name, args = example.args, want = example.want, want_error = example.want_error,
      instructions = example.instructions }
  end
  return calls
end

-- Whether a result may change when lines move: the text of an error holds its line, and a pattern is held against it.
local function moves(call, row)
  local message = row.message
  if row.ok or call.want_error == nil or type(message) ~= "string" then return false end
  local stripped = message:match "^[^\n:]+:%d+: (.*)$"
  if not stripped then return false end
  local pattern = call.want_error
  local same = pattern:sub(1, 1) ~= "^" and not pattern:find("%f", 1, true) and stripped:find(pattern) ~= nil
  return not same
end

local function result_of(calls, result)
  local out = { passed = 0, total = #calls, rows = {}, moves = false }
  for i, call in ipairs(calls) do
    local row = result.calls[i] or { ok = false, class = result.class, message = result.message, pass = false }
    local pass = row.pass == true
    out.rows[i] = { pass = pass, class = row.ok and "ok" or row.class or result.class }
    out.passed = out.passed + (pass and 1 or 0)
    out.moves = out.moves or moves(call, row)
  end
  return out
end

-- ---- lazy re-testing ----

M.HELD = 4 -- texts whose keys are kept

local Tester = {}
Tester.__index = Tester

--- Tests texts of one plan one after another. evaluate(request) is han.eval.lua or stands for it.
---@param plan table
---@param evaluate function
---@return table with the method test(text)
function M.tester(plan, evaluate)
  checked(plan, 2)
  local self = setmetatable({ plan = plan, evaluate = evaluate, known = {}, last = {}, suites = {}, held = {},
    all = 0 }, Tester)
  for i, block in ipairs(plan.blocks) do
    self.suites[i], self.known[i] = M.suite(block), {}
    self.all = self.all + #self.suites[i]
  end
  return self
end

-- A result that was seen for this key, and for this layout where that matters.
local function recall(known, on)
  local entry = known[on.key]
  if not entry then return nil end
  if not entry.moves then return entry.result end
  return entry.places[on.place]
end

local function remember(known, on, result)
  local entry = known[on.key] or { places = {} }
  entry.moves = entry.moves or on.positions or result.moves
  entry.places[on.place], entry.result = result, result
  known[on.key] = entry
end

local function run_suite(self, text, i)
  local calls = self.suites[i]
  if #calls == 0 then return { passed = 0, total = 0, rows = {}, moves = false } end
  local result, why, code = self.evaluate { code = text, name = self.plan.name, calls = calls,
    limits = self.plan.limits }
  if not result then return nil, why, code end
  return result_of(calls, result)
end

-- The result of one suite on a text, with the calls that were made for it; keys: of the text, nil: it is no Lua.
local function result_on(self, text, keys, i)
  if not keys then return { passed = 0 }, 0 end
  local known = recall(self.known[i], keys[i])
  if known then return known, 0 end
  local result, why, code = run_suite(self, text, i)
  if not result then return nil, why, code end
  remember(self.known[i], keys[i], result)
  return result, result.total
end

-- What is no Lua fails everything, and nothing is run for it.
local function all_failed(self, out)
  for i, block in ipairs(self.plan.blocks) do
    local rows = {}
    for k in ipairs(self.suites[i]) do rows[k] = { pass = false, class = "format" } end
    out.blocks[i] = { name = block.name, passed = 0, total = #rows, rows = rows, how = "skipped" }
    out.total = out.total + #rows
    out.skipped[#out.skipped + 1] = block.name
  end
  out.class, self.last = "format", {}
  return out
end

local function how_of(self, i, on, found)
  if not found then return "tested" end
  local before = self.last[i]
  return before and before.key == on.key and "skipped" or "reused"
end

local function add(out, block, result, how)
  out.blocks[#out.blocks + 1] = { name = block.name, passed = result.passed, total = result.total, rows = result.rows,
    how = how }
  out.passed, out.total = out.passed + result.passed, out.total + result.total
  table.insert(out[how], block.name)
  if how == "tested" then out.calls = out.calls + result.total end
end

-- The keys of all suites of a text, nil for what is no Lua; those of the last few texts are at hand.
local function keys_of(self, text)
  local held = self.held
  if held[text] then return held[text] end
  local tree = syntax.parse(text, self.plan.name)
  if not tree then return nil end
  local parts, keys = depend.new(tree), {}
  for i, block in ipairs(self.plan.blocks) do keys[i] = parts:of(block.name) end
  held[text], held[#held + 1] = keys, text
  if #held > M.HELD then held[table.remove(held, 1)] = nil end
  return keys
end

-- Whether two keys of a suite stand for the same results.
local function same_key(known, a, b)
  if a.key ~= b.key then return false end
  local entry = known[a.key]
  local placed = a.positions or b.positions or not entry or entry.moves
  return not placed or a.place == b.place
end

--- What an edit changed as far as it can be seen: of the suites that it can reach how many more tests pass than before.
-- Suites that it cannot reach are not evaluated, on neither text.
---@param from string
---@param text string
---@return table|nil { gained = integer, calls = made now, all = calls of a full re-test, tested, reused, skipped =
-- names }, or nil, message, CODE when an evaluation failed
function Tester:compare(from, text)
  local out = { gained = 0, calls = 0, all = self.all, tested = {}, reused = {}, skipped = {} }
  local a, b = keys_of(self, from), keys_of(self, text)
  for i, block in ipairs(self.plan.blocks) do
    local how = "skipped"
    if not a or not b or not same_key(self.known[i], a[i], b[i]) then
      local before, made, code = result_on(self, from, a, i)
      if not before then return nil, made, code end
      local after, more, why = result_on(self, text, b, i)
      if not after then return nil, more, why end
      out.gained, out.calls = out.gained + after.passed - before.passed, out.calls + made + more
      how = made + more > 0 and "tested" or "reused"
    end
    table.insert(out[how], block.name)
  end
  return out
end

--- Tests a text as far as it must be.
---@param text string
---@return table|nil { class = "ok"|"format", passed=, total=, blocks = { { name=, passed=, total=, rows = { { pass=,
-- class= } ... }, how= } ... }, tested, reused, skipped = names (run now; known of an earlier text; untouched since the
-- last one), calls = made now, all = calls of a full re-test }; nil, message, CODE when the evaluation itself failed
function Tester:test(text)
  local out = { class = "ok", passed = 0, total = 0, blocks = {}, tested = {}, reused = {}, skipped = {}, calls = 0,
    all = self.all }
  local tree = syntax.parse(text, self.plan.name)
  if not tree then return all_failed(self, out) end
  local parts, now = depend.new(tree), {}
  for i, block in ipairs(self.plan.blocks) do
    local on = parts:of(block.name)
    local result = recall(self.known[i], on)
    local how = how_of(self, i, on, result)
    if not result then
      local why, code
      result, why, code = run_suite(self, text, i)
      if not result then return nil, why, code end
      remember(self.known[i], on, result)
    end
    now[i] = on
    add(out, block, result, how)
  end
  self.last = now
  return out
end

return M
