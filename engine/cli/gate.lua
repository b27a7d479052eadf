--- han gate: may a candidate replace the champion? Spends one slice of the held-out tasks on the line, runs both on it,
-- and prints the decision of han.gate. Exit status 0 only for promote.

local args = require "han.cli.args"
local bench = require "han.cli.bench"
local experiment = require "han.experiment"
local gate = require "han.gate"
local json = require "han.json"
local ledger = require "han.ledger"
local noise = require "han.noise"
local problem = require "han.cli.problem"
local registry = require "han.registry"
local stats = require "han.stats"
local stored = require "han.cli.stored"
local tables = require "han.cli.tables"

local M = {
  name = "gate",
  summary = "Let a candidate replace the champion, or not.",
  about = "Decide whether a candidate may replace the champion, on held-out tasks that nobody on this line of "
    .. "candidates has looked at. The rule is registered and the slice spent before the first run. Exit status 0 for "
    .. "promote; 1 for hold, need-more and refused.",
  examples = {
    "han gate ./mine.lua --against refine --adapter binpack",
    "han gate ./mine.lua --against refine --adapter binpack --line packing --groups 40 --margin fast=0.05 --json",
  },
}

function M.options(parser)
  parser:argument("candidate", "A strategy's name or file."):argname("CANDIDATE")
  parser:option("--against", "The champion: a strategy's name or file."):argname("CHAMPION")
  parser:option("--adapter", "An adapter's name or file."):argname("A")
  parser:option("--line", "The line of candidates."):argname("NAME"):default("main")
  parser:option("--groups", "Groups of one slice (default 20)."):argname("N")
  parser:option("--n", "Tasks to draw them from (default 200)."):argname("N")
  parser:option("--split", "gate or final."):argname("SPLIT"):default("gate")
  parser:option("--alpha", "Two-sided, of the whole line (default 0.05)."):argname("P")
  parser:option("--primary", "The measure of the score that decides."):argname("NAME"):default("correct")
  parser:option("--threshold", "The lift must be above it (default 0)."):argname("X")
  parser:option("--margin", "How much worse another objective may be, as in fast=0,cheap=0.2 (default "
    .. "fast=0.05, cheap=0.1, the others 0)."):argname("LIST")
  parser:flag("--sequential", "Look after each task and stop when it is decided; --groups is the most.")
  parser:option("--seed", "Seed of tasks and runs (default 1)."):argname("S")
  parser:option("--budget", "Ceiling of one cell, as for bench."):argname("LIST")
  parser:option("--difficulty", "Handed to the adapter."):argname("D")
  parser:option("--set", "More that is handed to the adapter, as in league=state,path=FILE."):argname("NAME=VALUE,...")
  parser:option("--jobs", "Processes that run cells (default 1)."):argname("N")
  args.sandbox(parser)
  args.durability(parser, "normal")
  args.db(parser, "Where every attempt and every spend is stored.")
  parser:flag("--quiet", "No progress line.")
end

-- ---- the options ----

local function fraction(options, name, default, low, high)
  local text = options[name]
  if text == nil then return default end
  local value = text:find("^%-?[%d.]+$") and tonumber(text)
  if not value or value < low or value > high then
    problem.usage("--%s must be a number from %g to %g, got '%s'", name, low, high, text)
  end
  return value
end

local function read_margins(text)
  local margins = {}
  for _, word in ipairs(text and args.list(text, "margin") or {}) do
    local name, value = word:match("^(%l+)=([%d.]+)$")
    value = tonumber(value)
    local known = false
    for _, objective in ipairs(gate.OBJECTIVES) do known = known or objective == name end
    if not known or not value or value > 1 then
      problem.usage("--margin: '%s' is not OBJECTIVE=FRACTION; objectives are %s", word,
        table.concat(gate.OBJECTIVES, ", "))
    end
    margins[name] = value
  end
  return gate.margins(margins)
end

