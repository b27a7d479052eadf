-- han.ablate: which level of learning helps? Three switches, every cell of their grid on the same fresh tasks under
-- the same budget: *within*, the run is steered in flight or makes its attempts blindly; *cross*, it runs what was
-- learnt across rounds or what it began with; *meta*, what was learnt across rounds was written by an author that
-- learned its own operators and parameters meanwhile, or by one that did not. Where cross is off, meta has nothing to
-- act on: its two cells are replicates, and show how far equal arms differ by chance. Runs no cell itself (see
-- han.improve).
--
-- ablate.plan(adapter, spec) -> plan as han.improve.plan, or nil, message, CODE. An adapter may declare
--   `improve.ablate`: { rounds=, groups=, per=, from=, shots = how many times the scored budget of improve,
--   within = { off=, on= } }.
-- ablate.run(plan, env) -> the object that is printed; env as for han.improve, with lesson = function(author) -> text.

local arms_of = require "han.improve.arms"
local contrast = require "han.contrast"
local gate = require "han.gate"
local improve = require "han.improve"
local lost_of = require "han.improve.lost"
local parts = require "han.author.parts"
local plan_of = require "han.improve.plan"
local report = require "han.report"
local stats = require "han.stats"
local syntax = require "han.syntax"

local M = {}

M.SHOTS = 4   -- scored budgets of improve in one cell, where that pays one attempt only: steering needs more of them
M.GROUPS = 12
M.WITHIN = { off = "sample", on = "refine" }
M.LEARNERS = { "cross", "meta" }
-- What the two authors learn of themselves.
M.SETTINGS = { cross = "nothing", meta = "all" }

-- The grid. twin: the cell that this one is a replicate of.
M.CELLS = {
  { name = "base" },
  { name = "within", within = true },
  { name = "cross", cross = true },
  { name = "meta", meta = true, twin = "base" },
  { name = "within+cross", within = true, cross = true },
  { name = "within+meta", within = true, meta = true, twin = "within" },
  { name = "cross+meta", cross = true, meta = true },
  { name = "within+cross+meta", within = true, cross = true, meta = true },
}

-- ---- the plan ----

local function times(budget, n)
  local out = {}
  for channel, amount in pairs(budget or {}) do out[channel] = amount * n end
  return out
end

--- See the head. spec: as for han.improve.plan.
function M.plan(adapter, spec)
  local plan, message, code = plan_of.of(adapter, spec)
  if not plan then return nil, message, code end
  local own = (adapter.improve or {}).ablate or {}
  plan.rounds = spec.rounds or own.rounds or plan.rounds
  plan.within = own.within or M.WITHIN
  local one = plan.score
  one.groups = spec.n or own.groups or math.max(one.groups, M.GROUPS)
  one.per, one.from = own.per or one.per, own.from or one.from
  if not spec.budget and (one.budget.shots or 0) == 1 then one.budget = times(one.budget, own.shots or M.SHOTS) end
  if plan.what == "strategy" and not spec.strategy then plan.strategy = "steer=lens" end
  return plan
end

-- ---- the cells of the grid ----

--- A controller as it is when it may not steer: nothing is told, every attempt starts from the task's own artifact; nil
-- when it is not made of parts.
function M.blinded(text)
  local tree = syntax.parse(text, "strategy")
  local functions, params
  if tree then functions, params = parts.split(tree) end
  if not functions then return nil end
  functions.steer, functions.topology = parts.source("steer", "none"), parts.source("topology", "independent")
  return parts.file(functions, params)
end

--- What is wrong with a planned run, or nil.
function M.fault(plan)
  for _, line in ipairs(plan.what == "strategy" and plan.lines or {}) do
    if not M.blinded(line.start) then
      return ("%s is not made of the parts steer, topology, stop and act, so its steering cannot be switched off; "
        .. "begin with one that is, as in --strategy steer=lens"):format(plan.strategy)
    end
  end
  return nil
end

local function text_of(cell, line)
  if not cell.cross then return line.start end
  return line.learners[cell.meta and "meta" or "cross"].champion.text
end

local function arm_of(cell, line, plan)
  local text = text_of(cell, line)
  if plan.what == "strategy" and not cell.within then text = M.blinded(text) or text end
  local arm = arms_of.of(cell.name, text, { strategy = plan.within[cell.within and "on" or "off"],
    worker = plan.score.worker }, plan)
  if cell.twin then arm.replicate = 1 end
  return arm
end

-- ---- what was scored ----

local function add(sum, spend)
  for channel, n in pairs(spend or {}) do sum[channel] = (sum[channel] or 0) + n end
end

