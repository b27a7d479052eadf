-- han.improve.summary: from the records of an improve run to the object that it prints: scores by round and arm, lifts,
-- slopes, spend by arm, what became of the candidates, and the sentence that may be claimed. A null is printed as one.

local arms = require "han.improve.arms"
local contrast = require "han.contrast"
local lost_of = require "han.improve.lost"
local slope = require "han.improve.slope"
local stats = require "han.stats"

local M = {}

M.GROUPS_MIN = 6

-- ---- collecting ----

local function add(sum, spend)
  for channel, n in pairs(spend or {}) do sum[channel] = (sum[channel] or 0) + n end
end

local function measures_of(state, round, line, record)
  local raw = type(record.score) == "table" and record.score.raw
  for _, name in ipairs(state.plan.measures or {}) do
    local value = type(raw) == "table" and raw[name]
    if type(value) == "number" then
      table.insert(state.measures, { round = round, line = line, arm = record.arm, name = name, value = value,
        group = record.group })
    end
  end
end

--- Takes the scored records of a line's round. A task with an infra failure in any arm is left out for all.
function M.take(state, round, line, records)
  local by_task, order, lost = {}, {}, lost_of.tasks(records)
  for _, record in ipairs(records) do
    if not by_task[record.task] then
      by_task[record.task] = { round = round, line = line, group = record.group, scores = {} }
      order[#order + 1] = record.task
    end
    local row = by_task[record.task]
    row.scores[record.arm] = type(record.score) == "table" and record.score.correct or 0.0
    local spend = state.spend[record.arm] or { cells = 0, over = 0 }
    state.spend[record.arm] = spend
    spend.cells = spend.cells + 1
    if record.over then spend.over = spend.over + 1 end
    spend.spent, spend.budget = spend.spent or {}, spend.budget or {}
    add(spend.spent, record.spend)
    add(spend.budget, record.budget)
    measures_of(state, round, line, record)
  end
  for _, task in ipairs(order) do
    if not lost[task] then table.insert(state.rows, by_task[task]) end
  end
end

-- ---- a round ----

local function gates_of(state, round)
  local list = {}
  for _, row in ipairs(state.gates) do
    if row.round == round then list[#list + 1] = row end
  end
  return list
end

local function champions_of(state)
  local list = {}
  for _, line in ipairs(state.lines) do
    for _, name in ipairs(arms.LEARNERS) do
      list[#list + 1] = { line = line.name, learner = name, digest = line.learners[name].champion.digest }
    end
  end
  return list
end

--- What a round showed: the row of `rounds`, and the slope up to it.
function M.round(state, round)
  local seed, row = state.plan.seed, { round = round, scores = {}, gates = gates_of(state, round),
    champions = champions_of(state) }
  for i, name in ipairs(arms.SCORED) do
    local score = slope.score(state.rows, round, name, seed)
    row.scores[i] = { arm = name, mean = score.mean, ci = score.ci, n = score.n, groups = score.groups }
  end
  local lift = slope.lift(state.rows, round, arms.DEPLOYED, arms.FROZEN, seed)
  row.lift = { mean = lift.lift, ci = lift.ci }
  row.slope = slope.slope(state.rows, slope.between(arms.DEPLOYED, arms.FROZEN), state.env.random("slope"))
  return row
end

-- ---- the object ----

-- What an arm spent more than the frozen one, channel by channel.
local function difference(spent, frozen)
  local out = {}
  for channel, n in pairs(spent) do out[channel] = n - (frozen and frozen[channel] or 0) end
  return out
end

local function parity_of(state)
  local list, equal = {}, true
  local first = state.spend[arms.FROZEN]
  for i, name in ipairs(arms.SCORED) do
    local row = state.spend[name] or { cells = 0, over = 0, spent = {}, budget = {} }
    list[i] = { arm = name, cells = row.cells, spend = row.spent, budget = row.budget, over = row.over,
      apart = difference(row.spent, first and first.spent) }
    if first and row.cells ~= first.cells then equal = false end
    for channel, n in pairs(first and first.budget or {}) do
      if row.budget[channel] ~= n then equal = false end
    end
  end
  return { arms = list, equal_budget = equal }
end

local function counts_of(state)
  local out = {}
  for _, name in ipairs(arms.LEARNERS) do
    local sum, refusals = {}, {}
    for _, line in ipairs(state.lines) do
      add(sum, line.learners[name].count)
      add(refusals, line.learners[name].refusals)
    end
    out[name], sum.refusals = sum, refusals
  end
  return out
end

local function brief(row)
  return { arm = row.arm, against = row.against, mean = row.lift, ci = row.ci, p = row.p, q = row.q, n = row.n,
    groups = row.groups, wins = row.wins, ties = row.ties, losses = row.losses, method = row.method }
end

-- The contrasts of the last round, corrected together; the A/A pair stands beside them uncorrected.
local function contrasts_of(state, last)
  local seed, rows = state.plan.seed, {}
  for i, pair in ipairs { { arms.DEPLOYED, arms.FROZEN }, { arms.DEPLOYED, arms.BLIND },
    { arms.BLIND, arms.FROZEN } } do
    rows[i] = slope.lift(state.rows, last, pair[1], pair[2], seed)
  end
  contrast.correct(rows)
  local out = {}
  for i, row in ipairs(rows) do out[i] = brief(row) end
  local same = brief(slope.lift(state.rows, last, arms.REPLICATE, arms.FROZEN, seed))
  same.diagnostic = true
  out[#out + 1] = same
  return out
end

local function slope_of(state, value)
  return slope.slope(state.rows, value, state.env.random("slope")) or { rounds = 1 }
end

local function interval(row, format)
  return row and row.ci and ("[" .. format .. ", " .. format .. "]"):format(row.ci[1], row.ci[2]) or "[-]"
end

local function includes_zero(row) return row.ci and row.ci[1] <= 0 and row.ci[2] >= 0 end

-- The figures of the field at the last round, by line and arm, where the adapter names them.
local function measures_of_last(state, last)
  local index, list = {}, {}
  for _, row in ipairs(state.measures) do
    if row.round == last then
      local key = table.concat({ row.line, row.name, row.arm }, "\0")
      if not index[key] then
        index[key] = { line = row.line, name = row.name, arm = row.arm, x = {}, groups = {} }
        list[#list + 1] = index[key]
      end
      table.insert(index[key].x, row.value)
      table.insert(index[key].groups, row.group)
    end
  end
  for _, row in ipairs(list) do
    local found = stats.mean_ci { x = row.x, groups = row.groups, seed = state.plan.seed, alpha = 0.05 }
    row.mean, row.ci, row.n = found and found.mean, found and found.ci, #row.x
    row.x, row.groups = nil, nil
  end
  return list
end

-- ---- the field's yardstick ----

local function raw_of(record, name)
  local raw = not record.infra and type(record.score) == "table" and record.score.raw
  local value = type(raw) == "table" and raw[name]
  return type(value) == "number" and value or nil
end

local function measured(plan, records, arm, name)
  local x, groups = {}, {}
  for _, record in ipairs(records) do
    local value = record.arm == arm and raw_of(record, name)
    if value then x[#x + 1], groups[#groups + 1] = value, record.group end
  end
  local sum, found = 0.0, stats.mean_ci { x = x, groups = groups, seed = plan.seed, alpha = 0.05 }
  for _, value in ipairs(x) do sum = sum + value end
  return { mean = found and found.mean or #x > 0 and sum / #x or nil, ci = found and found.ci, n = #x }
end

-- Less is better. Below is said where the whole interval is below what was published; else what the mean says.
local function verdict_of(row, value)
  if not row.mean then return nil end
  if row.ci and row.ci[2] < value then return "below" end
  if row.ci and row.ci[1] > value then return "above" end
  return "not apart"
end

--- The rows of a line: what each learner's program is worth, and beside it what others are on the same instances
-- (no `published`) or have published of theirs.
function M.field(plan, line, records)
  local own, list = plan.field, {}
  local others = own.others and own.others[line] or {}
  for _, arm in ipairs(arms.LEARNERS) do
    local row = measured(plan, records, arm, own.measure)
    row.line, row.arm, row.measure, row.instances = line, arm, own.measure, own.instances and own.instances[line]
    for _, other in ipairs(others) do
      if other.value then row.published, row.verdict = other, verdict_of(row, other.value) end
    end
    list[#list + 1] = row
  end
  for _, other in ipairs(others) do
    if other.raw then
      local row = measured(plan, records, arms.DEPLOYED, other.raw)
      row.line, row.arm, row.measure, row.instances = line, other.name, own.measure, list[1].instances
      list[#list + 1] = row
    end
  end
  return list
end

-- ---- the sentence ----

local ALPHA = 0.05

local function helps(object, figures, frozen)
  local blind, contrast_row = object.contrasts[2], object.contrasts[1]
  if contrast_row.q and contrast_row.q > ALPHA then
    return ("no claim yet: the interval of the lift lies above 0 (%s), but the %s test over the groups has q = %.3f; "
      .. "more groups (--n) decide"):format(figures, contrast_row.method or "exact", contrast_row.q)
  end
  local sure = blind.ci and not (blind.q and blind.q > ALPHA)
  local over = sure and blind.ci[1] > 0 and "ahead of" or sure and blind.ci[2] < 0 and "behind"
    or "not credibly apart from"
  return ("learning helps: after %d rounds the deployed learner leads the frozen controller by %s; %s; it is %s the "
    .. "blind learner (%+.3f %s)"):format(object.rounds_run, figures, frozen, over, blind.mean or 0,
    interval(blind, "%+.3f"))
end

local function promoted(object, learner)
  for _, row in ipairs(object.promotions) do
    if row.learner == learner then return true end
  end
  return false
end

local function claim_of(object)
  local lift = object.final_lift
  local figures = lift.mean and ("%+.3f %s in %d groups"):format(lift.mean, interval(lift, "%+.3f"), lift.groups)
    or "not measured"
  local frozen = ("the frozen controller's slope is %s a round"):format(interval(object.frozen_slope, "%+.4f"))
  if (lift.groups or 0) < M.GROUPS_MIN then
    return ("no claim: %d groups were scored at the last round, fewer than %d decide nothing"):format(lift.groups or 0,
      M.GROUPS_MIN)
  end
  if object.success then return helps(object, figures, frozen) end
  if lift.ci and lift.ci[1] > 0 then
    return ("no claim: the lift is %s, but %s and not flat, so the rounds differ by themselves"):format(figures, frozen)
  end
  if lift.ci and lift.ci[2] < 0 then
    return ("learning hurts: after %d rounds the deployed learner is behind the frozen controller: %s"):format(
      object.rounds_run, figures)
  end
  if not promoted(object, arms.DEPLOYED) then
    return ("a null: no candidate of the deployed learner passed a gate in %d rounds, so what is deployed is the "
      .. "frozen controller"):format(object.rounds_run)
  end
  return ("a null: no credible lift over the frozen controller after %d rounds (%s)"):format(object.rounds_run, figures)
end

local function false_promotions(state)
  local plan = state.plan
  return slope.false_promotions(state.rows, { arm = arms.FROZEN, against = arms.REPLICATE, groups = plan.gate.groups,
    level = stats.spend { index = 1, alpha = plan.alpha }.level, random = state.env.random("false promotions"),
    seed = plan.seed })
end

--- The object that is printed and stored.
function M.object(state)
  local plan, last = state.plan, state.rounds[#state.rounds].round
  local object = { schema = 1, adapter = plan.name, what = plan.what, seed = plan.seed, rounds_run = last,
    rounds = state.rounds, promotions = state.promotions, gates = state.gates, parity = parity_of(state),
    field = state.field, learning = state.learning, candidates = counts_of(state), excluded = state.excluded,
    contrasts = contrasts_of(state, last), measures = measures_of_last(state, last),
    sandbox = state.info and state.info.sandbox, trust = state.info and state.info.trust }
  local lift = object.contrasts[1]
  object.final_lift = { mean = lift.mean, ci = lift.ci, groups = lift.groups, n = lift.n }
  object.slope = slope_of(state, slope.between(arms.DEPLOYED, arms.FROZEN))
  object.deployed_slope = slope_of(state, slope.of_arm(arms.DEPLOYED))
  object.frozen_slope = slope_of(state, slope.of_arm(arms.FROZEN))
  object.blind_slope = slope_of(state, slope.of_arm(arms.BLIND))
  object.false_promotions = false_promotions(state)
  object.success = (lift.ci and lift.ci[1] > 0 and includes_zero(object.frozen_slope)
    and (lift.groups or 0) >= M.GROUPS_MIN) or false
  object.claim = claim_of(object)
  return object
end

return M
