-- A scripted order: the block that fails most until it passes or is on a plateau, then the next one, then the assembly;
-- when all are on a plateau, the one that was tried least.
local han = require "han"
local zoom = require "han.zoom"

local params = { evals = zoom.DEFAULTS.evals, plateau = zoom.DEFAULTS.plateau }

-- The failing target of this level that fails most and is on no plateau.
local function worst(state, list, level)
  local best
  for i, target in ipairs(list) do
    if target.level == level and target.rate < 1 and not state:is_plateau(target)
      and (not best or target.rate < list[best].rate) then
      best = i
    end
  end
  return best
end

local function least_tried(list)
  local best
  for i, target in ipairs(list) do
    if target.rate < 1 and (not best or target.tried < list[best].tried) then best = i end
  end
  return best or #list
end

return han.strategy {
  name = "zoom_local_first",
  intent = "Short shots at the worst block until it passes or stands still, blocks before the assembly.",
  params = params,
  act = function(task, scope)
    return zoom.run(scope, task, params, function(state, list)
      local next_one, weights = worst(state, list, "block") or worst(state, list, "assembly") or least_tried(list), {}
      for i in ipairs(list) do weights[i] = i == next_one and 1 or 0 end
      scope:choose(zoom.POINT, state:names(list), state:all_features(list), weights) -- no draw, but on record
      return next_one
    end)
  end,
}
