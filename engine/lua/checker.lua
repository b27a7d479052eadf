--- han.checker: says whether a candidate does what its cases want, from outside of it.
-- A candidate is asked one case at a time, each with a nonce that was not there before; it never sees what is wanted.
-- Only values come back, and they are compared here: equal canonical encodings, so 1, 1.0 and "1" differ. It passes if
-- there is at least one case, every case was answered as wanted, and every end was clean; nothing that it prints,
-- and no status that it ends with, can pass instead. docs/checking.md tells who sees what; calls.lua is for adapters.
--
-- check { lang=, code=, cases=, seed=, name=, limits= } -> result, or nil, message, CODE when no verdict could be made
--   lang    "lua"
--   cases   as han.checker.cases reads them
--   seed    of the order in which cases are asked
--   name    of the candidate in its messages (default "candidate")
--   limits  { time= seconds, memory= bytes, output= bytes, instructions= } of each case
--   result  { pass=, class=, passed=, total=, seed=, trust="split", sandbox=, message=, line=, cases={ row... } }
--   row     { class=, call=, message=, line=, got=, want= } in the order of the cases; got and want are text to show
-- class of a row: pass; wrong (another value); error (raised); value (gave what is no plain value); limit:NAME; crash
-- (ended without an answer); format (could not be loaded); unanswered (not asked, because too much had ended before).
-- class of the whole: pass; format; the first limit or crash; else fail.

local cases = require "han.checker.cases"
local show = require "han.checker.show"
local sys = require "han.sys"
local value = require "han.value"

local M = {}

M.ENDED_MAX = 3 -- candidates that hang or crash are not asked for ever

local defaults = { time = 4.0, memory = 256 << 20, output = 1 << 20, instructions = 400000000 }

-- The name of the candidate in its messages: one that the fork server takes.
local function chunk_name(name)
  name = (name or "candidate"):match("[^/]*$"):gsub("[:%c]", "_"):sub(-40)
  return name ~= "" and name or "candidate"
end

-- ---- the order ----

-- A number in 0..2^64-1 that depends on every bit of both (the finalizer of splitmix64).
local function mixed(seed, i)
  local z = seed + i * 0x9e3779b97f4a7c15
  z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ~ (z >> 27)) * 0x94d049bb133111eb
  return z ~ (z >> 31)
end

--- The order in which n cases are asked: a permutation that the seed decides.
function M.order(n, seed)
  local order, key = {}, {}
  for i = 1, n do order[i], key[i] = i, mixed(seed, i) end
  table.sort(order, function(a, b)
    if key[a] ~= key[b] then return math.ult(key[a], key[b]) end
    return a < b
  end)
  return order
end

-- ---- comparing ----

