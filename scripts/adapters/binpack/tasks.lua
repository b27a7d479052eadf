-- Tasks: train sets that a run may see, held-out sets of the same generator that it may not, and a group
-- that is the generator's seed. Groups of different splits never share a seed.
local dir = ...
local baselines, format, instances = dir "baselines", dir "format", dir "instances"

local M = {}

M.LEAGUES = { "elementwise", "state" }
local LEAGUE = { elementwise = true, state = true }

-- The league: options.league, or a difficulty of 1 or 2.
local function league_of(options)
  local league = options.league or M.LEAGUES[options.difficulty or 1]
  if not LEAGUE[league] then error("the leagues are elementwise (difficulty 1) and state (difficulty 2)", 0) end
  return league
end

M.league = league_of

local function kinds_of(options)
  local kind = options.kind
  if kind == nil then return instances.ORDER end
  if not instances.KINDS[kind] then error("the kinds of instances are uniform and weibull", 0) end
  return { kind }
end

local function task_of(id, group, league, train, held, meta)
  meta.league = league
  return {
    id = id, group = group,
    public = { artifact = baselines.TEXT.best_fit, league = league, train = train, baselines = baselines.TEXT,
      capacity = train[1].capacity, best_fit = baselines.excess(train).best_fit },
    private = { league = league, held = held },
    meta = meta,
  }
end

--- n tasks of a split, the kinds of instances in turn.
function M.make(split, n, seed, options)
  local league, kinds, list = league_of(options), kinds_of(options), {}
  for i = 1, n do
    local kind = kinds[(i - 1) % #kinds + 1]
    local group = ("%s-%s-%d-%d"):format(kind, split, seed, i)
    local function sets(part, plan)
      return instances.sets(kind, plan, options.stream(("binpack/%s/%s"):format(group, part)))
    end
    list[i] = task_of(group .. (league == "state" and "-state" or ""), group, league,
      sets("train", instances.plan(kind, options.train, instances.TRAIN)),
      sets("held", instances.plan(kind, options.held, instances.HELD)),
      { kind = kind, source = "generated", difficulty = league == "state" and 2 or 1 })
  end
  return list
end

--- One task out of a file in OR-Library's format: its problems are all held out; the train sets are drawn,
-- uniform or Weibull as options.kind says.
function M.of_file(text, name, seed, options)
  local problems, why, code = format.read(text)
  if not problems then return nil, why, code end
  local held = {}
  for i, problem in ipairs(problems) do
    local set
    set, why = instances.set(problem.items, problem.capacity)
    if not set then return nil, problem.name .. ": " .. why, "FORMAT" end
    held[i] = set
  end
  local kind = options.kind or (problems[1].capacity == instances.KINDS.weibull.capacity and "weibull" or "uniform")
  local train = instances.sets(kind, instances.plan(kind, options.train, instances.TRAIN),
    options.stream(("binpack/file/%s/%d/train"):format(name, seed)))
  return { task_of("file-" .. name, "file-" .. name, league_of(options), train, held,
    { kind = kind, source = "file", difficulty = league_of(options) == "state" and 2 or 1 }) }
end

return M
