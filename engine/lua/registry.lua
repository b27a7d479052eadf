--- han.registry: where scripts are found by name, and how adapters and checks are loaded.
-- A script is NAME.lua or NAME/init.lua in the folder of its kind (strategies, adapters, checks) below
-- one of the script folders, or any file given by its path. It is refused when others may write to it.
-- Strategies are only found and read here: they run in a run state, not in this one.
--
-- Failures are nil, message, CODE: UNKNOWN (no such name or file), ENVIRONMENT (others may write to
-- it), SYNTAX, SCRIPT (it raised), LIMIT (it took too long), INVALID (it returned something else).

local adapter = require "han.adapter"
local check = require "han.check"
local script_folder = require "han.script_folder"
local host = require "han.host"
local sandbox_env = require "han.sandbox_env"
local shape = require "han.shape"
local strategy = require "han.strategy"
local sys = require "han.sys"

local M = {}

-- A "script" is a file of any kind, named by its path.
local folders = { strategy = "strategies", adapter = "adapters", check = "checks", experiment = "experiments",
  script = "." }
local faults = { strategy = strategy.fault, adapter = adapter.fault, check = check.fault,
  experiment = require("han.experiment").fault }
local articles = { strategy = "a strategy", adapter = "an adapter", check = "a check", experiment = "an experiment" }

M.LOAD_SECONDS = 5
local FILE_MAX = 4 << 20     -- bytes of one script file

local function is_path(name)
  return name:find("/", 1, true) ~= nil or name:find("%.lua$") ~= nil
end

local function is_file(path)
  local stat = sys.stat(path)
  return stat ~= nil and stat.kind == "file"
end

