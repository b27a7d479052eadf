-- First fit as an arm: hands in the task's own text of it and searches nothing. Needs tasks with baselines (binpack).
local han = require "han"

return han.strategy {
  name = "first_fit",
  intent = "Submits First fit (the first bin with room) and spends nothing.",
  act = function(task, scope)
    assert(task.baselines and task.baselines.first_fit, "the task has no baseline first_fit: this arm is for binpack")
    scope:submit(task.baselines.first_fit)
    return scope:best()
  end,
}
