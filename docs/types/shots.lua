---@meta han.shots
-- require "han.shots" for editors: the loop under the shipped strategies.

---@class han.shots
local shots = {}

---Attempts one after the other, until one passes or the budget refuses another. `plan(n)` gives the spawn options of
---attempt n; `after(settled, n)` sees each attempt that did not pass, and ends the loop by returning true.
---@param scope han.Scope
---@param task han.Task
---@param plan (fun(n: integer): han.SpawnOptions?)?
---@param after (fun(settled: han.Settled, n: integer): boolean?)?
---@return string? artifact the best of all
function shots.run(scope, task, plan, after) end

---How good an attempt was: its verdict's share of correct checks, 0 without one.
---@param settled han.Settled
---@return number
function shots.correct(settled) end

---Whether an attempt passed its verifier, where every arm stops.
---@param settled han.Settled
---@return boolean
function shots.passes(settled) end

return shots
