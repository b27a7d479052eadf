-- The arena family: a bot for the units of one team, improved within a run and judged on levels it has never seen. See
-- docs/families.md.
local dir = ...
local han = require "han"
local eval = require "han.eval"
local decision = require "han.worker.decision"
local lenses = require "han.worker.decision_lenses"

local bots, levels, matches = dir "bots", dir "levels", dir "matches"
local probe, program, rules = dir "probe", dir "program", dir "rules"

local TRAIN, HELD = 6, 16

local function failed(class, message, raw)
  raw.class, raw.message, raw.passed, raw.total = class, message, 0, 1
  return { pass = false, correct = 0.0, secure = 0.0, raw = raw }
end

-- What the worlds after some matches are worth. Secure: the share of ticks of a unit without a violation.
local function worth(worlds, spent)
  local raw = { matches = #worlds, wins = 0, draws = 0, losses = 0, violations = 0, class = "ok", passed = 1,
    total = 1 }
  local sum, ticks = 0.0, 0
  for _, world in ipairs(worlds) do
    local ours, theirs = rules.strength(world)
    local key = ours > theirs and "wins" or ours < theirs and "losses" or "draws"
    raw[key] = raw[key] + 1
    raw.violations = raw.violations + world.violations[1]
    sum, ticks = sum + rules.score(world), ticks + world.tick * rules.TEAM
  end
  raw.win_rate, raw.ticks = raw.wins / #worlds, ticks
  raw.instructions_per_tick = math.floor(spent / math.max(1, ticks))
  local secure = math.max(0.0, 1 - raw.violations / math.max(1, ticks))
  return { pass = false, correct = sum / #worlds, secure = secure, raw = raw }
end

-- nil, message, CODE when nothing could be evaluated.
local function measured(artifact, list, fast)
  local ok, why = program.check(artifact)
  if not ok then return failed("format", why, {}) end
  local worlds, class, message, lost = matches.run(eval.lua, artifact, list, fast)
  if not worlds and lost then return nil, class, message end
  if not worlds then return failed(class, message, {}) end
  return worth(worlds, class)
end

-- Passes only where nothing could be better, so that no arm stops before its budget.
local function verify(artifact, public)
  local verdict, why, code = measured(artifact, public.levels, true)
  if not verdict then return nil, why, code end
  verdict.pass = verdict.correct == 1
  return verdict
end

-- The held-out levels, by the views alone. Passes when more matches are won than lost.
local function judge(artifact, private)
  local score, why, code = measured(artifact, private.levels, false)
  if not score then return nil, why, code end
  score.pass = score.raw.wins ~= nil and score.raw.wins > score.raw.losses
  return score
end

-- Distances say most.
local LEAVES = { "enemy", "enemy", "enemy", "ally", "pack", "pack", "hp", "hp", "foe_hp", "hit", "friend", "hazard",
  "hazard", "foes", "friends", "back", "middle", "middle", "tick" }

local function search(ctx)
  local public = ctx.public
  local prelude = matches.prelude(public.levels)
  return decision.run(ctx, {
    params = bots.PARAMS, constant = 20, leaves = LEAVES, frame = bots.FRAME,
    try = function(texts, bound, known)
      return matches.trials(ctx.eval, texts, public.levels, prelude, bound, known)
    end,
  })
end

-- What a model is told that writes one.
local CONTRACT = [[
An artifact is one Lua 5.4 function expression, function(view, memory) ... return action, memory end, that plays
each unit of one team of three on a grid of 16 by 10 cells against another team. action: "north", "south", "west",
"east" or "wait"; walking into an enemy strikes it, into an ally hurts it. view: x, y, hp, tick, width, height,
sight, map (rows of characters around the unit, itself in the middle: . floor, # wall, ~ hazard, + pack that heals),
units (list of { dx, dy, hp, ally } in sight). memory: the table that the same unit gave back the tick before, {} at
first. More strength left than the opponent is better. No global but error, ipairs, math, next, pairs, select,
string, table, tonumber, tostring, type, utf8; no chance.]]

-- The same for authors, which texts are bots at all, and what tells them apart.
local function game()
  local tried = probe.of()
  return { samples = tried.samples, behaviour = tried.behaviour, params = bots.PARAMS, constant = 20, leaves = LEAVES,
    frame = bots.FRAME, contract = CONTRACT, globals = program.GLOBALS, check = program.check,
    gives = "string" }
end

local function make(split, n, seed, options)
  local list, kinds = {}, options.kind and { options.kind } or levels.ORDER
  for _, kind in ipairs(kinds) do
    if not levels.KINDS[kind] then error("the kinds of levels are open, walls and lava", 0) end
  end
  for i = 1, n do
    local kind = kinds[(i - 1) % #kinds + 1]
    local group = ("%s-%s-%d-%d"):format(kind, split, seed, i)
    local function draw(part, count)
      return levels.list(kind, count, options.stream(("arena/%s/%s"):format(group, part)))
    end
    list[i] = {
      id = group, group = group,
      public = { artifact = bots.BASELINES.hunter, levels = draw("train", options.train or TRAIN),
        baselines = bots.BASELINES },
      private = { levels = draw("held", options.held or HELD) },
      meta = { kind = kind, source = "generated", difficulty = 1 },
    }
  end
  return list
end

local function lens(name)
  return han.check { kind = "lens", spec = { name = name }, run = function(spans) return lenses[name](spans) end }
end

return han.adapter {
  name = "arena",
  tasks = make,
  worker = { backend = "decision", name = "decision", limits = { shots = 1, evals = 150, tokens = 6000 } },
  backends = { decision = search },
  budget = { shots = 8, evals = 1200, tokens = 48000 },
  verify = han.check { kind = "verifier", spec = { levels = TRAIN, ticks = rules.TICKS }, run = verify },
  judge = han.check { kind = "judge", spec = { levels = HELD, ticks = rules.TICKS }, run = judge },
  lenses = { elites = lens "elites", operators = lens "operators" },
  improve = {
    what = "artifact", rounds = 3, strategy = "sample", candidates = 6, game = game, start = bots.BASELINES.hunter,
    random = { proposals = "random" },
    learn = { groups = 3, per = 1, strategy = "breed", budget = { shots = 2, evals = 300, tokens = 12000 },
      worker = { fresh = 0.15 } },
    dev = { groups = 9, per = 1, options = { train = 1 } },
    gate = { groups = 18, per = 1, options = { train = 1 } },
    score = { groups = 12, per = 1, budget = { shots = 1, evals = 30, tokens = 1500 },
      worker = { limits = { shots = 1, evals = 30, tokens = 1500 } } },
  },
  reference = { lines = {
    "correct is our share of the strength left after a match against the hunter: 0.5 is as good as it",
  } },
}
