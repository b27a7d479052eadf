--- han.checker.calls: what adapters judge Lua candidates with: all calls of one candidate in one process of its own,
-- which is what a search can afford. What is wanted never goes there; values come back and are compared here.

local eval = require "han.eval"
local value = require "han.value"

local M = {}

--- Whether the row of a call (of han.eval) is what the call wants: { want = list of results } or { want_error = a Lua
--- pattern }.
function M.met(call, row)
  if not row then return false end
  if call.want then return row.ok == true and value.equal(row.values, call.want) end
  return row.ok == false and row.class == "runtime" and tostring(row.message):find(call.want_error) ~= nil
end

--- Counts how many of a list of calls a Lua text passes. `request` is one of han.eval.lua, whose calls may have want
--- and want_error. Gives passed, the indexes of the failed, the evaluation; or nil, message, CODE.
function M.count(request)
  local bare = {}
  for i, call in ipairs(request.calls) do
    bare[i] = { fn = call.fn, args = call.args, instructions = call.instructions }
  end
  local result, why, code = eval.lua { code = request.code, name = request.name, calls = bare, limits = request.limits }
  if not result then return nil, why, code end
  local passed, failing = 0, {}
  for i, call in ipairs(request.calls) do
    if M.met(call, result.calls[i]) then passed = passed + 1 else failing[#failing + 1] = i end
  end
  return passed, failing, result
end

return M
