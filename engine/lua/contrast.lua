--- han.contrast: two arms on the same tasks. From aligned scores to counts, lift, interval and the p-value by which
-- families are corrected: exact under exchangeable arms at every level, which the bootstrap's own is not far out in
-- its tail (docs/statistics.md). Pure; the unit is the group.

local stats = require "han.stats"

local M = {}

M.BOOTSTRAP_FROM = 20 -- groups; below it the exact sign test decides

local function count_groups(groups)
  local seen, n = {}, 0
  for _, group in ipairs(groups) do
    if not seen[group] then n = n + 1 end
    seen[group] = true
  end
  return n
end

local function is_two_valued(a, b)
  for i = 1, #a do
    if a[i] ~= 0 and a[i] ~= 1 or b[i] ~= 0 and b[i] ~= 1 then return false end
  end
  return true
end

-- What p means for these data: pairs of 0 and 1, one a group; few groups; many.
local function method_of(row, a, b)
  if row.groups == row.n and is_two_valued(a, b) then return "mcnemar" end
  return row.groups < M.BOOTSTRAP_FROM and "sign" or "permutation"
end

local function mean(x, y)
  local sum = 0.0
  for i = 1, #x do sum = sum + (x[i] - y[i]) end
  return #x > 0 and sum / #x or nil
end

--- The contrast a - b. options: seed (0), alpha (0.05).
---@param a number[]
---@param b number[]
---@param groups (string|number)[]
---@param options table|nil
---@return table row {n, groups, wins, ties, losses (of groups), lift, ci, p, p_method, zero_width, method}; what the
-- data cannot say is absent
function M.of(a, b, groups, options)
  options = options or {}
  local seed, alpha = options.seed or 0, options.alpha or 0.05
  local row = { n = #a, groups = count_groups(groups), wins = 0, ties = 0, losses = 0, lift = mean(a, b) }
  if row.n == 0 then return row end
  row.method = method_of(row, a, b)
  local sign = stats.sign { a = a, b = b, groups = groups }
  if sign then row.wins, row.ties, row.losses, row.p = sign.wins, sign.ties, sign.losses, sign.p end
  local interval = stats.paired { a = a, b = b, groups = groups, seed = seed, alpha = alpha }
  if interval then row.lift, row.ci, row.zero_width = interval.mean, interval.ci, interval.zero_width end
  if row.method == "mcnemar" then
    local test = stats.mcnemar { a = a, b = b }
    row.p = test and test.p
  elseif row.method == "permutation" then
    local test = stats.permutation { a = a, b = b, groups = groups, seed = seed }
    row.p = test and test.p
  end
  return row
end

--- Adds q (Benjamini-Hochberg) and family (how many were corrected together) to rows that have a p.
function M.correct(rows)
  local p, tested = {}, {}
  for _, row in ipairs(rows) do
    if row.p then p[#p + 1], tested[#tested + 1] = row.p, row end
  end
  if #p == 0 then return end
  local corrected = stats.bh { p = p }
  for i, row in ipairs(tested) do row.q, row.family = corrected and corrected.q[i], #p end
end

return M
