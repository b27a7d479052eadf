-- han.worker: the built-in search worker (backend "search"). One shot takes an artifact, public tests, a
-- steer and a profile, tries edits of the syntax tree one at a time against the public tests, and settles
-- with the best text it saw. It reads nothing but its context and draws nothing but from ctx.random, so
-- one context gives one answer.
--
-- ctx = { artifact=, public = { tests=, name=, limits= }, profile=, steer = findings or nil, random=,
--   eval = function(request) -> result as han.eval, meter = function{ evals=, tokens= } -> true or nil,
--   message, code; span = function{...}, yield = function() }
-- profile (all optional, defaults below): trials, mix = { uniform=, ochiai=, steer=, sharpness= },
--   weights = { CLASS = { operator = number } }, floor, accept = "better" | "equal", loyalty (share of
--   trials that edit the last accepted text; the others edit the start, since a text that passes more
--   tests may have won them by heart), patience (trials without a better text before the accepted text is
--   given up; false: never), probe (how many failing tests a trial runs; a text that turns the first of
--   them is run on all public tests, which is paid like another trial), templates (fixes mined from certified
--   work, worker/template.lua; none: nothing changes), patch (the rules of a ladder, han.patching: every text that is
--   kept is held to them, and to the tests that passed at the start; none: nothing changes).
-- Spans: { kind = "coverage", digest, passed, total, class, failing = { { fn, test, class, line } },
--   lines = { { line, fn, failed, passed } } }, { kind = "edit", op, class = of the failure it
--   was chosen for, fn, line, first, last, text, outcome = "solved" | "accepted" | "partial" | "failed" | "format",
--   passed, tokens, reason; when solved or accepted also node = kind of what was edited, before = what stood there },
--   { kind = "settle", digest, passed, total, trials, stopped }, and with a patch those of han.patching.
-- Failure classes: FORMAT, CONTRACT, RUNTIME, LOGIC, from what the tests showed.
local failure_rows = require "han.failure.rows"
local syntax = require "han.syntax"
local choose = require "han.worker.choose"
local fixes = require "han.worker.fixes"
local focus_of = require "han.worker.focus"
local locate = require "han.worker.locate"
local material = require "han.worker.material"
local template = require "han.worker.template"

local M = {}

M.DEFAULTS = {
  trials = 250,
  mix = { uniform = 0.1, ochiai = 0.6, steer = 0.3, sharpness = 1.5 },
  floor = 0.01,
  accept = "better",
  loyalty = 0.5,
  probe = 4,
  patience = false,
  weights = {
    LOGIC = { number_step = 3, name_swap = 3, boundary = 3, operator_swap = 2, literal_swap = 2, clause_add = 4,
      condition_replace = 2, statement_copy = 4, assign_insert = 4, guard_assign = 3, guard_return = 2, guard_wrap = 3,
      expression_copy = 2, expression_step = 2, element_insert = 2, operand_drop = 1, initialize = 2, guard_break = 1 },
    RUNTIME = { name_swap = 3, boundary = 3, number_step = 3, initialize = 4, default_value = 4, guard_wrap = 3,
      clause_add = 5, statement_copy = 4, assign_insert = 3, guard_return = 3, operator_swap = 2, expression_copy = 2,
      guard_error = 2, condition_replace = 1, guard_break = 2 },
    CONTRACT = { guard_error = 8, clause_add = 4, boundary = 4, number_step = 3, condition_replace = 2,
      statement_copy = 3,
      name_swap = 2, operator_swap = 2, assign_insert = 2, literal_swap = 2, guard_wrap = 1, negate = 1 },
  },
}

M.STALE = 400     -- edits that come to nothing, in a row, before a shot gives up

-- FNV-1a, 64 bit: names a text inside one shot.
local function digest(text)
  local h = 0xcbf29ce484222325
  for i = 1, #text do h = (h ~ text:byte(i)) * 0x100000001b3 end
  return ("%016x"):format(h)
end
M.digest = digest

M.class_of = failure_rows.class_of

local function setting(profile, name)
  local value = profile and profile[name]
  if value == nil then return M.DEFAULTS[name] end
  return value
