-- Stand-ins for the modules that C binds, so that the Lua above them can be tested in a plain Lua:
-- han.sys over lfs and io, and han.host as a table. Not a spec: local fakes = dofile "tests/lua/support/fakes.lua".
-- luacheck: no max line length

local lfs = require "lfs"

local M = {}

local function shell(command)
  local pipe = assert(io.popen(command, "r"))
  local text = pipe:read("a")
  pipe:close()
  return text
end
M.shell = shell

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end
M.quote = quote

local sys = {}
M.sys = sys
sys.now = 100.0

function sys.mono() return sys.now end
function sys.wall() return 1.0e9 + sys.now end
function sys.pid() return 4242 end
function sys.cores() return 2 end
function sys.isatty() return false end
function sys.width() return nil end
function sys.env(name) return os.getenv(name) end
function sys.host() return { system = "Linux", release = "6.0", machine = "x86_64" } end
function sys.escape(text) return (text:gsub("[%z\1-\8\11-\31\127]", function(c) return ("\\x%02x"):format(c:byte()) end)) end
function sys.wait(seconds) sys.now = sys.now + seconds return true end

function sys.stat(path)
  local a, why = lfs.attributes(path)
  if not a then return nil, ("cannot look at %s: %s"):format(path, (why:match("': (.*)$") or why)), "UNKNOWN" end
  local kind = (a.mode == "file" or a.mode == "directory") and a.mode or "other"
  return { kind = kind, mode = tonumber(shell("stat -L -c %a " .. quote(path)):match("%d+"), 8), size = a.size, mtime = a.modification, uid = a.uid, gid = a.gid }
end

function sys.list_dir(path)
  if lfs.attributes(path, "mode") ~= "directory" then return nil, "cannot list " .. path, "UNKNOWN" end
  local names = {}
  for name in lfs.dir(path) do
    if name ~= "." and name ~= ".." then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

function sys.access(path) return lfs.attributes(path) ~= nil end
function sys.mkdir(path) return lfs.mkdir(path) end

function sys.realpath(path)
  local text = shell("realpath -e " .. quote(path) .. " 2>/dev/null"):gsub("\n$", "")
  if text == "" then return nil, "cannot find " .. path, "UNKNOWN" end
  return text
end

function sys.read_file(path, max)
  local file, why = io.open(path, "rb")
  local text = file and file:read("a")
  if file then file:close() end
  if not text then return nil, ("cannot read %s: %s"):format(path, why or "it is a folder"), "UNKNOWN" end
  if max and #text > max then return nil, ("%s is longer than %d bytes"):format(path, max), "LIMIT" end
  return text
end

-- A frame that holds itself.
function sys.inflate(text) return text end

function sys.write_file(path, text, options)
  if options and options.new and lfs.attributes(path) then
    return nil, ("cannot write %s: File exists"):format(path), "IO"
  end
  local file, why = io.open(path, "wb")
  if not file then return nil, why, "IO" end
  file:write(text)
  file:close()
  return true
end

function sys.sha256(text)
  local path = os.tmpname()
  sys.write_file(path, text)
  local digest = shell("sha256sum < " .. quote(path)):match("^%x+")
  os.remove(path)
  return digest
end

M.host = { scripts = {}, libexec = "libexec", version = "0.1.0", engine = function() return ("e"):rep(64) end, interrupted = function() return false end }

-- Puts the fakes in place and forgets the modules named, so that the next require sees the fakes.
function M.install(...)
  package.loaded["han.sys"] = sys
  package.loaded["han.host"] = M.host
  for _, name in ipairs { ... } do package.loaded[name] = nil end
end

-- A new empty folder, and a function that removes it.
function M.folder()
  local path = shell("mktemp -d"):gsub("\n", "")
  return path, function() os.execute("rm -rf " .. quote(path)) end
end

-- Writes files (path -> text) below a folder, making what is missing.
function M.write(folder, files)
  for path, text in pairs(files) do
    local inside = path:match("^(.*)/[^/]*$")
    if inside then os.execute("mkdir -p " .. quote(folder .. "/" .. inside)) end
    assert(sys.write_file(folder .. "/" .. path, text))
  end
end

-- Writes mine.lua, a strategy that hands in what a table holds for the task, else what an expression of `task` gives.
function M.hands_in(folder, artifacts, otherwise)
  local parts = {}
  for id, text in pairs(artifacts) do parts[#parts + 1] = ("[%q] = %q"):format(id, text) end
  M.write(folder, { ["mine.lua"] = ([[
local han = require "han"
local TEXTS = { %s }
return han.strategy { name = "mine", intent = "Hands in what it holds.", act = function(task, scope)
  scope:submit(TEXTS[task.id] or %s)
  return scope:best()
end }
]]):format(table.concat(parts, ", "), otherwise or '""') })
end

-- Runs a request of han.exec for Python's parser with nothing around it; and a function that cleans up.
function M.parser()
  local folder, remove = M.folder()
  return function(request)
    M.write(folder, { ["outline.py"] = request.files[1].bytes, input = request.input })
    local _, _, status = os.execute(("cd %s && %s < input > out 2> err"):format(quote(folder), table.concat(request.argv, " ")))
    return { class = status == 0 and "pass" or "fail", code = status, stdout = sys.read_file(folder .. "/out") }
  end, remove
end

return M
