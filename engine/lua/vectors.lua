--- han.vectors: verdicts and scores as vectors. What each arm reached in each objective, which arms no other beats in
-- all of them, and how the objectives beside the primary differ from the control. Nothing is collapsed into one number
-- unless the user names weights. Pure.
--
-- An objective that was not measured is absent, neither 0 nor 1: a mean counts the cells that have it, a contrast the
-- tasks where both cells have it, and both say how many those are.

local contrast = require "han.contrast"
local shape = require "han.shape"
local stats = require "han.stats"

local M = {}

M.OBJECTIVES = { "correct", "fast", "secure", "cheap" }
local ALPHA = 0.05

local function measure(record, objective)
  local score = record and record.score
  local value = type(score) == "table" and score[objective] or nil
  return type(value) == "number" and value or nil
end

local function is_objective(name)
  for _, objective in ipairs(M.OBJECTIVES) do
    if objective == name then return true end
  end
  return false
end

-- ---- one arm ----

local function mean_of(x, groups, seed)
  if #x == 0 then return nil end
  local total = 0.0
  for _, value in ipairs(x) do total = total + value end
  local interval = stats.mean_ci { x = x, groups = groups, seed = seed, alpha = ALPHA }
  return { mean = interval and interval.mean or total / #x, ci = interval and interval.ci, n = #x }
end

local function of_arm(by_task, tasks, seed)
  local vector, others = {}, false
  for _, objective in ipairs(M.OBJECTIVES) do
    local x, groups = {}, {}
    for _, task in ipairs(tasks) do
      local value = measure(by_task[task], objective)
      if value then x[#x + 1], groups[#groups + 1] = value, by_task[task].group end
    end
    vector[objective] = mean_of(x, groups, seed)
    others = others or objective ~= "correct" and vector[objective] ~= nil
  end
  return others and vector or nil
end

-- ---- Pareto ----

-- The objectives that every one of these rows has.
local function shared(rows)
  local list = {}
  for _, objective in ipairs(M.OBJECTIVES) do
    local all = #rows > 0
    for _, row in ipairs(rows) do all = all and row.vector ~= nil and row.vector[objective] ~= nil end
    if all then list[#list + 1] = objective end
  end
  return list
end

-- The front is one of estimates: arms whose intervals overlap may stand in it, or behind it, by chance.
local function rank(rows)
  local over = shared(rows)
  if #over < 2 then return end
  local points, minimize = {}, {}
  for i, row in ipairs(rows) do
    points[i] = {}
    for k, objective in ipairs(over) do points[i][k] = row.vector[objective].mean end
  end
  for k in ipairs(over) do minimize[k] = false end
  local result = stats.pareto { points = points, minimize = minimize }
  for i, row in ipairs(result and rows or {}) do
    row.pareto = { rank = result.rank[i], objectives = over }
  end
end

-- ---- contrasts ----

local function pairs_of(mine, theirs, tasks, value_of)
  local a, b, groups = {}, {}, {}
  for _, task in ipairs(tasks) do
    local x, y = value_of(mine[task]), value_of(theirs[task])
    if x and y then a[#a + 1], b[#b + 1], groups[#groups + 1] = x, y, mine[task].group end
  end
  return a, b, groups
end

local function contrasts(context, objectives, value_for)
  local rows = {}
  for _, objective in ipairs(objectives) do
    for _, arm in ipairs(context.arms) do
      if arm ~= context.control then
        local a, b, groups = pairs_of(context.by_arm[arm] or {}, context.by_arm[context.control] or {}, context.tasks,
          value_for(objective))
        local row = contrast.of(a, b, groups, { seed = context.seed, alpha = ALPHA })
        row.objective, row.arm, row.against = objective, arm, context.control
        row.diagnostic = arm == context.replicate or nil
        if row.n > 0 then rows[#rows + 1] = row end
      end
    end
  end
  local tested = {}
  for _, row in ipairs(rows) do
    if not row.diagnostic then tested[#tested + 1] = row end
  end
  contrast.correct(tested)
  for _, row in ipairs(rows) do row.zero_width = nil end
  return rows
end

-- ---- weights ----

--- "correct=1,fast=0.2" as { correct = 1.0, fast = 0.2 }; nil, message, "INVALID".
function M.read_weights(text)
  local weights, total = {}, 0.0
  for part in (text .. ","):gmatch("([^,]*),") do
    local name, given = part:match("^%s*([%w_]+)%s*=%s*(%S+)%s*$")
    if not name then return nil, ("'%s' is not OBJECTIVE=WEIGHT, as in correct=1,fast=0.2"):format(part), "INVALID" end
    if not is_objective(name) then
      return nil, ("there is no objective '%s'%s"):format(name, shape.hint(name, M.OBJECTIVES)), "INVALID"
    end
    if weights[name] then return nil, ("%s is given twice"):format(name), "INVALID" end
    local value = (given:find("^%d+%.?%d*$") or given:find("^%.%d+$")) and tonumber(given)
    if not value or value > 1e6 then
      return nil, ("the weight of %s must be a number from 0 to 1000000, got '%s'"):format(name, given), "INVALID"
    end
    weights[name], total = value + 0.0, total + value
  end
  if total <= 0 then return nil, "at least one weight must be above 0", "INVALID" end
  return weights
end

--- The weighted mean of a score; nil when an objective that carries weight was not measured.
function M.collapse(score, weights)
  local sum, total = 0.0, 0.0
  for _, objective in ipairs(M.OBJECTIVES) do
    local weight = weights[objective] or 0
    local value = weight > 0 and measure({ score = score }, objective)
    if weight > 0 and not value then return nil end
    if weight > 0 then sum, total = sum + weight * value, total + weight end
  end
  return total > 0 and sum / total or nil
end

local function weighted(context, weights)
  local function value_of(record) return record and M.collapse(record.score, weights) end
  local object = { weights = weights, arms = {} }
  for i, arm in ipairs(context.arms) do
    local x, groups = {}, {}
    for _, task in ipairs(context.tasks) do
      local record = (context.by_arm[arm] or {})[task]
      local value = value_of(record)
      if value then x[#x + 1], groups[#groups + 1] = value, record.group end
    end
    local row = mean_of(x, groups, context.seed) or { n = 0 }
    row.name = arm
    object.arms[i] = row
  end
  object.contrasts = contrasts(context, { "weighted" }, function() return value_of end)
  return object
end

-- ---- the bench ----

--- Adds `vector` and `pareto` to rows of arms, each with a `name`; nothing where there is only `correct`.
---@param rows table[]
---@param by_arm table { [name] = { [task] = record } }
---@param tasks table keys of by_arm's tables, in order
---@param options table {seed=, replicate= (name of a row that is not ranked)}
function M.add(rows, by_arm, tasks, options)
  local ranked = {}
  for _, row in ipairs(rows) do
    row.vector = of_arm(by_arm[row.name] or {}, tasks, options.seed)
    if row.name ~= options.replicate then ranked[#ranked + 1] = row end
  end
  rank(ranked)
end

--- The objectives beside `correct` that a row of M.add has.
function M.present(rows)
  local list = {}
  for _, objective in ipairs { "fast", "secure", "cheap" } do
    for _, row in ipairs(rows) do
      if row.vector and row.vector[objective] then list[#list + 1] = objective break end
    end
  end
  return list
end

--- Adds to the object of a bench what its scores hold beside `correct`: `vector` and `pareto` for each arm,
--- `objectives` (contrasts of the others, corrected together) and, with weights, `weighted`. Nothing is added where
--- there is only `correct`. context: { by_arm, tasks, arms, seed, control, replicate, weights = or nil }.
function M.extend(object, context)
  M.add(object.arms, context.by_arm, context.tasks, context)
  local present = M.present(object.arms)
  if #present > 0 then
    object.objectives = contrasts(context, present, function(objective)
      return function(record) return measure(record, objective) end
    end)
  end
  if context.weights then object.weighted = weighted(context, context.weights) end
  return object
end

return M
