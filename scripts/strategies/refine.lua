-- One line of work: every attempt starts from the best so far and is told what the lenses saw in the last.
local han = require "han"

return han.strategy {
  name = "refine",
  intent = "One line of work, steered after each shot by what the analysts saw in its trace.",
  act = function(task, scope)
    local steer
    while true do
      local worker, why, code = scope:spawn(task.worker, task, { steer = steer, from = scope:best() })
      if code == "BUDGET_EXHAUSTED" then break end
      assert(worker, why)
      local settled = scope:next()
      if settled.kind == "done" and settled.verdict and settled.verdict.pass then break end
      steer = scope:observe(settled)
    end
    return scope:best()
  end,
}
