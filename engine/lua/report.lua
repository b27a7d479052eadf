--- han.report: what the records of a bench say. From records to the object that `han bench --json` prints,
-- with the sentence that may be claimed for each contrast. Pure: the same records and seed give the same object.
--
-- The unit of inference is the group. Arms are compared on the same tasks only: a task with an excluded cell
-- (infra) in any arm is left out for all arms alike, and listed. A strategy that throws scores 0 and stays.

local contrast = require "han.contrast"
local health = require "han.health"
local json = require "han.json"
local noise = require "han.noise"
local stats = require "han.stats"
local vectors = require "han.vectors"

local M = {}

M.CONTROL = "sample"        -- the blind control: in every bench
M.REPLICATE = "sample#aa"   -- the control once more, to show how far equal arms differ by chance
M.GROUPS_MIN = 6            -- below it no difference is claimed, whatever the interval says
local ALPHA = 0.05

local function score_of(record)
  local score = record.score
  local correct = type(score) == "table" and score.correct or nil
  return type(correct) == "number" and correct or 0.0
end

local function is_solved(record)
  return type(record.score) == "table" and record.score.pass == true
end

-- records by arm and task, and the tasks in the order of their first record
local function arrange(records)
  local by_arm, tasks, seen = {}, {}, {}
  for _, record in ipairs(records) do
    by_arm[record.arm] = by_arm[record.arm] or {}
    by_arm[record.arm][record.task] = record
    if not seen[record.task] then
      seen[record.task] = true
      tasks[#tasks + 1] = record.task
    end
  end
  return by_arm, tasks
end

-- Tasks that every arm has finished without infra failure; and what was left out, cell by cell.
local function comparable(by_arm, arms, tasks)
  local kept, excluded, unfinished = {}, {}, 0
  for _, task in ipairs(tasks) do
    local whole, missing = true, false
    for _, arm in ipairs(arms) do
      local record = by_arm[arm] and by_arm[arm][task]
      if not record then
        missing = true
      elseif record.infra then
        whole = false
        excluded[#excluded + 1] = { cell = record.cell, reason = record.reason or "infra" }
      end
    end
    if missing then unfinished = unfinished + 1 elseif whole then kept[#kept + 1] = task end
  end
  return kept, excluded, unfinished
end

local function add_spend(sum, most, spend)
  for channel, n in pairs(spend or {}) do
    sum[channel] = (sum[channel] or 0) + n
    most[channel] = math.max(most[channel] or 0, n)
  end
end

local function count_groups(groups)
  local seen, n = {}, 0
  for _, group in ipairs(groups) do
    if not seen[group] then n = n + 1 end
    seen[group] = true
  end
  return n
end

-- Means with intervals of the raw measures that the adapter's reference names, over the tasks that have them:
-- figures in the field's own unit, beside the score that arms are compared by.
local function measures_of(by_task, tasks, context)
  local list = {}
  for i, name in ipairs(context.measures or {}) do
    local x, groups, total = {}, {}, 0.0
    for _, task in ipairs(tasks) do
      local score = by_task[task].score
      local value = type(score) == "table" and type(score.raw) == "table" and score.raw[name]
      if type(value) == "number" then
        x[#x + 1], groups[#groups + 1], total = value, by_task[task].group, total + value
      end
    end
    local interval = stats.mean_ci { x = x, groups = groups, seed = context.seed, alpha = ALPHA }
    list[i] = { name = name, n = #x, mean = interval and interval.mean or #x > 0 and total / #x or nil,
      ci = interval and interval.ci }
  end
  return #list > 0 and list or nil
end

local function arm_row(name, by_task, tasks, context)
  local x, groups, solved, sum, most, over = {}, {}, 0, {}, {}, 0
  for i, task in ipairs(tasks) do
    local record = by_task[task]
    x[i], groups[i] = score_of(record), record.group
    if is_solved(record) then solved = solved + 1 end
    if record.over then over = over + 1 end
    add_spend(sum, most, record.spend)
  end
  local interval = stats.mean_ci { x = x, groups = groups, seed = context.seed, alpha = ALPHA }
  local total = 0.0
  for _, value in ipairs(x) do total = total + value end
  return {
    name = name, n = #x, groups = count_groups(groups), solved = solved,
    score = { mean = interval and interval.mean or #x > 0 and total / #x or nil, ci = interval and interval.ci or nil },
    budget = context.budget, spend = sum, spend_max = most, over = over,
    measures = measures_of(by_task, tasks, context),
  }
end

local function contrast_row(arm, against, by_arm, tasks, context)
  local a, b, groups = {}, {}, {}
  for i, task in ipairs(tasks) do
    a[i], b[i] = score_of(by_arm[arm][task]), score_of(by_arm[against][task])
    groups[i] = by_arm[arm][task].group
  end
  local row = { arm = arm, against = against, n = #a, groups = count_groups(groups), wins = 0, ties = 0, losses = 0 }
  for i = 1, #a do
    local field = a[i] > b[i] and "wins" or a[i] < b[i] and "losses" or "ties"
    row[field] = row[field] + 1
  end
  local found = contrast.of(a, b, groups, { seed = context.seed, alpha = ALPHA })
  if found.ci then
    row.lift, row.ci, row.zero_width = found.lift, found.ci, found.zero_width
    row.p, row.test = found.p, found.method
  end
  return row
end

local function number(x) return ("%+.3f"):format(x) end

--- The sentence that may be claimed for one contrast.
function M.claim(row)
  if not row.ci then
    return ("no claim: %s against %s has fewer than 2 groups"):format(row.arm, row.against)
  end
  local figures = ("lift %s, 95 %% CI [%s, %s], %d tasks in %d groups"):format(
    number(row.lift), number(row.ci[1]), number(row.ci[2]), row.n, row.groups)
  local low, high = row.ci[1] > 0, row.ci[2] < 0
  if not (low or high) or row.zero_width then
    return ("no credible difference between %s and %s (%s)"):format(row.arm, row.against, figures)
  end
  if row.groups < M.GROUPS_MIN then
    return ("no claim: %s against %s has fewer than %d groups (%s)"):format(row.arm, row.against, M.GROUPS_MIN, figures)
  end
  if row.q and row.q > ALPHA then
    return ("no credible difference between %s and %s (%s; q = %.3f by the %s test)"):format(
      row.arm, row.against, figures, row.q, row.test)
  end
  return ("%s is %s than %s (%s)"):format(row.arm, low and "better" or "worse", row.against, figures)
end

local function correct_family(rows)
  local tested = {}
  for _, row in ipairs(rows) do
    if row.arm ~= M.REPLICATE then tested[#tested + 1] = row end
  end
  contrast.correct(tested)
end

-- Arms of rising cost: each against the one below it.
local function climb(rows, ladder, by_arm, kept, context)
  for i = 2, #(ladder or {}) do
    if by_arm[ladder[i]] and by_arm[ladder[i - 1]] and #kept > 0 then
      rows[#rows + 1] = contrast_row(ladder[i], ladder[i - 1], by_arm, kept, context)
    end
  end
end

--- The object that `han bench --json` prints. spec: { arms = names in order, seed=, split=, ladder = names of arms of
-- rising cost or nil, weights = or nil };
-- info: what cells.run gives beside the records. `unfinished` counts tasks that an interrupt cut off.
function M.bench(records, spec, info)
  local by_arm, tasks = arrange(records)
  local kept, excluded, unfinished = comparable(by_arm, spec.arms, tasks)
  local reference = info.reference or {}
  local context = { seed = spec.seed, budget = info.budget, measures = reference.measures }
  local object = {
    schema = 1, adapter = info.adapter, seed = spec.seed, split = spec.split, trust = info.trust,
    sandbox = info.sandbox, arms = {}, contrasts = {}, excluded = excluded,
    reference = reference.measures and reference or nil, judge = noise.judge(records),
    broken = health.checks(records), left_out = info.left_out,
  }
  for i, arm in ipairs(spec.arms) do object.arms[i] = arm_row(arm, by_arm[arm] or {}, kept, context) end
  for _, arm in ipairs(spec.arms) do
    if arm ~= M.CONTROL and by_arm[M.CONTROL] and #kept > 0 then
      local rows = object.contrasts
      rows[#rows + 1] = contrast_row(arm, M.CONTROL, by_arm, kept, context)
    end
  end
  climb(object.contrasts, spec.ladder, by_arm, kept, context)
  correct_family(object.contrasts)
  for _, row in ipairs(object.contrasts) do
    if row.arm == M.REPLICATE then
      row.diagnostic = true
    else
      row.claim = M.claim(row)
    end
    row.zero_width, row.family = nil, nil
  end
  vectors.extend(object, { by_arm = by_arm, tasks = kept, arms = spec.arms, seed = spec.seed, control = M.CONTROL,
    replicate = M.REPLICATE, weights = spec.weights })
  return object, { tasks = #kept, unfinished = unfinished }
end

--- Marks the lists of that object, in place, so that an empty one is written as [].
function M.lists(object)
  for _, field in ipairs { "arms", "contrasts", "excluded" } do json.array(object[field]) end
  if object.objectives then json.array(object.objectives) end
  if object.left_out then json.array(object.left_out) end
  if object.failures then
    json.array(object.failures.classes)
    json.array(object.failures.rungs)
  end
  if object.weighted then
    json.array(object.weighted.arms)
    json.array(object.weighted.contrasts)
  end
  return object
end

return M
