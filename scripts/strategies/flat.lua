-- No levels: every shot is given all tests and starts from the best so far, in steps of the same size as those of the
-- zooming arms. What it is beside them shows what levels are worth.
local han = require "han"
local shots = require "han.shots"
local zoom = require "han.zoom"

local params = { evals = zoom.DEFAULTS.evals }

return han.strategy {
  name = "flat",
  intent = "One line of work in short shots on all tests at once: the control of the zooming arms.",
  params = params,
  act = function(task, scope)
    local short = {}
    for name, item in pairs(task) do short[name] = item end
    local function set_step() short.worker = zoom.worker(scope, task, params.evals) end
    set_step()
    return shots.run(scope, short, function() return { from = scope:best() } end, set_step)
  end,
}