--- { {name=, path=, folder=} ... } of all scripts of a kind, sorted by name; earlier folders win.
function M.list(kind)
  local out, seen = {}, {}
  for _, root in ipairs(host.scripts) do
    local folder = root .. "/" .. folders[kind]
    for _, entry in ipairs(sys.list_dir(folder) or {}) do
      local name = entry:match("^([%w_][%w_.-]*)%.lua$")
      local path = folder .. "/" .. entry
      if not name and entry:find("^[%w_][%w_.-]*$") and is_file(path .. "/init.lua") then
        name, path = entry, path .. "/init.lua"
      end
      if name and not seen[name] and is_file(path) then
        seen[name] = true
        out[#out + 1] = { name = name, path = path, folder = folder }
      end
    end
  end
  table.sort(out, function(a, b) return a.name < b.name end)
  return out
end

--- The names of all scripts of a kind, sorted.
function M.names(kind)
  local names = {}
  for i, entry in ipairs(M.list(kind)) do names[i] = entry.name end
  return names
end

local function find_by_path(kind, path)
  local stat, why = sys.stat(path)
  if not stat then
    return nil, ("cannot read the %s %s: %s"):format(kind, path, why:match(": ([^:]*)$") or why), "UNKNOWN"
  end
  if stat.kind == "directory" then
    local inside = path:gsub("/+$", "") .. "/init.lua"
    if is_file(inside) then return inside end
    return nil, ("%s is a folder without an init.lua; name the file"):format(path), "UNKNOWN"
  end
  if stat.kind ~= "file" then return nil, ("%s is not a regular file"):format(path), "UNKNOWN" end
  return path
end

local function unknown(kind, name)
  local places = {}
  for i, root in ipairs(host.scripts) do places[i] = root .. "/" .. folders[kind] end
  local where = #places > 0 and " (looked in " .. table.concat(places, ", ") .. ")" or " (there is no script folder)"
  return nil, ("no %s is called '%s'%s%s; a file is named by its path, more folders by HAN_PATH"):format(
    kind, name, shape.hint(name, M.names(kind)), where), "UNKNOWN"
end

--- The path of the script of that kind with that name, or of the file at that path.
-- A name that no script folder has is looked for in the current folder last (NAME.lua), strategies only:
-- that is where `han new strategy NAME` puts one.
function M.find(kind, name)
  if is_path(name) then return find_by_path(kind, name) end
  if shape.is_name(name) == nil then
    for _, root in ipairs(host.scripts) do
      local base = root .. "/" .. folders[kind] .. "/" .. name
      for _, path in ipairs { base .. ".lua", base .. "/init.lua" } do
        if is_file(path) then return path end
      end
    end
    if kind == "strategy" and is_file(name .. ".lua") then return name .. ".lua" end
  end
  return unknown(kind, name)
end

-- A strategy that is named by its parts is written here; its files, if any, are read as others are.
local function composed(name)
  local script, why, code = require("han.author.compose").read(name, function(base) return M.read("strategy", base) end)
  if script then script.digest = sys.sha256(script.source) end
  return script, why, code
end

--- { name=, path=, source=, digest= } of a script, read but not run. digest: SHA-256 of the source.
function M.read(kind, name)
  if kind == "strategy" and name:find("=", 1, true) and not is_file(name) then
    local script, message, failure = composed(name)
    if script or message then return script, message, failure end
  end
  local path, why, code = M.find(kind, name)
  if not path then return nil, why, code end
  local ok
  ok, why, code = script_folder.refuse_writable(path)
  if not ok then return nil, why, code end
  local source
  source, why, code = sys.read_file(path, FILE_MAX)
  if not source then return nil, why, code end
  return { name = name, path = path, source = source, digest = sys.sha256(source) }
end

-- ---- loading ----

local function has_place(message)
  return message:find("^[^\n]-:%d+: ") ~= nil
end

-- Runs fn in a coroutine of its own, so that the hook of the calling fiber stays as it is. Returns what
-- fn returns, or nil, message, CODE. watch(event, line) sees every line when given.
local function run_limited(fn, watch)
  local limit = sys.mono() + M.LOAD_SECONDS
  local late = false
  local co = coroutine.create(fn)
  local function hook(event, line)
    if event == "line" then
      watch(line)
      return
    end
    if not late and sys.mono() < limit then return end
    if not late then debug.sethook(co, hook, "", 1) end -- every instruction raises: no pcall outlives that
    late = true
    error(("loading takes longer than %d seconds; a script file only returns its table"):format(M.LOAD_SECONDS), 2)
  end
  debug.sethook(co, hook, watch and "l" or "", 10000)
  local result = table.pack(coroutine.resume(co))
  if coroutine.status(co) == "suspended" then
    coroutine.close(co)
    return nil, "a script may not wait while it is loaded", "SCRIPT"
  end
  if result[1] then return table.unpack(result, 2, result.n) end
  local message = type(result[2]) == "string" and result[2] or "error of type " .. type(result[2])
  return nil, message, late and "LIMIT" or "SCRIPT"
end

-- An error without a place comes from a constructor that was called in a return statement (a tail
-- call leaves no frame). Nothing runs at load, so the file is run once more and its lines are watched.
local function place_of(start)
  local last
  run_limited(start, function(line)
    local info = debug.getinfo(3, "S")
    if info.source:sub(1, 1) == "@" and not info.source:find("^@?han/") and not info.source:find("^@engine/lua/") then
      last = info.short_src and info.source:sub(2) .. ":" .. line
    end
  end)
  return last
end

local function run_chunk(start, path)
  local value, why, code = run_limited(start)
  if code == nil or value ~= nil then return value, why, code end
  if not has_place(why) then why = (place_of(start) or path) .. ": " .. why end
  return nil, why, code
end

local function load_files(path, source)
  local root, base = path:match("^(.*)/([^/]*)$")
  if not root then root, base = ".", path end
  if base ~= "init.lua" then return { { path = base, sha256 = sys.sha256(source) } } end
  local files, why, code = script_folder.files(root)
  if not files then return nil, why, code end
  return files, root, nil
end

--- Loads an adapter, a check or an experiment; and { name=, path=, digest=, files={ {path=, sha256=} ... } }.
function M.load(kind, name)
  assert(faults[kind] and kind ~= "strategy", "only adapters, checks and experiments are loaded here")
  local script, why, code = M.read(kind, name)
  if not script then return nil, why, code end
  local files, root
  files, root, code = load_files(script.path, script.source)
  if not files then return nil, root, code end
  local env = sandbox_env.new(articles[kind])
  local chunk, message = load(script.source, "@" .. script.path, "t", env)
  if not chunk then return nil, message, "SYNTAX" end
  local value
  value, why, code = run_chunk(function()
    return chunk(root and script_folder.loader(root, files, env) or nil)
  end, script.path)
  if code then return nil, why, code end
  why = faults[kind](value)
  if why then return nil, script.path .. ": " .. why, "INVALID" end
  return value, { name = value.name or script.name, path = script.path, digest = script_folder.digest(files),
    files = files }
end

function M.adapter(name) return M.load("adapter", name) end
function M.check(name) return M.load("check", name) end

--- See read.
function M.strategy(name) return M.read("strategy", name) end

return M
