local han = require "han"

return han.strategy {
  name = "lost",
  intent = "Its worker fails through nobody's fault.",
  act = function(task, scope)
    assert(scope:spawn({ backend = "lost", limits = { shots = 1 } }, task))
    return scope:next().kind
  end,
}
