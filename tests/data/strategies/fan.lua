-- Keeps 200 shots under way until the budget is spent, and ends when it takes no more.
local han = require "han"

local WIDTH = 200

return han.strategy {
  name = "fan",
  intent = "Many shots at once, of a bounded size each.",
  act = function(task, scope)
    local worker, live, open = {}, 0, true
    for name, value in pairs(task.worker) do worker[name] = value end
    worker.max_tokens = 100
    worker.limits = { shots = 1, tokens = 2500, turns = 3, nano_usd = worker.limits.nano_usd and 9000000 or nil }
    while true do
      while open and live < WIDTH do
        open = scope:spawn(worker, task) ~= nil
        if open then live = live + 1 end
      end
      if not scope:next() then break end
      live, open = live - 1, true
    end
    return scope:best()
  end,
}
