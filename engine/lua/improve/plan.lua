-- han.improve.plan: what an improve run does, before anything is run: how many rounds, on how many groups, under which
-- budgets. An adapter declares its own (`improve` of han.adapter); options of the command go before it.

local M = {}

-- An adapter may also declare `field`: after the last round what the learners ended with is measured as it is on groups
-- of their own: { groups=, per=, options=, measure = name in a score's raw, instances = { [line] = words }, others =
-- { [line] = { { name =, value = a published figure } or { name=, raw = name in a score's raw } ... } } }.
-- A family with few groups says how many a split has, `has = { train = 16, ... }`: then a plan that needs more is
-- refused before it is begun.
-- groups: tasks of so many groups, `per` of each; `from`: so many tasks are made to draw them from (nil: groups * per).
M.DEFAULTS = {
  what = "strategy",
  rounds = 3,
  strategy = "refine",
  candidates = 6,
  learn = { groups = 8, per = 1 },
  dev = { groups = 6, per = 1 },
  gate = { groups = 9, per = 1 },
  score = { groups = 6, per = 1 },
}

local learnable = { search = true, decision = true } -- backends with a space of profiles (han.author.space)

M.PHASES = { "learn", "dev", "gate", "score", "field" }
M.SPLIT = { learn = "train", dev = "dev", gate = "gate", score = "final", field = "final" }

local function merge(base, over)
  local out = {}
  for name, value in pairs(base) do out[name] = value end
  for name, value in pairs(over or {}) do
    out[name] = type(value) == "table" and type(out[name]) == "table" and merge(out[name], value) or value
  end
  return out
end

local function with_options(options, more)
  local out = {}
  for name, value in pairs(more or {}) do out[name] = value end
  for name, value in pairs(options or {}) do out[name] = value end
  return out
end

-- What an adapter says of its phases was said for the kind that it learns by itself: another kind has the budgets and
-- the worker of any run, and its own controller.
local function for_other_kind(own)
  local out = merge(own, {})
  for _, phase in ipairs(M.PHASES) do
    if out[phase] then
      out[phase] = merge(out[phase], {})
      out[phase].budget, out[phase].worker, out[phase].strategy = nil, nil, nil
    end
  end
  return out
end

--- The plan: { adapter=, what=, rounds=, seed=, strategy=, candidates=, lines = { { name=, options=, start=, game= }
-- ... }, learn= dev= gate= score= { groups=, per=, from=, budget=, options= }, worker=, random=, alpha= }.
-- spec: { adapter = name, what=, rounds=, n= (groups that are scored a round and line), seed=, budget= (of a scored
-- cell), strategy=, candidates=, options= (handed to the adapter) }, all but seed optional.
---@return table|nil plan, or nil, message, CODE
function M.of(adapter, spec)
  local own = adapter.improve or {}
  local what = spec.what or own.what or M.DEFAULTS.what
  local more = type(own[what]) == "table" and own[what] or nil -- `strategy` may also name the controller
  local base = what ~= (own.what or M.DEFAULTS.what) and for_other_kind(own) or own
  local plan = merge(M.DEFAULTS, merge(base, more))
  plan.adapter, plan.name, plan.seed, plan.what = spec.adapter, adapter.name, spec.seed, what
  plan.rounds, plan.candidates = spec.rounds or plan.rounds, spec.candidates or plan.candidates
  plan.strategy, plan.alpha = spec.strategy or plan.strategy, 0.05
  plan.worker, plan.budget = adapter.worker, adapter.budget
  plan.score.groups = spec.n or plan.score.groups
  if what ~= "artifact" then plan.field = nil end -- its figures are those of a program as it is
  for _, phase in ipairs(M.PHASES) do
    if plan[phase] then
      local one = merge(plan[phase], {})
      one.budget = phase == "score" and spec.budget or one.budget or spec.budget or adapter.budget
      one.options = with_options(spec.options, one.options)
      plan[phase] = one
    end
  end
  plan.has = own.has
  plan.lines = own.lines or { { name = "all" } }
  if what == "artifact" and not own.game then
    return nil, ("%s has no decision program to learn (its adapter declares no improve.game); use --what strategy")
      :format(adapter.name), "INVALID"
  end
  if what == "profile" and not learnable[plan.worker.backend] then
    return nil, ("the worker '%s' of %s has no profile that can be learnt; use --what strategy"):format(
      tostring(plan.worker.backend), adapter.name), "INVALID"
  end
  return plan
end

local before = { learn = 0, dev = 0, gate = 0, score = 1 } -- rounds beside those of learning

--- Why the rounds of a plan cannot each have groups of their own; nil when they can, or nobody said how many there are.
---@return string|nil
function M.lacks(plan)
  for _, split in ipairs { "train", "dev", "gate", "final" } do
    local there, wanted = (plan.has or {})[split], split == M.SPLIT.field and plan.field and plan.field.groups or 0
    for phase, more in pairs(before) do
      if M.SPLIT[phase] == split then wanted = wanted + (plan.rounds + more) * plan[phase].groups end
    end
    if there and wanted > there then
      return ("%d rounds of %s take %d groups of split %s, each once, and there are %d; use fewer --rounds%s"):format(
        plan.rounds, plan.name, wanted, split, there, split == M.SPLIT.score and " or a smaller --n" or "")
    end
  end
  return nil
end

--- The line's name everywhere outside the run: "binpack/uniform".
function M.line_name(plan, line)
  return #plan.lines == 1 and line.name == "all" and plan.name or plan.name .. "/" .. line.name
end

--- The seed of the tasks of a round: runs with different seeds share none.
function M.seed(plan, round) return plan.seed * 1000 + round end

return M
