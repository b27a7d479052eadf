-- han.shots: the loop under every shipped strategy, with the one rule by which they all stop: at the
-- first passing verdict, or when the budget is spent. What differs between them is where an attempt
-- starts and what it is told.

local M = {}

--- Whether an attempt passed its verifier, which is where every arm stops.
---@param settled table what scope:next() gave
---@return boolean
function M.passes(settled)
  return settled.kind == "done" and settled.verdict ~= nil and settled.verdict.pass == true
end

--- How good an attempt was: its verdict's share of correct checks, 0 when there is none.
---@param settled table what scope:next() gave
---@return number
function M.correct(settled)
  local verdict = settled.kind == "done" and settled.verdict
  return verdict and verdict.correct or 0
end

--- Makes one attempt after the other. `plan(n)` gives the spawn options of attempt n (steer=, from=);
--- nil attempts the task's own artifact, unsteered. `after(settled, n)` sees each attempt that did not
--- pass; when it returns true, that was the last.
---@param scope table
---@param task table
---@param plan? fun(n: integer): table|nil
---@param after? fun(settled: table, n: integer): boolean|nil
---@return string|nil artifact the best of all
function M.run(scope, task, plan, after)
  for n = 1, math.maxinteger do
    local worker, why, code = scope:spawn(task.worker, task, plan and plan(n))
    if code == "BUDGET_EXHAUSTED" then break end
    if not worker then error(why, 2) end
    local settled = scope:next()
    if M.passes(settled) or after and after(settled, n) then break end
  end
  return scope:best()
end

return M
