-- A family for tests of han improve: the artifact is a function of x, good when it is near x + 7. What is to be learnt is
-- the same in every task, so a learner gets ahead; a task's own noise is small. What gate and final hold has the word
-- CANARY in it, which nobody who learns may ever see.
local han = require "han"
local eval = require "han.eval"

local START = "function(x)\n  return x\nend\n"
local POINTS = 4
local HELD = { gate = true, final = true }

local function measure(artifact, points)
  local calls = {}
  for i, point in ipairs(points) do calls[i] = { fn = "f", args = { point.x } } end
  local result, why, code = eval.lua { code = "return { f = " .. artifact .. "\n}", name = "artifact", calls = calls,
    limits = { instructions = 5000, memory = 16 << 20, output = 1 << 16, wall = 2.0 } }
  if not result then return nil, why, code end
  local missed = 0.0
  for i, point in ipairs(points) do
    local row = result.calls[i]
    local y = row and row.ok and row.values[1]
    local apart = type(y) == "number" and y == y and math.abs(y - point.y) or 20
    missed = missed + math.min(20, apart) / 20 / #points
  end
  return { pass = missed < 0.001, correct = 1 - missed, raw = { missed = missed } }
end

-- Tries x + K for whole numbers K and keeps the best on the public points; a blind one draws from a wider range.
local function guess(ctx)
  local function missed(k)
    local sum = 0
    for _, point in ipairs(ctx.public.points) do sum = sum + math.abs(point.x + k - point.y) end
    return sum
  end
  local best, text
  while ctx.meter { evals = 1, tokens = 1 } do
    local k = ctx.profile.proposals == "random" and ctx.random(400) or ctx.random(12)
    if not best or missed(k) < missed(best) then best = k end
    ctx.span { kind = "edit", op = "constant", outcome = "kept" }
    ctx.yield()
  end
  text = best and ("function(x)\n  return (x + %d)\nend\n"):format(best) or ctx.artifact
  local from = ctx.artifact:match "x %+ (%d+)"
  if from and best and missed(tonumber(from)) <= missed(best) then text = ctx.artifact end
  ctx.span { kind = "settle", elites = { { text = text, value = best and missed(best) } } }
  return text
end

return han.adapter {
  name = "flywheel",
  tasks = function(split, n, seed, options)
    local tasks, canary = {}, HELD[split] and "CANARY-" .. split or nil
    for i = 1, n do
      local name = ("%s-%d-%d"):format(split, seed, i)
      local random, sets = options.stream(name), { {}, {} }
      for _, set in ipairs(sets) do
        for k = 1, POINTS do
          local x = random(20)
          set[k] = { x = x, y = x + 7 + (random(3) - 2) * (i % 3) }
        end
      end
      tasks[i] = { id = name, group = name, public = { artifact = START, points = sets[1], canary = canary },
        private = { points = sets[2], canary = canary }, meta = { difficulty = 1, canary = canary } }
    end
    return tasks
  end,
  worker = { backend = "guess", limits = { shots = 1, evals = 2, tokens = 4 } },
  budget = { shots = 4, evals = 8, tokens = 16 },
  backends = { guess = guess },
  verify = han.check { kind = "verifier", spec = {}, run = function(artifact, public)
    return measure(artifact, public.points)
  end },
  judge = han.check { kind = "judge", spec = {}, run = function(artifact, private)
    local score, why, code = measure(artifact, private.points)
    if score then score.raw.said = private.canary end
    return score, why, code
  end },
  reference = { measures = { "missed" } },
  improve = {
    what = "artifact", rounds = 2, strategy = "sample", candidates = 4, start = START,
    game = function() return { params = { "x" }, constant = 20 } end,
    random = { proposals = "random" },
    learn = { groups = 2, per = 1, strategy = "breed", budget = { shots = 4, evals = 8, tokens = 16 } },
    dev = { groups = 3, per = 1 },
    gate = { groups = 9, per = 1 },
    score = { groups = 6, per = 1, budget = { shots = 1, evals = 2, tokens = 4 } },
  },
}
