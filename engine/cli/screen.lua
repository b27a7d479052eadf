--- han bench ADAPTER --screen: the control alone at rising difficulty, reported by difficulty, source of the
-- fault and group. It says whether a family has room to fail and to win, before strategies are compared on it.

local bench = require "han.cli.bench"
local eval = require "han.eval"
local json = require "han.json"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local registry = require "han.registry"
local screen = require "han.screen"
local stored = require "han.cli.stored"

local M = {}

local DIFFICULTIES = { 1, 2, 3, 4 }

local function percent(x) return x and ("%.0f %%"):format(100 * x) or "-" end

local function print_rows(ui, title, rows)
  local lines = { { title, "tasks", "solved", "rate", "95 % CI", "plausible but wrong" } }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = {
      ui.safe(tostring(row.key)), tostring(row.n), tostring(row.solved), percent(row.rate),
      row.ci and ("[%.2f, %.2f]"):format(row.ci[1], row.ci[2]) or "-",
      ("%d of %d (%s)"):format(row.wrong, row.plausible, percent(row.wrong_share)),
    }
  end
  ui:table(lines, { [2] = true, [3] = true, [4] = true, [5] = true, [6] = true })
  ui:out("")
end

local function print_tables(ui, object)
  ui:out("%s, split %s, seed %d: the control '%s' at difficulty %s", ui.safe(object.adapter), object.split,
    object.seed, object.arm, table.concat(object.difficulties, ", "))
  ui:out("")
  print_rows(ui, "difficulty", object.difficulty)
  print_rows(ui, "source", object.source)
  print_rows(ui, "group", object.group)
  print_rows(ui, "all", { object.all })
  ui:out("plausible but wrong: passes every public check, fails a hidden one; the share is of what passes in public.")
  if object.excluded > 0 then ui:out("%d cells excluded (infra)", object.excluded) end
end

-- ---- the command ----

local function phase_of(store, spec, difficulty)
  return store:phase { key = "d" .. difficulty, kind = "screen", adapter = spec.adapter, seed = spec.seed,
    split = spec.split, config = { n = spec.n, difficulty = difficulty }, arms = { spec.arms[1].name } }
end

local function by_task(records)
  local list = {}
  for _, record in pairs(records) do list[#list + 1] = record end
  table.sort(list, function(a, b) return a.cell < b.cell end)
  return list
end

-- One pass of the control over the tasks of one difficulty; its records are added to `records`. One that had ended is
-- read back, one that was broken off is gone on with.
local function measure(spec, store, difficulty, records, ui, options)
  spec.options.difficulty = difficulty
  spec.store = phase_of(store, spec, difficulty)
  spec.done = stored.records(store.db, spec.store.id)
  local ended = stored.row(store.db, spec.store.id).ended_ms
  local found, info = by_task(spec.done), { adapter = spec.adapter_name }
  if not ended then
    spec.on_ready = stored.on_ready(spec.done, spec.arms, bench.admit)
    found, info = bench.measure(spec, nil, ui, options)
    if not info.interrupted then spec.store:end_phase() end
  end
  for _, record in ipairs(found) do records[#records + 1] = record end
  return info
end

local function carry_out(spec, store, ui, options)
  local records, info = {}, nil
  for _, difficulty in ipairs(spec.difficulties) do
    info = measure(spec, store, difficulty, records, ui, options)
    if info.interrupted then break end
  end
  local object = screen.tables(records)
  object.schema, object.adapter, object.split, object.seed = 1, info.adapter, spec.split, spec.seed
  object.arm, object.difficulties = spec.arms[1].name, spec.difficulties
  for _, field in ipairs { "difficulty", "source", "group", "difficulties" } do json.array(object[field]) end
  print_tables(ui, object)
  if info.interrupted then return stored.interrupted(ui, store, object) end
  store:finish(object)
  ui:object(object)
  return 0
end

local KEPT = { "n", "seed", "split", "line", "jobs", "budget", "wall", "options", "sandbox", "difficulties",
  "adapter_name" }

--- Runs it; spec is that of a bench, of whose arms only the control is used.
function M.run(spec, ui, options)
  spec.difficulties = spec.options.difficulty and { spec.options.difficulty } or DIFFICULTIES
  spec.arms = { spec.arms[1] }
  problem.check(eval.sandbox(spec.sandbox or "strong")) -- refused before anything is stored
  spec.adapter_name = problem.check(registry.load("adapter", spec.adapter)).name
  local config = { plan = stored.plan_of(spec), durability = options.durability }
  for _, name in ipairs(KEPT) do config[name] = spec[name] end
  local store = recorder.begin(options.db, { kind = "screen", durability = options.durability,
    adapter = spec.adapter, seed = spec.seed,
    split = spec.split, config = config, arms = { spec.arms[1].name }, source = "han bench --screen" })
  ui:note("run %s, stored in %s", store.id, ui.safe(options.db))
  return carry_out(spec, store, ui, options)
end

--- Goes on with a stored one.
function M.resume(run, _, ui, options)
  local spec = { adapter = run.config.plan.adapter, arms = run.config.plan.arms }
  for _, name in ipairs(KEPT) do spec[name] = run.config[name] end
  ui:note("run %s, gone on with", run.id)
  return carry_out(spec, recorder.reopen(options.db, run, options.durability or run.config.durability), ui, options)
end

--- Prints what an ended one printed.
function M.again(ui, object, _, text)
  print_tables(ui, object)
  if ui.json then ui:raw(text .. "\n") end
  return 0
end

return M
