--- han.commands: what scope:exec does. The command is checked, charged one evaluation, executed at the level in
-- force and told to the journal with all that came of it, so that a run that is resumed gets the same answer and
-- executes nothing twice. A run has no clock, so the times that were measured are not in the answer.

local exec = require "han.exec"
local value = require "han.value"

local M = {}

--- What a script may ask for at most, and what it gets when it does not say: seconds, bytes, numbers.
M.most = { time = 300, cpu = 300, memory = 1 << 30, procs = 256, output = 1 << 20, disk = 256 << 20, files = 16384 }
M.usual = { output = 1 << 18 }

local COLLECT_MOST, COLLECT_USUAL = 2 << 20, 1 << 20 -- with the output they fit what crosses a border
local OUTPUTS_MOST, PATHS_MOST = 1000, 1 << 18

local fields = {
  argv = "table", files = "table", env = "table", folder = "string", input = "string", collect = "table",
  collect_bytes = "number", limits = "table",
}

local function bad(format, ...) error(format:format(...), 0) end

local function read_limits(given)
  local limits = {}
  for name, most in pairs(M.most) do
    local n = given[name]
    if n ~= nil and (type(n) ~= "number" or not (n > 0 and n <= most)) then
      bad("%s is a number above 0 and at most %d", name, most)
    end
    limits[name] = n or M.usual[name]
  end
  for name in pairs(given) do
    if not M.most[name] then bad("there is no limit '%s'", tostring(name)) end
  end
  return limits
end

-- The request for han.exec; raises when it makes no sense.
local function read(request)
  local out = {}
  for name, given in pairs(request) do
    local wanted = fields[name]
    if not wanted then bad("there is no field '%s'", tostring(name)) end
    if type(given) ~= wanted then bad("%s is a %s, got a %s", name, wanted, type(given)) end
    out[name] = given
  end
  if not out.argv or type(out.argv[1]) ~= "string" or out.argv[1] == "" then bad("argv names a command") end
  local bytes = out.collect_bytes or COLLECT_USUAL
  if math.type(bytes) ~= "integer" or bytes <= 0 or bytes > COLLECT_MOST then
    bad("collect_bytes is an integer above 0 and at most %d", COLLECT_MOST)
  end
  out.collect_bytes, out.limits = bytes, read_limits(out.limits or {})
  return out
end

-- As many outputs as may cross, by their paths; how many were dropped, or nil.
local function crossing(outputs)
  local list, bytes = {}, 0
  table.sort(outputs, function(a, b) return a.path < b.path end)
  for i, output in ipairs(outputs) do
    bytes = bytes + #output.path
    if i > OUTPUTS_MOST or bytes > PATHS_MOST then return list, #outputs - i + 1 end
    list[i] = output
  end
  return list, nil
end

local function verdict_of(made)
  local outputs, dropped = crossing(made.outputs)
  return {
    class = made.class, pass = made.class == "pass", code = made.code, signal = made.signal, message = made.message,
    stdout = made.stdout, stderr = made.stderr, outputs = outputs, outputs_dropped = dropped,
    sandbox = made.sandbox, held = made.held,
  }
end

-- { verdict = } or { message =, code = }: what the journal keeps.
local function execute(request)
  local ok, made, message, code = pcall(exec.run, request)
  if not ok then error((tostring(made):gsub("^han/[^:]*:%d+: ", ""):gsub("^a request for han.exec: ", "")), 0) end
  if not made then return { message = message, code = code } end
  if made.class == "sandbox-error" then
    return { message = "the sandbox failed: " .. (made.message or "nobody knows why"), code = "PEER" }
  end
  return { verdict = verdict_of(made) }
end

--- The service behind scope:exec. on_infra(message) is told what no script can be blamed for; grant says whether a
--- request is allowed at all, before anything is paid.
---@param on_infra fun(message: string)|nil
---@param grant (fun(ctx: table, request: table): boolean|nil, string?, string?)|nil nil: every one is
---@return function service of a run: (ctx, request) -> verdict | nil, message, code
function M.service(on_infra, grant)
  return function(ctx, given)
    local request = read(given)
    local ok, message, code = true, nil, nil
    if grant then ok, message, code = grant(ctx, given) end
    if ok then ok, message, code = ctx:meter { evals = 1 } end
    if not ok then return nil, message, code end
    local digest = value.digest(given)
    local told = ctx:executed()
    if not told then
      ctx:barrier()
      told = execute(request)
    end
    told.request = digest -- another command than the journal's makes another row, and that is found out
    ctx:execute(request.argv[1], told)
    if told.verdict then return told.verdict end
    if on_infra then on_infra(told.message) end
    return nil, told.message, told.code
  end
end

return M
