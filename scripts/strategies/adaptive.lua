-- Steers a line while it improves, and leaves it for a fresh start when it has stopped.
local han = require "han"
local shots = require "han.shots"

local params = { patience = 2 } -- shots without improvement before a line is abandoned

return han.strategy {
  name = "adaptive",
  intent = "Refines from its own line's best; abandons the line after two shots without improvement.",
  params = params,
  act = function(task, scope)
    local line = { best = -1, idle = 0 }
    return shots.run(scope, task, function()
      return { steer = line.steer, from = line.artifact }
    end, function(settled)
      local correct = shots.correct(settled)
      if correct > line.best and settled.kind == "done" then
        line = { best = correct, idle = 0, artifact = settled.out }
      else
        line.idle = line.idle + 1
      end
      line.steer = scope:observe(settled)
      if line.idle >= params.patience then line = { best = -1, idle = 0 } end
    end)
  end,
}
