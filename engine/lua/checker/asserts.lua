--- han.checker.asserts: a Python candidate under a test that is code (`check(candidate)` with its assertions), the
-- two in boxes of their own. The test calls a stand-in (asserts_tester.txt); its arguments come here, the candidate is
-- asked as in han.checker.python, and its value goes back. So the candidate meets neither the test nor what it expects,
-- and the verdict is trust "split".
--
-- check { code=, name=, entry=, setup=, test=, limits=, open= } -> result, or nil, message, CODE
--   entry     the function that is called
--   setup     Python text that is defined beside the test: what the test itself needs
--   test      Python text that defines check(candidate); nil: the examples in the description of entry are the test
--   limits    { time= seconds of one call, idle= seconds that the test may compute between two calls, total= seconds of
--             all, calls= of the candidate, memory=, output=, disk=, procs= }
--   result    { pass=, class=, passed=, total=, calls=, message=, line= (of the candidate),
--             failing = { { line=, text= } }, trust = "split", sandbox= }
-- Classes are those of han.checker; also limit:test: the test did not end, after it had been given a value.
-- "INVALID": the test itself is at fault, whatever the candidate does.

local cases = require "han.checker.cases"
local driver = require "han.checker.driver_txt"
local python = require "han.checker.python"
local tester = require "han.checker.asserts_tester_txt"
local typed = require "han.checker.typed"

local M = {}

M.LIMITS = { time = 4.0, idle = 10.0, total = 60.0, calls = 20000, memory = 256 << 20, output = 1 << 20,
  disk = 64 << 20, procs = 8 }
local FAILING_MAX = 8
local PYTHON = "/usr/bin/python3"

local function limits_of(spec)
  local limits = {}
  for name, default in pairs(M.LIMITS) do limits[name] = (spec.limits or {})[name] or default end
  return limits
end

local function start_test(spec, limits)
  return (spec.open or require("han.exec").start) {
    argv = { PYTHON, "-I", "-S", "-B", "tester.py", spec.test and "check" or "examples", spec.entry },
    files = { ["driver.py"] = driver, ["tester.py"] = tester, ["setup.py"] = spec.setup,
      ["test.py"] = spec.test or "" },
    limits = { memory = limits.memory, procs = limits.procs, disk = limits.disk, time = limits.total,
      output = 64 << 20 },
  }
end

-- ---- the candidate ----

-- One call of the test, asked of the candidate: what the test is told; or nil, class, message, when that was its end.
local function pass_on(state, args)
  local limits = state.limits
  state.calls = state.calls + 1
  if state.calls > limits.calls then return nil, "limit:calls", ("more than %d calls"):format(limits.calls) end
  local words, class, message = python.ask(state.candidate, "keep", (" %s %s"):format(state.spec.entry, args),
    limits.time, limits.output)
  if not words then return nil, class, message end
  if words[1] == "value" and #words == 2 then return "value " .. words[2] end
  if words[1] ~= "error" and words[1] ~= "refused" then return nil, "protocol", "it gave an answer of no kind" end
  local text, line = python.told { words[2], words[3] }
  if words[1] == "refused" then text = "TypeError: " .. text end
  state.raised = { class = words[1] == "refused" and "value" or "error", message = text, line = line }
  return "error " .. typed.hex(text)
end

-- ---- the test ----

local heard = {}

function heard.call(state, rest)
  local told, class, message = pass_on(state, rest)
  if not told then return { class = class, message = message } end
  state.test:write(told .. "\n")
end

function heard.bad(state, rest)
  local line, text = rest:match("^(%d+) (%x*)$")
  if line and #state.failing < FAILING_MAX then
    state.failing[#state.failing + 1] = { line = math.tointeger(tonumber(line)), text = cases.hex_bytes(text) or "?" }
  end
end

function heard.done(_, rest)
  local passed, total = rest:match("^(%d+) (%d+)$")
  passed, total = math.tointeger(tonumber(passed)), math.tointeger(tonumber(total))
  if not total then return nil, "its test wrote what no test writes" end
  return { class = passed == total and "pass" or "fail", passed = passed, total = total }
end

function heard.broken(_, rest) return nil, cases.hex_bytes(rest) or "its test is broken" end

function heard.garbled() return { class = "protocol", message = "its value is no value" } end

-- How the test ended without a word, and whose fault that is.
local function silent(state, code)
  if code == "TIMEOUT" then
    local why = ("its test does not end within %g seconds"):format(state.limits.idle)
    if state.calls == 0 then return nil, why, "INVALID" end
    return { class = "limit:test", message = why .. (" after %d calls"):format(state.calls) }
  end
  local verdict = state.test:finish()
  if verdict.class == "sandbox-error" then return nil, verdict.message, "PEER" end
  if state.calls == 0 then return nil, "its test ended without a word: " .. verdict.class, "INVALID" end
  local why = ("its test ended with %s after %d calls"):format(verdict.class, state.calls)
  return { class = "limit:test", message = why }
end

-- Follows the test to its end: { class=, ... }, or nil, message, CODE.
local function follow(state)
  while true do
    local line, _, code = state.test:line(state.limits.idle)
    if not line then return silent(state, code) end
    local word, rest = line:match("^(%l+) ?(.*)$")
    local handler = heard[word]
    if not handler then return nil, "its test wrote what no test writes", "INVALID" end
    local found, why = handler(state, rest)
    if why then return nil, why, "INVALID" end
    if found then return found end
  end
end

-- A test has passed: the candidate must end cleanly, too.
local function end_of(state, found)
  if found.class ~= "pass" then return found end
  local bad = python.unclean(state.whole, state.candidate)
  return bad and { class = bad.class, message = "it did not end cleanly: " .. bad.message } or found
end

local function result_of(state, found)
  if found.class == "sandbox-error" then return nil, found.message, "PEER" end
  local raised = found.class == "fail" and state.raised or nil
  return { pass = found.class == "pass", class = raised and raised.class or found.class, passed = found.passed or 0,
    total = found.total or 1, calls = state.calls, message = found.message or raised and raised.message,
    line = found.line or raised and raised.line, failing = state.failing, trust = "split",
    sandbox = python.level(state.spec) }
end

local function run(spec, limits, candidate, whole)
  local state = { spec = spec, limits = limits, candidate = candidate, whole = whole, calls = 0, failing = {} }
  local bad = python.load(whole, candidate)
  if bad then return result_of(state, bad) end
  local why, code
  state.test, why, code = start_test(spec, limits)
  if not state.test then return nil, why, code end
  local found
  found, why, code = follow(state)
  state.test:close()
  if not found then return nil, why, code end
  return result_of(state, end_of(state, found))
end

--- The verdict; see the head of this file.
---@param spec table
---@return table|nil result
---@return string|nil message
---@return string|nil code
function M.check(spec)
  local limits = limits_of(spec)
  local whole = { name = spec.name or "candidate.py", code = spec.code, limits = limits, open = spec.open }
  local candidate, why, code = python.start(whole, math.ceil(limits.total / limits.time))
  if not candidate then return nil, why, code end
  local result, message, status = run(spec, limits, candidate, whole)
  candidate:close()
  return result, message, status
end

return M
