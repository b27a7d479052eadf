-- han.firewall: what may steer, and what an author may know. A finding says where it was made (its origin,
-- set at the source); a judge's score and anything from a holdout never enter a run, and an author sees
-- evidence of train rows alone. A breach aborts; it is never filtered out in silence.

local M = {}

local may_steer = { trace = true, artifact = true, verifier = true, agent = true }

local function refuse(place, origin)
  error { code = "FIREWALL",
    message = ("FIREWALL: %s has origin '%s'; only trace, artifact, verifier and agent may steer"):format(place,
      tostring(origin)) }
end

local function origin_of(finding) return type(finding) == "table" and finding.origin or "agent" end

--- Raises FIREWALL when one of the findings may not steer, in whatever shape it comes, and INVALID when the value is no
--- list. Findings without an origin come from an agent's own program.
---@param steer table[]|nil
function M.check_steer(steer)
  if steer == nil then return end
  if type(steer) ~= "table" then
    error { code = "INVALID", message = "steer must be a list of findings" }
  end
  if steer.origin ~= nil and not may_steer[steer.origin] then refuse("steer", steer.origin) end
  for i, finding in pairs(steer) do
    if not may_steer[origin_of(finding)] then refuse(("steer[%s]"):format(tostring(i)), finding.origin) end
    if math.type(i) ~= "integer" then
      error { code = "INVALID", message = "steer must be a list of findings" }
    end
  end
end

-- ---- authors ----

-- Fields that only a judge, a gate or a task's private part has.
local SECRET = { score = true, private = true, held = true, holdout = true, hidden = true, judge = true, gate = true }
local DEPTH = 64
local checked = setmetatable({}, { __mode = "k" }) -- what `evidence` made

local function breach(place, what)
  error { code = "FIREWALL", message = ("FIREWALL: %s %s; an author sees train evidence only"):format(place, what) }
end

local function walk(value, place, depth, seen)
  if type(value) ~= "table" or checked[value] or seen[value] then return end
  if depth > DEPTH then error { code = "INVALID", message = place .. ": nested too deep for an author's input" } end
  seen[value] = true
  local split, origin = rawget(value, "split"), rawget(value, "origin")
  if split ~= nil and split ~= "train" then breach(place, ("is of split %s"):format(tostring(split))) end
  if origin ~= nil and not may_steer[origin] then breach(place, ("has origin %s"):format(tostring(origin))) end
  for key, item in next, value do
    if SECRET[key] then breach(place, ("holds the field '%s'"):format(key)) end
    walk(item, ("%s.%s"):format(place, tostring(key)), depth + 1, seen)
  end
end

--- The one door to an author: raises FIREWALL when its input holds a row of another split than train, a finding of a
--- judge or a holdout, or a field that only these have (score, private, held, ...).
---@param input table|nil
function M.check_author(input) walk(input, "the author's input", 1, {}) end

local function copy(value, names)
  if type(value) ~= "table" then return nil end
  local out = {}
  for _, name in ipairs(names) do out[name] = value[name] end
  return out
end

-- What was chosen among options that are words, how likely that was, and what the run knew of them.
local function decisions_of(record)
  local list = {}
  for _, decision in ipairs(record.decisions or {}) do
    local words = type(decision.options) == "table"
    for _, option in ipairs(words and decision.options or {}) do words = words and type(option) == "string" end
    if words then
      list[#list + 1] = copy(decision, { "node", "point", "options", "chosen", "propensity", "features" })
    end
  end
  return #list > 0 and list or nil
end

local function attempt_of(attempt)
  local out = copy(attempt, { "node", "ordinal", "from", "status", "output", "spend", "spans", "findings", "steer" })
  out.verdict = copy(attempt.verdict, { "pass", "correct", "raw" })
  for _, span in ipairs(attempt.spans or {}) do
    if span.kind == "settle" and span.elites then out.elites = span.elites end
  end
  return out
end

--- What an author may know of records, made of train rows alone: { rows = { { task=, group=, arm=, split = "train",
--- status=, pass=, loss = 1 - what was judged, spend=, output=, verdict=, attempts = { ... }, decisions = { ... } }
--- ... } }. A record of another split raises FIREWALL. Of the judge nothing is left but the loss and whether it was
--- passed; of a task nothing but what a run sees.
---@param records table[] as cells.run gives them
function M.evidence(records)
  local evidence = { rows = {} }
  for _, record in ipairs(records) do
    if record.split ~= "train" then
      breach(("the record %s"):format(tostring(record.cell)), ("is of split %s"):format(tostring(record.split)))
    end
    if not record.infra then
      local row = copy(record, { "task", "group", "arm", "split", "status", "spend", "budget", "output" })
      row.verdict = copy(record.verdict, { "pass", "correct", "raw" })
      row.loss = record.score and 1 - record.score.correct or 1
      row.pass = record.score ~= nil and record.score.pass == true
      row.attempts, row.decisions = {}, decisions_of(record)
      for i, attempt in ipairs(record.attempts or {}) do row.attempts[i] = attempt_of(attempt) end
      walk(row, "the record " .. tostring(record.cell), 1, {})
      evidence.rows[#evidence.rows + 1] = row
    end
  end
  -- what is large is walked once; rows are looked at again each time, so that none is put in afterwards
  for _, row in ipairs(evidence.rows) do checked[row.attempts] = true end
  return evidence
end

return M
