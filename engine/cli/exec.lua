--- han exec: one command in the sandbox. The folder is copied in, nothing comes back but what is collected, and
-- the exit status is 0 only when the command ended with 0 within its limits.

local args = require "han.cli.args"
local exec = require "han.exec"
local fiber = require "han.fiber"
local host = require "han.host"
local json = require "han.json"
local level = require "han.cli.level"
local problem = require "han.cli.problem"
local sys = require "han.sys"

local M = {
  name = "exec",
  summary = "Run a command that cannot be trusted.",
  about = "Run a command in a sandbox: no network, no file of this machine but /usr (read-only), limits on everything. "
    .. "A copy of the folder is its work folder; nothing comes back but what is collected. At level landlock it is a "
    .. "process among those of this machine; at none it is this user's, with its files.",
  examples = {
    "han exec -- python3 -c 'print(6 * 7)'",
    "han exec --limits time=4,memory=256M --workdir . -- make check",
    "han exec --workdir src --collect '*.o' -o objects -- gcc -c main.c",
  },
}

local INPUT_BYTES_MAX = 16 << 20
local defaults = { disk = 64 << 20 }

function M.options(parser)
  parser:argument("command", "The command and its arguments, after --."):args("+"):argname("CMD")
  parser:option("--limits", "time and cpu in seconds; memory, output, disk in bytes (K, M, G); procs and files in "
    .. "number. Default time=10,memory=256M,procs=32,output=1M,disk=64M,files=4096."):argname("LIST")
  parser:option("--workdir", "Folder that is copied in; links are left out."):argname("DIR")
  parser:option("--env", "A variable that the command sees; may be given again."):argname("K=V"):count("*")
  parser:option("--input", "What the command reads: a file, or - for standard input."):argname("FILE")
  parser:option("--collect", "Files of its work folder to keep, as in 'out/*.txt'; may be given again."):argname("GLOB")
    :count("*")
  parser:option("-o --output", "Where they are written (default: here)."):argname("DIR")
  args.sandbox(parser)
end

-- ---- reading ----

local suffixes = { K = 1 << 10, M = 1 << 20, G = 1 << 30 }
local kinds = {
  time = "seconds", cpu = "seconds", memory = "bytes", output = "bytes", disk = "bytes", procs = "count",
  files = "count",
}
local least = { memory = 4 << 20 }
local most = {
  time = 3600, cpu = 3600, memory = 1 << 40, output = 64 << 20, disk = 4 << 30, procs = 1000000, files = 1000000,
}

local function read_amount(name, text)
  local kind = kinds[name]
  if not kind then
    problem.usage("--limits: there is no limit '%s'; there are time, cpu, memory, procs, output, disk, files", name)
  end
  local digits, suffix = tostring(text):match("^(%d+%.?%d*)([KMG]?)$")
  local value = digits and tonumber(digits)
  if not value or value <= 0 or suffix ~= "" and kind ~= "bytes" or kind == "count" and not math.tointeger(value) then
    problem.usage("--limits: %s is a number of %s above 0, got '%s'", name,
      kind == "bytes" and "bytes (such as 64M)" or kind == "seconds" and "seconds" or "things", text)
  end
  value = value * (suffixes[suffix] or 1)
  if value < (least[name] or 0) or value > most[name] then
    problem.usage("--limits: %s is from %s to %d, got '%s'", name, least[name] or "above 0", most[name], text)
  end
  return kind == "seconds" and value or math.ceil(value)
end

local function read_limits(text)
  local limits = {}
  for name, value in pairs(args.settings(text, "limits")) do limits[name] = read_amount(name, value) end
  return limits
end

local function read_env(list)
  local env = {}
  for _, word in ipairs(list or {}) do
    local name, value = word:match("^([%a_][%w_]*)=(.*)$")
    if not name then problem.usage("--env: '%s' is not NAME=VALUE", word) end
    env[name] = value
  end
  return env
end

local function read_input(path)
  if not path then return nil end
  if path ~= "-" then return problem.check(sys.read_file(path, INPUT_BYTES_MAX)) end
  local text = io.stdin:read(INPUT_BYTES_MAX + 1) or ""
  if #text > INPUT_BYTES_MAX then problem.usage("--input: more than 16 MiB") end
  return text
