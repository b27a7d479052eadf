--- han.cli.problem: why a command ends without a result, and the exit status that goes with it.
-- Commands raise a problem; main prints it once, in words or as one JSON object.

local M = {}

local Problem = { __name = "problem" }

-- 0 ok; 1 it ran and the answer is no; 2 usage; 65 stored data damaged; 70 ours; 78 the machine; 130 Ctrl-C
local statuses = {
  INVALID = 2, UNKNOWN = 2, SYNTAX = 2, MISUSE = 2, UNKNOWN_AGENT = 2,
  CORRUPT = 65,
  INTERNAL = 70, NOMEM = 70, PEER = 70,
  ENVIRONMENT = 78, IO = 78,
  CANCELLED = 130,
}

--- The exit status of a code; refusals and failures of scripts are 1.
function M.status(code)
  return statuses[code] or 1
end

--- A message with its place before it, once.
function M.placed(where, message)
  if not where or where == "" or message:sub(1, #where + 1) == where .. ":" then return message end
  return where .. ": " .. message
end

--- The message without the place that stands before it.
function M.bare(where, message)
  if where and message and message:sub(1, #where + 2) == where .. ": " then return message:sub(#where + 3) end
  return message
end

function Problem.__tostring(problem)
  return M.placed(problem.where, problem.message)
end

--- Ends the command. `where` is "file:line" of the user's script when it is theirs.
function M.raise(code, message, where)
  error(setmetatable({ code = code, message = message, where = where }, Problem), 0)
end

--- Like assert for nil, message, CODE[, where].
function M.check(value, message, code, where)
  if value == nil then M.raise(code or "INTERNAL", message or "failed without a reason", where) end
  return value, message, code
end

--- A usage error: exit status 2.
function M.usage(format, ...)
  M.raise("INVALID", format:format(...))
end

function M.is(value)
  return getmetatable(value) == Problem
end

return M
