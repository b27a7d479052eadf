-- A scripted order: the block that fails most until it passes or is on a plateau, then the next one, then the assembly;
-- when all are on a plateau, the one that was tried least.
local han = require "han"
local zoom = require "han.zoom"

local params = { evals = zoom.DEFAULTS.evals, plateau = zoom.DEFAULTS.plateau }

-- The failing target of this level that fails most and is on no plateau.
local function worst(state, level)
  local best
  for i, target in ipairs(state.targets) do
    if target.level == level and target.rate < 1 and not state:is_plateau(target)
      and (not best or target.rate < state.targets[best].rate) then
      best = i
    end
  end
  return best
end

local function least_tried(state)
  local best
  for i, target in ipairs(state.targets) do
    if target.rate < 1 and (not best or target.tried < state.targets[best].tried) then best = i end
  end
  return best or #state.targets
end

return han.strategy {
  name = "zoom_local_first",
  intent = "Short shots at the worst block until it passes or stands still, blocks before the assembly.",
  params = params,
  act = function(task, scope)
    return zoom.run(scope, task, params, function(state)
      local next_one, weights = worst(state, "block") or worst(state, "assembly") or least_tried(state), {}
      for i in ipairs(state.targets) do weights[i] = i == next_one and 1 or 0 end
      scope:choose("zoom", state:names(), state:all_features(), weights) -- no draw, but on record
      return next_one
    end)
  end,
}
