--- han.checker.python: asks a Python candidate one case at a time, over the driver that loads it in a box (driver.txt).
-- Each question carries a fresh nonce, and its answer has to begin with it: what was written before the question,
-- twice, or for another question is no answer. What is wanted stays here as text, and an answer is right when its bytes
-- are that text. A candidate that ends or speaks out of turn is started anew for the cases that are left.
--
-- The box is reached by `spec.open`, which is han.exec.start or has its shape.

local cases = require "han.checker.cases"
local driver = require "han.checker.driver_txt"
local sys = require "han.sys"
local typed = require "han.checker.typed"

local M = {}

local STARTING = 5.0            -- seconds that the interpreter may take beside the candidate's own time
local OUTPUT_MAX = 64 << 20     -- bytes of all answers of one process
local WALL_MAX = 3600.0
local TOLD_MAX = 4000           -- bytes of an error's text
local PYTHON = "/usr/bin/python3"

-- ---- the cases ----

local function prepare_one(case)
  if not case.call:find("^[%a_][%w_]*$") then return nil, ("'%s' is no name of a function"):format(case.call) end
  if case.wants then return nil, "'wants' is for Lua; a Python function gives one value" end
  local args, want, why = {}, nil, nil
  for i, item in ipairs(case.args or {}) do
    args[i], why = typed.write(item)
    if why then return nil, why end
  end
  if case.want ~= nil then want, why = typed.write(case.want) end
  if why then return nil, why end
  return { call = case.call, args = "(" .. table.concat(args, ",") .. ")", want = want, want_error = case.want_error,
    near = case.want, within = case.within }
end

--- The cases as they are asked, or nil, which is wrong and why, "INVALID".
function M.prepare(list)
  local prepared = {}
  for i, case in ipairs(list) do
    local one, why = prepare_one(case)
    if not one then return nil, ("case %d: %s"):format(i, why), "INVALID" end
    one.shown = ("%s%s"):format(case.call, typed.show(one.args))
    prepared[i] = one
  end
  return prepared
end

-- ---- one question ----

-- What an answer says of an error: its text, as far as it is one and not too long, and its line.
local function told(words)
  local line, text = math.tointeger(tonumber(words[1])), words[2] and cases.hex_bytes(words[2]:sub(1, 2 * TOLD_MAX))
  while text and not utf8.len(text) and #text > TOLD_MAX - 4 do text = text:sub(1, -2) end -- cut within a letter
  return text and utf8.len(text) and text or "an error that cannot be told", line and line > 0 and line or nil
end

