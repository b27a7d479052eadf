--- han.checker.lua_calls: asks a Lua candidate one case at a time, each in a child of the fork server of its own. The
-- nonce of its report is drawn after the case was made, and nothing of another case, or of what is wanted, is there.

local cases = require "han.checker.cases"
local show = require "han.checker.show"
local value = require "han.value"

local M = {}

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

--- The cases with Lua's values, or nil, which case is wrong and why, "INVALID".
function M.prepare(list)
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
    prepared[i] = { call = case.call, args = args, want = want, want_error = case.want_error,
      near = case.want, within = case.within,
      shown = ("%s(%s)"):format(case.call, show.list(args, 60)) }
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
    row.want = list_shown(case.want) .. cases.off(case)
    local got = table.move(answer.values, 1, answer.n, 1, { n = answer.n })
    local right = same_results(got, case.want) or got.n == 1 and cases.is_near(got[1], case)
    row.class = right and "pass" or "wrong"
  end
  if not answer.ok and (not row.class or answer.class ~= "runtime") then
    row.class = answer.class == "runtime" and "error" or answer.class
  end
  if answer.ok then
    row.got = list_shown(table.move(answer.values, 1, answer.n, 1, { n = answer.n }))
  end
  return row
end

local function ask(spec, case)
  local limits = spec.limits
  local evaluate = spec.evaluate or require("han.eval").lua
  local result, why, code = evaluate {
    code = spec.code, name = spec.name, calls = { { fn = case.call, args = case.args } },
    limits = { instructions = limits.instructions, memory = limits.memory, output = limits.output, wall = limits.time },
  }
  if not result then return nil, why, code end
  local answer = result.calls[1]
  if result.class == "ok" and #result.calls == 1 then return lua_verdict(case, answer), nil, nil, result.sandbox end
  if result.class == "ok" then result.class, result.message = "crash", "it ended without an answer" end
  return { class = result.class, message = result.message, line = result.line }, nil, nil, result.sandbox
end

--- Asks all cases in the order of `queue`. Gives rows by case and { format=, sandbox= }, or nil, message, CODE.
function M.run(spec, prepared, queue, ended_max)
  local rows, about, ended = {}, {}, 0
  for _, i in ipairs(queue) do
    if ended >= ended_max then break end
    if spec.stopped() then return nil, "interrupted", "CANCELLED" end
    local row, why, code
    row, why, code, about.sandbox = ask(spec, prepared[i])
    if not row then return nil, why, code end
    if row.class == "format" then
      about.format = row
      break
    end
    if row.class == "crash" or row.class:find("^limit:") then ended = ended + 1 end
    rows[i] = row
  end
  return rows, about
end

return M
