--- han.checker: says whether a candidate does what its cases want, from outside of it.
-- A candidate is asked one case at a time, each with a nonce that was not there before; it never sees what is wanted.
-- Only values come back, and they are compared here: equal canonical encodings, so 1, 1.0 and "1" differ. It passes if
-- there is at least one case, every case was answered as wanted, and every end was clean; nothing that it prints,
-- and no status that it ends with, can pass instead. docs/checking.md tells who sees what; calls.lua is for adapters.
--
-- check { lang=, code=, cases=, seed=, name=, limits= } -> result, or nil, message, CODE when no verdict could be made
--   lang    "lua", "python" (functions), "program", "c" (stdin to stdout)
--   cases   as han.checker.cases reads them
--   seed    of the order in which cases are asked
--   name    of the candidate in its messages (default "candidate")
--   stopped function that says whether the one who asks wants no verdict any more (optional)
--   ended_max  after how many cases that hang, crash or reach a limit the rest is not asked (default 3)
--   limits  { time= seconds, memory=, output=, disk= bytes, procs=, instructions= (Lua) } of each case
--   result  { pass=, class=, passed=, total=, seed=, trust="split", sandbox=, message=, line=, cases={ row... } }
--   row     { class=, call=, message=, line=, got=, want= } in the order of the cases; got and want are text to show
-- class of a row: pass; wrong (another value); status (another exit status); error (raised); value (gave what is no
-- plain value); limit:NAME; crash (ended without an answer); protocol (spoke out of turn); format (could not be
-- loaded); unanswered (not asked, because too much had ended before).
-- class of the whole: pass; format; the first limit, crash or protocol; else fail.

local order = require "han.checker.order"
local sys = require "han.sys"

local M = { order = order }

M.ENDED_MAX = 3 -- candidates that hang or crash are not asked for ever

local defaults = { time = 4.0, memory = 256 << 20, output = 1 << 20, instructions = 400000000, procs = 32,
  disk = 64 << 20 }

-- The name of the candidate in its messages: one that the fork server takes.
local function chunk_name(name)
  name = (name or "candidate"):match("[^/]*$"):gsub("[:%c]", "_"):sub(-40)
  return name ~= "" and name or "candidate"
end

-- ---- the whole ----

local languages = { lua = "han.checker.lua_calls", python = "han.checker.python", program = "han.checker.programs",
  c = "han.checker.programs" }

--- What the cases of each language are: of functions or of programs.
M.kinds = { lua = "calls", python = "calls", program = "programs", c = "programs" }

-- Of a candidate that was stopped, died or spoke out of turn, whoever noticed.
local function is_end(class)
  return class == "crash" or class == "protocol" or class:find("^limit:") ~= nil
end

-- The class of the whole: what is graver than a wrong answer is told first.
local function class_of(rows, passed, unclean)
  for _, row in ipairs(rows) do
    if is_end(row.class) then return row.class end
  end
  if unclean then return unclean.class end
  return #rows > 0 and passed == #rows and "pass" or "fail"
end

local function message_of(about, n)
  if n == 0 then return "there is no case, and so nothing was shown to be right" end
  return about.unclean and "it did not end cleanly: " .. about.unclean.message
end

local function summary(spec, prepared, answered, about)
  local rows, passed = {}, 0
  for i, case in ipairs(prepared) do
    rows[i] = answered[i] or { class = about.format and "format" or "unanswered" }
    rows[i].call = case.shown
    if rows[i].class == "pass" then passed = passed + 1 end
  end
  local result = { total = #rows, passed = passed, cases = rows, seed = spec.seed, trust = "split",
    sandbox = about.sandbox or "none" }
  result.class = about.format and "format" or class_of(rows, passed, about.unclean)
  result.pass = result.class == "pass"
  if about.format then result.message, result.line = about.format.message, about.format.line
  else result.message = message_of(about, #rows) end
  return result
end

local function with_defaults(spec)
  local limits = {}
  for name, default in pairs(defaults) do limits[name] = (spec.limits or {})[name] or default end
  return { lang = spec.lang, code = spec.code, name = chunk_name(spec.name), limits = limits, seed = spec.seed or 1,
    ended_max = spec.ended_max or M.ENDED_MAX, evaluate = spec.evaluate, open = spec.open, execute = spec.execute,
    stopped = spec.stopped or function() end }
end

--- The verdict of a candidate over its cases; see the head of this file.
function M.check(spec)
  if not languages[spec.lang] then error(("han.checker: no language '%s'"):format(tostring(spec.lang)), 2) end
  local language = require(languages[spec.lang])
  local prepared, why, code = language.prepare(spec.cases)
  if not prepared then return nil, why, code end
  spec = with_defaults(spec)
  local rows, about, failed = language.run(spec, prepared, order(#prepared, spec.seed), spec.ended_max)
  if not rows then return nil, about, failed end
  return summary(spec, prepared, rows, about)
end

--- A seed that nobody could know before.
function M.fresh_seed()
  return tonumber(sys.nonce():sub(1, 12), 16)
end

return M
