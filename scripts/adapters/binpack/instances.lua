-- Instances: what is drawn, and how an instance is written down in a task. A group is a generator seed: it
-- owns one stream for what a run may see and one for what is held out.
local dir = ...
local codec, measure = dir "codec", dir "measure"

local M = {}

-- Weibull of scale 45 and shape 3 (Castineiras, de Cauwer, O'Sullivan, CP 2012; FunSearch's second
-- benchmark), by inversion, floored and clipped to 1..capacity.
local function weibull(capacity, random)
  local x = 45.0 * (-math.log(1.0 - random())) ^ (1 / 3)
  return math.max(1, math.min(capacity, math.floor(x)))
end

M.KINDS = {
  -- OR-Library's binpack1 to binpack4 (Falkenauer, 1996): sizes 20..100, capacity 150.
  uniform = { capacity = 150, draw = function(_, random) return 19 + random(81) end },
  weibull = { capacity = 100, draw = weibull },
}
M.ORDER = { "uniform", "weibull" }

-- How many instances of how many items. The small ones come first: they are the ones a search races on.
M.TRAIN = { { 120, 4 }, { 250, 3 }, { 500, 2 }, { 1000, 1 }, { 2000, 1 } }
M.HELD = { { 120, 12 }, { 250, 8 }, { 500, 6 }, { 1000, 4 }, { 2000, 2 }, { 5000, 2 } }
M.LEAST = { { 120, 2 } }

-- What others have published figures of (FunSearch, 2023): OR3 is 20 instances of 500 items, Weibull 5k five of 5,000.
-- The lines of han improve learn and are measured near these sizes, since a program for 120 items is none for 5,000.
-- `train` is what a search sees, `light` what candidates are held to by the hundred, `scored` what arms are; the
-- literal protocol asks each bin for each item, so that 5,000 items cost more than all the others.
M.NAMED = {
  uniform = { train = { { 500, 8 } }, light = { { 500, 6 } }, scored = { { 500, 8 } }, published = { { 500, 20 } } },
  weibull = { train = { { 2000, 3 } }, light = { { 3000, 1 } }, scored = { { 3000, 1 } },
    published = { { 5000, 5 } } },
}

--- A plan of sizes: the one given, by its name among those of the kind, or the default.
function M.plan(kind, given, default)
  if type(given) ~= "string" then return given or default end
  local plan = M.NAMED[kind][given]
  if not plan then
    error(("there are no sets '%s'; there are train, light, scored and published, or none for mixed sizes"):format(
      given), 0)
  end
  return plan
end

--- How many of the sets a search races on: the first ones, a quarter of all items at most, but at least one.
function M.race(sets)
  local all, items, race = 0, 0, 0
  for _, set in ipairs(sets) do all = all + set.n end
  for i, set in ipairs(sets) do
    items = items + set.n
    if items * 4 <= all or i == 1 then race = i end
  end
  return race
end

--- One instance as it stands in a task: { n, capacity, lower, items = text }.
function M.set(items, capacity)
  if capacity >= codec.MAX then
    return nil, ("capacity %d is above %d"):format(capacity, codec.MAX - 1)
  end
  return { n = #items, capacity = capacity, lower = measure.lower_bound(items, capacity),
    items = codec.pack(items, codec.WIDTH) }
end

--- n items of a kind, in the order in which they come.
function M.items(kind, n, random)
  local list, rule = {}, M.KINDS[kind]
  for i = 1, n do list[i] = rule.draw(rule.capacity, random) end
  return list
end

--- The sets of a plan such as TRAIN.
function M.sets(kind, plan, random)
  local sets = {}
  for _, row in ipairs(plan) do
    for _ = 1, row[2] do sets[#sets + 1] = M.set(M.items(kind, row[1], random), M.KINDS[kind].capacity) end
  end
  return sets
end

function M.unpack(set) return codec.unpack(set.items, codec.WIDTH) end

return M
