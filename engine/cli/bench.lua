--- han bench: strategies on the tasks of an adapter, at equal compute, against the blind control.

local args = require "han.cli.args"
local budget = require "han.cli.budget"
local cell_rows = require "han.cli.cell_rows"
local cells = require "han.cells"
local compose = require "han.author.compose"
local deployed = require "han.cli.deployed"
local health = require "han.health"
local level = require "han.cli.level"
local ledger = require "han.ledger"
local model = require "han.cli.model"
local lint = require "han.lint"
local noise = require "han.noise"
local passes = require "han.cli.bench_pass"
local pass_at = require "han.pass_at"
local problem = require "han.cli.problem"
local progress = require "han.cli.progress"
local recorder = require "han.cli.recorder"
local registry = require "han.registry"
local report = require "han.report"
local runs = require "han.runs"
local failures = require "han.rungs"
local stored = require "han.cli.stored"
local sys = require "han.sys"
local tables = require "han.cli.tables"
local vectors = require "han.vectors"

local M = {
  name = "bench",
  summary = "Compare strategies on an adapter's tasks at equal compute.",
  about = "Compare strategies on an adapter's tasks at equal compute. The blind control 'sample' is added when it is "
    .. "missing, and so is its A/A replicate 'sample#aa', which shows how far two equal arms differ by chance. A "
    .. "strategy may be named by its parts: steer=none, steer=report+top=2+topology=explore; steer, topology, stop and "
    .. "act are lens, best, never and serial when they are not named. FILE+steer=none replaces a part of a file that "
    .. "has all four.",
  examples = {
    "han bench repair --screen --n 20",
    "han bench repair --arms sample,refine --n 40",
    "han bench repair --vary steer --n 40",
    "han bench repair --arms ./mine.lua --n 20 --budget shots=4,evals=2000 --seed 7 --jobs 2",
    "han bench humaneval --data HumanEval.jsonl.gz --profile model --k 5",
    "han bench quixbugs --data QuixBugs --arms sample,refine --profile model",
  },
}

local SEED_MAX = math.maxinteger
local ALL = 1000000 -- tasks at most
local splits = { train = true, dev = true, gate = true, final = true }

function M.options(parser)
  parser:argument("adapter", "An adapter's name or file."):argname("ADAPTER")
  parser:option("--arms", "Strategies, by name, file or parts, and versions of a line, as in @binpack/uniform (default "
    .. "sample,refine)."):argname("A,B,...")
  parser:option("--vary", "Also one arm for each entry of the menu of a part: steer, topology, stop or act.")
    :argname("PART")
  parser:option("--n", "How many tasks (default 40; all that --data holds)."):argname("N")
  parser:option("--seed", "Seed of tasks and runs (default 1)."):argname("S")
  parser:option("--split", "train or dev; gate or final with --line."):argname("SPLIT"):default("dev")
  parser:option("--line", "The line of candidates on which held-out tasks are spent."):argname("NAME")
  parser:option("--experiment", "A file that returns han.experiment { ... }: registered first, held to what ran.")
    :argname("FILE")
  parser:option("--budget", "Ceiling of one cell, as in shots=4,evals=2000 (also tokens, turns, usd, wall in seconds; "
    .. "default the adapter's)."):argname("LIST")
  parser:option("--difficulty", "Handed to the adapter; for repair the number of faults."):argname("D")
  parser:option("--data", "A file or folder that the adapter reads its tasks from; short for --set path=FILE.")
    :argname("FILE")
  parser:option("--set", "More that is handed to the adapter, as in league=state,path=FILE."):argname("NAME=VALUE,...")
  passes.options(parser)
  parser:option("--jobs", "Processes that run cells (default 1; the results do not depend on it)."):argname("N")
  parser:option("--weights", "Also one number of several objectives (correct, fast, secure, cheap), as in "
    .. "correct=1,fast=0.2; without it nothing is collapsed."):argname("LIST")
  model.options(parser)
  args.sandbox(parser)
  args.durability(parser, "normal")
  args.db(parser, "Where every attempt is stored.")
  parser:flag("--screen", "Only the control, at rising difficulty: solve rates by difficulty, source and group.")
  parser:flag("--untrusted", "Run the Lua of every arm in processes that have no files, network or keys.")
  parser:flag("--quiet", "No progress line.")
