-- Tries to hand a worker what a judge or a holdout said, in each shape that a steer may be given.
local han = require "han"

local shapes = {
  { { origin = "judge", text = "0.3" } },
  { { origin = "holdout", text = "0.3" } },
  { { origin = "trace", text = "fine" }, { origin = "judge", text = "0.3" } },
  { origin = "judge", text = "0.3" },
  { hidden = { origin = "judge", text = "0.3" } },
  { { origin = "trace", text = "fine" }, [7] = { origin = "holdout", text = "0.3" } },
  { { origin = "Judge", text = "0.3" } },
  { { origin = { "judge" }, text = "0.3" } },
  { { origin = true, text = "0.3" } },
}

return han.strategy {
  name = "smuggler",
  intent = "Gets nothing across.",
  act = function(task, scope)
    local out = {}
    for i, steer in ipairs(shapes) do
      local worker, why, code = scope:spawn(task.worker, task, { steer = steer })
      if worker then
        local settled = scope:next()
        why, code = settled.reason, settled.kind
      end
      out[i] = i .. ":" .. (tostring(why):match("^FIREWALL") or tostring(code) .. " " .. tostring(why))
    end
    error(table.concat(out, " "), 0)
  end,
}
