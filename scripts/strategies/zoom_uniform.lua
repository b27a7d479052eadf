-- Each shot works on one target, a block or the assembly, drawn evenly: what an untrained head does.
local han = require "han"
local zoom = require "han.zoom"

local params = { evals = zoom.DEFAULTS.evals }

return han.strategy {
  name = "zoom_uniform",
  intent = "Short shots at one block or the assembly each, drawn evenly.",
  params = params,
  act = function(task, scope)
    return zoom.run(scope, task, params, function(state, list)
      local _, index = scope:choose(zoom.POINT, state:names(list), state:all_features(list))
      return index
    end)
  end,
}
