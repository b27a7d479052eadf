-- The bin packing family: a priority function for online bin packing, improved within a run and judged on
-- instances it has never seen. See docs/families.md for the protocol, the leagues and what is hidden.
local dir = ...
local han = require "han"
local eval = require "han.eval"
local decision = require "han.worker.decision"
local lenses = require "han.worker.decision_lenses"

local baselines, instances = dir "baselines", dir "instances"
local measure, packing, probe = dir "measure", dir "packing", dir "probe"
local program, tasks = dir "program", dir "tasks"

-- A baseline is judged in its own league wherever it is submitted; anything else in the task's.
local function aware_of(artifact, league)
  local name = baselines.name_of(artifact)
  if name then return baselines.AWARE[name] or false end
  local ok, why = program.check(artifact, league)
  if not ok then return nil, why end
  return league == "state"
end

local function failed(class, message, raw)
  raw.class, raw.message, raw.passed, raw.total = class, message, 0, 1
  return { pass = false, correct = 0.0, raw = raw }
end

-- Packs the sets with the artifact; measures and what it failed by, with the baselines beside.
local function measured(artifact, league, sets, literal)
  local excess, lower = baselines.excess(sets), 0
  local raw = { best_fit = excess.best_fit, first_fit = excess.first_fit, sum_of_squares = excess.sum_of_squares,
    league = league }
  local aware, why = aware_of(artifact, league)
  if aware == nil then return failed("format", why, raw) end
  local used, class, message, lost = packing.run(eval.lua, artifact, aware, sets, literal)
  if not used and lost then return nil, class, message end
  if not used then return failed(class, message, raw) end
  for _, set in ipairs(sets) do lower = lower + set.lower end
  raw.excess, raw.pooled, raw.by_size = measure.excess(sets, used)
  raw.under_best_fit, raw.under_sum_of_squares = raw.best_fit - raw.excess, raw.sum_of_squares - raw.excess
  raw.protocol = literal and "literal" or "grouped"
  raw.passed, raw.total, raw.class = 1, 1, "ok"
  return { pass = false, correct = measure.score(raw.excess, excess.best_fit, lower), raw = raw }
end

-- The train sets, packed by the grouped evaluator. Passes only where no packing could be better.
local function verify(artifact, public)
  local verdict, why, code = measured(artifact, public.league, public.train, nil)
  if not verdict then return nil, why, code end
  verdict.pass = verdict.raw.excess == 0
  return verdict
end

-- The held-out sets by the literal protocol. Passes when it beats best fit and Sum of Squares on them.
local function judge(artifact, private)
  local score, why, code = measured(artifact, private.league, private.held, true)
  if not score then return nil, why, code end
  local raw = score.raw
  score.pass = raw.excess ~= nil and raw.excess < raw.best_fit and raw.excess < raw.sum_of_squares
  return score
end

-- What a random program is made of: what is left in a bin says most.
local LEAVES = { elementwise = { "item", "before", "after", "after", "after" },
  state = { "item", "before", "after", "after", "count_before", "count_after" } }

local PARAMS = { elementwise = { "item", "before", "after" },
  state = { "item", "before", "after", "count_before", "count_after" } }

-- What the search must know of the game.
local function search(ctx)
  local public = ctx.public
  local aware, prelude = public.league == "state", packing.prelude(public.train)
  return decision.run(ctx, {
    params = PARAMS[public.league], constant = public.capacity, leaves = LEAVES[public.league],
    try = function(texts, bound, known)
      return packing.trials(ctx.eval, texts, aware, public.train, prelude, bound, known)
    end,
  })
end

-- What a model is told that writes one.
local CONTRACT = [[
An artifact is one Lua 5.4 function expression, function(%s) ... return NUMBER end, for online bin packing. Items
come one by one; the function is asked for every open bin that the item fits and for an empty one, and the item goes
to the bin with the greatest number, the first of equals. item: its size; before and after: what is free in the bin
before and after it is put there%s. The capacity is %d. Fewer bins are better. The function is pure: parameters,
locals, if, numeric for, arithmetic, comparison, and, or, not, and math.%s; no other global, table, string, method
or function inside; never NaN.]]
local COUNTS = "; count_before and count_after: how many bins in use have that much free"

