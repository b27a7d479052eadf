-- A development evaluator with the request and result shape of han.eval, in this very process and
-- without any box: for specs, calibration benches and work on new base programs. Never for untrusted
-- code. Instructions are counted by a hook, to the nearest GRAIN unless request.exact is set.
local value = require "tests.lua.support.value_local"

local M = { evaluations = 0 }
local GRAIN = 100

-- Makes a call of pairs or next walk keys in the order the engine gives them.
local RANK = { number = 1, string = 2, boolean = 3 }
local function before(a, b)
  local ra, rb = RANK[type(a)] or 4, RANK[type(b)] or 4
  if ra ~= rb then return ra < rb end
  if ra <= 2 then return a < b end
  return ra == 3 and a == false and b == true
end

local function ordered_pairs(t)
  local keys = {}
  for key in next, t do keys[#keys + 1] = key end
  table.sort(keys, before)
  local i = 0
  return function()
    i = i + 1
    local key = keys[i]
    if key ~= nil then return key, t[key] end
  end
end

local function capped_rep(text, n, separator)
  if (#text + #(separator or "")) * n > 1 << 22 then error("resulting string too large", 2) end
  return string.rep(text, n, separator)
end

local STRING = {}
for _, name in ipairs { "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "reverse",
  "sub", "upper", "pack", "unpack", "packsize" } do
  STRING[name] = string[name]
end
STRING.rep = capped_rep

local function environment(sticky)
  local env = { assert = assert, error = error, ipairs = ipairs, pairs = ordered_pairs, next = next, select = select,
    tonumber = tonumber, tostring = tostring, type = type, rawequal = rawequal, rawget = rawget, rawlen = rawlen,
    rawset = rawset, setmetatable = setmetatable, getmetatable = getmetatable, utf8 = utf8, string = {}, table = {},
    math = {}, _VERSION = _VERSION }
  for name, f in pairs(STRING) do env.string[name] = f end
  for name, f in pairs(table) do env.table[name] = f end
  for name, f in pairs(math) do if name ~= "random" and name ~= "randomseed" then env.math[name] = f end end
  env.pcall = function(...)
    local results = table.pack(pcall(...))
    if sticky.class then error(sticky, 0) end
    return table.unpack(results, 1, results.n)
  end
  env._G = env
  return env
end

local function limit_hook(sticky, limits, lines, exact)
  local budget, heap = limits.instructions, collectgarbage "count" + (limits.memory or 64 << 20) / 1024
  -- A hook written in Lua is counted too, and an event that falls due inside it is lost: beside a line hook
  -- only a count of one is sure to come.
  local grain = (exact or lines) and 1 or math.min(GRAIN, math.max(1, budget))
  local used = 0
  return function(event, line)
    if event == "line" then
      if debug.getinfo(2, "S").source == sticky.source then lines[line] = true end
      return
    end
    used = used + grain
    sticky.used = used
    if used > budget then sticky.class = "limit:instructions" end
    if collectgarbage "count" > heap then sticky.class = "limit:memory" end
    if sticky.class then
      debug.sethook(function() error(sticky, 0) end, "", 1)
      error(sticky, 0)
    end
  end, lines and "l" or "", grain
end

local function handler(sticky)
  return function(message)
    debug.sethook()
    if message == sticky then return sticky end
    local trace, line = {}, nil
    for level = 2, 60 do
      local info = debug.getinfo(level, "Sln")
      if not info then break end
      if info.source == sticky.source then
        line = line or info.currentline
        trace[#trace + 1] = { fn = info.name, line = info.currentline }
      end
    end
    return { text = type(message) == "string" and message or "(error object is a " .. type(message) .. " value)",
      line = line, traceback = trace }
  end
end

-- One guarded call: pcall-like, with the hook set inside so that the limit binds to the callee alone.
local function guarded(sticky, limits, lines, exact, f, args)
  sticky.class, sticky.used = nil, 0
  local hook, mask, grain = limit_hook(sticky, limits, lines, exact)
  local results = table.pack(xpcall(function()
    debug.sethook(hook, mask, grain)
    return (function(...) debug.sethook() return ... end)(f(table.unpack(args, 1, args.n or #args)))
  end, handler(sticky)))
  debug.sethook()
  return results
end

local function sorted_lines(lines)
  local list = {}
  for line in pairs(lines) do list[#list + 1] = line end
  table.sort(list)
  return list
end

local function arity(args)
  local n = args.n or 0
  for key in pairs(args) do if math.type(key) == "integer" and key > n then n = key end end
  return n
end

local function outcome(call, sticky, results)
  local row = { instructions = sticky.used }
  if results[1] then
    local values, why = {}, nil
    for i = 2, results.n do
      values[i - 1], why = value.copy(results[i])
      if why then break end
    end
    row.ok, row.values, row.n = not why, values, results.n - 1
    if why then row.class, row.message, row.values = "value", why, nil end
  elseif results[2] == sticky then
    row.ok, row.class, row.message = false, sticky.class, sticky.class
  else
    row.ok, row.class, row.message = false, "runtime", results[2].text
    row.line, row.traceback = results[2].line, results[2].traceback
  end
  if call.want then row.pass = row.ok and value.equal(row.values, call.want)
  elseif call.want_error then
    row.pass = row.class == "runtime" and row.message:find(call.want_error) ~= nil
  end
  return row
end

local function run_call(module, call, request, sticky)
  local limits = { instructions = call.instructions or request.limits.instructions or 100000,
    memory = request.limits.memory }
  local lines = request.coverage and {} or nil
  local f = module[call.fn]
  local row
  if type(f) ~= "function" then
    row = { ok = false, class = "runtime", message = "no function " .. call.fn, pass = false, instructions = 0 }
    if call.want == nil and call.want_error == nil then row.pass = nil end
  else
    local args = value.copy(call.args)
    args.n = arity(call.args)
    row = outcome(call, sticky, guarded(sticky, limits, lines, request.exact, f, args))
  end
  if lines then row.lines = sorted_lines(lines) end
  return row
end

-- Loads the chunk and runs the calls; see the brief of han.eval for the shapes.
function M.lua(request)
  M.evaluations = M.evaluations + 1
  local name = request.name or "candidate"
  local sticky = { source = "=" .. name }
  request.limits = request.limits or {}
  local chunk, message = load(request.code, sticky.source, "t", environment(sticky))
  if not chunk then
    return { class = "format", message = message, line = tonumber(message:match ":(%d+):"), calls = {} }
  end
  local loaded = guarded(sticky, { instructions = 1000000 }, nil, false, chunk, { n = 0 })
  if not loaded[1] or type(loaded[2]) ~= "table" then
    local failure = type(loaded[2]) == "table" and loaded[2].text or "the chunk returned no table"
    return { class = "format", message = failure, calls = {} }
  end
  local result = { class = "ok", calls = {} }
  for i, call in ipairs(request.calls) do
    local row = run_call(loaded[2], call, request, sticky)
    result.calls[i] = row
    if request.stop == "first" and row.pass == false then break end
  end
  return result
end

return M
