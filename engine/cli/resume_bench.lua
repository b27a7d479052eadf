--- han.cli.resume_bench: goes on with a bench that was broken off, cell by cell. Finished cells are not run
-- again; what is printed at the end is what the command would have printed had nothing happened, also when it
-- had ended already.

local args = require "han.cli.args"
local bench = require "han.cli.bench"
local budget = require "han.cli.budget"
local deployed = require "han.cli.deployed"
local han = require "han"
local json = require "han.json"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local registry = require "han.registry"
local value = require "han.value"

local M = {}

local channels = { "tokens", "nano_usd", "shots", "turns", "evals" }

-- ---- what the store holds of it ----

local function amounts(row, prefix)
  local out = {}
  for _, channel in ipairs(channels) do out[channel] = row[prefix .. channel] end
  local named = row[prefix .. "named"]
  for channel, n in pairs(named and problem.check(json.decode(named)) or {}) do out[channel] = n end
  return out
end

-- What a report needs of the record of a cell.
local function record_of(row)
  local meta = row.meta and problem.check(json.decode(row.meta, { null = "nil" })) or {}
  return {
    kept = row.kept, verdict = row.verdict_pass ~= nil and {} or nil, broken = meta.broken,
    cell = row.cell, task = row.task, group = row.grp, arm = row.arm, replicate = row.replicate, status = row.status,
    reason = row.reason, infra = row.infra == 1, over = row.over == 1, trust = row.trust, sandbox = row.sandbox,
    score = row.score and value.decode(row.score) or nil, spend = amounts(row, "spend_"),
    budget = amounts(row, "budget_"),
  }
end

local function records_of(db, run)
  local rows = problem.check(db:query("SELECT cell, task, grp, arm, replicate, status, reason, infra, over, trust, "
    .. "sandbox, kept, verdict_pass, meta, score, spend_tokens, spend_nano_usd, spend_shots, spend_turns, "
    .. "spend_evals, spend_named, budget_tokens, budget_nano_usd, budget_shots, budget_turns, budget_evals, "
    .. "budget_named FROM cell WHERE bench_id = ?1 ORDER BY try", { run.id }))
  local done = {}
  for _, row in ipairs(rows) do done[row.cell] = record_of(row) end
  return done
end

-- ---- is it still the same ----

local function refuse(format, ...) problem.raise("REFUSED", format:format(...)) end

local function check_arm(arm, id)
  local script = problem.check(registry.read("strategy", arm.strategy))
  if script.digest ~= arm.digest then
    refuse("the strategy %s is not the one that run %s began with: %s has changed", arm.name, id, script.path)
  end
end

local function check_files(plan, id)
  if plan.engine ~= han.version then
    refuse("run %s was begun by han %s, this is %s; one run is not measured by two engines", id, plan.engine,
      han.version)
  end
  local _, info = problem.check(registry.load("adapter", plan.adapter))
  if info.digest ~= plan.checks then
    refuse("the adapter %s is not the one that run %s began with (%s): its files have changed", plan.adapter, id,
      info.path)
  end
  for _, arm in ipairs(plan.arms) do
    if not arm.deployed then check_arm(arm, id) end
  end
end

local function same_amounts(a, b)
  for channel, n in pairs(a) do
    if b[channel] ~= n then return false end
  end
  for channel, n in pairs(b) do
    if a[channel] ~= n then return false end
  end
  return true
end

-- The tasks that the adapter makes today are those of the cells that are stored, under the same conditions.
local function check_cells(done, ready, arms)
  local groups = {}
  for _, task in ipairs(ready.tasks) do
    for _, arm in ipairs(arms) do
      groups[("%s/%s/%s/%d"):format(ready.adapter, task.id, arm.name, arm.replicate)] = task.group
    end
  end
  for name, record in pairs(done) do
    if groups[name] == nil or groups[name] ~= record.group then
      return ("the adapter makes other tasks now: the cell %s is stored, and none of these"):format(name)
    end
    if not same_amounts(record.budget, ready.budget or {}) then
      return ("the budget is %s now and was %s in the cell %s"):format(budget.words(ready.budget or {}),
        budget.words(record.budget), name)
    end
    if record.sandbox ~= ready.sandbox or record.trust ~= ready.trust then
      return ("sandbox and trust are %s and %s now and were %s and %s in the cell %s"):format(ready.sandbox,
        ready.trust, tostring(record.sandbox), tostring(record.trust), name)
    end
  end
  return nil
end

-- ---- the command ----

-- Versions of lines are what they were: they are named by their digest.
local function arms_of(plan, path)
  local arms = {}
  for i, arm in ipairs(plan.arms) do
    arms[i] = arm
    if arm.deployed then
      arms[i] = deployed.read(arm.deployed, path, plan.adapter)
      arms[i].name = arm.name
    end
  end
  return arms
end

local function spec_of(run, config, done, path)
  local plan = config.plan
  local arms = arms_of(plan, path)
  local spec = { n = config.n, seed = config.seed, split = config.split, line = config.line, jobs = config.jobs,
    budget = config.budget, wall = config.wall, options = config.options, weights = config.weights,
    sandbox = config.sandbox, ladder = config.ladder,
    adapter = plan.adapter, arms = arms, resumed = run, done = done }
  spec.on_ready = function(_, store, ready)
    local why = check_cells(done, ready, arms)
    if why then return nil, why, "REFUSED" end
    return bench.admit(spec, store, ready)
  end
  return spec
end

local function whole_row(db, run)
  return problem.check(db:query("SELECT id, kind, experiment, config, result, ended_ms FROM bench WHERE id = ?1",
    { run.id }))[1]
end

local function check_kind(run, config)
  if run.kind ~= "bench" then
    refuse("run %s is of the kind '%s'; a bench and a plain script are resumed, run this command again", run.id,
      run.kind)
  end
  if not config.plan then
    refuse("run %s was stored by a han that did not note what a resume needs; run the command again", run.id)
  end
end

--- Goes on with a stored bench, or prints what it printed when it has ended; the exit status. db: open for reading,
-- closed here.
function M.run(db, found, options, ui)
  local jobs = args.integer(options, "jobs", nil, 1, 1024)
  local run = whole_row(db, found)
  local config = run.config and value.decode(run.config) or {}
  if run.kind == "bench" and run.ended_ms and run.result then
    local text = recorder.content(db, run.result)
    local object = problem.check(json.decode(text, { null = "nil" }))
    db:close()
    return bench.conclude(ui, object, object.arms[1].n, run.id, text)
  end
  check_kind(run, config)
  local done = records_of(db, run)
  db:close()
  check_files(config.plan, run.id)
  local spec = spec_of(run, config, done, options.db)
  spec.jobs = jobs or spec.jobs
  return bench.complete(spec, nil, ui, options)
end

return M
