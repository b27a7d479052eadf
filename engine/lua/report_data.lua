--- han.report_data: from the records of a stored bench to the numbers that the page of `han report` draws.
-- Pure. The tasks are those of the bench's object: a task with an excluded or a missing cell is in no drawing.

local M = {}

M.CHANNELS = { "shots", "evals", "tokens", "turns", "nano_usd" }

local function by_task(records, arms)
  local known, map, order = {}, {}, {}
  for _, arm in ipairs(arms) do known[arm] = true end
  for _, record in ipairs(records) do
    if known[record.arm] then
      if not map[record.task] then
        map[record.task] = { task = record.task, group = record.group, cells = {} }
        order[#order + 1] = map[record.task]
      end
      map[record.task].cells[record.arm] = record
    end
  end
  return order
end

--- The tasks that every arm finished without infra failure: { task=, group=, cells = { arm = record } }.
function M.tasks(records, arms)
  local kept = {}
  for _, row in ipairs(by_task(records, arms)) do
    local whole = true
    for _, arm in ipairs(arms) do
      local record = row.cells[arm]
      whole = whole and record ~= nil and not record.infra
    end
    if whole then kept[#kept + 1] = row end
  end
  return kept
end

--- How many tasks are drawn, and how many were cut off before every arm had finished them.
function M.counts(records, arms)
  local counts = { tasks = #M.tasks(records, arms), unfinished = 0 }
  for _, row in ipairs(by_task(records, arms)) do
    local missing = false
    for _, arm in ipairs(arms) do missing = missing or not row.cells[arm] end
    if missing then counts.unfinished = counts.unfinished + 1 end
  end
  return counts
end

--- The channels in which a ceiling was declared or something was spent, in the order of printing.
function M.channels(tasks)
  local seen, list = {}, {}
  for _, row in ipairs(tasks) do
    for _, record in pairs(row.cells) do
      for channel in pairs(record.budget or {}) do seen[channel] = true end
      for channel in pairs(record.spend or {}) do seen[channel] = true end
    end
  end
  for _, channel in ipairs(M.CHANNELS) do
    if seen[channel] then list[#list + 1] = channel end
  end
  return list
end

--- What an arm spent in a channel: { spent=, ceiling=, most=, cells=, unknown= }. `ceiling` is absent when a cell
--- declared none; `unknown` counts the cells whose spend was not measured.
function M.spend(tasks, arm, channel)
  local sum = { spent = 0, ceiling = 0, most = 0, cells = #tasks, unknown = 0 }
  for _, row in ipairs(tasks) do
    local record = row.cells[arm]
    local spent, ceiling = (record.spend or {})[channel], (record.budget or {})[channel]
    if spent then
      sum.spent, sum.most = sum.spent + spent, math.max(sum.most, spent)
    else
      sum.unknown = sum.unknown + 1
    end
    sum.ceiling = ceiling and sum.ceiling and sum.ceiling + ceiling or nil
  end
  return sum
end

-- One cell in a burn-down: after shot k it has spent so much, and while another shot follows it still holds the rest.
local function burn_cell(curve, record, channel, last)
  local ceiling, spent = record.budget[channel], 0
  local shots = record.shots or {}
  for k = 0, last do
    if k > 0 and shots[k] then spent = spent + (shots[k][channel] or 0) end
    curve.spent[k + 1] = (curve.spent[k + 1] or 0) + spent
    local held = k < #shots and math.max(0, ceiling - spent) or 0
    curve.reserved[k + 1] = (curve.reserved[k + 1] or 0) + held
  end
end

local function share(curve, total)
  for i, value in ipairs(curve) do curve[i] = value / total end
end

--- The burn-down of a channel, as shares of all ceilings of the arm: after shot 0, 1, ... what was spent, and what is
--- still reserved by cells that go on. nil when no ceiling was declared or nothing was tried.
function M.burn(tasks, arms, channel)
  local last, curves = 0, {}
  for _, row in ipairs(tasks) do
    for _, arm in ipairs(arms) do last = math.max(last, #(row.cells[arm].shots or {})) end
  end
  if last == 0 then return nil end
  for i, arm in ipairs(arms) do
    local total = M.spend(tasks, arm, channel).ceiling
    if not total or total == 0 then return nil end
    curves[i] = { arm = arm, spent = {}, reserved = {} }
    for _, row in ipairs(tasks) do burn_cell(curves[i], row.cells[arm], channel, last) end
    share(curves[i].spent, total)
    share(curves[i].reserved, total)
  end
  return { shots = last, curves = curves }
end

local function score_of(record)
  local score = record.score
  return type(score) == "table" and type(score.correct) == "number" and score.correct or 0.0
end
M.score_of = score_of

--- The differences of an arm to its control, best first: { task=, group=, a=, b=, d= }.
function M.differences(tasks, arm, against)
  local list = {}
  for i, row in ipairs(tasks) do
    local a, b = score_of(row.cells[arm]), score_of(row.cells[against])
    list[i] = { task = row.task, group = row.group, a = a, b = b, d = a - b }
  end
  table.sort(list, function(x, y)
    if x.d ~= y.d then return x.d > y.d end
    return x.task < y.task
  end)
  return list
end

return M
