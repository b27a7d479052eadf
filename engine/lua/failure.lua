--- han.failure: what kind of failure an output of tests tells of, from the words of the tool alone.
--
-- classify(output, about) -> { class=, tool=, failures = { { class=, kind=, test=, message=, want=, got=,
--     trace = { { file=, line=, fn= } ... } } ... } }
--   output  what busted, plain Lua, pytest or plain Python printed, both streams
--   about   { file = name of the artifact's file, without folders, tool = "busted" | "lua" | "pytest" | "python" |
--           "unittest" (else it is found by its words), limit = "limit:time" or another class of han.exec, when one
--           ended the command }
--   class   FORMAT    it does not parse or load
--           CONTRACT  another error than the tests want, none, or one too many; a value of another type or shape
--           RUNTIME   the language itself stopped it: a nil, an index, the stack; or a limit did
--           LOGIC     a wrong value of the right kind
--           UNKNOWN   none of these can be read from the output; it is never guessed
-- The trace of a failure begins where it happened. Which function is to be mended is han.locality's to say.

local lua_tools = require "han.failure.lua_tools"
local python_tools = require "han.failure.python_tools"
local shown = require "han.failure.shown"

local M = {}

M.CLASSES = { "FORMAT", "CONTRACT", "RUNTIME", "LOGIC", "UNKNOWN" }

local tools = { busted = lua_tools.busted, lua = lua_tools.lua, pytest = python_tools.pytest,
  python = python_tools.python, unittest = python_tools.unittest }

-- Each tool by words of its own, the more special first. Patterns are such that no text takes long.
local function tool_of(output)
  local function says(words) return output:find(words, 1, true) ~= nil end
  if output:find "%d success[es]* / %d+ failure" then return "busted" end
  if says " short test summary info =" or says "= FAILURES =" or says "= ERRORS =" then return "pytest" end
  if ("\n" .. output):find "\n=+\n%u+: [^\n]+\n%-+\n" then return "unittest" end
  if says "Traceback (most recent call last):" then return "python" end
  if ("\n" .. output):find '\n  File "[^"\n]*", line %d+\n' then return "python" end
  if says "stack traceback:" and ("\n" .. output):find "\nlua[jit%d.]*: " then return "lua" end
  return nil
end

-- Numbers that are equal and differ in their type only are a matter of type.
local function same_number(a, b)
  local x, y = tonumber(a), tonumber(b)
  return x ~= nil and x == y
end

local function of_values(failure)
  if failure.got_type and failure.got_type ~= failure.want_type then return "CONTRACT" end
  local got, want = shown.kind(failure.got or ""), shown.kind(failure.want or "")
  if not got or not want then return failure.got_type and "LOGIC" or "UNKNOWN" end
  if same_number(failure.got, failure.want) then return "CONTRACT" end
  return shown.same(got, want) and "LOGIC" or "CONTRACT"
end

local by_kind = { load = "FORMAT", raised = "RUNTIME", deliberate = "CONTRACT", no_error = "CONTRACT",
  other_error = "CONTRACT", assertion = "UNKNOWN" }

local function class_of(failure)
  if failure.kind == "values" then return of_values(failure) end
  return by_kind[failure.kind] or "UNKNOWN"
end

-- Of several failures: what does not load hides all else, what stops hides a value; else the most common, and of equals
-- the graver.
local ORDER = { "CONTRACT", "LOGIC" }

--- The class of several failures that have theirs.
function M.whole(failures)
  local count = {}
  for _, failure in ipairs(failures) do count[failure.class] = (count[failure.class] or 0) + 1 end
  if count.FORMAT then return "FORMAT" end
  if count.RUNTIME then return "RUNTIME" end
  local best, most = "UNKNOWN", 0
  for _, class in ipairs(ORDER) do
    if (count[class] or 0) > most then best, most = class, count[class] end
  end
  return best
end

--- The class of an output and its failures, one by one.
function M.classify(output, about)
  local tool = about.tool or tool_of(output)
  if about.tool and not tools[about.tool] then error("han.failure: no tool '" .. tostring(about.tool) .. "'", 2) end
  local failures = tool and tools[tool](output, about) or {}
  for _, failure in ipairs(failures) do failure.class = class_of(failure) end
  local class = M.whole(failures)
  if about.limit and about.limit:find "^limit:" then class = class == "FORMAT" and class or "RUNTIME" end
  return { class = class, tool = tool, failures = failures }
end

return M
