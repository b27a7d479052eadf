-- One line of work that goes on with what was learnt before: as refine, and its first shot is told of the programs that
-- came with the task as `known` (han improve gives the best that its learner has).
local han = require "han"
local shots = require "han.shots"

-- The programs as a steer that the decision worker takes into its archive.
local function elites_of(task)
  local findings = {}
  for i, text in ipairs(task.known or {}) do
    findings[i] = { origin = "agent", lens = "elites", text = text, weight = 1 / i }
  end
  return #findings > 0 and findings or nil
end

return han.strategy {
  name = "breed",
  intent = "One line of work, steered after each shot, that begins from the programs it is given.",
  act = function(task, scope)
    local steer = elites_of(task)
    return shots.run(scope, task, function()
      return { steer = steer, from = scope:best() }
    end, function(settled)
      steer = scope:observe(settled)
    end)
  end,
}
