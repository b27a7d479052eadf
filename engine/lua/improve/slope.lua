-- han.improve.slope: what the scores of an improve run say. From scored tasks, round by round, to means, lifts, slopes
-- over rounds and the gate's false promotions. Pure: the same rows and seed give the same figures.
--
-- rows: { round=, group=, scores = { [arm] = number } } of tasks that every arm finished. The unit is the group;
-- groups of different rounds are different groups, whatever they are called.

local contrast = require "han.contrast"
local gate = require "han.gate"
local stats = require "han.stats"

local M = {}

M.RESAMPLES = 2000
M.SIMULATIONS = 200
M.ALPHA = 0.05

local function label(row) return ("%d\0%s"):format(row.round, row.group) end

local function of_round(rows, round)
  local list = {}
  for _, row in ipairs(rows) do
    if row.round == round then list[#list + 1] = row end
  end
  return list
end

local function column(rows, arm)
  local x, groups = {}, {}
  for i, row in ipairs(rows) do x[i], groups[i] = row.scores[arm], label(row) end
  return x, groups
end

local function mean_of(x)
  local sum = 0.0
  for _, value in ipairs(x) do sum = sum + value end
  return #x > 0 and sum / #x or nil
end

--- { mean=, ci=, n=, groups= } of an arm in a round.
function M.score(rows, round, arm, seed)
  local x, groups = column(of_round(rows, round), arm)
  local interval = stats.mean_ci { x = x, groups = groups, seed = seed, alpha = M.ALPHA }
  local seen, n = {}, 0
  for _, group in ipairs(groups) do
    if not seen[group] then n = n + 1 end
    seen[group] = true
  end
  return { mean = interval and interval.mean or mean_of(x), ci = interval and interval.ci, n = #x, groups = n }
end

--- The contrast of two arms in a round (han.contrast), with the arms' names.
function M.lift(rows, round, arm, against, seed)
  local list = of_round(rows, round)
  local a, groups = column(list, arm)
  local row = contrast.of(a, (column(list, against)), groups, { seed = seed })
  row.arm, row.against, row.round, row.mean = arm, against, round, row.lift
  return row
end

-- ---- slopes ----

-- One value a group: the mean of its tasks. Groups by round, rounds and groups in order.
local function strata(rows, value)
  local by_round, rounds, index = {}, {}, {}
  for _, row in ipairs(rows) do
    local key = label(row)
    local entry = index[key]
    if not entry then
      entry = { sum = 0.0, n = 0 }
      index[key] = entry
      if not by_round[row.round] then
        by_round[row.round] = {}
        rounds[#rounds + 1] = row.round
      end
      table.insert(by_round[row.round], entry)
    end
    entry.sum, entry.n = entry.sum + value(row), entry.n + 1
  end
  table.sort(rounds)
  return by_round, rounds
end

-- Least squares of the round means on the round's number: every round weighs the same, since each has as many groups as
-- was planned.
local function fit(means, rounds)
  local centre, level = mean_of(rounds), mean_of(means)
  local up, down = 0.0, 0.0
  for i, round in ipairs(rounds) do
    up = up + (round - centre) * (means[i] - level)
    down = down + (round - centre) ^ 2
  end
  return up / down
end

local function round_means(by_round, rounds, pick)
  local means = {}
  for i, round in ipairs(rounds) do
    local list, sum = by_round[round], 0.0
    for k = 1, #list do
      local entry = list[pick and pick(#list) or k]
      sum = sum + entry.sum / entry.n
    end
    means[i] = sum / #list
  end
  return means
end

--- The slope of a value over rounds, per round, with its 95 % interval: percentile bootstrap over groups, within
-- rounds. value: function(row) -> number; random: function(n) -> 1..n. nil with fewer than two rounds.
function M.slope(rows, value, random)
  local by_round, rounds = strata(rows, value)
  if #rounds < 2 then return nil end
  local draws = {}
  for i = 1, M.RESAMPLES do draws[i] = fit(round_means(by_round, rounds, random), rounds) end
  table.sort(draws)
  local low, high = math.floor(M.ALPHA / 2 * M.RESAMPLES) + 1, math.ceil((1 - M.ALPHA / 2) * M.RESAMPLES)
  return { mean = fit(round_means(by_round, rounds), rounds), ci = { draws[low], draws[high] }, rounds = #rounds }
end

function M.of_arm(arm) return function(row) return row.scores[arm] end end

function M.between(arm, against) return function(row) return row.scores[arm] - row.scores[against] end end

-- ---- the gate on arms that are equal ----

--- How often the gate's rule promotes one of two equal arms: groups of the controller and its A/A replicate are drawn
-- with replacement, sides changed over by chance, and the rule of the first test on a line is applied.
-- options: { arm=, against=, groups=, level=, random=, seed= }. nil without a group.
function M.false_promotions(rows, options)
  local by_label, order = {}, {}
  for _, row in ipairs(rows) do
    local key = label(row)
    if not by_label[key] then
      by_label[key] = {}
      order[#order + 1] = key
    end
    table.insert(by_label[key], row)
  end
  if #order == 0 then return nil end
  local promoted, random = 0, options.random
  for simulation = 1, M.SIMULATIONS do
    local a, b, groups = {}, {}, {}
    for g = 1, options.groups do
      local swap = random(2) == 1
      for _, row in ipairs(by_label[order[random(#order)]]) do
        local x, y = row.scores[options.arm], row.scores[options.against]
        if swap then x, y = y, x end
        a[#a + 1], b[#b + 1], groups[#groups + 1] = x, y, g
      end
    end
    if gate.rule(a, b, groups, { level = options.level, seed = options.seed + simulation }) then
      promoted = promoted + 1
    end
  end
  return { rate = promoted / M.SIMULATIONS, promoted = promoted, simulations = M.SIMULATIONS, level = options.level,
    groups = options.groups, from = #order }
end

return M
