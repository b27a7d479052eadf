--- han.cli.stored: what the store holds of a run of cells (bench, gate, screen, a strategy on tasks), for the command
-- that goes on with it: its records, and whether adapter, strategies, tasks and engine are still what they were.

local budget = require "han.cli.budget"
local cell_rows = require "han.cli.cell_rows"
local checks = require "han.check"
local host = require "han.host"
local problem = require "han.cli.problem"
local registry = require "han.registry"
local sys = require "han.sys"
local ui_of = require "han.cli.ui"
local value = require "han.value"

local M = {}

-- ---- records ----

-- The task of each cell, as the first row of its journal has it.
local function read_tasks(db, run, done)
  for _, row in ipairs(problem.check(db:query("SELECT cell, CASE WHEN content IS NULL THEN value ELSE content(content) "
    .. "END AS about FROM journal_run JOIN journal ON id = (number << 32) + 1 WHERE bench_id = ?1", { run },
    { max_rows = 1000000 }))) do
    local record = done[row.cell]
    if record then record.task_digest = value.decode(row.about).task end
  end
end

--- The records of the cells that are stored, by the name of the cell; the last try of one counts. whole: with outputs.
function M.records(db, run, whole)
  local done = cell_rows.read(db, run, whole)
  read_tasks(db, run, done)
  return done
end

--- The row of a run: { id=, kind=, experiment=, config= (decoded), result= (digest or nil), ended_ms= }.
function M.row(db, run)
  local row = problem.check(db:query("SELECT id, kind, adapter, experiment, config, result, ended_ms FROM bench "
    .. "WHERE id = ?1", { run }))[1]
  if row then row.config = row.config and value.decode(row.config) or {} end
  return row
end

-- ---- the plan: what must stay as it is ----

-- A file by a path that means the same from every folder; a name stays a name.
local function lasting(word)
  return word:find("/", 1, true) and sys.realpath(word) or word
end

local function planned_arm(arm)
  local script = problem.check(registry.read("strategy", arm.strategy))
  local word = script.path == arm.strategy .. ".lua" and "./" .. script.path or arm.strategy
  return { name = arm.name, strategy = lasting(word), replicate = arm.replicate, untrusted = arm.untrusted,
    digest = arm.source and sys.sha256(arm.source) or script.digest }
end

--- What a resume must find unchanged, whatever folder it is called from: which files ran, and their digests.
function M.plan_of(spec)
  local _, info = problem.check(registry.load("adapter", spec.adapter))
  local plan = { adapter = lasting(spec.adapter), checks = info.digest, engine = host.engine(), arms = {} }
  for i, arm in ipairs(spec.arms) do
    plan.arms[i] = arm.deployed and { name = arm.name, deployed = arm.deployed, digest = arm.digest,
      untrusted = arm.untrusted }
      or planned_arm(arm)
  end
  return plan
end

--- The arms of a plan, to be run. Versions of lines are named by their digest, so they are what they were. path: the
-- store that holds them.
function M.arms_of(plan, path)
  local arms = {}
  for i, arm in ipairs(plan.arms) do
    arms[i] = arm
    if arm.deployed then
      arms[i] = require("han.cli.deployed").read(arm.deployed, path, plan.adapter, arm.untrusted)
      arms[i].name = arm.name
    end
  end
  return arms
end

local function refuse(format, ...) problem.raise("REFUSED", format:format(...)) end

local function check_arm(arm, id)
  local script = problem.check(registry.read("strategy", arm.strategy))
  if script.digest ~= arm.digest then
    refuse("the strategy %s is not the one that run %s began with: %s has changed", arm.name, id, script.path)
  end
end

--- Refuses a run whose engine, adapter or strategies are not what they were when it began.
function M.check_files(plan, id)
  if plan.engine ~= host.engine() then
    refuse("run %s was begun by another han (engine %.12s, this is %.12s); one run is not measured by two engines", id,
      tostring(plan.engine), host.engine())
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

--- The tasks that the adapter makes today are those of the cells that are stored, under the same conditions: nil, or
-- why not.
function M.other_tasks(done, ready, arms)
  local tasks = {}
  for _, task in ipairs(ready.tasks) do
    for _, arm in ipairs(arms) do
      tasks[("%s/%s/%s/%d"):format(ready.adapter, task.id, arm.name, arm.replicate)] = task
    end
  end
  for name, record in pairs(done) do
    local task = tasks[name]
    if task == nil or task.group ~= record.group then
      return ("the adapter makes other tasks now: the cell %s is stored, and none of these"):format(name)
    end
    if record.task_digest and record.task_digest ~= task.digest then
      return ("the task %s is not what it was when the cell %s was run: what the adapter makes it from has changed")
        :format(task.id, name)
    end
    if not same_amounts(record.budget, ready.budget or {}) then
      return ("the budget is %s now and was %s in the cell %s"):format(budget.words(ready.budget or {}),
        budget.words(record.budget), name)
    end
    -- a cell may have been judged under weaker conditions than the family's, never under stronger ones
    if checks.weaker("sandbox", record.sandbox, ready.sandbox) ~= record.sandbox
      or checks.weaker("trust", record.trust, ready.trust) ~= record.trust then
      return ("sandbox and trust are %s and %s now and were %s and %s in the cell %s"):format(ready.sandbox,
        ready.trust, tostring(record.sandbox), tostring(record.trust), name)
    end
  end
  return nil
end

--- Lets `admit` (see han.cli.bench.measure) be asked only when the tasks are still the same.
function M.on_ready(done, arms, admit)
  return function(spec, store, ready)
    local why = M.other_tasks(done, ready, arms)
    if why then return nil, why, "REFUSED" end
    return admit(spec, store, ready)
  end
end

--- How a run that was broken off is gone on with, in words.
function M.how_to_go_on(store)
  return ("To go on from there: han resume %s%s"):format(store.id,
    store.path == "han.db" and "" or " --db " .. ui_of.safe(store.path))
end

--- The end of a command that Ctrl-C ended: what is stored stays, and the object has what was done. Its exit status.
function M.interrupted(ui, store, object)
  store:leave()
  ui:note("interrupted: what was done is stored as %s in %s. %s", store.id, ui.safe(store.path),
    M.how_to_go_on(store))
  ui:object(object)
  return 130
end

return M