local function take(state, line, records)
  local by_task, order, lost = {}, {}, lost_of.tasks(records)
  for _, record in ipairs(records) do
    local row = by_task[record.task]
    if not row then
      row = { group = line.name .. "\0" .. record.group, scores = {} }
      by_task[record.task], order[#order + 1] = row, record.task
    end
    row.scores[record.arm] = type(record.score) == "table" and record.score.correct or 0.0
    local book = state.spend[record.arm] or { spend = {}, budget = {}, cells = 0 }
    state.spend[record.arm], book.cells = book, book.cells + 1
    add(book.spend, record.spend)
    add(book.budget, record.budget)
  end
  for _, task in ipairs(order) do
    if not lost[task] then state.rows[#state.rows + 1] = by_task[task] end
  end
end

local function score(state, line)
  local arms = {}
  for i, cell in ipairs(M.CELLS) do arms[i] = arm_of(cell, line, state.plan) end
  local records, info = improve.measure(state, improve.phase(state, "score", state.plan.rounds + 1, line,
    { arms = arms }))
  state.info = state.info or info
  take(state, line, records)
end

-- ---- the author, gated like a program ----

local STATUS = { promote = "promoted", refused = "refused" } -- of a version, by what the gate decided

local CHAMPION, CANDIDATE = "cross", "meta"

-- What each author's work came to, on groups that neither has seen: may the lesson replace the author as it was?
local function decide(state, line)
  local a, b = line.learners.cross.champion, line.learners.meta.champion
  if a.text == b.text then return { decision = "hold", reason = "both authors ended with the same program" } end
  local arms = { arms_of.of(CHAMPION, a.text, { as_it_is = true }, state.plan),
    arms_of.of(CANDIDATE, b.text, { as_it_is = true }, state.plan) }
  local rule = { candidate = CANDIDATE, champion = CHAMPION, learner = "author", alpha = state.plan.alpha }
  local ok, records, info = pcall(improve.measure, state, improve.phase(state, "gate", state.plan.rounds + 1, line,
    { name = "gate-author", arms = arms, rule = rule }))
  if not ok and type(records) == "table" and records.code == "REFUSED" then
    return { decision = "refused", reason = "there are no fresh groups for it: " .. records.message }
  end
  if not ok then error(records, 0) end
  return gate.decide(records, { candidate = CANDIDATE, champion = CHAMPION, level = info.level, tasks = info.tasks,
    slice = info.slice, seed = state.plan.seed, control = "spend" })
end

local function author(state, line)
  local text, name = state.env.lesson(line.learners.meta.author), plan_of.line_name(state.plan, line) .. "@author"
  local decision = decide(state, line)
  local row = { line = name, learner = "meta", kind = "profile", text = text, digest = state.env.digest(text),
    round = state.plan.rounds, author = "search", parents = {},
    status = STATUS[decision.decision] or "gated", reason = ("gate: %s, %s"):format(decision.decision, decision.reason),
    scores = { lift = decision.lift, ci = decision.ci, groups = decision.groups } }
  state.env.keep(row)
  state.authors[#state.authors + 1] = { line = name, digest = row.digest, decision = decision.decision,
    reason = decision.reason, lift = decision.lift, ci = decision.ci, groups = decision.groups }
end

-- ---- the object ----

-- What is tested, each as a mean of cells less a mean of cells. The two replicates stand beside, untested.
M.CONTRASTS = {
  { "within alone", { "within" }, { "base" } },
  { "cross alone", { "cross" }, { "base" } },
  { "within+cross", { "within+cross" }, { "base" } },
  { "cross+meta", { "cross+meta" }, { "base" } },
  { "all three", { "within+cross+meta" }, { "base" } },
  { "within, over the grid", { "within", "within+cross", "within+cross+meta" }, { "base", "cross", "cross+meta" } },
  { "cross, over the grid", { "cross", "within+cross" }, { "base", "within" } },
  { "meta, given cross", { "cross+meta", "within+cross+meta" }, { "cross", "within+cross" } },
  { "within x cross", { "within+cross", "base" }, { "within", "cross" } },
}
M.SAME = { { "meta alone", { "meta" }, { "base" } }, { "within+meta", { "within+meta" }, { "within" } } }

local function mean_of(row, cells)
  local sum = 0.0
  for _, name in ipairs(cells) do sum = sum + (row.scores[name] or 0.0) end
  return sum / #cells
end

local function contrast_of(state, what)
  local a, b, groups = {}, {}, {}
  for i, row in ipairs(state.rows) do
    a[i], b[i], groups[i] = mean_of(row, what[2]), mean_of(row, what[3]), row.group
  end
  local row = contrast.of(a, b, groups, { seed = state.plan.seed })
  row.name, row.test, row.method = what[1], row.method, nil
  row.arm, row.against = table.concat(what[2], ", "), table.concat(what[3], ", ")
  return row
end

local ALPHA = 0.05

-- What may be said of one contrast, by the rules of a bench.
local function claim_of(row)
  if not row.ci then return "not measured: fewer than 2 groups" end
  local figures = ("lift %+.3f, 95 %% CI [%+.3f, %+.3f], %d tasks in %d groups, q = %.3f"):format(row.lift, row.ci[1],
    row.ci[2], row.n, row.groups, row.q or 1)
  local credible = not row.zero_width and (row.ci[1] > 0 or row.ci[2] < 0) and (row.q or 1) <= ALPHA
  if not credible then return ("no credible effect (%s)"):format(figures) end
  if row.groups < report.GROUPS_MIN then
    return ("no claim: fewer than %d groups (%s)"):format(report.GROUPS_MIN, figures)
  end
  return ("%s (%s)"):format(row.lift > 0 and "helps" or "hurts", figures)
end

local function contrasts_of(state)
  local rows = {}
  for i, what in ipairs(M.CONTRASTS) do rows[i] = contrast_of(state, what) end
  contrast.correct(rows)
  for _, row in ipairs(rows) do row.claim, row.family = claim_of(row), nil end
  for _, what in ipairs(M.SAME) do
    rows[#rows + 1] = contrast_of(state, what)
    rows[#rows].diagnostic = true
  end
  for _, row in ipairs(rows) do row.zero_width = nil end
  return rows
end

local function arms_rows(state)
  local list = {}
  for i, cell in ipairs(M.CELLS) do
    local x, groups = {}, {}
    for k, row in ipairs(state.rows) do x[k], groups[k] = row.scores[cell.name] or 0.0, row.group end
    local found = stats.mean_ci { x = x, groups = groups, seed = state.plan.seed, alpha = 0.05 }
    local book = state.spend[cell.name] or { spend = {}, budget = {}, cells = 0 }
    list[i] = { arm = cell.name, within = cell.within or false, cross = cell.cross or false, meta = cell.meta or false,
      replicate_of = cell.twin, mean = found and found.mean, ci = found and found.ci,
      n = #x, cells = book.cells, spend = book.spend, budget = book.budget }
  end
  return list
end

M.LEVELS = {
  { "within, over the grid", "steering in flight (within)" },
  { "cross, over the grid", "what was learnt across rounds (cross)" },
  { "meta, given cross", "an author that learns its own ways (meta, given cross)" },
}

-- A sentence for each level.
local function claims_of(rows)
  local by_name, list = {}, {}
  for _, row in ipairs(rows) do by_name[row.name] = row end
  for i, level in ipairs(M.LEVELS) do list[i] = ("%s: %s"):format(level[2], by_name[level[1]].claim) end
  return list
end

local function counts_of(state)
  local out = {}
  for _, name in ipairs(M.LEARNERS) do
    out[name] = {}
    for _, line in ipairs(state.lines) do add(out[name], line.learners[name].count) end
  end
  return out
end

local function object_of(state)
  local plan, rows = state.plan, contrasts_of(state)
  return { schema = 1, adapter = plan.name, what = plan.what, seed = plan.seed, rounds_run = plan.rounds,
    arms = arms_rows(state), contrasts = rows, claims = claims_of(rows), authors = state.authors,
    promotions = state.promotions, gates = state.gates, learning = state.learning, candidates = counts_of(state),
    excluded = state.excluded, sandbox = state.info and state.info.sandbox, trust = state.info and state.info.trust }
end

-- ---- the run ----

-- Both authors draw the same random numbers, so that they differ by what they learn of themselves.
local function shared(env)
  local own = {}
  for name, item in pairs(env) do own[name] = item end
  function own.random(label) return env.random((label:gsub("^improve/([^/]*)/[^/]*/", "ablate/%1/"))) end
  function own.crown() end -- an experiment deploys nothing
  return own
end

local function settings_of(plan)
  local out = {}
  for name, learns in pairs(M.SETTINGS) do
    out[name] = {}
    for key, item in pairs(plan.settings or {}) do out[name][key] = item end
    out[name].learns = learns
  end
  return out
end

--- Runs the experiment; the object that is printed. What `env` raises goes through.
---@param plan table ablate.plan
---@param env table see above
function M.run(plan, env)
  local state = { plan = plan, env = shared(env), learners = M.LEARNERS, lines = {}, promotions = {}, gates = {},
    learning = { cross = {}, meta = {} }, rows = {}, spend = {}, excluded = {}, authors = {} }
  local settings = settings_of(plan)
  for i, line in ipairs(plan.lines) do state.lines[i] = improve.new_line(state, line, settings) end
  for round = 1, plan.rounds do
    for _, line in ipairs(state.lines) do improve.round(state, round, line) end
    env.round(round, { rounds = plan.rounds, gates = state.gates })
  end
  for _, line in ipairs(state.lines) do author(state, line) end
  for _, line in ipairs(state.lines) do score(state, line) end
  return object_of(state)
end

return M
