local han = require "han"

return han.strategy {
  name = "unseen",
  intent = "Uses a worker whose spend of evaluations nobody could see.",
  act = function(task, scope)
    local profile = { backend = "opaque", limits = { shots = 1, evals = 5 }, unknown = { "evals" } }
    assert(scope:spawn(profile, task))
    return scope:next().out
  end,
}
