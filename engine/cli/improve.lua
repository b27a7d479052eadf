--- han improve: the flywheel as one command. Learns round by round, gates what was learnt, and prints per round what
-- the deployed learner, the frozen controller, the blind learner and the A/A replicate scored, with what may be
-- claimed.

local args = require "han.cli.args"
local author = require "han.author"
local authors = require "han.cli.improve_author"
local bench = require "han.cli.bench"
local data = require "han.author.data"
local eval = require "han.eval"
local host = require "han.host"
local improve = require "han.improve"
local json = require "han.json"
local phases = require "han.cli.improve_phase"
local pipeline = require "han.author.pipeline"
local plan_of = require "han.improve.plan"
local print_of = require "han.cli.improve_print"
local problem = require "han.cli.problem"
local profile = require "han.author.profile"
local progress = require "han.cli.progress"
local recorder = require "han.cli.recorder"
local registry = require "han.registry"
local report = require "han.cli.improve_report"
local runs = require "han.runs"
local stored = require "han.cli.stored"
local champions = require "han.cli.champion"
local sys = require "han.sys"
local value = require "han.value"

local M = {
  name = "improve",
  summary = "Learn round by round, gate what was learnt, and measure whether it helps.",
  about = "Learn round by round, gate what was learnt, and measure whether it helps: a learner that is deployed, the "
    .. "controller it began as (frozen, and once more as an A/A replicate) and a blind learner that has the same "
    .. "evaluations and chances, on the same fresh tasks under the same budget. Groups of tasks are used by one round "
    .. "and one purpose only. Exit status 0 when it ran, whatever came out; a null is printed as a null.",
  examples = {
    "han improve binpack",
    "han improve binpack --rounds 2 --n 6 --seed 7 --jobs 2 -o improve.html",
    "han improve repair --what profile --json",
    "han improve binpack --author model --model http://127.0.0.1:8080/v1#NAME",
  },
}

--- The options of an experiment on learners. words: what those are about that mean something else in it; more(parser)
-- declares options of its own.
function M.declare(parser, words, more)
  parser:argument("adapter", "An adapter's name or file."):argname("ADAPTER")
  parser:option("--what", "What is learnt: strategy, profile or artifact (default the adapter's)."):argname("KIND")
  parser:option("--rounds", words.rounds):argname("R")
  parser:option("--n", words.n):argname("N")
  parser:option("--candidates", words.candidates):argname("N")
  parser:option("--strategy", words.strategy):argname("NAME")
  if more then more(parser) end
  parser:option("--budget", words.budget):argname("LIST")
  parser:option("--seed", "Seed of tasks, runs and authors (default 1)."):argname("S")
  parser:option("--jobs", "Processes that run cells (default one a core; the results do not depend on it).")
    :argname("N")
  parser:option("--difficulty", "Handed to the adapter."):argname("D")
  parser:option("--set", "More that is handed to the adapter, as in league=state."):argname("NAME=VALUE,...")
  parser:option("-o --output", "Also write the report page."):argname("FILE")
  args.sandbox(parser)
  args.db(parser, words.db)
  parser:flag("--quiet", "No progress lines.")
end

function M.options(parser)
  M.declare(parser, { rounds = "Rounds of learning (default the adapter's).",
    n = "Groups that are scored a round and line (default the adapter's).",
    candidates = "Candidates a round, line and learner (default the adapter's).",
    strategy = "The controller that runs the cells (default the adapter's).",
    budget = "Ceiling of one scored cell, as for bench.",
    db = "Where every attempt, candidate and round is stored." }, authors.options)
end

local KINDS = { strategy = true, profile = true, artifact = true }
local SEED_MAX = 1 << 40 -- seeds of rounds are made of it

-- ---- what is to be run ----

local function read(options)
  if options.what and not KINDS[options.what] then
    problem.usage("--what: '%s' is not learnt; it is strategy, profile or artifact", options.what)
  end
  if options.strategy then problem.check(registry.read("strategy", options.strategy)) end
  local amount, wall = bench.read_budget(options.budget)
  if wall then problem.usage("--budget: a wall would make results depend on the machine; leave it out") end
  return {
    adapter = options.adapter, what = options.what, rounds = args.integer(options, "rounds", nil, 1, 1000),
    n = args.integer(options, "n", nil, 1, 10000), candidates = args.integer(options, "candidates", nil, 1, 1000),
    strategy = options.strategy, budget = amount, seed = args.integer(options, "seed", 1, 0, SEED_MAX),
    options = bench.read_options(options), jobs = args.integer(options, "jobs", nil, 1, 1024),
    sandbox = args.level(options),
  }
