--- han doctor: what this machine has and lacks, thing by thing, with the fix.

local args = require "han.cli.args"
local eval = require "han.eval"
local exec = require "han.exec"
local han = require "han"
local host = require "han.host"
local json = require "han.json"
local registry = require "han.registry"
local problem = require "han.cli.problem"
local sys = require "han.sys"

local M = {
  name = "doctor",
  summary = "What this machine has, and what is missing; what of a store can be saved.",
  about = "What this machine has, and what is missing. A box of the strongest sandbox level is started and tries to "
    .. "reach a file, a socket and a process of this machine; only when it cannot, the level is said to hold. With "
    .. "--model: one tiny question to the model that HAN_MODEL names (anthropic:NAME, openai:NAME, or "
    .. "http://127.0.0.1:8080/v1#NAME). With --db: what of that store is whole and what can be saved of it; "
    .. "the file is only read.",
  examples = { "han doctor", "han doctor --json", "han doctor --sandbox strong", "han doctor --model",
    "han doctor --db han.db" },
}

function M.options(parser)
  parser:option("--sandbox", "Only prove this level: exit status 0 when it holds, 78 when not."):argname("LEVEL")
  parser:flag("--bindings", "List the names that C binds for Lua, one a line.")
  parser:option("--db", "Look at this store only, thoroughly."):argname("FILE")
  parser:flag("--model", "Only ask the configured model one tiny question: latency, usage and price.")
  parser:option("--price", "With --model: what it costs, in dollars for a million tokens in and out, as in 3,15.")
    :argname("IN,OUT")
  parser:option("--save", "Write what can be read of it into this new store."):argname("NEW")
end

local function row(name, state, text, fix)
  return { name = name, state = state, text = text, fix = fix }
end

local function program(name)
  local path = host.libexec and host.libexec .. "/" .. name
  if path and sys.access(path, "x") then return row(name, "ok", sys.realpath(path) or path) end
  return row(name, "missing", path or "no libexec folder", "build it: cmake --build build; or install han")
end

