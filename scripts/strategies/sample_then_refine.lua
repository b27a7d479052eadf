-- Looks around first, then works on the best of what it saw.
local han = require "han"
local shots = require "han.shots"

local params = { explore = 3 } -- shots before the line begins

return han.strategy {
  name = "sample_then_refine",
  intent = "Spends the first shots on independent attempts, the rest on steering the best of them.",
  params = params,
  act = function(task, scope)
    local steer
    return shots.run(scope, task, function(n)
      if n <= params.explore then return nil end
      return { steer = steer, from = scope:best() }
    end, function(settled)
      steer = scope:observe(settled)
    end)
  end,
}
