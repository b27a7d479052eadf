--- han doctor: what this machine has and lacks, thing by thing, with the fix.

local args = require "han.cli.args"
local han = require "han"
local host = require "han.host"
local json = require "han.json"
local registry = require "han.registry"
local sys = require "han.sys"

local M = {
  name = "doctor",
  summary = "What this machine has, and what is missing.",
  examples = { "han doctor", "han doctor --json" },
}

function M.options(parser)
  parser:flag("--bindings", "List the names that C binds for Lua, one a line.")
  args.db(parser, "The store to look at.")
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

local function examine(options)
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
  rows[#rows + 1] = store(options.db)
  rows[#rows + 1] = row("sandbox", "note", "none: candidate code runs in a child process with limits, not isolated; "
    .. "run only code you trust")
  return rows
end

local function bindings(ui)
  local names = {}
  for _, module in ipairs { "channel", "db", "eval", "fiber", "host", "json", "runs", "stats", "sys", "value" } do
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
  local rows, missing = examine(options), 0
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
