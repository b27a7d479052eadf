local han = require "han"

return han.strategy {
  name = "judge_steer",
  intent = "Tries to steer by what a judge said.",
  act = function(task, scope)
    assert(scope:spawn(task.worker, task, { steer = { { origin = "judge", text = "score 0.3" } } }))
    local settled = scope:next()
    return settled.kind .. " " .. tostring(settled.code)
  end,
}