local function words_of(text)
  local words = {}
  for word in text:gmatch("[^ ]+") do words[#words + 1] = word end
  return words
end

local function why_late(seconds) return ("more than %g seconds"):format(seconds) end

-- The class and message of a process that has ended without being told to.
local function ended(session)
  local verdict = session:finish()
  if verdict.class ~= "pass" and verdict.class ~= "fail" then return verdict.class, verdict.message or verdict.class end
  return "crash", ("it ended with status %d and without an answer"):format(verdict.code or 0)
end

-- Sends a question and gives the words of its answer without the nonce; or nil, class, message of what came instead.
local function ask(session, what, rest, seconds, most)
  local nonce = sys.nonce()
  session:write(("%s %s%s\n"):format(what, nonce, rest)) -- when nobody reads it, no answer comes
  local line, _, code = session:line(seconds)
  if line and #line > most then return nil, "limit:output", ("an answer of more than %d bytes"):format(most) end
  if line and line:sub(1, #nonce + 1) == nonce .. " " then return words_of(line:sub(#nonce + 2)) end
  if line then return nil, "protocol", "it wrote what is no answer to the question that it was asked" end
  if code == "TIMEOUT" then return nil, "limit:time", why_late(seconds) end
  return nil, ended(session)
end
M.ask, M.told = ask, told

local verdicts = {}

function verdicts.value(case, words)
  local text = words[2] or ""
  if not case.want then
    return { class = "wrong", got = typed.show(text), want = "an error with '" .. case.want_error .. "'" }
  end
  local right = #words == 2 and (text == case.want or cases.is_near(typed.number(text), case))
  return { class = right and "pass" or "wrong", got = typed.show(text),
    want = typed.show(case.want) .. cases.off(case) }
end

function verdicts.error(case, words)
  local message, line = told { words[2], words[3] }
  local row = { class = "error", message = message, line = line }
  if case.want_error then
    row.class = message:find(case.want_error, 1, true) and "pass" or "wrong"
    row.want = "an error with '" .. case.want_error .. "'"
  end
  return row
end

function verdicts.refused(_, words)
  return { class = "value", message = (told { words[2], words[3] }) }
end

local function ask_case(session, case, limits)
  local question = (" %s %s"):format(case.call, case.args)
  local words, class, message = ask(session, "call", question, limits.time, limits.output)
  if not words then return { class = class, message = message, over = true } end
  local verdict = verdicts[words[1]]
  if verdict then return verdict(case, words) end
  return { class = "protocol", message = "it gave an answer of no kind", over = true }
end

-- ---- one candidate ----

--- The level of the boxes that a candidate is asked in.
function M.level(spec) return spec.open and "none" or require("han.eval").sandbox() end

--- Starts the driver beside a candidate, for about n questions: a session, or nil, message, CODE.
function M.start(spec, n)
  local limits = spec.limits
  if not sys.access(PYTHON, "x") then
    return nil, PYTHON .. " is not there or cannot be executed; install python3", "ENVIRONMENT"
  end
  return (spec.open or require("han.exec").start) {
    argv = { PYTHON, "-I", "-S", "-B", "driver.py", spec.name },
    files = { ["driver.py"] = driver, ["candidate.py"] = spec.code },
    limits = { memory = limits.memory, procs = limits.procs, disk = limits.disk,
      time = math.min(WALL_MAX, STARTING + (n + 3) * limits.time),
      output = math.min(OUTPUT_MAX, (n + 2) * limits.output) },
  }
end

--- Loads the candidate: nil, or the row of why it could not be.
function M.load(spec, session)
  local words, class, message = ask(session, "load", "", spec.limits.time + STARTING, spec.limits.output)
  if not words then return { class = class, message = message } end
  if words[1] == "ready" then return nil end
  if words[1] ~= "format" then return { class = "protocol", message = "it gave an answer of no kind" } end
  local text, line = told { words[2], words[3] }
  return { class = "format", message = text, line = line }
end

--- Nil when it says goodbye and then ends with status 0; else what was wrong.
function M.unclean(spec, session)
  local words, class, message = ask(session, "end", "", spec.limits.time, spec.limits.output)
  if not words then return { class = class, message = message } end
  local line, _, code = session:line(spec.limits.time)
  if line or words[1] ~= "bye" then return { class = "protocol", message = "it went on after its end" } end
  if code == "TIMEOUT" then return { class = "limit:time", message = why_late(spec.limits.time) } end
  local verdict = session:finish()
  if verdict.class == "pass" then return nil end
  if verdict.class == "fail" then
    return { class = "crash", message = ("it ended with status %d"):format(verdict.code or 0) }
  end
  return { class = verdict.class, message = verdict.message or verdict.class }
end

-- Asks the cases of the queue from `at` on until one ends the conversation. Where to go on.
local function converse(spec, session, prepared, queue, at, rows, about)
  local bad = M.load(spec, session)
  if bad and bad.class == "format" then about.format = bad end
  if bad then
    rows[queue[at]] = bad
    return at + 1
  end
  while at <= #queue and not spec.stopped() do
    local row = ask_case(session, prepared[queue[at]], spec.limits)
    local over = row.over
    row.over, rows[queue[at]] = nil, row
    at = at + 1
    if over then return at end
  end
  if not spec.stopped() then about.unclean = M.unclean(spec, session) end
  return at
end

local function broken(rows, about)
  for _, row in pairs(rows) do
    if row.class == "sandbox-error" then return row.message end
  end
  return about.unclean and about.unclean.class == "sandbox-error" and about.unclean.message or nil
end

--- Asks all cases in the order of `queue`. Gives rows by case and { format=, unclean=, sandbox= }, or nil, message,
--- CODE.
function M.run(spec, prepared, queue, ended_max)
  local rows, about, at, times = {}, {}, 1, 0
  while at <= #queue and times < ended_max and not about.format do
    local session, why, code = M.start(spec, #queue)
    if not session then return nil, why, code end
    about.sandbox = M.level(spec)
    at = converse(spec, session, prepared, queue, at, rows, about)
    session:close()
    times = times + 1
    if spec.stopped() then return nil, "interrupted", "CANCELLED" end
    why = broken(rows, about)
    if why then return nil, why, "PEER" end
  end
  return rows, about
end

return M