-- Both arms; a candidate that kept the champion's name is told apart by the other one's.
local function read_arms(options)
  for _, name in ipairs { "against", "adapter" } do
    if not options[name] then problem.usage("gate needs --%s; see han gate --help", name) end
  end
  local candidate, champion = bench.read_arm(options.candidate), bench.read_arm(options.against)
  if candidate.name == champion.name then champion.name = champion.name .. "@champion" end
  local digest = problem.check(registry.read("strategy", candidate.strategy)).digest
  if digest == problem.check(registry.read("strategy", champion.strategy)).digest then
    problem.raise("REFUSED", "candidate and champion are byte-identical: there is nothing to decide")
  end
  return candidate, champion
end

local function read(options)
  local candidate, champion = read_arms(options)
  local amount, wall = bench.read_budget(options.budget)
  if not ledger.HELD_OUT[options.split] then
    problem.usage("--split: a gate reads gate or final, not '%s'", options.split)
  end
  local adapter = problem.check(registry.load("adapter", options.adapter))
  return {
    adapter = options.adapter, adapter_name = adapter.name, arms = { champion, candidate },
    n = args.integer(options, "n", 200, 1, 1000000), groups = args.integer(options, "groups", 20, 1, 65536),
    seed = args.integer(options, "seed", 1, 0, math.maxinteger), split = options.split, line = options.line,
    jobs = args.integer(options, "jobs", 1, 1, 1024), budget = amount, wall = wall,
    options = bench.read_options(options),
    alpha = fraction(options, "alpha", 0.05, 0.000001, 0.5), primary = options.primary,
    threshold = fraction(options, "threshold", 0.0, 0, 1), margins = read_margins(options.margin),
    sequential = options.sequential or false, sandbox = args.level(options),
  }
end

local function rule_of(spec)
  return experiment.new {
    primary = spec.primary, arms = { spec.arms[1].name, spec.arms[2].name }, family = 1, alpha = spec.alpha,
    n = spec.groups, holdout = spec.split, control = spec.sequential and "eprocess" or "spend",
    adapter = spec.adapter_name, line = spec.line, seed = spec.seed, threshold = spec.threshold, margins = spec.margins,
    budget = spec.budget,
  }
end

-- ---- before the first cell ----

-- What is known to be no evidence is refused before it costs a slice.
local function unfit(ready)
  if ready.sandbox ~= "strong" and ready.sandbox ~= "landlock" then
    return ("cells here run with sandbox %s; a gate accepts strong and landlock only. Nothing was spent"):format(
      tostring(ready.sandbox))
  end
  if ready.trust ~= "split" then
    return ("%s is judged with trust %s; only verdicts made in another process count. Nothing was spent"):format(
      ready.adapter, tostring(ready.trust))
  end
  return nil
end

-- The level of the next test on the line: alpha is spent over them, whatever their dependence.
local function level_of(db, spec)
  local index, why, code = ledger.position(db, spec.line, spec.adapter_name)
  if not index then return nil, why, code end
  return stats.spend { index = index, alpha = spec.alpha }.level, index
end

local function too_few(left, least, floor, spec)
  if spec.groups < floor and left >= floor then
    return ("--groups %d: test %d on line %s is made at level %.4f, which %d groups or more can reach. Nothing was "
      .. "spent"):format(spec.groups, spec.position, spec.line, spec.level, floor)
  end
  return ("%d unspent groups of split %s are left on line %s, and %d are needed; another --seed makes new ones where "
    .. "the adapter generates its tasks. Nothing was spent"):format(left, spec.split, spec.line, least)
end

local function choose(spec, ready, indices)
  spec.chosen = {}
  for i, index in ipairs(indices) do spec.chosen[i] = ready.tasks[index] end
  return indices
end

-- A gate that was broken off has spent its slice: it looks at those tasks, at the level of that test.
local function chosen_before(spec, ready, own)
  spec.slice, spec.position = own.slice, own.position
  spec.level = stats.spend { index = own.position, alpha = spec.alpha }.level
  local others = {}
  for _, group in ipairs(ledger.groups_of(ready.tasks)) do others[group] = not own.groups[group] or nil end
  return choose(spec, ready, (ledger.slice(ready.tasks, others)))
end

