-- A family for tests of the four roles: what only the judge may see, and what it says, holds the word CANARY.
local han = require "han"

local function near(text, target)
  local n = tonumber(text) or -1
  return math.max(0, 1 - math.abs(n - target) / 100)
end

local function guess(ctx)
  local best = tonumber(ctx.artifact) or 0
  while true do
    local ok = ctx.meter { evals = 1, tokens = 2 }
    if not ok then break end
    local try = ctx.random(100)
    ctx.span { kind = "try", value = try }
    if near(try, ctx.public.hint) > near(best, ctx.public.hint) then best = try end
    ctx.yield()
  end
  return tostring(best)
end

local function score(artifact, target)
  local share = near(artifact, target)
  return { pass = share >= 0.99, correct = share, raw = { value = tonumber(artifact) } }
end

return han.adapter {
  name = "canary",
  tasks = function(_, n, _, options)
    local tasks = {}
    for i = 1, n do
      local target = options.stream("task" .. i)(100)
      tasks[i] = { id = "t" .. i, group = "g" .. (i % 8),
        public = { artifact = "0", hint = target },
        private = { target = target, secret = "CANARY-PRIVATE" },
        meta = { difficulty = 1 } }
    end
    return tasks
  end,
  worker = { backend = "guess", limits = { shots = 1, evals = 5, tokens = 10 } },
  budget = { shots = 4, evals = 20, tokens = 40 },
  backends = { guess = guess },
  verify = han.check { kind = "verifier", spec = {}, run = function(artifact, public)
    return score(artifact, public.hint)
  end },
  judge = han.check { kind = "judge", spec = { key = "CANARY-JUDGE" }, run = function(artifact, private, spec)
    local result = score(artifact, private.target)
    result.raw.said = spec.key .. private.secret
    return result
  end },
  lenses = { count = han.check { kind = "lens", spec = {}, run = function(spans)
    return { { text = #spans .. " tries", weight = 1 } }
  end } },
}
