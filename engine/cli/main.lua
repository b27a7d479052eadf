--- han.cli.main: the command line. Called by main.c with the list of arguments; returns the exit status.

local host = require "han.host"
local problem = require "han.cli.problem"
local shape = require "han.shape"
local sys = require "han.sys"
local ui = require "han.cli.ui"

-- In the order in which help lists them.
local commands = {
  "script", "bench", "resume", "compare", "gate", "holdout", "improve", "ablate", "lineage", "promote", "rollback",
  "show", "report", "corpus", "stats", "new", "lint", "check", "repair", "exec", "prices", "doctor", "version",
}

local function command_named(name)
  for _, known in ipairs(commands) do
    if known == name then return require("han.cli." .. name) end
  end
  problem.usage("there is no command '%s'%s; han --help lists them all", ui.safe(name), shape.hint(name, commands))
end

local function print_help()
  io.stdout:write([[
han runs recursive agents, written in Lua, under a conserved budget, and compares strategies at equal compute.

Usage: han COMMAND [options]

]])
  for _, name in ipairs(commands) do
    io.stdout:write(("  %-10s %s\n"):format(name, require("han.cli." .. name).summary))
  end
  io.stdout:write([[

Each command has --help with an example, and --json.
Exit status: 0 ok, 1 it ran and the answer is no, 2 usage, 65 damaged store, 70 our fault, 78 the machine lacks
something, 130 interrupted.

Start here:
  han bench repair --arms sample,refine --n 10     two strategies at equal compute
  han new strategy mine                            a strategy of your own
  han script mine.lua --adapter repair --n 5       run it
]])
  return 0
end

local function run_command(name, argv, printer)
  local command = command_named(name)
  local options, help = require("han.cli.args").parse(command, argv)
  if not options then
    io.stdout:write(help, "\n")
    return 0
  end
  return command.run(options, printer)
end

local function dispatch(argv, printer)
  local name = argv[1]
  if name == nil or name == "--help" or name == "-h" then return print_help() end
  if name == "--version" then name = "version" end
  if name == "help" then
    if argv[2] == nil then return print_help() end
    return run_command(argv[2], { "--help" }, printer)
  end
  if name:find("^%-") then
    problem.usage("'%s' comes before a command; han COMMAND [options], see han --help", ui.safe(name))
  end
  return run_command(name, table.move(argv, 2, #argv, 1, {}), printer)
end

-- Errors that are no problem are faults of ours.
local function to_problem(err)
  if problem.is(err) then return err end
  local text = type(err) == "table" and err.message or err
  return { code = "INTERNAL", message = "internal error: " .. tostring(text), trace = debug.traceback("", 2) }
end

local function report(failure, printer)
  printer:note("%s %s", printer:paint_note("red", "han:"), ui.safe(problem.placed(failure.where, failure.message)))
  if failure.trace and sys.env("HAN_DEBUG") then printer:note("%s", ui.safe_lines(failure.trace)) end
  printer:object { schema = 1, error = {
    code = failure.code, message = problem.bare(failure.where, failure.message),
    where = failure.where ~= "" and failure.where or nil,
  } }
  return problem.status(failure.code)
end

return function(argv)
  local printer = ui.new(require("han.cli.args").has(argv, "--json"))
  local ok, result = xpcall(dispatch, to_problem, argv, printer)
  if not ok and type(result) ~= "table" then -- memory ran out: Lua asks no handler then
    collectgarbage()
    result = { code = "NOMEM", message = tostring(result) }
  end
  printer:clear()
  local status = ok and result or not ok and report(result, printer)
  if host.interrupted() then status = 130 end
  return status
end
