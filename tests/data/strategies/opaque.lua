local han = require "han"

return han.strategy {
  name = "opaque",
  intent = "Uses a worker that tells its spend only afterwards, and spends beyond its ceiling.",
  act = function(task, scope)
    local profile = { backend = "opaque", limits = { shots = 1, evals = 5 }, really = 50 }
    assert(scope:spawn(profile, task))
    local settled = scope:next()
    assert(settled.over, "an overspend is shown to the parent")
    local _, why, code = scope:spawn(task.worker, task)
    assert(code == "BUDGET_EXHAUSTED", why)
    return settled.out
  end,
}