local function list_shown(list) return (list.n or #list) == 0 and "nothing" or show.list(list) end

-- Results are equal when there are as many and each is. One nil and none at all are the same for `want`, which
-- cannot say which of the two.
local function same_results(got, want)
  if want.single and got.n == 0 then got.n = 1 end
  if got.n ~= want.n then return false end
  for i = 1, want.n do
    if not value.equal(got[i], want[i]) then return false end
  end
  return true
end

-- ---- Lua ----

-- The cases with Lua's values, or nil, which case is wrong and why.
local function prepare_lua(list)
  local prepared = {}
  for i, case in ipairs(list) do
    local args, why = cases.lua_list(case.args or {})
    local want, bad = nil, nil
    if case.wants then want, bad = cases.lua_list(case.wants) end
    if case.want ~= nil then
      want, bad = cases.lua_list { case.want }
      if want then want.single = true end
    end
    if why or bad then return nil, ("case %d: %s"):format(i, why or bad), "INVALID" end
    prepared[i] = { call = case.call, args = args, want = want, want_error = case.want_error }
    local plain, reason = pcall(value.encode, { args, want })
    if not plain then return nil, ("case %d: %s"):format(i, tostring(reason)), "INVALID" end
  end
  return prepared
end

-- What an answered call is worth.
local function lua_verdict(case, answer)
  local row = { message = answer.message, line = answer.line }
  if case.want_error then
    row.want = "an error with " .. show.value(case.want_error)
    local raised = not answer.ok and answer.class == "runtime"
    row.class = raised and answer.message:find(case.want_error, 1, true) and "pass" or "wrong"
  elseif answer.ok then
    row.want = list_shown(case.want)
    local got = table.move(answer.values, 1, answer.n, 1, { n = answer.n })
    row.class = same_results(got, case.want) and "pass" or "wrong"
  end
  if not answer.ok and (not row.class or answer.class ~= "runtime") then
    row.class = answer.class == "runtime" and "error" or answer.class
  end
  if answer.ok then
    row.got = list_shown(table.move(answer.values, 1, answer.n, 1, { n = answer.n }))
  end
  return row
end

-- One case in a process of its own: the nonce of its report is drawn after the case was made, and nothing of
-- another case is there.
local function ask_lua(spec, case)
  local limits = spec.limits
  local result, why, code = spec.evaluate {
    code = spec.code, name = spec.name, calls = { { fn = case.call, args = case.args } },
    limits = { instructions = limits.instructions, memory = limits.memory, output = limits.output, wall = limits.time },
  }
  if not result then return nil, why, code end
  local answer = result.calls[1]
  if result.class == "ok" and #result.calls == 1 then return lua_verdict(case, answer), nil, nil, result.sandbox end
  if result.class == "ok" then result.class, result.message = "crash", "it ended without an answer" end
  return { class = result.class, message = result.message, line = result.line }, nil, nil, result.sandbox
end

local languages = {
  lua = { prepare = prepare_lua, ask = ask_lua },
}

-- ---- the whole ----

local function call_shown(case)
  if not case.call then return nil end
  return ("%s(%s)"):format(case.call, show.list(case.args, 60))
end

-- Of a candidate that was stopped or died, whoever noticed.
local function is_end(class)
  return class == "crash" or class:find("^limit:") ~= nil
end

-- The class of the whole: what is graver than a wrong answer is told first.
local function class_of(rows, passed)
  if #rows > 0 and passed == #rows then return "pass" end
  for _, row in ipairs(rows) do
    if is_end(row.class) then return row.class end
  end
  return "fail"
end

local function summary(spec, rows, about)
  local passed = 0
  for _, row in ipairs(rows) do
    if row.class == "pass" then passed = passed + 1 end
  end
  local result = { total = #rows, passed = passed, cases = rows, seed = spec.seed, trust = "split",
    sandbox = about.sandbox or "none" }
  result.class = about.format and "format" or class_of(rows, passed)
  result.pass = result.class == "pass"
  if about.format then result.message, result.line = about.format.message, about.format.line end
  if #rows == 0 then result.message = "there is no case, and so nothing was shown to be right" end
  return result
end

-- Asks the prepared cases in the order of the seed. Rows in the order of the cases.
local function ask_all(spec, language, prepared)
  local rows, about, ended = {}, {}, 0
  for _, i in ipairs(M.order(#prepared, spec.seed)) do
    local case = prepared[i]
    local row, why, code
    if about.format then row = { class = "format" }
    elseif ended >= M.ENDED_MAX then row = { class = "unanswered" }
    else
      row, why, code, about.sandbox = language.ask(spec, case)
      if not row then return nil, why, code end
      if row.class == "format" then about.format = row
      elseif is_end(row.class) then ended = ended + 1 end
    end
    row.call = call_shown(case)
    rows[i] = row
  end
  return summary(spec, rows, about)
end

local function with_defaults(spec)
  local limits = {}
  for name, default in pairs(defaults) do limits[name] = (spec.limits or {})[name] or default end
  return { code = spec.code, name = chunk_name(spec.name), limits = limits, seed = spec.seed or 1,
    evaluate = spec.evaluate or require("han.eval").lua }
end

--- The verdict of a candidate over its cases; see the head of this file.
function M.check(spec)
  local language = languages[spec.lang]
  if not language then error(("han.checker: no language '%s'"):format(tostring(spec.lang)), 2) end
  local prepared, why, code = language.prepare(spec.cases)
  if not prepared then return nil, why, code end
  return ask_all(with_defaults(spec), language, prepared)
end

--- A seed that nobody could know before.
function M.fresh_seed()
  return tonumber(sys.nonce():sub(1, 12), 16)
end

return M
