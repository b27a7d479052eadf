-- No levels: every shot is given all tests and starts from the best so far, in steps of the same size as those of the
-- zooming arms. What it is beside them shows what levels are worth.
local han = require "han"
local shots = require "han.shots"
local zoom = require "han.zoom"

local params = { evals = zoom.DEFAULTS.evals, tokens = zoom.DEFAULTS.tokens, steps = zoom.DEFAULTS.steps }

return han.strategy {
  name = "flat",
  intent = "One line of work in short shots on all tests at once: the control of the zooming arms.",
  params = params,
  act = function(task, scope)
    local short = {}
    for name, item in pairs(task) do short[name] = item end
    local function set_step(n) short.worker = zoom.worker(scope, task, n < params.steps and params or nil) end
    set_step(1)
    return shots.run(scope, short, function() return { from = scope:best() } end, function(_, n)
      set_step(n + 1)
      return n >= params.steps
    end)
  end,
}
