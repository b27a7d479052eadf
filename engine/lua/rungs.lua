--- han.rungs: what a bench with arms that patch says of the failures: for each arm and class of failure the tasks, what
-- was solved, won back and broken; for each rung of the ladder the shots, what they gained and what was refused. Pure:
-- it reads the records and their traces.
--
-- of(records) -> { classes = { { arm=, class= or "all", tasks=, solved=, score = mean, regressions=, evals = mean } },
--     rungs = { { arm=, rung=, shots=, gained=, solved=, refused = { CODE = count } } } }; nil when no shot patches
--   class        of the text that a task begins with, as its first shot saw it
--   solved       cells whose kept text passes its verifier
--   regressions  tests that passed at first and do not in the kept text, of all cells together
--   gained       shots whose text passes more than every earlier one of the cell

local failure = require "han.failure"
local ladder = require "han.ladder"
local value = require "han.value"

local M = {}

local EPSILON = 1e-9

local function spans_of(attempt)
  local spans = attempt.spans
  return type(spans) == "string" and value.decode(spans) or spans or {}
end

local function first_of(spans, kind)
  for _, span in ipairs(spans) do
    if span.kind == kind then return span end
  end
  return nil
end

-- What the first shot saw of the text that it began with: { class=, failing = set of tests, share = that pass }.
local function start_of(spans)
  local seen = first_of(spans, "coverage")
  local out = { failing = {} }
  if seen then
    out.class = failure.whole(seen.failing)
    for _, row in ipairs(seen.failing) do out.failing[row.test] = true end
  else
    seen = first_of(spans, "tests")
    if not seen then return nil end
    out.class = seen.class or "UNKNOWN"
    for _, name in ipairs(seen.failing or {}) do out.failing[name] = true end
  end
  out.share = seen.total and seen.total > 0 and seen.passed / seen.total or 0
  return out
end

local function row_of(list, index, key, new)
  if not index[key] then
    index[key] = new
    list[#list + 1] = new
  end
  return index[key]
end

-- Tests that passed at first and do not now.
local function broken(start, verdict)
  local raw = type(verdict) == "table" and type(verdict.raw) == "table" and verdict.raw or {}
  local n = 0
  for _, test in ipairs(type(raw.failing) == "table" and raw.failing or {}) do
    if not start.failing[test] then n = n + 1 end
  end
  return n
end

local function add_cell(out, record, start)
  for _, class in ipairs { start.class, "all" } do
    local row = row_of(out.classes, out.index, record.arm .. "\0" .. class, { arm = record.arm, class = class,
      tasks = 0, solved = 0, score = 0.0, regressions = 0, evals = 0.0 })
    row.tasks = row.tasks + 1
    row.solved = row.solved + (record.verdict and record.verdict.pass and 1 or 0)
    row.score = row.score + (record.score and record.score.correct or 0)
    row.regressions = row.regressions + broken(start, record.verdict)
    row.evals = row.evals + (record.spend and record.spend.evals or 0)
  end
end

-- One shot on its rung; the share that passes after it, the best so far.
local function add_shot(out, record, attempt, spans, best)
  local rules = first_of(spans, "patch")
  local verdict = attempt.verdict
  local share = verdict and verdict.correct or 0
  if rules then
    local row = row_of(out.rungs, out.index, record.arm .. "\1" .. rules.rung, { arm = record.arm, rung = rules.rung,
      shots = 0, gained = 0, solved = 0, refused = {} })
    row.shots = row.shots + 1
    row.gained = row.gained + (share > best + EPSILON and 1 or 0)
    row.solved = row.solved + (verdict and verdict.pass and 1 or 0)
    for _, span in ipairs(spans) do
      if span.kind == "refused" then row.refused[span.code] = (row.refused[span.code] or 0) + span.count end
    end
  end
  return math.max(best, share)
end

local function add_record(out, record)
  local start, best
  for _, attempt in ipairs(record.attempts or {}) do
    local spans = spans_of(attempt)
    if not start then
      start = start_of(spans)
      if not start then return end
      add_cell(out, record, start)
      best = start.share
    end
    best = add_shot(out, record, attempt, spans, best)
  end
end

-- Whether any arm patches, from the first cell of each that made a shot: traces are long, and most benches have none.
local function patches(records)
  local asked = {}
  for _, record in ipairs(records) do
    local attempt = not asked[record.arm] and record.attempts and record.attempts[1]
    if attempt then
      asked[record.arm] = true
      if first_of(spans_of(attempt), "patch") then return true end
    end
  end
  return false
end

local function place_of(list, wanted)
  for i, name in ipairs(list) do
    if name == wanted then return i end
  end
  return #list + 1
end

local function sort(rows, field, order)
  table.sort(rows, function(a, b)
    if a.arm ~= b.arm then return a.arm < b.arm end
    return place_of(order, a[field]) < place_of(order, b[field])
  end)
end

--- See the head of this file.
---@param records table
---@return table|nil
function M.of(records)
  if not patches(records) then return nil end
  local out = { classes = {}, rungs = {}, index = {} }
  for _, record in ipairs(records) do
    if not record.infra then add_record(out, record) end
  end
  for _, row in ipairs(out.classes) do
    row.score, row.evals = row.score / row.tasks, row.evals / row.tasks
  end
  sort(out.classes, "class", failure.CLASSES)
  sort(out.rungs, "rung", ladder.RUNGS)
  return { classes = out.classes, rungs = out.rungs }
end

return M