end

local function read_folder(path, limits, ui)
  if not path then return nil end
  local files, left_out, code = exec.folder(path, limits.disk or defaults.disk)
  if not files then
    problem.raise(code == "LIMIT" and "INVALID" or code,
      code == "LIMIT" and left_out .. "; raise it with --limits disk=..." or left_out)
  end
  if left_out > 0 then ui:note("%d links and things that are no file were left out of the copy", left_out) end
  return files
end

-- ---- running ----

-- Ends the command when the user asks; Ctrl-C would otherwise wait for its limits.
local function watch(session)
  return fiber.spawn(function()
    while not host.interrupted() do sys.wait(0.05) end
    session:kill()
  end)
end

local function run(request)
  local session = problem.check(exec.start(request))
  local watcher = watch(session)
  local verdict = session:finish()
  fiber.stop(watcher)
  session:close()
  return verdict
end

-- ---- telling ----

local function write_outputs(verdict, folder, ui)
  local written = {}
  table.sort(verdict.outputs, function(a, b) return a.path < b.path end)
  for _, output in ipairs(verdict.outputs) do
    if output.skipped then
      ui:note("%s was not collected: %s", ui.safe(output.path), output.skipped)
    else
      problem.check(exec.save(folder, output.path, output.bytes, output.mode))
      written[#written + 1] = output.path
    end
  end
  return written
end

local function show_text(text, fd, ui)
  if text == "" then return end
  local stream = fd == 1 and io.stdout or io.stderr
  stream:write(sys.isatty(fd) and ui.safe_lines(text) or text)
  stream:flush()
end

local function sentence(verdict)
  local parts = { verdict.class }
  if verdict.class == "fail" and verdict.code then parts[1] = ("fail with exit code %d"):format(verdict.code) end
  if verdict.message then parts[1] = parts[1] .. ": " .. verdict.message end
  parts[#parts + 1] = ("%.2f s, %.2f s of CPU, %d MiB, limits held by %s"):format(verdict.wall, verdict.cpu,
    verdict.memory >> 20, verdict.held)
  return table.concat(parts, "; ")
end

local function object(verdict, written)
  local text = { stdout = verdict.stdout, stderr = verdict.stderr }
  for name, value in pairs(text) do
    if not utf8.len(value) then text[name] = sys.escape(value) end
  end
  local skipped = {}
  for _, output in ipairs(verdict.outputs) do
    if output.skipped then skipped[#skipped + 1] = { path = sys.escape(output.path), why = output.skipped } end
  end
  return {
    schema = 1, class = verdict.class, pass = verdict.class == "pass", exit_code = verdict.code,
    signal = verdict.signal, message = verdict.message, stdout = text.stdout, stderr = text.stderr,
    wall = verdict.wall, cpu = verdict.cpu, memory = verdict.memory, held = verdict.held,
    sandbox = verdict.sandbox, collected = json.array(written), skipped = json.array(skipped),
  }
end

function M.run(options, ui)
  local limits = read_limits(options.limits)
  local folder = options.output or "."
  local stat = sys.stat(folder)
  if #options.collect > 0 and not (stat and stat.kind == "directory") then
    problem.usage("-o: %s is not a folder", folder)
  end
  local named = args.level(options)
  level.set(named)
  local verdict = run {
    argv = options.command, files = read_folder(options.workdir, limits, ui), env = read_env(options.env),
    input = read_input(options.input) or "", collect = options.collect, limits = limits,
  }
  level.warn(named, "the command ran", ui)
  local written = write_outputs(verdict, folder, ui)
  if #options.collect > 0 and #verdict.outputs == 0 and verdict.class == "pass" then
    ui:note "nothing was collected: no file of its work folder matches"
  end
  if not ui.json then
    show_text(verdict.stdout, 1, ui)
    show_text(verdict.stderr, 2, ui)
  end
  if verdict.class == "sandbox-error" then problem.raise("PEER", "the sandbox failed: " .. (verdict.message or "")) end
  if verdict.class ~= "pass" then ui:note("%s %s", ui:paint_note("yellow", "han:"), ui.safe(sentence(verdict))) end
  ui:object(object(verdict, written))
  return verdict.class == "pass" and 0 or 1
end

return M