end

local function read_split(split, line)
  if not splits[split] then
    problem.usage("--split: there is no split '%s'; it is train or dev", split)
  end
  if ledger.HELD_OUT[split] and not line then
    problem.raise("REFUSED", ("the split '%s' is held out: each look at it is spent on a line of candidates; use "
      .. "--split dev, or name the line with --line"):format(split))
  end
  return split
end
M.read_split = read_split

--- The budget and wall of --budget, or nil, nil.
function M.read_budget(text)
  if text == nil then return nil, nil end
  local amount, wall, code = budget.parse(text)
  if not amount then problem.raise(code, wall) end
  if next(amount) == nil then amount = nil end -- wall= alone leaves the adapter's ceilings as they are
  return amount, wall
end

-- The name of an arm: what its file declares when it is given by path. Also finds mistakes before any work.
-- An untrusted program is not run here, not even to learn its name: its file gives it.
-- store: { db = path, adapter = name }, where versions of lines (@LINE) may be named.
local function read_arm(word, untrusted, store)
  if deployed.is(word) then
    if not store then problem.usage("'%s' is a version of a line; han bench and han script run those", word) end
    return deployed.read(word, store.db, store.adapter, untrusted)
  end
  if word == report.REPLICATE or word:find("#", 1, true) then
    problem.usage("--arms: '%s' is added by itself; name the strategy without '#'", word)
  end
  local script = problem.check(registry.read("strategy", word))
  local by_path = not script.composed and (word:find("/", 1, true) or word:find("%.lua$"))
  if untrusted then
    return { name = by_path and word:match("([^/]+)%.lua$") or script.name, strategy = word, replicate = 0,
      untrusted = true }
  end
  local found, why, code, where = runs.inspect(script.source, script.path)
  if not found then
    problem.raise(code, why, where ~= "" and where or lint.place(script.source, script.path, why))
  end
  if not found.strategy then
    problem.raise("INVALID", ("%s does not return a strategy; a strategy file ends with "
      .. "return han.strategy { ... }"):format(script.path))
  end
  return { name = by_path and found.name or script.name, strategy = word, replicate = 0 }
end
M.read_arm = read_arm

