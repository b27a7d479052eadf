--- han.cli.plain: runs of plain scripts, whose journal stands in the store: begun by han script, gone on with by
-- han resume. What a run is a run of (`about`) is the first row of its journal: program, task, budget, seed, limits.

local budget = require "han.cli.budget"
local commands = require "han.commands"
local eval = require "han.eval"
local fiber = require "han.fiber"
local han = require "han"
local host = require "han.host"
local json = require "han.json"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local runs = require "han.runs"
local sys = require "han.sys"
local value = require "han.value"

local M = {}

local function cell_name(about) return "script/" .. about.file end

local function record_of(about, outcome)
  return {
    cell = cell_name(about), strategy = about.file, seed = about.seed, replicate = 0, status = outcome.status,
    reason = outcome.message, where = outcome.where, infra = outcome.infra or false, over = outcome.over or false,
    spend = outcome.spend, budget = about.budget, timing = { wall_ms = math.floor((outcome.seconds or 0) * 1000) },
    digests = { program = sys.sha256(about.source) }, attempts = {}, nodes = outcome.nodes or {},
    decisions = outcome.decisions or {},
  }
end

local function print_outcome(ui, outcome)
  local shown = outcome.result
  if type(shown) == "table" then shown = json.encode(shown, { pretty = true, lossy = true }) end
  if outcome.status == "done" then
    if shown ~= nil then ui:out("%s", ui.safe_lines(shown)) end
  elseif outcome.status == "question" then
    ui:out("question: %s", ui.safe_lines(shown == nil and "?" or shown))
  else
    ui:note("%s %s", ui:paint_note("red", "down:"),
      ui.safe(problem.placed(outcome.where, outcome.message or "no reason")))
  end
  if next(outcome.spend or {}) then ui:note("spent: %s", budget.words(outcome.spend)) end
end

-- A plain value may have no JSON form (a list with holes, an infinity): what to say then, and nothing is shown.
local function drop_unshowable(outcome, ui)
  local text, why = json.encode(outcome.result == nil and json.null or outcome.result, { lossy = true })
  if text then return nil end
  outcome.result = nil
  local message = ("the result cannot be shown: %s; return a list, a table with text keys or a finite number")
    :format(why:gsub("^JSON: value", "result"))
  ui:note("%s %s", ui:paint_note("red", "han:"), ui.safe(message))
  return { code = "INVALID", message = message, where = outcome.where }
end

-- Waits for the end of a run; Ctrl-C cancels it.
local function outcome_of(run)
  local watcher = fiber.spawn(function()
    while not host.interrupted() do sys.wait(0.1) end
    run:cancel()
  end)
  local outcome = run:wait()
  fiber.stop(watcher)
  run:close()
  return outcome
end

local function start(about)
  if about.untrusted or about.sandbox then problem.check(eval.sandbox(about.sandbox or "strong")) end
  local run, why, code, where = runs.start {
    source = about.source, chunkname = about.chunkname, task = about.task, budget = about.budget, wall = about.wall,
    seed = about.seed, max_depth = about.max_depth, max_live = about.max_live, max_steps = about.max_steps,
    record = true, untrusted = about.untrusted, services = { exec = commands.service() },
  }
  if not run then problem.raise(code, why, where) end
  return run
end

local function object_of(outcome, unshown)
  local failure = {
    code = outcome.code, message = problem.bare(outcome.where, outcome.message), where = outcome.where,
  }
  return {
    schema = 1, status = outcome.status, result = outcome.result, verdict = json.null, spend = outcome.spend,
    error = outcome.status == "down" and failure or unshown,
  }
end

-- Nothing of the interrupt is journaled: the run is left as it stands.
local function end_interrupted(ui, store)
  store:leave()
  ui:note("interrupted: what was done is stored as %s in %s. To go on from there: han resume %s%s", store.id,
    ui.safe(store.path), store.id, store.path == "han.db" and "" or " --db " .. ui.safe(store.path))
  ui:object { schema = 1, error = { code = "CANCELLED", message = "interrupted" }, run = store.id }
  return 130
end

-- The journal must be joined before anything waits: the run has its first turn then.
local function carry_out(run, about, store, resume, ui)
  local ok, why, code = run:journal {
    db = store.db, run = store.id, cell = cell_name(about), about = about, resume = resume,
  }
  if not ok then
    run:close()
    store:abandon()
    problem.raise(code, why)
  end
  local outcome = outcome_of(run)
  if outcome.stopped and outcome.code == "CANCELLED" then return end_interrupted(ui, store) end
  if outcome.stopped then
    pcall(store.abandon, store)
    problem.raise(outcome.code, outcome.message)
  end
  local unshown = drop_unshowable(outcome, ui)
  print_outcome(ui, outcome)
  if not resume or not store:has(cell_name(about)) then store:cell(record_of(about, outcome)) end
  local object = object_of(outcome, unshown)
  store:finish(object)
  ui:object(object)
  return outcome.status == "done" and not unshown and 0 or 1
end

--- Begins a run and waits for its end; the exit status. where: { db=, id=?, durability=? }.
function M.run(about, where, ui)
  about.engine, about.durability = host.engine(), where.durability
  local run = start(about)
  local store = recorder.begin(where.db, {
    kind = "script", seed = about.seed, id = where.id, durability = where.durability,
    config = about, source = "han script " .. about.file,
  })
  return carry_out(run, about, store, false, ui)
end

-- What an ended run printed, once more.
local function print_again(db, row, ui)
  local object = json.decode(recorder.content(db, row.result), { null = "null" })
  local outcome = { status = object.status, result = object.result, spend = object.spend }
  if outcome.result == json.null then outcome.result = nil end
  if object.error and object.error ~= json.null then
    outcome.message, outcome.where = object.error.message, object.error.where
  end
  print_outcome(ui, outcome)
  ui:object(object)
  return object.status == "done" and not outcome.message and 0 or 1
end

-- What the run is a run of, as it was noted before its journal was begun; and whether there is a journal.
local function about_of(db, run)
  local rows = problem.check(db:query("SELECT config, (SELECT count(*) FROM journal_run WHERE bench_id = b.id) AS "
    .. "journals FROM bench b WHERE id = ?1", { run.id }))
  local about = problem.check(value.decode(rows[1].config))
  if not about.source then
    problem.raise("UNKNOWN", ("run %s was stored by a han that did not note what a resume needs; run it again")
      :format(run.id))
  end
  if about.engine ~= host.engine() then
    problem.raise("INVALID", ("run %s was begun by another han (engine %.12s); that one can resume it, this is %s "
      .. "(engine %.12s)"):format(run.id, tostring(about.engine), han.version, host.engine()))
  end
  return about, rows[1].journals > 0
end

--- Goes on with a stored run, or prints what it printed when it has ended; the exit status. db: open for reading.
function M.resume(db, run, where, ui)
  local row = problem.check(db:query("SELECT ended_ms, result FROM bench WHERE id = ?1", { run.id }))[1]
  if row.ended_ms and row.result then return print_again(db, row, ui) end
  local about, begun = about_of(db, run)
  db:close()
  return carry_out(start(about), about, recorder.reopen(where.db, run, where.durability or about.durability), begun, ui)
end

return M
