--- han script: one file. A file that returns a strategy runs on an adapter's tasks; any other file is the body of
-- a root agent, called with (task, scope).

local args = require "han.cli.args"
local bench = require "han.cli.bench"
local compose = require "han.author.compose"
local deployed = require "han.cli.deployed"
local han = require "han"
local host = require "han.host"
local hot = require "han.hot"
local json = require "han.json"
local model = require "han.cli.model"
local plain = require "han.cli.plain"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local registry = require "han.registry"
local runs = require "han.runs"
local script_cells = require "han.cli.script_cells"
local sys = require "han.sys"

local M = {
  name = "script",
  summary = "Run a strategy on an adapter's tasks, or a plain script.",
  about = "Run one Lua file. With --adapter it must return a strategy, which is run on N of the adapter's tasks. "
    .. "Without, the file is the body of an agent: local task, scope = ...",
  examples = {
    "han script mine.lua --adapter repair --n 5",
    "han script sum.lua --task numbers.json --budget shots=4 --watch",
  },
}

local WATCH_SECONDS = 0.3
local TASK_BYTES_MAX = 4 << 20

function M.options(parser)
  parser:argument("file", "The script; or a line whose champion is run, as in @repair."):argname("FILE")
  parser:option("--adapter", "Where a strategy finds its tasks: a name or a file."):argname("ADAPTER")
  parser:option("--n", "How many tasks (default 1)."):argname("N")
  parser:option("--task", "What a plain script gets as task (default {})."):argname("FILE.json")
  parser:option("--seed", "Seed of tasks and runs (default 1)."):argname("S")
  parser:option("--split", "train or dev."):argname("SPLIT"):default("dev")
  parser:option("--budget", "Ceiling, as in shots=4,evals=2000 (also tokens, turns, usd, wall in seconds).")
    :argname("LIST")
  parser:option("--difficulty", "Handed to the adapter; for repair the number of faults."):argname("D")
  parser:option("--jobs", "Processes that run cells (default 1)."):argname("N")
  parser:option("--max-depth", "Deepest node (default 32)."):argname("N")
  parser:option("--max-live", "Live nodes of one run (default 131072)."):argname("N")
  parser:option("--max-steps", "Lua instructions between two verbs (default 200 million)."):argname("N")
  model.options(parser)
  args.sandbox(parser)
  args.db(parser, "Where the run is stored.")
  parser:option("--run", "Id of a plain script's run (default: made from the time)."):argname("ID")
  args.durability(parser, "normal")
  parser:flag("--untrusted", "Run its Lua in a process that has no files, network or keys.")
  parser:flag("--watch", "Run again whenever there is a new version that is sound, until Ctrl-C.")
  parser:flag("--quiet", "No progress line.")
end

-- ---- reading ----

-- version: what --watch has read.
local function read_source(path, version)
  return version and version.source or problem.check(registry.read("script", path)).source
end

local function read_task(path)
  if not path then return {} end
  local text = problem.check(sys.read_file(path, TASK_BYTES_MAX))
  local task, why, code = json.decode(text, { null = "nil" })
  if code then problem.raise(code, ("%s: %s"):format(path, why)) end
  return task
end

local function limits_of(options)
  return {
    max_depth = args.integer(options, "max-depth", nil, 1, 1000000),
    max_live = args.integer(options, "max-live", nil, 1, 100000000),
    max_steps = args.integer(options, "max-steps", nil, 1, math.maxinteger),
  }
end