-- The words of --arms with the menu of --vary, and the words of the menu where they are rungs of rising cost.
local function arm_words(options)
  local words = args.list(options.arms or (options.vary or options.k) and report.CONTROL or "sample,refine", "arms")
  if not options.vary then return words end
  local menu, ladder = compose.menu(options.vary)
  if not menu then problem.usage("--vary: %s", ladder) end
  table.move(menu, 1, #menu, #words + 1, words)
  return words, ladder and menu or nil
end

-- samples: of each arm and without a control, where passes are counted.
local function read_arms(words, untrusted, store, samples)
  local arms, names = {}, {}
  local function add(arm)
    if names[arm.name] then
      problem.usage("--arms: two arms are called '%s'; give one of the strategies another name", arm.name)
    end
    names[arm.name] = true
    arms[#arms + 1] = arm
  end
  for _, word in ipairs(words) do add(read_arm(word, untrusted, store)) end
  if samples then return pass_at.spread(arms, samples) end
  if not names[report.CONTROL] then
    table.insert(arms, 1, read_arm(report.CONTROL, untrusted))
  end
  arms[#arms + 1] = { name = report.REPLICATE, strategy = report.CONTROL, replicate = 1,
    untrusted = untrusted }
  return arms
end

-- A file that the adapter is given is named so that a resume from another folder finds it.
local function lasting_settings(settings)
  for name, word in pairs(settings) do
    if type(word) == "string" and (name == "path" or word:find("/", 1, true)) then
      settings[name] = sys.realpath(word) or word
    end
  end
  return settings
end

local function read_options(options)
  local settings = args.settings(options.set, "set")
  if options.data and settings.path then problem.usage("--data: --set gives the path already") end
  settings.path = options.data or settings.path
  settings = lasting_settings(settings)
  if settings.difficulty then problem.usage("--set: the difficulty has an option of its own, --difficulty") end
  settings.difficulty = args.integer(options, "difficulty", nil, 1, 1000)
  return settings
end
M.read_options = read_options

-- The weights of --weights, or nil.
local function read_weights(text)
  if text == nil then return nil end
  local weights, why, code = vectors.read_weights(text)
  if not weights then problem.raise(code, "--weights: " .. why) end
  return weights
end

local function read(options)
  local amount, wall = M.read_budget(options.budget)
  local spec = {
    adapter = options.adapter, n = args.integer(options, "n", options.data and ALL or 40, 1, ALL),
    seed = args.integer(options, "seed", 1, 0, SEED_MAX), split = read_split(options.split, options.line),
    line = options.line, jobs = args.integer(options, "jobs", 1, 1, 1024), budget = amount, wall = wall,
    options = read_options(options), weights = read_weights(options.weights), sandbox = args.level(options),
  }
  problem.check(registry.find("adapter", options.adapter))
  passes.read(spec, options)
  model.add(spec, options)
  local words
  words, spec.ladder = arm_words(options)
  spec.arms = read_arms(words, options.untrusted, { db = options.db, adapter = options.adapter }, spec.samples)
  return spec
end

-- ---- what is printed ----

local interval = tables.interval

local function print_arms(ui, object)
  local channels = {}
  for _, arm in ipairs(object.arms) do
    for channel in pairs(arm.spend) do channels[channel] = true end
  end
  channels = budget.channels(channels)
  local rows = { { "arm", "score", "95 % CI", "solved" } }
  local right = { [2] = true, [3] = true, [4] = true }
  for _, channel in ipairs(channels) do
    right[#rows[1] + 1], right[#rows[1] + 2] = true, true
    table.insert(rows[1], channel)
    table.insert(rows[1], "max")
  end
  for _, arm in ipairs(object.arms) do
    local row = {
      ui.safe(arm.name), tables.number(arm.score.mean), interval(arm.score.ci, "%.3f"),
      ("%d/%d"):format(arm.solved, arm.n),
    }
    for _, channel in ipairs(channels) do
      table.insert(row, tostring(arm.spend[channel] or "-"))
      table.insert(row, tostring(arm.spend_max[channel] or "-"))
    end
    rows[#rows + 1] = row
  end
  ui:table(rows, right)
end

-- The field's own figures, and what others have published: the adapter's reference names both.
local function print_measures(ui, object)
  local head, right = { "arm" }, {}
  for _, measure in ipairs(object.arms[1].measures) do
    right[#head + 1], right[#head + 2] = true, true
    table.insert(head, ui.safe(measure.name))
    table.insert(head, "95 % CI")
  end
  local rows = { head }
  for _, arm in ipairs(object.arms) do
    local row = { ui.safe(arm.name) }
    for _, measure in ipairs(arm.measures) do
      table.insert(row, tables.number(measure.mean, "%.4f"))
      table.insert(row, interval(measure.ci, "%.4f"))
    end
    rows[#rows + 1] = row
  end
  ui:out("")
  ui:table(rows, right)
  for _, line in ipairs(object.reference.lines or {}) do ui:out("%s", ui.safe(line)) end
end

local function print_weighted(ui, object)
  local parts = {}
  for _, objective in ipairs(vectors.OBJECTIVES) do
    local weight = object.weighted.weights[objective]
    if weight then parts[#parts + 1] = ("%s=%g"):format(objective, weight) end
  end
  local rows = { { "arm", "weighted", "95 % CI", "cells" } }
  for _, row in ipairs(object.weighted.arms) do
    rows[#rows + 1] = { ui.safe(row.name), tables.number(row.mean), interval(row.ci, "%.3f"),
      tostring(row.n) }
  end
  ui:out("")
  ui:out("one number by your weights %s, of the cells that have them all", table.concat(parts, ", "))
  ui:table(rows, { [2] = true, [3] = true, [4] = true })
  tables.objectives(ui, object.weighted.contrasts)
end

local function print_claims(ui, object)
  for _, row in ipairs(object.contrasts) do
    if row.claim then ui:out("%s", ui:paint("bold", ui.safe(row.claim) .. ".")) end
  end
  local over = 0
  for _, arm in ipairs(object.arms) do over = over + arm.over end
  local flag = noise.flag(object.judge)
  if flag then ui:out("%s", ui:paint("bold", "Warning: " .. flag .. ".")) end
  for _, line in ipairs(health.lines(object.broken)) do ui:out("Warning: %s.", ui.safe(line)) end
  if not flag and object.judge then ui:out("Noise floor: %s; for the rest see A/A.", noise.praise(object.judge)) end
  if over > 0 then ui:out("%d cells spent above their ceiling (over); no gate accepts them.", over) end
  if object.sandbox == "none" or object.trust == "weak" then
    ui:out("Made with sandbox %s and trust %s: shown, but no evidence for a gate.", object.sandbox, object.trust)
  end
end

local function print_result(ui, object, counts)
  ui:out("%s, split %s, seed %d: %d tasks in %d groups, every arm on the same ones", ui.safe(object.adapter),
    object.split, object.seed, counts.tasks, object.arms[1].groups)
  ui:out("one cell may spend: %s", budget.words(object.arms[1].budget or {}))
  tables.conditions(ui, object)
  ui:out("")
  print_arms(ui, object)
  if object.reference then print_measures(ui, object) end
  if object.objectives then
    tables.vectors(ui, object.arms)
    tables.objectives(ui, object.objectives)
  end
  if object.weighted then print_weighted(ui, object) end
  if object.failures then tables.failures(ui, object.failures) end
  if #object.contrasts > 0 then
    ui:out("")
    tables.contrasts(ui, "contrast", object.contrasts, tables.pair)
    ui:out("")
    print_claims(ui, object)
  end
  tables.left_out(ui, object.left_out)
  tables.excluded(ui, object.excluded)
end

-- ---- the command ----

local function config_of(spec, options)
  return {
    adapter = spec.adapter, n = spec.n, seed = spec.seed, split = spec.split, options = spec.options,
    line = spec.line, weights = spec.weights, budget = spec.budget, wall = spec.wall, arms = cells.names_of(spec.arms),
    jobs = spec.jobs, sandbox = spec.sandbox, command = options.arms, experiment = options.experiment,
    ladder = spec.ladder, k = spec.k, samples = spec.samples, asked = spec.asked,
    plan = stored.plan_of(spec), durability = options.durability,
  }
end

local function end_interrupted(ui, object, counts, store)
  ui:note("interrupted: what was done is stored as %s in %s; %d tasks were done by every arm. %s", store.id,
    ui.safe(store.path), counts.tasks, stored.how_to_go_on(store))
  ui:object(object)
  return 130
end

--- A budget below what one shot of the worker reserves buys nothing; that is legal, and said.
function M.warn_of_budget(limits, amount, ui)
  for _, channel in ipairs(budget.channels(limits or {})) do
    local need, given = limits[channel], (amount or {})[channel]
    if given and given < need then
      ui:note("note: one shot of this worker reserves %s, the budget is %s: no shot can start",
        budget.words { [channel] = need }, budget.words { [channel] = given })
    end
  end
end

-- Whether this very run has spent its groups before it was broken off.
local function has_spent(store)
  return problem.check(store.db:query("SELECT count(*) AS n FROM holdout_spend WHERE bench_id = ?1", { store.id }))[1].n
    > 0
end

-- What is about to run, or ran, in the words of a rule.
local function ran(spec, info)
  local arms = {}
  for _, arm in ipairs(spec.arms) do
    if arm.name ~= report.REPLICATE then arms[#arms + 1] = arm.name end
  end
  return { adapter = info.adapter, primary = "correct", arms = arms, n = #ledger.groups_of(info.tasks), alpha = 0.05,
    family = #arms - 1, holdout = spec.split, control = "bh", line = spec.line, seed = spec.seed, threshold = 0 }
end

-- The rule under which a bench runs, as the report shows it, with what differs from it; nil when there is none.
local function held_to_rule(spec, store, info, verb)
  if not store.experiment then return nil end
  local rule, digest, code = ledger.registered(store.db, store.experiment)
  if not rule then problem.raise(code, digest) end
  return { id = store.experiment, digest = digest, control = rule.control,
    mismatch = require("han.experiment").mismatch(rule, ran(spec, info), verb) }
end

-- Before the first cell: the rule fits, the groups of the tasks belong to this split, and held-out ones are spent on
-- the line.
local function admit(spec, store, ready)
  local rule = store.kind == "bench" and held_to_rule(spec, store, ready, "asked for")
  if rule and rule.mismatch then
    return nil, "this is not what was registered: " .. rule.mismatch .. "; nothing was run", "REFUSED"
  end
  local ok, why, code = ledger.assign(store.db, ready.adapter, spec.split, ready.tasks)
  if ok and ledger.HELD_OUT[spec.split] and not has_spent(store) then
    if store.kind ~= "bench" then return nil, "only han bench and han gate look at held-out tasks", "REFUSED" end
    ok, why, code = ledger.spend(store.db, { line = spec.line, adapter = ready.adapter, split = spec.split,
      groups = ledger.groups_of(ready.tasks), bench = store.id, kind = "bench", experiment = store.experiment })
  end
  if not ok then return nil, why, code end
  return true
end
M.admit = admit

-- Failures after which the run stays open: nothing is wrong with what it is, and it can be gone on with.
local LEFT = { NONDETERMINISM = true, CORRUPT = true, IO = true, MISUSE = true, PEER = true }

--- Runs the cells with a progress line and stores every record. Returns records, info, store. spec.on_ready(spec,
-- store, ready) is called before the first cell (see han.cells); without it, splits are assigned and spent.
-- spec.resumed, a run of the store, is gone on with; spec.done are the records of its cells. spec.store, a phase of a
-- run that is open already, is used instead. spec.refused(why) gives what a refused run printed, as an object.
function M.measure(spec, about, ui, options)
  local adapter = problem.check(registry.load("adapter", spec.adapter))
  M.warn_of_budget((spec.worker or adapter.worker).limits, spec.budget or adapter.budget, ui)
  if not spec.store then model.warn_of_price(spec.model, spec.budget or adapter.budget, ui) end
  level.set(spec.sandbox or "strong") -- the jobs prove it; here it is refused before anything is stored
  level.warn(spec.sandbox, "candidate code runs", ui)
  local store = spec.store or spec.resumed and recorder.reopen(options.db, spec.resumed,
    options.durability or spec.resumed.config.durability) or recorder.begin(options.db, about)
  if not spec.store then ui:note("run %s, stored in %s", store.id, ui.safe(options.db)) end
  local job = {}
  for name, value in pairs(spec) do job[name] = value end
  job.on_progress = progress.new(ui, options.quiet)
  job.journal = { db = store.db, run = store.id }
  job.on_record = function(record, index)
    store:cell(record)
    return spec.on_record and spec.on_record(record, index)
  end
  job.on_ready = function(ready) return (spec.on_ready or admit)(spec, store, ready) end
  local records, info, code = cells.run(job)
  ui:clear()
  if not records then
    if code == "REFUSED" and spec.refused and not spec.resumed then
      store:refuse(spec.refused(info))
    elseif LEFT[code] or spec.resumed or spec.store then
      store:abandon()
    elseif code == "REFUSED" then
      store:refuse()
    else
      store:finish(nil)
    end
    problem.raise(code, code == "PEER" and ("%s. %s"):format(info, stored.how_to_go_on(store)) or info)
  end
  local missed = spec.asked_all and spec.asked_all()
  if missed then
    store:finish(nil)
    problem.raise("UNKNOWN", missed)
  end
  return records, info, store
end

local function read_rule(options, spec)
  if not options.experiment then return nil end
  local rule = problem.check(registry.load("experiment", options.experiment))
  rule.adapter = rule.adapter or problem.check(registry.load("adapter", spec.adapter)).name
  return rule
end

-- The object that is printed, with its lists marked as such.
local function object_of(spec, records, info, store)
  local about = { arms = cells.names_of(spec.arms), seed = spec.seed, split = spec.split, weights = spec.weights,
    ladder = spec.ladder, k = spec.k, samples = spec.samples }
  local object, counts = (spec.k and pass_at.report or report.bench)(records, about, info)
  object.experiment = held_to_rule(spec, store, info)
  object.failures = failures.of(records)
  return report.lists(object), counts
end

-- All that was run was lost. more: how to go on.
local function refuse_nothing(object, tasks, more)
  if tasks > 0 then return end
  local first = object.excluded[1]
  problem.raise("PEER", ("no task could be measured: %s%s"):format(first and first.reason or "there was none", more))
end

--- Says what a bench that has ended gave, and returns the exit status. text: the object as JSON, when it is stored.
function M.conclude(ui, object, tasks, id, text)
  refuse_nothing(object, tasks, "")
  local fatal = health.fatal(object.broken)
  if fatal then problem.raise("SCRIPT", ("%s (stored as %s)"):format(fatal, id)) end
  local rule = object.experiment
  if rule and rule.mismatch then
    problem.raise("REFUSED", "what ran is not what was registered: " .. rule.mismatch .. " (stored as " .. id .. ")")
  end
  if object.k then passes.print(ui, object, tasks) else print_result(ui, object, { tasks = tasks }) end
  if rule then
    ui:out("under the rule registered as %s, %s; errors controlled by %s", rule.id, rule.digest:sub(1, 12),
      rule.control)
  end
  if text and ui.json then ui:raw(text .. "\n") else ui:object(object) end
  if not ui.json then ui:note("next: han show %s", id) end
  return 0
end

--- Runs what is not done yet of a bench, and ends it. See M.measure.
function M.complete(spec, about, ui, options)
  local records, info, store = M.measure(spec, about, ui, options)
  local object, counts = object_of(spec, records, info, store)
  if info.interrupted then
    store:leave()
    return end_interrupted(ui, object, counts, store)
  end
  if counts.tasks == 0 then -- it stays open: what failed may be mended
    store:leave()
    refuse_nothing(object, 0, ". " .. stored.how_to_go_on(store))
  end
  store:finish(object)
  return M.conclude(ui, object, counts.tasks, store.id)
end

--- What a run of cells needs to be gone on with, from its row (see han.cli.stored). path: of the store.
function M.spec_of(run, done, path)
  local config, plan = run.config, run.config.plan
  return { n = config.n, seed = config.seed, split = config.split, line = config.line, jobs = config.jobs,
    budget = config.budget, wall = config.wall, options = config.options, weights = config.weights,
    ladder = config.ladder, k = config.k, samples = config.samples, sandbox = config.sandbox, adapter = plan.adapter,
    arms = stored.arms_of(plan, path), resumed = run, done = done }
end

--- Goes on with a stored bench; cells that it had lost are run anew.
function M.resume(run, records, ui, options)
  local done, lives = cell_rows.begun(records)
  local spec = M.spec_of(run, done, options.db)
  spec.lives = lives
  if run.config.asked then model.add(spec, run.config.asked) end
  spec.on_ready = stored.on_ready(done, spec.arms, admit)
  return M.complete(spec, nil, ui, options)
end

--- Prints what an ended one printed.
function M.again(ui, object, run, text)
  return M.conclude(ui, object, object.arms[1].n, run.id, text)
end

function M.run(options, ui)
  local spec = read(options)
  if options.screen then return require("han.cli.screen").run(spec, ui, options) end
  local config = config_of(spec, options)
  return M.complete(spec, {
    kind = "bench", adapter = spec.adapter, seed = spec.seed, split = spec.split, config = config,
    durability = options.durability,
    arms = cells.names_of(spec.arms), source = "han bench " .. options.adapter, rule = read_rule(options, spec),
  }, ui, options)
end

return M
