-- The blind control: independent attempts at the task's own artifact, nothing carried from one to the next.
local han = require "han"

return han.strategy {
  name = "sample",
  intent = "Independent attempts from the same start, unsteered: what equal compute buys without a controller.",
  act = function(task, scope)
    while true do
      local worker, why, code = scope:spawn(task.worker, task)
      if code == "BUDGET_EXHAUSTED" then break end
      assert(worker, why)
      local settled = scope:next()
      if settled.kind == "done" and settled.verdict and settled.verdict.pass then break end
    end
    return scope:best()
  end,
}
