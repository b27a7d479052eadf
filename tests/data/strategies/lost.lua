local han = require "han"

return han.strategy {
  name = "lost",
  intent = "On the first task its worker fails through nobody's fault.",
  act = function(task, scope)
    if task.id ~= "t1" then return task.artifact end
    assert(scope:spawn({ backend = "lost", limits = { shots = 1 } }, task))
    return scope:next().kind
  end,
}
