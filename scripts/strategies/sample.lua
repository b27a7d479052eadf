-- The blind control: independent attempts at the task's own artifact, nothing carried from one to the next.
local han = require "han"
local shots = require "han.shots"

return han.strategy {
  name = "sample",
  intent = "Independent attempts from the same start, unsteered: what equal compute buys without a controller.",
  act = function(task, scope)
    return shots.run(scope, task)
  end,
}
