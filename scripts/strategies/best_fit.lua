-- Best fit as an arm: hands in the task's own text of it and searches nothing. Needs tasks with baselines (binpack).
local han = require "han"

return han.strategy {
  name = "best_fit",
  intent = "Submits Best fit (the open bin in which least is left) and spends nothing.",
  act = function(task, scope)
    assert(task.baselines and task.baselines.best_fit, "the task has no baseline best_fit: this arm is for binpack")
    scope:submit(task.baselines.best_fit)
    return scope:best()
  end,
}