-- Refuses, or spends a slice and gives its tasks; what was learnt is kept in spec.
local function admit(spec, store, ready)
  local why, code, spent, level
  why = unfit(ready)
  if why then return nil, why, "REFUSED" end
  local own
  own, why, code = ledger.spent_by(store.db, store.id)
  if own then return chosen_before(spec, ready, own) end
  if code then return nil, why, code end
  level, why, code = level_of(store.db, spec)
  if not level then return nil, why, code end
  spec.level, spec.position = level, why
  local ok
  ok, why, code = ledger.assign(store.db, ready.adapter, spec.split, ready.tasks)
  if not ok then return nil, why, code end
  spent, why, code = ledger.spent(store.db, spec.line, ready.adapter)
  if not spent then return nil, why, code end
  local indices, groups, left = ledger.slice(ready.tasks, spent, spec.groups)
  local floor = gate.floor(level, 1)
  local least = math.max(floor, spec.groups)
  if #groups < least then return nil, too_few(left, least, floor, spec), "REFUSED" end
  spec.slice, why, code = ledger.spend(store.db, { line = spec.line, adapter = ready.adapter, split = spec.split,
    groups = groups, bench = store.id, kind = "gate", experiment = store.experiment })
  if not spec.slice then return nil, why, code end
  return choose(spec, ready, indices)
end

-- ---- the decision ----

local function decide(spec, records, last)
  return gate.decide(records, {
    candidate = spec.arms[2].name, champion = spec.arms[1].name, primary = spec.primary, level = spec.level, family = 1,
    threshold = spec.threshold, margins = spec.margins, seed = spec.seed, slice = spec.slice,
    tasks = last and not spec.stopped and spec.chosen or nil, groups_max = spec.sequential and spec.groups or nil,
    sequential = spec.sequential, last = last, control = spec.sequential and "eprocess" or "spend",
  })
end

-- Sequential: the records so far, in order and up to the end of a group, decide whether to go on.
local function watcher(spec)
  local by_index, whole = {}, {}
  return function(record, index)
    by_index[index] = record
    local arms = #spec.arms
    while true do
      local task, at = #whole // arms + 1, #whole
      for a = 1, arms do
        if not by_index[at + a] then return nil end
      end
      for a = 1, arms do whole[at + a] = by_index[at + a] end
      local after = spec.chosen[task + 1]
      if not after or after.group ~= spec.chosen[task].group then
        spec.decided = decide(spec, whole, after == nil)
        spec.stopped = after ~= nil and spec.decided.decision ~= "need-more"
        if spec.stopped then return "enough" end
      end
    end
  end
end

local function compare_with_rule(store, spec, out)
  local rule, why, code = ledger.registered(store.db, store.experiment)
  if not rule then problem.raise(code, why) end
  local differs = experiment.mismatch(rule, { adapter = spec.adapter_name, primary = spec.primary,
    arms = { spec.arms[1].name, spec.arms[2].name }, n = #ledger.groups_of(spec.chosen), alpha = spec.alpha, family = 1,
    holdout = spec.split, control = out.control, line = spec.line, seed = spec.seed, threshold = spec.threshold,
    margins = spec.margins })
  if differs then
    out.decision, out.reason = "refused", "what ran is not what was registered: " .. differs
  end
end

local function print_decision(ui, out, spec)
  ui:out("%s", ui:paint("bold", ("%s: %s"):format(out.decision, ui.safe(out.reason))))
  ui:out("line %s, test %d at level %.4f (alpha %g %s), slice %s, %d groups", ui.safe(spec.line), spec.position,
    out.level, spec.alpha, spec.sequential and "as an e-process, valid at any look" or "spent over the line",
    type(out.slice) == "string" and out.slice or "none", out.groups)
  if type(out.ci) == "table" then -- null where nothing was compared
    ui:out("lift %+.3f, CI [%+.3f, %+.3f], wins %d, ties %d, losses %d by group (%s)", out.lift, out.ci[1], out.ci[2],
      out.wins, out.ties, out.losses, tostring(out.method))
  end
  if out.judge and out.judge.differ == 0 then ui:out("noise floor: %s", noise.praise(out.judge)) end
  tables.vectors(ui, out.arms or {})
  local rows = {}
  for i, row in ipairs(out.objectives or {}) do
    rows[i] = { objective = row.name, a = spec.arms[2].name, b = spec.arms[1].name, lift = row.lift, ci = row.ci,
      q = row.q, n = row.n }
  end
  tables.objectives(ui, rows)
  for _, row in ipairs(out.objectives or {}) do
    if row.worse then ui:out("%s: credibly worse beyond its margin of %g", row.name, row.margin) end
  end