local function script_folders(rows)
  for _, folder in ipairs(host.scripts) do
    local stat = sys.stat(folder)
    if stat and stat.kind == "directory" then
      rows[#rows + 1] = row("scripts", "ok", sys.realpath(folder) or folder)
    else
      rows[#rows + 1] = row("scripts", "missing", folder, "make the folder or take it out of HAN_PATH")
    end
  end
  for _, kind in ipairs { "adapter", "strategy", "check" } do
    local names = registry.names(kind)
    local text = #names > 0 and table.concat(names, ", ") or "none"
    rows[#rows + 1] = row(kind .. " files", (#names > 0 or kind == "check") and "ok" or "missing", text,
      #names == 0 and kind ~= "check" and "set HAN_PATH to a folder with adapters/ and strategies/" or nil)
  end
end

local function store(path)
  if not sys.stat(path) then return row("store", "ok", path .. " is not there yet; the first run makes it") end
  local ok, db = pcall(require, "han.db")
  if not ok then return row("store", "missing", "this build has no store", "build with SQLite") end
  local handle, why, code = db.open { path = path, readonly = true }
  if not handle then
    return row("store", "bad", why, code == "CORRUPT" and "move it away, or name another with --db" or nil)
  end
  local counts = handle:query("SELECT (SELECT count(*) FROM bench) AS runs, "
    .. "(SELECT count(*) FROM attempt) AS attempts, sqlite_version() AS version")
  handle:close()
  if not counts then return row("store", "bad", path .. " cannot be read") end
  return row("store", "ok", ("%s: %d runs, %d attempts (SQLite %s)"):format(path, counts[1].runs, counts[1].attempts,
    counts[1].version))
end

local function lpeg_row()
  local ok, lpeg = pcall(require, "lpeg")
  if not ok then return row("lpeg", "missing", "no module lpeg for " .. _VERSION, "apt-get install lua-lpeg") end
  local version = type(lpeg.version) == "function" and lpeg.version() or lpeg.version
  return row("lpeg", "ok", tostring(version))
end

-- ---- the sandbox ----

-- The level in force when it was asked for and proved; or nil, message, code.
local function prove(level)
  local ok, why, code = eval.sandbox(level)
  if not ok then return nil, why, code end
  local result
  result, why, code = eval.lua { name = "proof", code = "return {}", calls = {} }
  if not result then return nil, why, code end
  return result.sandbox
end

local proofs = {
  strong = "strong: a file, a socket and a process of this machine were tried from a box and are out of reach",
  landlock = "landlock: files of this machine were tried and are out of reach; sockets and processes by a filter only",
  none = "none: candidate code runs as this user behind limits and a filter only",
}

-- What each level needs, thing by thing, then what was proved. Only what strong needs may be missing.
local function sandbox_rows(rows)
  if not host.libexec then return end
  local machine = eval.machine()
  local optional = { cgroup = true, landlock = true, ["proc-mount"] = true }
  for _, probe in ipairs(machine.probes) do
    local state = probe.ok and "ok" or optional[probe.name] and "note" or "missing"
    rows[#rows + 1] = row(probe.name, state, probe.text, probe.fix)
  end
  local level, why = prove(machine.level)
  if level == "strong" then
    rows[#rows + 1] = row("sandbox", "ok", proofs.strong)
  else
    rows[#rows + 1] = row("sandbox", "missing", level and "the strongest here is " .. proofs[level] or why,
      "mend what is missing above, or name a level with --sandbox")
  end
end

local PLACES = {
  strong = "a file, sockets and a process of this machine were tried from the place of a command and are out of reach",
  landlock = "a file, sockets and a process of this machine were tried from the place of a command and are out of "
    .. "reach; other processes are beside it",
  none = "a command runs as this user behind limits and a filter only",
}

-- What is there at which level; then a command, at the strongest that there is for commands.
local function level_rows(rows)
  if not host.libexec then return end
  local machine = eval.machine()
  for _, one in ipairs(machine.levels) do
    local code = one.lacks and "candidate code lacks " .. one.lacks or "candidate code"
    local commands = one.commands_lack and "commands lack " .. one.commands_lack or "commands"
    rows[#rows + 1] = row("level " .. one.name, (one.lacks or one.commands_lack) and "note" or "ok",
      code .. ", " .. commands)
  end
  if not machine.commands then
    rows[#rows + 1] = row("commands", "note", "there is no level for commands here", "mend what is missing above")
    return
  end
  local ok, verdict, why = eval.sandbox(machine.commands), nil, nil
  if ok then verdict, why = exec.run { argv = { "true" } } end
  if verdict and verdict.class == "pass" then
    rows[#rows + 1] = row("commands", verdict.sandbox == "strong" and "ok" or "note",
      ("%s: %s; limits held by %s"):format(verdict.sandbox, PLACES[verdict.sandbox], verdict.held))
  else
    rows[#rows + 1] = row("commands", "bad", verdict and (verdict.message or verdict.class) or tostring(why),
      "see what is said of the level above")
  end
end

local function prove_only(level, ui)
  local proved = problem.check(prove(args.level { sandbox = level }))
  ui:out("%s", proofs[proved])
  ui:object { schema = 1, sandbox = proved }
  return 0
end

local function examine()
  local machine = sys.host()
  local rows = {
    row("han", "ok", han.version),
    row("lua", "ok", _VERSION),
    lpeg_row(),
    row("system", "ok", ("%s %s %s"):format(machine.system, machine.release, machine.machine)),
    row("cores", "ok", tostring(sys.cores())),
    program "han-job",
    program "han-runner",
  }
  script_folders(rows)
  rows[#rows + 1] = store "han.db"
  sandbox_rows(rows)
  level_rows(rows)
  return rows
end

local function bindings(ui)
  local names = {}
  for _, module in ipairs { "channel", "db", "eval", "fiber", "host", "http", "json", "runs", "stats", "sys",
    "value" } do
    local ok, bound = pcall(require, "han." .. module)
    if ok and type(bound) == "table" then
      for name, value in pairs(bound) do
        if type(value) == "function" then names[#names + 1] = ("han.%s.%s"):format(module, name) end
      end
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do ui:out("%s", name) end
  ui:object { schema = 1, bindings = json.array(names) }
  return 0
end

function M.run(options, ui)
  if options.bindings then return bindings(ui) end
  if options.model then return require("han.cli.doctor_model").run({ price = options.price }, ui) end
  if options.sandbox then return prove_only(options.sandbox, ui) end
  if options.db or options.save then
    return require("han.cli.doctor_store").run(options.db or "han.db", options.save, ui)
  end
  local rows, missing = examine(), 0
  local printed = {}
  local paint = { ok = "green", missing = "red", bad = "red", note = "yellow" }
  for i, one in ipairs(rows) do
    if one.state == "missing" or one.state == "bad" then missing = missing + 1 end
    printed[i] = { one.name, ui:paint(paint[one.state], one.state),
      ui.safe(one.text) .. (one.fix and "; " .. ui.safe(one.fix) or "") }
  end
  ui:table(printed)
  ui:object { schema = 1, ok = missing == 0, rows = json.array(rows) }
  return missing == 0 and 0 or 78
end

return M
