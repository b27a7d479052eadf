--- han.cli.improve_phase: runs one phase of an improve run, cell by cell, in the run's own store. A phase that had
-- ended is read back, one that was broken off is gone on with; groups of a held-out split are spent before the first
-- look. A phase that the machine took more than half of does not end: the run stops, and whoever goes on with it runs
-- the lost cells again.

local cell_rows = require "han.cli.cell_rows"
local cells = require "han.cells"
local experiment = require "han.experiment"
local ledger = require "han.ledger"
local lost = require "han.improve.lost"
local problem = require "han.cli.problem"
local stats = require "han.stats"
local store_of = require "han.cli.improve_store"
local stored = require "han.cli.stored"

local M = {}

M.INTERRUPTED = "improve was interrupted" -- raised by measure when Ctrl-C ended a phase

local boxed = { strong = true, landlock = true }

-- Cells that no gate would accept are not worth an hour of work.
local function unfit(ready)
  if not boxed[ready.sandbox] then
    return ("cells here run with sandbox %s, and a gate accepts strong and landlock only, so nothing could be "
      .. "promoted. Nothing was run; han doctor says what this machine lacks and how to mend it"):format(
      tostring(ready.sandbox)), "ENVIRONMENT"
  end
  if ready.trust ~= "split" then
    return ("%s is judged with trust %s; a gate accepts verdicts made in another process only. Nothing was run"):format(
      ready.adapter, tostring(ready.trust)), "REFUSED"
  end
  return nil
end

-- Tasks of the first groups that no other round of this run has used, so many of each: indices and groups.
local function choose(tasks, phase, used)
  local groups, count, indices = {}, {}, {}
  for i, task in ipairs(tasks) do
    local group = task.group
    local free = used[group] == nil or used[group] == phase.round
    if free and not count[group] and #groups < phase.groups then
      groups[#groups + 1] = group
      count[group] = 0
    end
    if count[group] and count[group] < phase.per then
      count[group] = count[group] + 1
      indices[#indices + 1] = i
    end
  end
  return indices, groups
end

-- The line on which a phase spends: each learner's gates are one line of candidates; a scored round is looked at once.
local function line_of(run, phase)
  if phase.rule then return ("%s/%s/%s"):format(run.store.id, phase.line, phase.rule.learner) end
  return ("%s/%s/%s"):format(run.store.id, phase.line, phase.key)
end

local function spend(run, phase, store, ready, groups)
  if not ledger.HELD_OUT[phase.split] or store_of.spend(store.db, store.id) then return true end
  return ledger.spend(store.db, { line = line_of(run, phase), adapter = ready.adapter, split = phase.split,
    groups = groups, bench = store.id, kind = store.kind, experiment = store.experiment })
end

local function admit(run, phase, store, ready, chosen)
  local why, code = unfit(ready)
  if why then return nil, why, code end
  local used = run.used[phase.split] or {}
  local indices, groups = choose(ready.tasks, phase, used)
  if #indices == 0 then
    return nil, ("round %d of %s finds no group of split %s that an earlier round has not used; use fewer --rounds, "
      .. "or let the tasks of another seed have groups of their own"):format(phase.round, phase.line, phase.split),
      "REFUSED"
  end
  for i, index in ipairs(indices) do chosen[i] = ready.tasks[index] end
  local ok
  ok, why, code = ledger.assign(store.db, ready.adapter, phase.split, chosen)
  if ok then ok, why, code = spend(run, phase, store, ready, groups) end
  if not ok then return nil, why, code end
  return indices
end

local function rule_of(run, phase)
  if not phase.rule then return nil end
  return experiment.new { primary = "correct", arms = { phase.rule.champion, phase.rule.candidate }, family = 1,
    alpha = phase.rule.alpha, n = phase.groups, holdout = phase.split, control = "spend", adapter = run.plan.name,
    line = line_of(run, phase), seed = phase.seed, threshold = 0, budget = phase.budget }
end

-- Groups belong to the round that used them first.
local function mark(run, phase, records)
  local used = run.used[phase.split] or {}
  run.used[phase.split] = used
  for _, record in ipairs(records) do used[record.group] = used[record.group] or phase.round end
end

local MACHINE = { PEER = true, IO = true, ENVIRONMENT = true } -- nothing is wrong with the run

-- Ends the command, not the run: it can be gone on with.
local function stop(run, phase, why, code)
  problem.check(run.store.db:flush())
  if not MACHINE[code] then problem.raise(code, why) end
  problem.raise(code, ("round %d of %s, phase %s: %s. What was done is stored. %s"):format(phase.round, phase.line,
    phase.phase, why, stored.how_to_go_on(run.store)))
end

local function run_cells(run, phase, store)
  local chosen = {}
  local done, lives = cell_rows.begun(store_of.records(store.db, store.id))
  run.progress(phase)
  local records, info, code = cells.run { adapter = run.plan.adapter, arms = phase.arms,
    n = phase.from or phase.groups * phase.per, seed = phase.seed, split = phase.split, options = phase.options,
    budget = phase.budget, jobs = run.jobs, sandbox = run.sandbox, done = done, lives = lives,
    journal = { db = store.db, run = store.id },
    on_ready = function(ready) return admit(run, phase, store, ready, chosen) end,
    on_record = function(record) store:cell(record) end,
    on_progress = function(state) run.progress(phase, state) end }
  if not records then stop(run, phase, info, code or "PEER") end
  if info.interrupted then
    problem.check(store.db:flush())
    error(M.INTERRUPTED, 0)
  end
  local why = lost.fault(records)
  if why then stop(run, phase, why, "PEER") end
  store:end_phase()
end

local function tasks_of(records)
  local list, seen = {}, {}
  for _, record in ipairs(records) do
    if not seen[record.task] then list[#list + 1] = { id = record.task, group = record.group } end
    seen[record.task] = true
  end
  return list
end

--- Runs a phase, or reads what it was; its records and info (see han.improve). run: { store = recorder, plan=, jobs=,
-- used = {}, progress = function(phase, state) }.
function M.measure(run, phase)
  local db, id = run.store.db, run.store.id .. "/" .. phase.key
  local row = store_of.row(db, id)
  if not row or not row.ended_ms then
    run_cells(run, phase, run.store:phase { key = phase.key, kind = phase.rule and "gate" or "bench",
      adapter = run.plan.name, seed = phase.seed, split = phase.split, arms = cells.names_of(phase.arms),
      config = { phase = phase.phase, round = phase.round, line = phase.line }, rule = rule_of(run, phase) })
  end
  local records = store_of.records(db, id, phase.harvest)
  if #records == 0 then problem.raise("CORRUPT", ("the phase %s has no cells"):format(id)) end
  mark(run, phase, records)
  local info = { trust = records[1].trust, sandbox = records[1].sandbox, tasks = tasks_of(records) }
  local spent = phase.rule and store_of.spend(db, id)
  if spent then
    info.slice, info.position = spent.slice, spent.position
    info.level = stats.spend { index = spent.position, alpha = phase.rule.alpha }.level
  end
  return records, info
end

return M
