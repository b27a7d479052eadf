--- han.zoom.figures: what runs that zoom did, over many of them: how much of the steps went to blocks, from the first
-- quarter of a run to the last; whether work drops back to blocks after a change of the wiring; what lazy invalidation
-- saved; who solved more. From cells as they are stored; every figure has an interval by group. Pure.

local contrast = require "han.contrast"
local credit = require "han.zoom.credit"
local stats = require "han.stats"

local M = {}

M.QUARTERS = 4

-- A cell as it is counted: { arm=, task=, group=, correct=, solved=, steps = list or nil, calls=, all= }.
--- What counts of a cell. cell: { arm=, task=, group=, correct=, solved=, decisions=, spans = lists of spans of its
-- attempts }.
function M.read(cell)
  local row = { arm = cell.arm, task = cell.task, group = cell.group, correct = cell.correct or 0.0,
    solved = cell.solved and 1 or 0, steps = credit.episode(cell.decisions, false), calls = 0, all = 0 }
  for _, spans in ipairs(cell.spans or {}) do
    for _, span in ipairs(spans) do
      if span.kind == "retest" then row.calls, row.all = row.calls + span.calls, row.all + span.all end
    end
  end
  return row
end

local function is_local(step) return step.level == "block" and 1 or 0 end

-- Mean of a number of each cell, by group; nil where no cell has one.
local function mean_of(rows, number_of, seed)
  local x, groups = {}, {}
  for _, row in ipairs(rows) do
    local value = number_of(row)
    if value then x[#x + 1], groups[#groups + 1] = value, row.group end
  end
  if #x == 0 then return nil end
  local found = stats.mean_ci { x = x, groups = groups, seed = seed or 0 }
  if found then return { mean = found.mean, ci = found.ci, n = #x } end
  local sum = 0.0
  for _, value in ipairs(x) do sum = sum + value end
  return { mean = sum / #x, n = #x }
end

--- Which quarter of n steps the k-th is in.
function M.quarter_of(k, n) return math.min(M.QUARTERS, ((k - 1) * M.QUARTERS) // n + 1) end

--- The share of local targets in each quarter of a run's steps: what a cell counts is its own share.
function M.quarter_share(row, quarter)
  local n, locals, of = row.steps and #row.steps or 0, 0, 0
  for k = 1, n do
    if M.quarter_of(k, n) == quarter then
      locals, of = locals + is_local(row.steps[k]), of + 1
    end
  end
  return of > 0 and locals / of or nil
end

-- The share of local targets right after a kept change of the assembly ("after"), or after any other step ("else").
local function share_after(row, which)
  local locals, of = 0, 0
  for k = 2, row.steps and #row.steps or 0 do
    local before = row.steps[k - 1]
    local rewired = before.kept and before.level == "assembly"
    if rewired == (which == "after") then locals, of = locals + is_local(row.steps[k]), of + 1 end
  end
  return of > 0 and locals / of or nil
end

local function drop_back(rows, seed)
  local out = {}
  for _, which in ipairs { "after", "else" } do
    out[which] = mean_of(rows, function(row) return share_after(row, which) end, seed)
  end
  out.difference = mean_of(rows, function(row)
    local a, b = share_after(row, "after"), share_after(row, "else")
    return a and b and a - b or nil
  end, seed)
  return out
end

local function saved_of(rows, seed)
  local calls, all = 0, 0
  for _, row in ipairs(rows) do calls, all = calls + row.calls, all + row.all end
  if all == 0 then return nil end
  return { calls = calls, all = all, share = mean_of(rows, function(row)
    return row.all > 0 and 1 - row.calls / row.all or nil
  end, seed) }
end

--- The figures of one arm's cells.
---@param rows table[] as M.read gives them
function M.arm(rows, seed)
  local out = { cells = #rows, runs = 0, quarters = {}, back = drop_back(rows, seed), saved = saved_of(rows, seed) }
  for _, row in ipairs(rows) do out.runs = out.runs + (row.steps and 1 or 0) end
  for quarter = 1, M.QUARTERS do
    out.quarters[quarter] = mean_of(rows, function(row) return M.quarter_share(row, quarter) end, seed)
  end
  return out
end

local function by_task(rows)
  local out = {}
  for _, row in ipairs(rows) do out[row.task] = row end
  return out
end

-- arm minus against on the tasks that both have; number_of may give nil.
local function contrast_of(arm, against, number_of, seed)
  local a, b, groups, other = {}, {}, {}, by_task(against)
  for _, row in ipairs(arm) do
    local x, y = number_of(row), other[row.task] and number_of(other[row.task])
    if x and y then a[#a + 1], b[#b + 1], groups[#groups + 1] = x, y, row.group end
  end
  if #a == 0 then return nil end
  return contrast.of(a, b, groups, { seed = seed or 0 })
end

local measures = {
  { name = "score", of = function(row) return row.correct end },
  { name = "solved", of = function(row) return row.solved end },
}

--- One arm against each of the others: score and solved, one family corrected by Benjamini-Hochberg; and the share of
-- local targets in each quarter, a family of its own.
---@param arms table { name -> rows }
---@param order string[]
---@param name string
function M.against(arms, order, name, seed)
  local outcomes, shares = {}, {}
  local function add(list, other, measure, number_of)
    local row = contrast_of(arms[name], arms[other], number_of, seed)
    if row then
      row.measure, row.arm, row.against = measure, name, other
      list[#list + 1] = row
    end
  end
  for _, other in ipairs(order) do
    if other ~= name and not other:find("#", 1, true) then -- a replicate is no arm of its own
      for _, measure in ipairs(measures) do add(outcomes, other, measure.name, measure.of) end
      for quarter = 1, M.QUARTERS do
        add(shares, other, ("local, quarter %d"):format(quarter), function(row)
          return M.quarter_share(row, quarter)
        end)
      end
    end
  end
  contrast.correct(outcomes)
  contrast.correct(shares)
  return outcomes, shares
end

return M
