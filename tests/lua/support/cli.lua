-- Runs the built program for specs: local cli = dofile "tests/lua/support/cli.lua". Not a spec.
-- luacheck: no max line length

local fakes = dofile "tests/lua/support/fakes.lua"

local M = { build = os.getenv("HAN_BUILD") or "build" }

-- Everything of the user's that could change an outcome is taken away.
local clean = "env -u HAN_PATH -u HAN_DEBUG -u HAN_DATA -u HAN_PROBE_FAIL NO_COLOR=1 "

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

M.han = fakes.shell("realpath " .. fakes.quote(M.build) .. "/han 2>/dev/null"):gsub("\n", "")
M.is_built = M.han ~= "" and exists(M.han)

-- it() when the program is there; else a pending test that says so.
function M.needs_program(it, pending)
  if M.is_built then return it end
  io.stderr:write("NOT TESTED: there is no program " .. M.build .. "/han; build it first\n")
  return function(name) return pending(name .. " (no program " .. M.build .. "/han)") end
end

-- The same, and only where a sandbox can be made: han says so elsewhere, and the rest cannot be tested there.
function M.needs_sandbox(it, pending)
  if not M.is_built then return M.needs_program(it, pending) end
  local r = M.run("/tmp", "exec --sandbox strong -- true")
  if r.status ~= 78 then return it end
  io.stderr:write("NOT TESTED: this machine has no sandbox: " .. r.err)
  return function(name) return pending(name .. " (no sandbox on this machine)") end
end

-- Runs han in a folder. Returns { status=, out=, err= }. options: input= text for standard input, seconds=,
-- before= shell words before the program.
function M.run(folder, words, options)
  options = options or {}
  local input = options.input and os.tmpname() or "/dev/null"
  local out, err = os.tmpname(), os.tmpname()
  if options.input then assert(fakes.sys.write_file(input, options.input)) end
  local command = ("cd %s && %s %s timeout -s KILL %d %s %s < %s > %s 2> %s"):format(fakes.quote(folder), clean,
    options.before or "", options.seconds or 240, M.han, words, input, out, err)
  local _, _, status = os.execute(command)
  local result = { status = status, out = fakes.sys.read_file(out), err = fakes.sys.read_file(err) }
  os.remove(out)
  os.remove(err)
  if options.input then os.remove(input) end
  return result
end

-- Runs han and acts on what it says: `react` is a shell case list over each line of standard error ($line), which
-- may use $pid and count in $n. No clock is involved.
function M.converse(folder, words, react)
  local script = ([[
cd %s && mkfifo said || exit 99
%s %s %s < /dev/null > out 2> said &
pid=$!
exec 3< said
rm said
n=0
while read -r line <&3; do
  echo "$line" >> err
  case $line in
%s
  esac
done
wait $pid
]]):format(fakes.quote(folder), clean, M.han, words, react)
  local _, _, status = os.execute("timeout -s KILL 120 sh -c " .. fakes.quote(script))
  return { status = status, out = fakes.sys.read_file(folder .. "/out"), err = fakes.sys.read_file(folder .. "/err") }
end

return M