local function read_id(id)
  if id and (#id > 100 or not id:find("^[%w][%w._-]*$")) then
    problem.usage("--run: an id is up to 100 letters, digits, '.', '_' or '-', got '%s'", id)
  end
  return id
end

local function only_with_adapter(options)
  for _, name in ipairs { "n", "difficulty", "jobs", "profile" } do
    if options[name] then problem.usage("--%s is for a strategy on tasks; give --adapter too", name) end
  end
end

-- ---- a strategy on tasks ----

local function run_strategy(options, ui)
  if options.run then problem.usage("--run is for a plain script; runs with --adapter make their own id") end
  if options.task then problem.usage("--task is for a plain script; with --adapter the tasks are the adapter's") end
  local amount, wall = bench.read_budget(options.budget)
  local spec = {
    adapter = options.adapter, n = args.integer(options, "n", 1, 1, 1000000),
    seed = args.integer(options, "seed", 1, 0, math.maxinteger),
    split = bench.read_split(options.split), jobs = args.integer(options, "jobs", 1, 1, 1024),
    options = { difficulty = args.integer(options, "difficulty", nil, 1, 1000) }, budget = amount, wall = wall,
    sandbox = args.level(options),
  }
  for name, value in pairs(limits_of(options)) do spec[name] = value end
  problem.check(registry.find("adapter", options.adapter))
  model.add(spec, options)
  spec.arms = { bench.read_arm(options.path, options.untrusted, { db = options.db, adapter = options.adapter }) }
  if options.version then spec.arms[1].source = spec.arms[1].source or options.version.source end
  return script_cells.run(spec, options.file, ui, options)
end

-- ---- a plain script ----

-- A hint for the one mistake that everybody makes: a strategy without --adapter.
local function refuse_strategy(source, path)
  local code = source:gsub("%-%-[^\n]*", "")
  if not code:find("return%s+han%s*%.%s*strategy") and not code:find("han[\"']%)?%s*%.%s*strategy") then return end
  problem.usage("%s returns a strategy, which needs tasks: han script %s --adapter repair --n 5", path, path)
end

local function run_plain(options, ui)
  only_with_adapter(options)
  local source = read_source(options.path, options.version)
  refuse_strategy(source, options.path)
  local amount, wall = bench.read_budget(options.budget)
  local about = limits_of(options)
  about.file, about.chunkname, about.source, about.task = options.file, options.path, source, read_task(options.task)
  about.untrusted, about.sandbox = options.untrusted, args.level(options)
  -- a trusted script needs the level for its commands only: what nobody named may be missing
  if about.sandbox == "strong" and not about.untrusted then about.sandbox = nil end
  about.budget, about.wall, about.seed = amount, wall, args.integer(options, "seed", 1, 0, math.maxinteger)
  return plain.run(about, { db = options.db, id = read_id(options.run), durability = options.durability }, ui)
end

-- ---- watching ----

-- A file by its time and size. A version is sound when it parses and, on tasks, is a strategy.
local function hot_file(options)
  local function sound(version)
    if options.adapter and not options.untrusted then
      local found, why, code, where = runs.inspect(version.source, options.path)
      if not found then return nil, why, code, where end
      return found.strategy or nil, options.path .. " does not return a strategy", "INVALID"
    end
    local chunk, why = load(version.source, "@" .. options.path, "t", {}) -- read, not run
    return chunk ~= nil, why, "SYNTAX"
  end
  return hot.new { sound = sound, read = function() return registry.read("script", options.path) end,
    stamp = function()
      local stat = sys.stat(options.path)
      return stat and ("%.6f/%d"):format(stat.mtime, stat.size)
    end }
end

-- The champion of a line. Whatever is champion has passed a gate, or somebody's eyes.
local function hot_line(options)
  local db = recorder.open_to_read(options.db)
  return hot.new { sound = function() return true end, stamp = function() return deployed.stamp(db, options.file) end,
    read = function() return deployed.find(db, options.file) end }
end

local function run_version(options, ui, once, version)
  if version.line then options.path = ("@%s:%s"):format(version.line, version.digest) else options.version = version end
  local ok, why = xpcall(once, function(err)
    return problem.is(err) and tostring(err) or debug.traceback(tostring(err))
  end, options, ui)
  if not ok then ui:note("%s %s", ui:paint_note("red", "han:"), ui.safe_lines(why)) end
end

local function tell_refused(ui, refused, version)
  ui:note("%s %s%s", ui:paint_note("red", "han:"), ui.safe_lines(problem.placed(refused.where, refused.message)),
    version and "; the version before it stays" or "")
end

local function watch(options, ui, once)
  local watched = deployed.is(options.file) and hot_line(options) or hot_file(options)
  local told
  while not host.interrupted() do
    local version, is_new = watched:next()
    local refused = watched.refused ~= told and watched.refused
    told = watched.refused
    if is_new and version then run_version(options, ui, once, version) end
    if refused then tell_refused(ui, refused, version) end
    if refused or is_new and version then
      ui:note("%s", ui:paint_note("dim", "watching " .. ui.safe(options.file) .. ", Ctrl-C ends"))
    end
    sys.wait(WATCH_SECONDS)
  end
  return 130
end

local function check_line(options)
  if not options.adapter then
    problem.usage("%s is a version of a line, which needs tasks: han script %s --adapter ADAPTER", options.file,
      options.file)
  end
end

function M.run(options, ui)
  options.path = options.file
  if deployed.is(options.file) then
    check_line(options)
  elseif options.adapter and select(2, compose.pieces(options.file)) then
    if options.watch then problem.usage("%s names no one file that could be watched", options.file) end
  else
    if not options.path:find("/") and not options.path:find("%.lua$") then options.path = "./" .. options.path end
    problem.check(registry.find("script", options.path))
  end
  local once = options.adapter and run_strategy or run_plain
  if options.watch and options.run then problem.usage("--run names one run; --watch makes many") end
  if options.watch then return watch(options, ui, once) end
  return once(options, ui)
end

M.version = han.version

return M
