-- Independent lines whose lengths follow the universal schedule of Luby, Sinclair and Zuckerman (1993):
-- 1 1 2 1 1 2 4 ..., within a constant factor of the best fixed length when nothing is known about it.
local han = require "han"
local shots = require "han.shots"

local function luby(i)
  local k = 1
  while (1 << k) - 1 < i do k = k + 1 end
  if i == (1 << k) - 1 then return 1 << (k - 1) end
  return luby(i - (1 << (k - 1)) + 1)
end

return han.strategy {
  name = "restart",
  intent = "Independent lines of steered shots, restarted by the Luby schedule.",
  act = function(task, scope)
    local number, left, line = 0, 0, nil
    return shots.run(scope, task, function()
      if left == 0 then
        number = number + 1
        left, line = luby(number), { best = -1 }
      end
      left = left - 1
      return { steer = line.steer, from = line.artifact }
    end, function(settled)
      local correct = shots.correct(settled)
      if settled.kind == "done" and correct > line.best then
        line.best, line.artifact = correct, settled.out
      end
      line.steer = scope:observe(settled)
    end)
  end,
}
