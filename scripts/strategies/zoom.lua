-- Each shot works on one target, a block or the assembly, drawn by a learnt head: a softmax over the targets with one
-- weight for each feature. The head comes with the worker's profile (`han improve ADAPTER --what profile --strategy
-- zoom`). Nothing here says which level comes first. A language model is asked for blocks and contracts before.
local han = require "han"
local train = require "han.zoom.train"
local zoom = require "han.zoom"

local params = {
  alpha = 1.0, beta = 1.0, gamma = 0.2, gamma_late = 0.6, competent = 0.8, lambda = 0.1, rho = 0.1, -- of the reward
  epsilon = 0.01, plateau = 2, steps = 14, fanout = 2, evals = 125, tokens = 192, reshape = 0.25,   -- of the loop
  plan = 1, -- a model that works is asked for one
}

return han.strategy {
  name = "zoom",
  intent = "Short shots at one block or the assembly each, drawn by a learnt head.",
  params = params,
  act = function(task, scope)
    -- no head has passed a gate: without one in the profile it draws as an untrained one does
    local head = train.policy(task.worker and task.worker.zoom)
    return zoom.run(scope, task, params, function(state, list)
      local features = state:all_features(list)
      local targets = {}
      for i, target in ipairs(list) do targets[i] = { level = target.level, features = features[target.name] } end
      local _, index = scope:choose(zoom.POINT, state:names(list), features, head:propensities(targets))
      return index
    end)
  end,
}