end

-- What the line starts from, by what is learnt.
local starts = {}

function starts.artifact(line, plan) return line.start or plan.start end

function starts.profile(_, plan)
  return require("han.author.data").print(require("han.author.space").defaults(plan.worker.backend))
end

function starts.strategy(_, plan) return problem.check(registry.read("strategy", plan.strategy)).source end

local function game_of(adapter, plan, line)
  if plan.what == "artifact" then return adapter.improve.game(line.options or {}) end
  return { backend = plan.worker.backend, zoom = plan.strategy == "zoom" or nil }
end

local function planned(own, spec)
  local adapter, info = problem.check(registry.load("adapter", spec.adapter))
  local plan = problem.check(own.plan(adapter, spec))
  plan.measures = adapter.reference and adapter.reference.measures
  plan.read_profile = function(text) return problem.check(profile.load(text, plan.worker.backend)) end
  plan.strategy_digest = problem.check(registry.read("strategy", plan.strategy)).digest
  local lines = {}
  for i, line in ipairs(plan.lines) do
    lines[i] = { name = line.name, options = line.options, start = starts[plan.what](line, plan),
      game = game_of(adapter, plan, line) }
    if not lines[i].start then
      problem.raise("INVALID", ("%s says not what a learner starts from (improve.start)"):format(plan.name))
    end
  end
  plan.lines = lines
  local why = own.fault and own.fault(plan)
  if why then problem.raise("INVALID", why) end
  return plan, info
end

-- ---- the world of a run ----

local function filter_of(plan, line, champion, known)
  return pipeline.new { what = plan.what, champion = champion, known = known, game = line.game,
    profile = plan.worker.backend, eval = eval.lua, runs = runs }
end

local function now_ms() return math.floor(sys.wall() * 1000) end

-- A promotion becomes the line's champion, unless somebody else set one: then it is theirs to say (han promote).
local function crown(run, row)
  problem.check(run.store.db:flush())
  local held = champions.of(run.store.db, row.line)
  if held and held.bench_id ~= run.store.id then
    run.note(("%s has a champion of another run; it stays. To change it: han promote %s %s"):format(row.line, row.line,
      row.digest:sub(1, 12)))
    return
  end
  if not held then
    problem.check(run.store.db:put_champion { line = row.line, kind = row.kind, text = row.start, how = "promoted",
      reason = "what the line began with", bench = run.store.id, set_ms = now_ms() })
  end
  problem.check(run.store.db:put_champion { line = row.line, kind = row.kind, text = row.text, how = "promoted",
    reason = row.reason, bench = run.store.id, set_ms = now_ms() })
end

local function keep(run, row)
  row.bench, row.created_ms = run.store.id, now_ms()
  row.parents, row.novel = json.array(row.parents), row.novel ~= nil and (row.novel and 1 or 0) or nil
  problem.check(run.store.db:put_learnt(row))
end

local function env_of(own, run, ui)
  local plan = run.plan
  return {
    lesson = function(writer) return data.print(writer:lesson()) end,
    author = author, digest = sys.sha256, asker = run.asker,
    measure = function(phase) return phases.measure(run, phase) end,
    pipeline = function(line, champion, known) return filter_of(plan, line, champion, known) end,
    random = function(label) return runs.stream(plan.seed, label) end,
    keep = function(row) keep(run, row) end,
    crown = function(row) crown(run, row) end,
    say = function(words) run.note(words) end,
    round = function(round, row)
      local text = json.encode(own.print.lists_of_round(row), { lossy = true })
      problem.check(run.store.db:put_round { bench = run.store.id, round = round, result = text, ended_ms = now_ms() })
      run.slope = row.slope
      if not run.quiet then own.print.round(ui, plan, round, row, run.curve) end
    end,
  }
end

-- The jobs prove the level; here it is refused before anything is stored.
local function enter_sandbox(level)
  if level == "none" then
    problem.raise("ENVIRONMENT", "with --sandbox none nothing could be promoted: a gate accepts strong and landlock "
      .. "only. Leave the option out (or HAN_SANDBOX); han doctor says what this machine lacks for strong")
  end
  problem.check(eval.sandbox(level))
end

