-- The control of `patch`: generate, test, fail, generate again. Every attempt begins from the task's own artifact and
-- is told what was seen of the one before; nothing is kept of what it wrote, and nothing holds it to a scope.
local han = require "han"
local shots = require "han.shots"

return han.strategy {
  name = "regenerate",
  intent = "Makes the program anew in every shot, told what was wrong with the last one.",
  act = function(task, scope)
    local steer
    return shots.run(scope, task, function() return { steer = steer } end, function(settled)
      steer = scope:observe(settled)
    end)
  end,
}
