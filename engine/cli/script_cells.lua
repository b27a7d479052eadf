--- han.cli.script_cells: han script --adapter: one strategy on tasks, printed run by run; begun, and gone on with.

local bench = require "han.cli.bench"
local budget = require "han.cli.budget"
local health = require "han.health"
local json = require "han.json"
local model = require "han.cli.model"
local problem = require "han.cli.problem"
local stored = require "han.cli.stored"

local M = {}

local function error_of(record)
  if record.status ~= "down" then return nil end
  return { code = record.code or "SCRIPT", message = problem.bare(record.where, record.reason), where = record.where }
end

local function run_object(record)
  return {
    status = record.status, result = record.output, verdict = record.verdict, score = record.score,
    spend = record.spend, error = error_of(record), cell = record.cell, task = record.task, group = record.group,
    infra = record.infra, over = record.over,
  }
end

local function mark(ui, record)
  if record.status == "down" then return ui:paint("red", "down") end
  if record.verdict and record.verdict.pass then return ui:paint("green", "pass") end
  return ui:paint("yellow", "fail")
end

local function print_run(ui, record)
  local score = type(record.score) == "table" and record.score.correct
  ui:out("%s  %s  %s  %s", mark(ui, record), ui.safe(record.task), score and ("score %.3f"):format(score) or "no score",
    budget.words(record.spend or {}))
  if record.status == "down" then
    ui:out("      %s", ui.safe(problem.placed(record.where, record.reason or "no reason")))
  end
end

local function print_runs(ui, records)
  local passed, down = 0, 0
  for _, record in ipairs(records) do
    print_run(ui, record)
    if record.status == "down" then down = down + 1 end
    if record.verdict and record.verdict.pass then passed = passed + 1 end
  end
  if #records > 1 then ui:out("%d runs: %d passed, %d down", #records, passed, down) end
  return down == 0 and 0 or 1
end

local function object_of(records, n)
  local objects = {}
  for i, record in ipairs(records) do objects[i] = run_object(record) end
  if n > 1 or not objects[1] then return { schema = 1, runs = json.array(objects) } end
  objects[1].schema = 1
  return objects[1]
end

local function carry_out(spec, about, ui, options)
  local records, info, store = bench.measure(spec, about, ui, options)
  local object = object_of(records, spec.n)
  if info.interrupted then
    print_runs(ui, records)
    return stored.interrupted(ui, store, object)
  end
  local fatal = health.fatal(health.checks(records)) -- every run failed through the adapter's fault
  object.broken = fatal
  store:finish(object)
  local status = print_runs(ui, records)
  if fatal then problem.raise("SCRIPT", fatal) end
  ui:object(object)
  return status
end

local KEPT = { "n", "seed", "split", "jobs", "options", "budget", "wall", "sandbox", "max_depth", "max_live",
  "max_steps", "asked" }

--- Runs it; spec as for han.cli.bench.measure, with one arm. file: how the user named the strategy.
function M.run(spec, file, ui, options)
  local config = { file = file, adapter = spec.adapter, plan = stored.plan_of(spec),
    durability = options.durability }
  for _, name in ipairs(KEPT) do config[name] = spec[name] end
  return carry_out(spec, { kind = "script", durability = options.durability, adapter = spec.adapter,
    seed = spec.seed, split = spec.split,
    config = config, arms = { spec.arms[1].name }, source = "han script " .. file }, ui, options)
end

--- Goes on with a stored one.
function M.resume(run, done, ui, options)
  local spec = { adapter = run.config.plan.adapter, arms = stored.arms_of(run.config.plan, options.db),
    resumed = run, done = done }
  for _, name in ipairs(KEPT) do spec[name] = run.config[name] end
  if spec.asked then model.add(spec, spec.asked) end
  spec.on_ready = stored.on_ready(done, spec.arms, bench.admit)
  return carry_out(spec, nil, ui, options)
end

-- What run_object made of a record, as far as it is printed.
local function record_of(object)
  local failure = object.error
  return { task = object.task, status = object.status, verdict = object.verdict, score = object.score,
    spend = object.spend, output = object.result, infra = object.infra, over = object.over, cell = object.cell,
    where = failure and failure.where, reason = failure and failure.message }
end

--- Prints what an ended one printed.
function M.again(ui, object, _, text)
  local records = {}
  for i, one in ipairs(object.runs or { object }) do records[i] = record_of(one) end
  local status = print_runs(ui, records)
  if object.broken then problem.raise("SCRIPT", object.broken) end
  if ui.json then ui:raw(text .. "\n") end
  return status
end

return M
