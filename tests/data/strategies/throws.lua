local han = require "han"

return han.strategy {
  name = "throws",
  intent = "Fails in its third line of work.",
  act = function(task, scope)
    scope:spawn(task.worker, task)
    scope:next()
    error("no more")
  end,
}
