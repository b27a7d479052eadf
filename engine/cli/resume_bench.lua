--- han.cli.resume_bench: goes on with a run of cells that was broken off: a bench, a screening, a gate, a strategy on
-- tasks. Finished cells are not run again; what is printed at the end is what the command would have printed had
-- nothing happened, also when it had ended already.

local args = require "han.cli.args"
local json = require "han.json"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local stored = require "han.cli.stored"

local M = {}

-- Each has resume(run, done, ui, options), and again(ui, object, run, text) for a run that has ended.
local commands = { bench = "han.cli.bench", gate = "han.cli.gate", screen = "han.cli.screen",
  repair = "han.cli.repair", script = "han.cli.script_cells" }

local function check_kind(run)
  if not commands[run.kind] then
    problem.raise("REFUSED", ("run %s is of the kind '%s', which is not resumed; run its command again"):format(run.id,
      run.kind))
  end
  if not run.config.plan then
    problem.raise("REFUSED", ("run %s was stored by a han that did not note what a resume needs; run the command again")
      :format(run.id))
  end
end

--- Goes on with a stored run, or prints what it printed when it has ended; the exit status. db: open for reading,
-- closed here.
function M.run(db, found, options, ui)
  local jobs = args.integer(options, "jobs", nil, 1, 1024)
  local run = stored.row(db, found.id)
  if commands[run.kind] and run.ended_ms and run.result then
    local text = recorder.content(db, run.result)
    db:close()
    local object = problem.check(json.decode(text, { null = "nil" }))
    return require(commands[run.kind]).again(ui, object, run, text)
  end
  check_kind(run)
  stored.check_files(run.config.plan, run.id)
  local done = stored.records(db, run.id, run.kind == "script" or run.kind == "repair")
  db:close()
  run.config.jobs = jobs or run.config.jobs
  return require(commands[run.kind]).resume(run, done, ui, options)
end

return M
