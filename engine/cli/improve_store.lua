--- han.cli.improve_store: what the store holds of a phase of an improve run, as records. A phase is read back also when
-- it has just ended, so that a run which is gone on with works on the very same values.

local json = require "han.json"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local value = require "han.value"

local M = {}

local channels = { "tokens", "nano_usd", "shots", "turns", "evals" }

local function names(prefix, more)
  local list = {}
  for i, channel in ipairs(channels) do list[i] = prefix .. channel end
  list[#list + 1] = more
  return table.concat(list, ", ")
end

local cell_sql = "SELECT id, cell, task, grp, arm, strategy, split, seed, replicate, status, reason, infra, over, "
  .. "trust, sandbox, score, verdict, kept, output, decisions, "
  .. "lower(hex(program)) AS program, lower(hex(profile)) AS profile, "
  .. "lower(hex(checks)) AS checks, lower(hex(engine)) AS engine, "
  .. names("spend_", "spend_named") .. ", " .. names("budget_", "budget_named")
  .. " FROM cell WHERE bench_id = ?1 ORDER BY try"

local attempt_sql = "SELECT a.cell_id, a.ordinal, a.node, a.status, a.reason, a.infra, a.output, a.spans, a.verdict, "
  .. names "a.spend_" .. " FROM attempt a JOIN cell c ON c.id = a.cell_id WHERE c.bench_id = ?1 "
  .. "ORDER BY a.cell_id, a.ordinal"

local MOST = { max_rows = 1000000 }

local function amounts(row, prefix)
  local out = {}
  for _, channel in ipairs(channels) do out[channel] = row[prefix .. channel] end
  local named = row[prefix .. "named"]
  for channel, n in pairs(named and problem.check(json.decode(named)) or {}) do out[channel] = n end
  return out
end

local function decoded(bytes) return bytes and value.decode(bytes) or nil end

local function content(db, digest) return digest and recorder.content(db, digest) or nil end

local function record_of(db, row)
  return {
    cell = row.cell, task = row.task, group = row.grp, arm = row.arm, strategy = row.strategy, split = row.split,
    seed = row.seed, replicate = row.replicate, status = row.status, reason = row.reason, infra = row.infra == 1,
    over = row.over == 1, trust = row.trust, sandbox = row.sandbox, score = decoded(row.score),
    verdict = decoded(row.verdict), kept = row.kept, output = content(db, row.output),
    digests = { program = row.program, profile = row.profile, checks = row.checks, engine = row.engine },
    spend = amounts(row, "spend_"), budget = amounts(row, "budget_"), attempts = {},
  }
end

local function attempt_of(db, row)
  return { ordinal = row.ordinal, node = row.node, status = row.status, reason = row.reason, infra = row.infra == 1,
    output = content(db, row.output), spans = row.spans and recorder.value(db, row.spans) or {},
    verdict = decoded(row.verdict), spend = amounts(row, "spend_") }
end

--- The records of a stored phase, by the name of their cells; the last try of a cell counts. with_attempts: also what
-- its workers did.
function M.records(db, id, with_attempts)
  local by_cell, by_id, list = {}, {}, {}
  for _, row in ipairs(problem.check(db:query(cell_sql, { id }, MOST))) do
    local record = record_of(db, row)
    if with_attempts and row.decisions then record.decisions = problem.check(db:value(row.decisions)) end
    by_cell[row.cell], by_id[row.id] = record, record
  end
  if with_attempts then
    for _, row in ipairs(problem.check(db:query(attempt_sql, { id }, MOST))) do
      table.insert(by_id[row.cell_id].attempts, attempt_of(db, row))
    end
  end
  for _, record in pairs(by_cell) do list[#list + 1] = record end
  table.sort(list, function(a, b) return a.cell < b.cell end)
  return list
end

--- What was spent for a phase of a held-out split: { slice=, position= on its line }, or nil.
function M.spend(db, id)
  local row = problem.check(db:query("SELECT s.slice, (SELECT count(*) FROM holdout_spend o WHERE o.line = s.line "
    .. "AND o.adapter = s.adapter AND o.id <= s.id) AS position FROM holdout_spend s WHERE s.bench_id = ?1", { id }))[1]
  return row
end

--- { id=, ended_ms= } of a stored run, or nil.
function M.row(db, id)
  return problem.check(db:query("SELECT id, ended_ms FROM bench WHERE id = ?1", { id }))[1]
end

--- The champion of a line now: { text=, kind=, digest=, how=, bench_id= }, or nil.
function M.champion(db, line)
  local row = problem.check(db:query("SELECT id, kind, digest, lower(hex(digest)) AS hex, how, reason, bench_id, "
    .. "set_ms FROM champion WHERE line = ?1 ORDER BY id DESC LIMIT 1", { line }))[1]
  if row then row.text, row.digest, row.hex = content(db, row.digest), row.hex, nil end
  return row
end

return M
