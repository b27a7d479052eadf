--- han resume: goes on with a run that was stopped: a plain script from its journal, a bench cell by cell.

local args = require "han.cli.args"
local plain = require "han.cli.plain"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local show = require "han.cli.show"

local M = {
  name = "resume",
  summary = "Go on with a run that was stopped: bench, gate, improve, ablate, script.",
  about = "Go on with a run that was stopped, by Ctrl-C, kill -9 or a power cut. A plain script runs again from its "
    .. "journal, which answers for everything that was done, and then goes on. Of a bench (also --screen), a gate, a "
    .. "strategy on tasks, han improve and han ablate, cells that are done are not run again; strategies, adapter, "
    .. "tasks and the engine must be what they were. A run that had ended prints what it printed.",
  examples = { "han resume --last", "han resume 20260131-101500-4fd2ab --json" },
}

function M.options(parser)
  parser:argument("run", "A run id or the beginning of one."):argname("RUN"):args("?")
  parser:flag("--last", "The run that began last.")
  args.durability(parser)
  parser:option("--jobs", "Processes that run the cells of a bench (default as it began)."):argname("N")
  args.db(parser)
  parser:flag("--quiet", "No progress line.")
end

function M.run(options, ui)
  if options.last and options.run then problem.usage("--last takes the place of RUN") end
  local db = recorder.open_to_read(options.db)
  local run = show.find_run(db, options)
  if run.kind == "improve" then return require("han.cli.improve").resume(db, run, options, ui) end
  if run.kind == "ablate" then return require("han.cli.ablate").resume(db, run, options, ui) end
  if run.kind ~= "script" or run.adapter then return require("han.cli.resume_bench").run(db, run, options, ui) end
  return plain.resume(db, run, options, ui)
end

return M
