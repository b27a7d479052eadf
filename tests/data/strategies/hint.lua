local han = require "han"

return han.strategy {
  name = "hint",
  intent = "Hands in what the task of the family split gives away: as good as a strategy can be.",
  act = function(task, scope)
    scope:submit(tostring(task.hint))
    return scope:best()
  end,
}