local function contract(league, capacity)
  return CONTRACT:format(table.concat(PARAMS[league], ", "), league == "state" and COUNTS or "", capacity,
    table.concat(program.MATH, ", "))
end

-- The same for authors, which texts are artifacts at all, and what tells them apart. options: as handed to tasks.
local function game(options)
  local league, tried = tasks.league(options), probe.of(options.kind)
  return { samples = tried.samples, behaviour = tried.behaviour, params = PARAMS[league], leaves = LEAVES[league],
    constant = instances.KINDS[options.kind].capacity,
    contract = contract(league, instances.KINDS[options.kind].capacity),
    check = function(text)
      local ok, why = program.check(text, league)
      return ok ~= nil, why
    end }
end

local function lens(name)
  return han.check { kind = "lens", spec = { name = name }, run = function(spans) return lenses[name](spans) end }
end

local function make(split, n, seed, options)
  if not options.path then return tasks.make(split, n, seed, options) end
  local text, why = require("han.sys").read_file(options.path, 16 << 20)
  if not text then error(why, 0) end
  local list, fault = tasks.of_file(text, options.path:match "[^/]*$", seed, options)
  if not list then error(options.path .. ": " .. fault, 0) end
  return list
end

return han.adapter {
  name = "binpack",
  tasks = make,
  worker = { backend = "decision", name = "decision", limits = { shots = 1, evals = 250, tokens = 8000 } },
  backends = { decision = search },
  budget = { shots = 8, evals = 2000, tokens = 64000 },
  verify = han.check { kind = "verifier", spec = { sets = "train", sizes = instances.TRAIN }, run = verify },
  judge = han.check { kind = "judge", spec = { sets = "held out", sizes = instances.HELD }, run = judge },
  lenses = { elites = lens "elites", operators = lens "operators" },
  improve = {
    what = "artifact", rounds = 6, strategy = "sample", candidates = 6, game = game, start = baselines.TEXT.best_fit,
    lines = { { name = "uniform", options = { kind = "uniform" } },
      { name = "weibull", options = { kind = "weibull" } } },
    random = { proposals = "random" },
    learn = { groups = 1, per = 1, strategy = "breed", budget = { shots = 4, evals = 1000, tokens = 32000 },
      worker = { fresh = 0.15 }, options = { train = "train", held = "light" } },
    dev = { groups = 4, per = 1, options = { train = instances.LEAST, held = "light" } },
    gate = { groups = 20, per = 1, options = { train = instances.LEAST, held = "light" } },
    score = { groups = 6, per = 1, options = { train = "train", held = "scored" },
      budget = { shots = 1, evals = 50, tokens = 4000 },
      worker = { limits = { shots = 1, evals = 50, tokens = 4000 } } },
    field = { groups = 3, per = 1, measure = "excess", options = { train = instances.LEAST, held = "published" },
      instances = { uniform = "20 of 500 items", weibull = "5 of 5000 items" },
      others = {
        uniform = { { name = "best fit", raw = "best_fit" }, { name = "FunSearch", value = 0.0311 } },
        weibull = { { name = "best fit", raw = "best_fit" }, { name = "FunSearch", value = 0.0068 } },
      } },
  },
  reference = {
    measures = { "excess", "under_best_fit", "under_sum_of_squares" },
    first_fit = { OR3 = 0.0574, weibull_5k = 0.0423 }, best_fit = { OR3 = 0.0537, weibull_5k = 0.0398 },
    funsearch = { OR3 = 0.0311, weibull_5k = 0.0068 },
    lines = {
      "excess over L1 on held-out instances; under_X: how much less than X on the same instances, 0 when equal",
      "published (Romera-Paredes et al., Nature 625, 2024), OR3 (500 items) and Weibull 5k: first fit 5.74, 4.23 %;",
      "best fit 5.37, 3.98 %; FunSearch 3.11, 0.68 %; of these files, other instances and sizes than the ones above",
    },
  },
}
