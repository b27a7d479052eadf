--- han.pass_at: how often at least one of k samples solves a task, estimated from n samples of each. From the
-- records of cells to the figures that `han bench --k` prints. Pure: the same records and seed give the same object.
--
-- The unit of inference is the group, not the sample: samples of one task are not independent of it.

local contrast = require "han.contrast"
local health = require "han.health"
local noise = require "han.noise"
local stats = require "han.stats"

local M = {}

local ALPHA = 0.05

--- The unbiased estimate of pass@k from n samples of which c are right: 1 - C(n-c, k) / C(n, k), as a product whose
--- factors lie between 0 and 1, so that nothing overflows or cancels (Chen et al., 2021, arXiv:2107.03374, eq. 1 and
--- fig. 3).
---@param n integer samples
---@param c integer right ones, 0 to n
---@param k integer 1 to n
---@return number
function M.of(n, c, k)
  if k < 1 or k > n or c < 0 or c > n then error("pass_at.of: 1 <= k <= n and 0 <= c <= n must hold", 2) end
  if n - c < k then return 1.0 end -- every choice of k holds a right one
  local none = 1.0
  for i = n - c + 1, n do none = none * (1.0 - k / i) end
  return 1.0 - none
end

local SEPARATOR = "~" -- between the name of an arm and the number of its sample

--- The arms of `samples` samples each: the first bears the arm's own name. Samples share no random numbers.
---@param arms table[] as han.cells takes them
---@param samples integer
---@return table[]
function M.spread(arms, samples)
  local list = {}
  for _, arm in ipairs(arms) do
    for i = 1, samples do
      local copy = {}
      for field, value in pairs(arm) do copy[field] = value end
      copy.replicate = i - 1
      if i > 1 then copy.name = ("%s%s%d"):format(arm.name, SEPARATOR, i) end
      list[#list + 1] = copy
    end
  end
  return list
end

local function base_of(name) return name:match("^(.*)" .. SEPARATOR .. "%d+$") or name end

-- ---- from records to counts ----

-- Tasks in order, each { task=, group=, arms = { [base] = { n=, c= } } }, and the cells that infra took.
local function count(records)
  local tasks, by_task, excluded = {}, {}, {}
  for _, record in ipairs(records) do
    local row = by_task[record.task]
    if not row then
      row = { task = record.task, group = record.group, arms = {} }
      by_task[record.task], tasks[#tasks + 1] = row, row
    end
    local base = base_of(record.arm)
    local counts = row.arms[base] or { n = 0, c = 0 }
    row.arms[base] = counts
    if record.infra then
      row.lost = true
      excluded[#excluded + 1] = { cell = record.cell, reason = record.reason or "infra" }
    else
      counts.n = counts.n + 1
      if type(record.score) == "table" and record.score.pass == true then counts.c = counts.c + 1 end
    end
  end
  return tasks, excluded
end

-- Tasks of which every arm has all its samples. How many an interrupt cut off.
local function whole(tasks, bases, samples)
  local kept, unfinished = {}, 0
  for _, row in ipairs(tasks) do
    local all = not row.lost
    for _, base in ipairs(bases) do all = all and row.arms[base] and row.arms[base].n == samples end
    if all then kept[#kept + 1] = row elseif not row.lost then unfinished = unfinished + 1 end
  end
  return kept, unfinished
end

local function estimates(tasks, base, k)
  local x, groups, sum, seen, distinct = {}, {}, 0.0, {}, 0
  for i, row in ipairs(tasks) do
    x[i], groups[i] = M.of(row.arms[base].n, row.arms[base].c, k), row.group
    sum = sum + x[i]
    if not seen[row.group] then distinct = distinct + 1 end
    seen[row.group] = true
  end
  return x, groups, sum, distinct
end

local function row_of(base, tasks, spec, spend)
  local row = { name = base, n = #tasks, samples = spec.samples, solved = 0, right = 0, pass_at = {},
    spend = spend.sum, spend_max = spend.most }
  for _, task in ipairs(tasks) do
    local c = task.arms[base].c
    row.right = row.right + c
    if c > 0 then row.solved = row.solved + 1 end
  end
  for i, k in ipairs(spec.k == 1 and { 1 } or { 1, spec.k }) do
    local x, groups, sum, distinct = estimates(tasks, base, k)
    local interval = stats.mean_ci { x = x, groups = groups, seed = spec.seed, alpha = ALPHA }
    row.groups = distinct
    row.pass_at[i] = { k = k, mean = #x > 0 and sum / #x or nil, ci = interval and interval.ci or nil }
  end
  return row
end

local function spend_of(records)
  local by = {}
  for _, record in ipairs(records) do
    local base = base_of(record.arm)
    local row = by[base] or { sum = {}, most = {} }
    by[base] = row
    for channel, n in pairs(record.spend or {}) do
      row.sum[channel] = (row.sum[channel] or 0) + n
      row.most[channel] = math.max(row.most[channel] or 0, n)
    end
  end
  return by
end

-- Each arm against the first, by pass@k.
local function contrasts_of(tasks, bases, spec)
  local rows = {}
  for i = 2, #bases do
    local a, groups, _, distinct = estimates(tasks, bases[i], spec.k)
    local b = estimates(tasks, bases[1], spec.k)
    local found = contrast.of(a, b, groups, { seed = spec.seed, alpha = ALPHA })
    rows[#rows + 1] = { arm = bases[i], against = bases[1], n = #tasks, groups = distinct, lift = found.lift,
      ci = found.ci, p = found.p, test = found.method }
  end
  contrast.correct(rows)
  for _, row in ipairs(rows) do row.family = nil end
  return rows
end

--- The object that `han bench --k --json` prints. spec: { arms = names, k=, samples=, seed=, split= }; info: what
--- han.cells gives beside the records.
---@param records table[]
---@param spec table
---@param info table
---@return table object
---@return table counts { tasks=, unfinished= }
function M.report(records, spec, info)
  local bases, seen = {}, {}
  for _, name in ipairs(spec.arms) do
    local base = base_of(name)
    if not seen[base] then bases[#bases + 1] = base end
    seen[base] = true
  end
  local tasks, excluded = count(records)
  local kept, unfinished = whole(tasks, bases, spec.samples)
  local spend = spend_of(records)
  local object = { schema = 1, adapter = info.adapter, seed = spec.seed, split = spec.split, trust = info.trust,
    sandbox = info.sandbox, k = spec.k, samples = spec.samples, budget = info.budget, arms = {}, contrasts = {},
    excluded = excluded, judge = noise.judge(records), broken = health.checks(records), left_out = info.left_out }
  for i, base in ipairs(bases) do object.arms[i] = row_of(base, kept, spec, spend[base] or { sum = {}, most = {} }) end
  if #kept > 0 then object.contrasts = contrasts_of(kept, bases, spec) end
  return object, { tasks = #kept, unfinished = unfinished }
end

return M
