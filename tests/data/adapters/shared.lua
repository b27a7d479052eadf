-- A family for tests of the border: public and private part are one table, and every worker, verifier and judge changes
-- what it is given. The judge gives 1 as long as it gets the task as it was made, and 0.5 when it does not. With the
-- option noisy=1 it gives one of three scores, another each time that it is asked.
local han = require "han"

local asked = 0

local function tamper(given) given.target, given.list[1] = 99, 99 end

return han.adapter {
  name = "shared",
  tasks = function(_, count, _, options)
    local list = {}
    for i = 1, count do
      local both = { artifact = "0", target = i, list = { i }, noisy = options.noisy }
      list[i] = { id = "t" .. i, group = "g" .. i, public = both, private = both }
    end
    return list
  end,
  worker = { backend = "tamper", limits = { shots = 1 } },
  budget = { shots = 2 },
  backends = { tamper = function(ctx)
    tamper(ctx.public)
    return tostring(ctx.public.artifact)
  end },
  verify = han.check { kind = "verifier", run = function(_, public)
    local verdict = { pass = false, correct = public.target == 99 and 0 or 0.75 }
    tamper(public)
    return verdict
  end },
  judge = han.check { kind = "judge", run = function(_, private)
    asked = asked + 1
    local correct = private.noisy and asked % 3 / 4 or (private.target == 99 or private.list[1] == 99) and 0.5 or 1
    tamper(private)
    return { pass = correct == 1, correct = correct }
  end },
  lenses = { tamper = han.check { kind = "lens", run = function(_, public)
    tamper(public)
    return {}
  end } },
}
