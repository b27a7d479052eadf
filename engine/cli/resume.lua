--- han resume: goes on with a run that was stopped, from its journal.

local args = require "han.cli.args"
local plain = require "han.cli.plain"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local show = require "han.cli.show"

local M = {
  name = "resume",
  summary = "Go on with a plain script's run that was stopped.",
  about = "Go on with a run of han script that was killed: the program runs again from its journal, which answers for "
    .. "everything that was done, and then goes on. A run that had ended prints what it printed.",
  examples = { "han resume --last", "han resume 20260131-101500-4fd2ab --json" },
}

function M.options(parser)
  parser:argument("run", "A run id or the beginning of one."):argname("RUN"):args("?")
  parser:flag("--last", "The run that began last.")
  parser:option("--durability", "When the journal counts as written: normal survives kill -9, full also a power cut.")
    :argname("LEVEL"):default("normal"):choices { "normal", "full" }
  args.db(parser)
end

function M.run(options, ui)
  if options.last and options.run then problem.usage("--last takes the place of RUN") end
  local db = recorder.open_to_read(options.db)
  local run = show.find_run(db, options)
  if run.kind ~= "script" or run.adapter then
    problem.raise("UNKNOWN", ("run %s is a %s on an adapter's tasks; only runs of plain scripts can be resumed"):format(
      run.id, run.kind))
  end
  return plain.resume(db, run, options, ui)
end

return M
