-- Random programs at the same number of evaluations: what the worker's archive, operators and choice of parents
-- are worth. Needs a worker that searches decision programs (binpack).
local han = require "han"
local shots = require "han.shots"

return han.strategy {
  name = "random",
  intent = "Shots of a worker that draws every program afresh and learns from none.",
  act = function(task, scope)
    assert(task.worker.backend == "decision", "this arm is for a worker of decision programs (binpack)")
    local blind = {}
    for key, value in pairs(task.worker) do blind[key] = value end
    blind.proposals = "random"
    local given = {}
    for key, value in pairs(task) do given[key] = value end
    given.worker = blind
    return shots.run(scope, given)
  end,
}