local function new_run(store, plan, spec, ui, options)
  local run = { store = store, plan = plan, jobs = spec.jobs or sys.cores(), sandbox = spec.sandbox, used = {},
    curve = {}, quiet = options.quiet }
  function run.note(words) if not options.quiet then ui:note("%s", ui.safe(words)) end end
  -- state: nil before the first cell of a phase has ended
  function run.progress(phase, state)
    if options.quiet or not ui.is_terminal then return end
    ui:line(("round %d/%d %s %s%s  %s"):format(math.min(phase.round, plan.rounds), plan.rounds, phase.line, phase.phase,
      run.slope and ("  slope %+.4f"):format(run.slope.mean) or "",
      state and progress.words(state, state.last.budget or {}) or "..."))
  end
  return run
end

-- ---- the command ----

local function end_interrupted(ui, store)
  ui:note("interrupted: what was done is stored as %s in %s. %s", store.id, ui.safe(store.path),
    stored.how_to_go_on(store))
  ui:object { schema = 1, error = { code = "CANCELLED", message = "interrupted" }, run = store.id }
  return 130
end

local function page(object, run, options, ui)
  if not options.output then return end
  local text = report.page(run.db, run.id, object, options)
  problem.check(sys.write_file(options.output, text))
  ui:note("page written: %s", ui.safe(options.output))
end

local function complete(own, store, plan, spec, ui, options)
  local run = new_run(store, plan, spec, ui, options)
  local asked_all = authors.connect(run, spec.author, ui)
  bench.warn_of_budget((plan.score.worker or plan.worker).limits, plan.score.budget, ui)
  own.print.head(ui, plan)
  local ok, object = pcall(own.run, plan, env_of(own, run, ui))
  ui:clear()
  if not ok and object == phases.INTERRUPTED then
    store:leave()
    return end_interrupted(ui, store)
  end
  if not ok then
    store:leave()
    error(authors.problem(object, store), 0)
  end
  object = own.print.lists(object)
  asked_all()
  problem.check(store.db:flush())
  page(object, { db = store.db, id = store.id }, options, ui)
  store:finish(object)
  own.print.result(ui, object)
  ui:object(object)
  if not ui.json then own.print.next(ui, store.id) end
  return 0
end

local function config_of(spec, plan, info)
  return { spec = spec, plan = { checks = info.digest, engine = host.engine(), strategy = plan.strategy_digest } }
end

--- Runs an experiment on learners. own: { kind=, plan=, fault=, run=, print = as han.cli.improve_print }.
function M.experiment(own, options, ui)
  local spec = read(options)
  local plan, info = planned(own, spec)
  spec.author = authors.read(options, plan)
  authors.teach(plan, spec.author)
  enter_sandbox(spec.sandbox)
  local store = recorder.begin(options.db, { kind = own.kind, adapter = plan.name, seed = plan.seed,
    config = config_of(spec, plan, info), source = ("han %s %s"):format(own.kind, options.adapter) })
  ui:note("run %s, stored in %s", store.id, ui.safe(options.db))
  return complete(own, store, plan, spec, ui, options)
end

local OWN = { kind = "improve", plan = plan_of.of, fault = plan_of.lacks, run = improve.run, print = print_of }

function M.run(options, ui) return M.experiment(OWN, options, ui) end

-- ---- going on ----

local function check_same(id, held, plan, info)
  local why = held.engine ~= host.engine() and ("it was begun by another han (engine %.12s)"):format(held.engine)
    or held.checks ~= info.digest and "the adapter's files have changed"
    or held.strategy ~= plan.strategy_digest and "its controller has changed"
  if why then problem.raise("REFUSED", ("run %s cannot be gone on with: %s"):format(id, why)) end
end

--- Goes on with a stored run, or prints what it printed when it has ended; the exit status. db: open for reading,
-- closed here. own: as for experiment; nil: han improve.
function M.resume(db, found, options, ui, own)
  own = own or OWN
  local row = problem.check(db:query("SELECT id, kind, config, result, ended_ms FROM bench WHERE id = ?1",
    { found.id }))[1]
  if row.ended_ms and row.result then
    local text = recorder.content(db, row.result)
    db:close()
    own.print.result(ui, problem.check(json.decode(text, { null = "nil" })))
    if ui.json then ui:raw(text .. "\n") end
    return 0
  end
  local config = value.decode(row.config)
  db:close()
  local plan, info = planned(own, config.spec)
  authors.teach(plan, config.spec.author)
  check_same(found.id, config.plan, plan, info)
  enter_sandbox(config.spec.sandbox)
  config.spec.jobs = args.integer(options, "jobs", nil, 1, 1024) or config.spec.jobs
  local store = recorder.reopen(options.db, found, options.durability)
  ui:note("run %s, gone on with", store.id)
  return complete(own, store, plan, config.spec, ui, options)
end

return M
