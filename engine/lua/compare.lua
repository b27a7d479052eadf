--- han.compare: arms of stored benches against each other. Pairs match by task, seed and replicate; a missing partner
-- stops the comparison. The contrasts of one table are corrected together by Benjamini-Hochberg, and the table says so.

local contrast = require "han.contrast"
local noise = require "han.noise"
local report = require "han.report"
local stats = require "han.stats"
local vectors = require "han.vectors"

local M = {}

M.CONTROL = "bh"

local function key_of(record)
  return ("%s\0%s\0%s"):format(record.task, record.seed, record.replicate)
end

local function index(records, name)
  local by_key, order = {}, {}
  for _, record in ipairs(records) do
    local key = key_of(record)
    if by_key[key] then return nil, ("%s has the cell %s twice"):format(name, record.cell), "REFUSED" end
    by_key[key] = record
    order[#order + 1] = key
  end
  if #order == 0 then return nil, ("%s has no cells"):format(name), "UNKNOWN" end
  return by_key, order
end

local function missing(mine, theirs, other)
  for key, record in pairs(mine) do
    if not theirs[key] then
      return nil, ("%s has no partner of the cell %s (task, seed and replicate must match); nothing is compared")
        :format(other, record.cell), "REFUSED"
    end
  end
  return true
end

local function score_of(record)
  local value = record.correct
  if value == nil then return 0.0 end
  if type(value) ~= "number" or not (value >= 0 and value <= 1) then
    return nil, ("the score of the cell %s is %s, not a number from 0 to 1"):format(record.cell, tostring(value)),
      "REFUSED"
  end
  return value
end

-- What forbids a pair, or whether its arms had the same budget.
local function check_pair(one, other)
  if one.grp ~= other.grp then
    return nil, ("task %s is in two groups, %s and %s"):format(one.task, one.grp, other.grp), "REFUSED"
  end
  if one.checks ~= other.checks then
    return nil, ("the cell %s was judged by other checks than its partner"):format(one.cell), "REFUSED"
  end
  return true, one.budget == other.budget
end

-- Aligned scores of the pairs without infra failures.
local function align(mine, theirs, order, row)
  local a, b, groups = {}, {}, {}
  for _, key in ipairs(order) do
    local one, other = mine[key], theirs[key]
    local ok, equal, code = check_pair(one, other)
    if not ok then return nil, equal, code end
    if not equal then row.equal_budget = false end
    if one.infra or other.infra then
      row.excluded = row.excluded + 1
    else
      local x, why = score_of(one)
      local y, whose = score_of(other)
      if not x or not y then return nil, why or whose, "REFUSED" end
      a[#a + 1], b[#b + 1], groups[#groups + 1] = x, y, one.grp
    end
  end
  return a, b, groups
end

local function spend_of(records)
  local sum = {}
  for _, record in ipairs(records) do
    for channel, n in pairs(record.spend or {}) do sum[channel] = (sum[channel] or 0) + n end
  end
  return sum
end

-- What the pairs differ by in the objectives beside the primary, where both cells have them.
local function objectives_of(row, mine, theirs, order, seed)
  local rows = {}
  for _, objective in ipairs { "fast", "secure", "cheap" } do
    local a, b, groups = {}, {}, {}
    for _, key in ipairs(order) do
      local one, other = mine[key], theirs[key]
      local x, y = (one.score or {})[objective], (other.score or {})[objective]
      if x and y and not one.infra and not other.infra then
        a[#a + 1], b[#b + 1], groups[#groups + 1] = x, y, one.grp
      end
    end
    if #a > 0 then
      local found = contrast.of(a, b, groups, { seed = seed })
      found.objective, found.a, found.b = objective, row.a, row.b
      rows[#rows + 1] = found
    end
  end
  return rows
end

-- One contrast of two sides { name=, records= }, and those of the other objectives.
local function compare(one, other, seed)
  local mine, order, code = index(one.records, one.name)
  if not mine then return nil, order, code end
  local theirs, why
  theirs, why, code = index(other.records, other.name)
  if not theirs then return nil, why, code end
  local ok
  ok, why, code = missing(mine, theirs, other.name)
  if ok then ok, why, code = missing(theirs, mine, one.name) end
  if not ok then return nil, why, code end
  local row = { a = one.name, b = other.name, arm = one.name, against = other.name, excluded = 0, equal_budget = true }
  local a, b, groups = align(mine, theirs, order, row)
  if not a then return nil, b, groups end
  for name, value in pairs(contrast.of(a, b, groups, { seed = seed })) do row[name] = value end
  row.test, row.method = row.method, nil
  row.spend_a, row.spend_b = spend_of(one.records), spend_of(other.records)
  return row, objectives_of(row, mine, theirs, order, seed)
end

local function add_condition(set, value)
  value = value or "unknown"
  for _, known in ipairs(set) do if known == value then return end end
  set[#set + 1] = value
end

-- One side by itself: its score with an interval by group, what it spent, under what it was judged.
local function arm_of(side, seed)
  local row = { name = side.name, n = 0, solved = 0, excluded = 0, over = 0, spend = spend_of(side.records),
    trust = {}, sandbox = {} }
  local x, groups, total = {}, {}, 0.0
  for _, record in ipairs(side.records) do
    add_condition(row.trust, record.trust)
    add_condition(row.sandbox, record.sandbox)
    if record.over then row.over = row.over + 1 end
    if record.infra then
      row.excluded = row.excluded + 1
    else
      x[#x + 1], groups[#groups + 1] = score_of(record), record.grp
      total = total + x[#x]
      if record.pass then row.solved = row.solved + 1 end
    end
  end
  local interval = stats.mean_ci { x = x, groups = groups, seed = seed }
  row.n = #x
  row.score = { mean = interval and interval.mean or #x > 0 and total / #x or nil, ci = interval and interval.ci }
  row.trust, row.sandbox = table.concat(row.trust, ", "), table.concat(row.sandbox, ", ")
  return row
end

-- The sides, each once, with what they reached in each objective and which no other beats in all of them; and all
-- their cells.
local function arms_of(sides, seed)
  local rows, by_arm, tasks, seen, cells = {}, {}, {}, {}, {}
  for _, pair in ipairs(sides) do
    for _, side in ipairs(pair) do
      if not by_arm[side.name] then
        by_arm[side.name], rows[#rows + 1] = {}, arm_of(side, seed)
        for _, record in ipairs(side.records) do
          local key = key_of(record)
          cells[#cells + 1] = record
          by_arm[side.name][key] = { group = record.grp, score = not record.infra and record.score or nil }
          if not seen[key] then seen[key], tasks[#tasks + 1] = true, key end
        end
      end
    end
  end
  vectors.add(rows, by_arm, tasks, { seed = seed })
  return rows, cells
end

local function claim(row)
  if not row.equal_budget then
    return ("no claim: %s and %s were run under different budgets"):format(row.a, row.b)
  end
  return report.claim(row)
end

--- Compares pairs of sides. sides: { { {name=, records=}, {name=, records=} } ... }; a record is { cell, task, grp,
-- seed, replicate, infra, over, correct, pass, checks, budget, spend, score, trust, sandbox }. The contrasts of the
-- primary are one family, those of the other objectives another.
---@return table|nil {control="bh", contrasts={...}, objectives={...}, arms={ {name, n, solved, score, spend, excluded,
-- over, trust, sandbox, vector, pareto} ... }, judge=}
function M.table_of(sides, seed)
  local rows, others = {}, {}
  for i, pair in ipairs(sides) do
    local row, why, code = compare(pair[1], pair[2], seed)
    if not row then return nil, why, code end
    rows[i] = row
    for _, other in ipairs(why) do others[#others + 1] = other end
  end
  contrast.correct(rows)
  contrast.correct(others)
  for _, row in ipairs(rows) do
    row.claim = claim(row)
    row.arm, row.against = nil, nil
  end
  for _, list in ipairs { rows, others } do
    for _, row in ipairs(list) do row.family, row.zero_width = nil, nil end
  end
  local arms, cells = arms_of(sides, seed)
  return { control = M.CONTROL, contrasts = rows, objectives = others, arms = arms, judge = noise.judge(cells) }
end

return M
