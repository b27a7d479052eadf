-- han.improve.arms: what runs in the cells of an improve run. A text that was learnt (a strategy, a profile or an
-- artifact) becomes an arm of han.cells; the rest of the arm is the same for all of them.

local M = {}

M.DEPLOYED, M.FROZEN, M.BLIND, M.REPLICATE = "deployed", "frozen", "blind", "frozen#aa"
M.SCORED = { M.DEPLOYED, M.FROZEN, M.BLIND, M.REPLICATE }
M.LEARNERS = { M.DEPLOYED, M.BLIND }

local function merged(base, over)
  local out = {}
  for name, value in pairs(base) do out[name] = value end
  for name, value in pairs(over or {}) do out[name] = value end
  return out
end

local makers = {}

function makers.artifact(arm, text, phase, plan)
  arm.start, arm.known = text, phase.known
  arm.strategy = phase.as_it_is and "hand_in" or phase.strategy or plan.strategy
end

function makers.profile(arm, text, phase, plan)
  arm.strategy, arm.worker = phase.strategy or plan.strategy, merged(plan.worker, plan.read_profile(text))
end

function makers.strategy(arm, text)
  arm.strategy, arm.source, arm.untrusted = "learnt", text, true
end

--- An arm that runs a text. phase: { as_it_is = true where the text alone is measured, blind = true where the worker
-- proposes blindly, strategy = another controller than the plan's, worker = fields of its profile,
-- known = texts that its runs are told of }; plan: see han.improve.plan.
function M.of(name, text, phase, plan)
  local arm = { name = name, replicate = 0 }
  makers[plan.what](arm, text, phase, plan)
  if phase.worker then arm.worker = merged(arm.worker or plan.worker, phase.worker) end
  if phase.blind and plan.random then arm.worker = merged(arm.worker or plan.worker, plan.random) end
  return arm
end

return M
