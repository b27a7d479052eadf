-- One line of work: every attempt starts from the best so far and is told what the lenses saw in the last.
local han = require "han"
local shots = require "han.shots"

return han.strategy {
  name = "refine",
  intent = "One line of work, steered after each shot by what the analysts saw in its trace.",
  act = function(task, scope)
    local steer
    return shots.run(scope, task, function()
      return { steer = steer, from = scope:best() }
    end, function(settled)
      steer = scope:observe(settled)
    end)
  end,
}
