--- han.checker.calls: what adapters judge Lua candidates with: all calls of one candidate in one process of its own,
-- which is what a search can afford. What is wanted never goes there; values come back and are compared here. The calls
-- are made in an order that follows from the candidate's text: the same in every run of it, and none that a text could
-- be written for.

local eval = require "han.eval"
local order = require "han.checker.order"
local value = require "han.value"

local M = {}

--- Whether the row of a call (of han.eval) is what the call wants: { want = list of results } or { want_error = a Lua
--- pattern }.
function M.met(call, row)
  if not row then return false end
  if call.want then return row.ok == true and value.equal(row.values, call.want) end
  return row.ok == false and row.class == "runtime" and tostring(row.message):find(call.want_error) ~= nil
end

-- The seed of the order in which a text is asked.
local function seed_of(code) return tonumber(value.digest(code):sub(1, 15), 16) end

-- The rows of an evaluation by the number of their call; what was not answered has a row that says so.
local function by_call(rows, queue)
  local list = {}
  for at, i in ipairs(queue) do list[i] = rows[at] or { ok = false, class = "unanswered" } end
  return list
end

--- Counts how many of a list of calls a Lua text passes. `request` is one of han.eval.lua, whose calls may have want
--- and want_error. Gives passed, the indexes of the failed, the evaluation with its rows in the order of the calls; or
--- nil, message, CODE. A text whose process did not end cleanly fails at least one: the call that was made last.
function M.count(request)
  local queue, bare = order(#request.calls, seed_of(request.code)), {}
  for at, i in ipairs(queue) do
    local call = request.calls[i]
    bare[at] = { fn = call.fn, args = call.args, instructions = call.instructions }
  end
  local result, why, code = eval.lua { code = request.code, name = request.name, calls = bare, limits = request.limits }
  if not result then return nil, why, code end
  local last = result.class ~= "ok" and queue[math.max(1, #result.calls)]
  result.calls = by_call(result.calls, queue)
  local passed, failing = 0, {}
  for i, call in ipairs(request.calls) do
    if i ~= last and M.met(call, result.calls[i]) then passed = passed + 1 else failing[#failing + 1] = i end
  end
  return passed, failing, result
end

return M