end

-- What a program that reads the object may count on: these fields are always there, null where there is nothing.
local function whole(out)
  for _, field in ipairs { "groups_needed", "lift", "ci", "slice" } do
    if out[field] == nil then out[field] = json.null end
  end
  return out
end

local function refusal(why) return whole { schema = 1, decision = "refused", reason = why, groups = 0 } end

-- ---- the command ----

local function say(ui, out, spec)
  if out.decision == "refused" and not out.position then
    ui:out("%s", ui:paint("bold", "refused: " .. ui.safe(out.reason)))
  else
    print_decision(ui, out, spec)
  end
  return out.decision == "promote" and 0 or 1
end

local function end_interrupted(ui, store)
  store:leave()
  ui:note("interrupted: the slice is spent and nothing was decided. %s", stored.how_to_go_on(store))
  ui:object { schema = 1, error = { code = "CANCELLED", message = "interrupted" }, run = store.id }
  return 130
end

local function carry_out(spec, about, ui, options)
  if spec.sequential then
    spec.on_record = watcher(spec)
    spec.on_done = spec.on_record
  end
  spec.refused = refusal
  local records, info, store = bench.measure(spec, about, ui, options)
  if info.interrupted and not spec.stopped then return end_interrupted(ui, store) end
  local out = spec.stopped and spec.decided or decide(spec, records, true)
  out.schema, out.line, out.position = 1, spec.line, spec.position
  compare_with_rule(store, spec, out)
  for _, field in ipairs { "objectives", "arms" } do out[field] = out[field] and json.array(out[field]) end
  store:finish(whole(out))
  local status = say(ui, out, spec)
  ui:object(out)
  return status
end

-- A refusal is an outcome: it is printed like one.
local function answered(ui, run, ...)
  local ok, result = pcall(run, ...)
  if ok then return result end
  if not problem.is(result) or result.code ~= "REFUSED" then error(result, 0) end
  local out = refusal(result.message)
  ui:object(out)
  return say(ui, out)
end

local KEPT = { "n", "groups", "seed", "split", "line", "jobs", "budget", "wall", "options", "alpha", "primary",
  "threshold", "margins", "sequential", "sandbox", "adapter_name" }

local function run(options, ui)
  local spec = read(options)
  spec.on_ready = admit
  local config = { plan = stored.plan_of(spec), durability = options.durability }
  for _, name in ipairs(KEPT) do config[name] = spec[name] end
  return carry_out(spec, {
    kind = "gate", durability = options.durability,
    adapter = spec.adapter_name, seed = spec.seed, split = spec.split, arms = { spec.arms[1].name,
      spec.arms[2].name }, config = config, rule = rule_of(spec),
    source = ("han gate %s --against %s"):format(options.candidate, options.against),
  }, ui, options)
end

function M.run(options, ui) return answered(ui, run, options, ui) end

local function spec_of(held)
  local spec = { adapter = held.config.plan.adapter, arms = held.config.plan.arms }
  for _, name in ipairs(KEPT) do spec[name] = held.config[name] end
  return spec
end

--- Goes on with a stored gate, on the slice that it has spent.
function M.resume(held, done, ui, options)
  local spec = spec_of(held)
  spec.resumed, spec.done = held, done
  spec.on_ready = stored.on_ready(done, spec.arms, admit)
  return answered(ui, carry_out, spec, nil, ui, options)
end

--- Prints what an ended one printed.
function M.again(ui, object, held, text)
  local status = say(ui, object, held.config.plan and spec_of(held))
  if ui.json then ui:raw(text .. "\n") end
  return status
end

return M
