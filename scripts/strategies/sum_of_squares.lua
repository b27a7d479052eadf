-- Sum of Squares as an arm: hands in the task's own text of it and searches nothing. Needs tasks with
-- baselines (binpack).
local han = require "han"

return han.strategy {
  name = "sum_of_squares",
  intent = "Submits Sum of Squares (few open bins of equal residual) and spends nothing.",
  act = function(task, scope)
    assert(task.baselines and task.baselines.sum_of_squares, "the task has no such baseline: this arm is for binpack")
    scope:submit(task.baselines.sum_of_squares)
    return scope:best()
  end,
}