end

local function request(ctx, text, order, more)
  local calls = {}
  for i, index in ipairs(order) do
    local test = ctx.public.tests[index]
    calls[i] = { fn = test.fn, args = test.args, want = test.want, want_error = test.want_error,
      instructions = test.instructions }
  end
  local wanted = { code = text, name = ctx.public.name, calls = calls, limits = ctx.public.limits }
  for key, value in pairs(more) do wanted[key] = value end
  return wanted
end

local function identity(n)
  local order = {}
  for i = 1, n do order[i] = i end
  return order
end

-- Rows of a full run, with the class of each failure and the set of lines each test ran through.
local function read_rows(ctx, result)
  local rows, passed = {}, 0
  for i, test in ipairs(ctx.public.tests) do
    local row = result.calls[i] or { ok = false, class = result.class, message = result.message, pass = false }
    local covered = {}
    for _, line in ipairs(row.lines or {}) do covered[line] = true end
    rows[i] = { pass = row.pass == true, lines = row.lines, covered = covered, line = row.line, test = test,
      class = row.pass ~= true and M.class_of(test, row) or nil }
    if rows[i].pass then passed = passed + 1 end
  end
  return rows, passed
end

local function coverage_span(ctx, base)
  local failing, lines = {}, {}
  for i, row in ipairs(base.rows) do
    if not row.pass then
      failing[#failing + 1] = { fn = row.test.fn, test = i, class = row.class, line = row.line }
    end
  end
  for _, row in ipairs(base.menu) do
    local counts = base.spectrum[row.line]
    if counts and counts.failed > 0 then
      lines[#lines + 1] = { line = row.line, fn = row.fn, failed = counts.failed, passed = counts.passed }
    end
  end
  ctx.span { kind = "coverage", digest = digest(base.text), passed = base.passed, total = #base.rows,
    class = base.class,
    failing = failing, lines = lines }
end

-- Makes a text one that edits may start from. result: a full run of it with coverage.
-- gained: how many more tests pass of those that are not in focus.
local function adopt(state, text, result, gained)
  local ctx = state.ctx
  local base = { text = text, class = result.class }
  base.rows, base.passed = read_rows(ctx, result)
  base.worth = base.passed + (gained or 0)
  base.failures = {}
  for _, row in ipairs(base.rows) do if not row.pass then base.failures[#base.failures + 1] = row end end
  local tree = syntax.parse(text, ctx.public.name)
  base.menu, base.spectrum = {}, {}
  if tree then
    local failed
    base.tree = tree
    base.menu = locate.menu(tree, choose.KINDS)
    if state.patching then base.menu = locate.within(base.menu, state.patching:places(text)) end
    base.spectrum, failed = locate.spectrum(base.rows)
    base.material = material.new(tree, ctx.random)
    -- a steer speaks of the text it was made for: the one the shot started from
    local findings = text == ctx.artifact and ctx.steer or nil
    base.chances = locate.chances(base.menu, base.spectrum, failed, findings, setting(ctx.profile, "mix"))
  end
  coverage_span(ctx, base)
  if not state.start then state.start = base else state.accepted = base end
  if not state.best or base.worth > state.best.worth then
    state.best = { text = text, passed = base.passed, worth = base.worth }
  end
end

-- A full run with coverage, paid like a trial. false when the budget does not allow it.
local function measure(state, text, tokens)
  local ctx = state.ctx
  local paid, why, code = ctx.meter { evals = 1, tokens = tokens }
  if not paid then state.stopped = code or why return nil end
  local result, message
  result, message, code = ctx.eval(request(ctx, text, identity(#ctx.public.tests), { coverage = true }))
  if not result then state.failed = { message, code } end
  return result
end

-- An operator by weight among those that apply to a node of the row; with the nodes it applies to.
local function choose_operator(state, row, class)
  local ctx = state.ctx
  local weights = state.weights or (setting(ctx.profile, "weights"))[class] or {}
  return choose.operator(choose.options(row, state.template), weights, setting(ctx.profile, "floor"), ctx.random)
end

-- Whether the text stays Lua with an edit. Compiles it with Lua's own parser and runs nothing: a tree is
-- only needed of texts that are adopted.
local function stays_lua(text)
  return load(text, "=candidate", "t", {}) ~= nil
end

-- One edit that gives a new text which is Lua: { text, base, op, fn, line, edit }, nil when it came to nothing.
local function propose(state)
  local ctx, base = state.ctx, state.start
  if state.accepted and ctx.random() < setting(ctx.profile, "loyalty") then base = state.accepted end
  local row = base.menu[locate.draw(base.chances, ctx.random)]
  local failure = base.failures[ctx.random(#base.failures)]
  local entry, nodes = choose_operator(state, row, failure.class)
  if not entry then return nil end
  local node = nodes[ctx.random(#nodes)]
  local edit = entry.make(base.material, node, failure)
  if not edit then return nil end
  local text = syntax.edit(base.text, { edit })
  if not text or state.seen[text] then return nil end
  state.seen[text] = true
  if not stays_lua(text) or state.patching and not state.patching:allows(base.text, text) then return nil end
  return { text = text, base = base, op = entry.name, fn = row.fn, line = row.line, edit = edit, node = node.kind,
    class = failure.class, tokens = (#edit.text + 3) // 4 }
end

M.BEFORE = 160    -- bytes of what stood at the place of an edit that are told

-- The kind of the node that an edit replaces, or of the one it is put beside; nil when it cuts through nodes.
local function kind_of(trial)
  local edit = trial.edit
  if edit.last < edit.first then return trial.node end
  local node = syntax.node_at(trial.base.tree, edit.first, edit.last)
  return node and node.first == edit.first and node.last == edit.last and node.kind or nil
end

local function edit_span(ctx, trial, outcome, passed, reason)
  local edit, node, before = trial.edit, nil, nil
  if outcome == "solved" or outcome == "accepted" then -- what may be learnt from
    node, before = kind_of(trial), trial.base.text:sub(edit.first, math.min(edit.last, edit.first + M.BEFORE - 1))
  end
  ctx.span { kind = "edit", op = trial.op, class = trial.class, fn = trial.fn, line = trial.line, first = edit.first,
    last = edit.last, text = edit.text, outcome = outcome, passed = passed, tokens = trial.tokens, reason = reason,
    node = node, before = before }
end

-- How many tests in a row passed before the first that did not.
local function run_of(result)
  local run = 0
  for _, row in ipairs(result.calls) do
    if row.pass ~= true then break end
    run = run + 1
  end
  return run
end

-- How many more tests pass of those that are not in focus, 0 where all are; nil when that could not be made.
local function gained_by(state, text)
  if not state.focus then return 0 end
  local gained, message, code = state.focus:gained(state.start.text, text)
  if not gained then state.failed = { message, code } end
  return gained
end

-- Runs a text that turned a test on all of them. Solved is over; else the rule of the profile says whether
-- edits may start from it. True when it is the best so far.
local function consider(state, trial)
  local ctx = state.ctx
  local result = measure(state, trial.text, 0)
  if not result then
    edit_span(ctx, trial, "partial", nil, "not measured: " .. tostring(state.stopped or "infra"))
    return false
  end
  local rows, passed = read_rows(ctx, result)
  local broken = state.patching and state.patching:breaks(state.start.rows, rows)
  if broken then
    edit_span(ctx, trial, "refused", passed, ("it breaks test %d"):format(broken))
    return false
  end
  local gained, most = gained_by(state, trial.text), (state.accepted or state.start).worth
  if not gained then return false end
  local worth, all = passed + gained, passed == #ctx.public.tests
  if all and gained >= 0 then
    state.best, state.stopped = { text = trial.text, passed = passed, worth = worth }, "solved"
    edit_span(ctx, trial, "solved", passed)
    return true
  end
  local better = worth > most
  if not all and (better or (setting(ctx.profile, "accept") == "equal" and worth == most)) then
    edit_span(ctx, trial, "accepted", passed)
    adopt(state, trial.text, result, gained)
    return better
  end
  if worth > state.best.worth then state.best = { text = trial.text, passed = passed, worth = worth } end
  edit_span(ctx, trial, "partial", passed)
  return false
end

-- One trial; true when the shot is over.
local function try(state, trial)
  local ctx, base = state.ctx, trial.base
  local paid, why, code = ctx.meter { evals = 1, tokens = trial.tokens }
  if not paid then state.stopped = code or why return true end
  local order = locate.order(base.rows, trial.line, trial.fn)
  for i = #order, setting(ctx.profile, "probe") + 1, -1 do order[i] = nil end
  local result, message
  result, message, code = ctx.eval(request(ctx, trial.text, order, { stop = "first" }))
  if not result then state.failed = { message, code } return true end
  local run = run_of(result)
  if run > 0 then -- a test that failed does not any more: worth the price of a full run
    state.idle = consider(state, trial) and 0 or state.idle + 1
  else
    local row = result.calls[1]
    edit_span(ctx, trial, result.class == "ok" and "failed" or "format", run, row and row.class)
    state.idle = state.idle + 1
  end
  return state.stopped ~= nil or state.failed ~= nil
end

local function restart(state)
  local patience = setting(state.ctx.profile, "patience")
  if not patience or state.idle < patience or not state.accepted then return end
  state.accepted, state.idle = nil, 0
  state.ctx.span { kind = "restart", digest = digest(state.start.text) }
end

local function search(state)
  local trials, stale = setting(state.ctx.profile, "trials"), 0
  state.idle = 0
  while state.trials < trials and stale < M.STALE do
    local trial = propose(state)
    if trial then
      stale = 0
      state.trials = state.trials + 1
      local over = try(state, trial)
      state.ctx.yield()
      if over then return end
      restart(state)
    else
      stale = stale + 1
    end
  end
  state.stopped = state.trials >= trials and "trials" or "nothing new to try"
end

--- Runs a text on all public tests, with coverage, and tells it as a span, which is what lenses read; one evaluation.
---@param ctx table
---@param text string
---@return table|nil seen { passed =, rows = { { pass =, class =, test =, line = } ... }, class = }
---@return string|nil message
---@return string|nil code
function M.look(ctx, text)
  local state = { ctx = ctx }
  local result = measure(state, text, 0)
  if not result then return nil, table.unpack(state.failed or { "the budget is spent", state.stopped }) end
  adopt(state, text, result)
  return state.start
end

-- What the worker has at hand: the templates of its profile, and for a patch those of the class.
local function equip(state)
  local profile, known = state.ctx.profile, nil
  if state.patching and not state.patching.rules.whole then known = fixes[state.patching.rules.class] end
  local templates = profile and profile.templates
  if known then
    templates = table.move(templates or {}, 1, #(templates or {}), 1, {})
    templates = table.move(known.templates, 1, #known.templates, #templates + 1, templates)
    state.weights = state.patching.rules.tight and known.tight or known.weights
  end
  state.template = template.operator(templates)
end

-- Runs one shot. Gives the best artifact (most public tests passed; the earlier on ties), or nil,
-- message, code when an evaluation failed for a reason that no candidate can cause.
function M.run(given)
  local ctx, focus = focus_of.narrow(given)
  local state = { ctx = ctx, focus = focus, seen = { [ctx.artifact] = true }, trials = 0,
    patching = ctx.profile and ctx.profile.patch and require("han.patching").new(ctx) or nil }
  equip(state)
  local result = measure(state, ctx.artifact, 0)
  if state.failed then return nil, table.unpack(state.failed) end
  if not result then return ctx.artifact end
  if focus then focus:start() end
  adopt(state, ctx.artifact, result)
  ctx.yield()
  if not state.start.tree then state.stopped = "not Lua"
  elseif #state.start.failures == 0 then state.stopped = "nothing fails"
  elseif #state.start.menu == 0 then state.stopped = "nothing in its scope"
  else search(state) end
  if state.failed then return nil, table.unpack(state.failed) end
  if state.patching then state.patching:tell() end
  ctx.span { kind = "settle", digest = digest(state.best.text), passed = state.best.passed,
    total = #ctx.public.tests, trials = state.trials, stopped = state.stopped }
  return state.best.text
end

return M
