--- han.compare: arms of stored benches against each other. Pairs match by task, seed and replicate; a missing partner
-- stops the comparison. The contrasts of one table are corrected together by Benjamini-Hochberg, and the table says so.

local contrast = require "han.contrast"
local report = require "han.report"

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

-- One contrast of two sides { name=, records= }.
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
  return row
end

local function claim(row)
  if not row.equal_budget then
    return ("no claim: %s and %s were run under different budgets"):format(row.a, row.b)
  end
  return report.claim(row)
end

--- Compares pairs of sides. sides: { { {name=, records=}, {name=, records=} } ... }; a record is { cell, task, grp,
-- seed, replicate, infra, correct, checks, budget, spend }.
---@return table|nil {control="bh", contrasts={...}}
function M.table_of(sides, seed)
  local rows = {}
  for i, pair in ipairs(sides) do
    local row, why, code = compare(pair[1], pair[2], seed)
    if not row then return nil, why, code end
    rows[i] = row
  end
  contrast.correct(rows)
  for _, row in ipairs(rows) do
    row.claim = claim(row)
    row.arm, row.against, row.family, row.zero_width = nil, nil, nil, nil
  end
  return { control = M.CONTROL, contrasts = rows }
end

return M
