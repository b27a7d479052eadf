-- Hands in the text that the run starts from: what an artifact is worth as it is. `han improve` measures with it.
local han = require "han"

return han.strategy {
  name = "hand_in",
  intent = "Submits the artifact it was given and spends nothing.",
  act = function(task, scope)
    scope:submit(task.artifact)
    return scope:best()
  end,
}
