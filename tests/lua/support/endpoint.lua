-- Starts the fake endpoint of tests/endpoint for a spec: local endpoint = dofile "tests/lua/support/endpoint.lua". Not a spec.

local fakes = dofile "tests/lua/support/fakes.lua"

local cli = dofile "tests/lua/support/cli.lua"

local function real(path) return (fakes.shell("realpath " .. path):gsub("\n", "")) end

local M = { DATA = real "tests/data", SCRIPTS = real "scripts", STRATEGIES = real "scripts/strategies" }

local build = os.getenv("HAN_BUILD") or "build"

-- Starts it in a folder, with options as shell words. Gives { port =, url(dialect, model), stop(), ask(target) }.
function M.start(folder, options)
  local program = fakes.shell("realpath " .. fakes.quote(build) .. "/tests/fake_endpoint"):gsub("\n", "")
  return M.serve(folder, fakes.quote(program) .. " " .. (options or ""))
end

-- The same of any program that prints its port and serves until its standard input ends; command: shell words.
function M.serve(folder, command)
  local fifo = folder .. "/endpoint-port"
  assert(os.execute("mkfifo " .. fakes.quote(fifo)))
  -- its standard input is this pipe: it ends when the pipe closes, also when the spec dies
  local pipe = assert(io.popen(("%s > %s"):format(command, fakes.quote(fifo)), "w"))
  local port = assert(io.open(fifo)):read("l")
  os.remove(fifo)
  assert(port, "the endpoint did not start")
  local self = { port = port }
  function self.url(dialect, model) return ("%s+http://127.0.0.1:%s/v1#%s"):format(dialect, port, model) end
  -- What it counted: see tests/endpoint/README.md.
  function self.ask(target)
    return fakes.shell(("python3 -c \"import urllib.request as u; print(u.urlopen('http://127.0.0.1:%s%s').read().decode())\"")
      :format(port, target))
  end
  function self.stop() pipe:close() end

  -- Starts han in the folder (env: shell words before it), waits until so many questions came, and kills it.
  function self.killed(env, words, total)
    local script = ([[
cd %s && %s %s %s > out 2> err &
pid=$!
python3 - <<'P'
import json, time, urllib.request
while json.loads(urllib.request.urlopen('http://127.0.0.1:%s/').read())['total'] < %d:
    time.sleep(0.02)
P
kill -9 $pid
wait $pid
]]):format(fakes.quote(folder), env, cli.han, words, port, total)
    os.execute("timeout -s KILL 120 sh -c " .. fakes.quote(script) .. " 2> /dev/null")
  end
  return self
end

-- A script for the model script-NAME: calls of tools, each { name, arguments = JSON }, then the answer.
function M.script(calls, answer)
  local parts = {}
  for i, call in ipairs(calls) do parts[i] = ("call %s\n%s"):format(call[1], call[2] or "{}") end
  parts[#parts + 1] = answer or "```\nthe number 42\n```\n"
  return table.concat(parts, "\n%%\n")
end

return M
