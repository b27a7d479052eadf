--- han.cli.cell_rows: the cells of a stored run, and what their workers did, as the records they were stored from.

local json = require "han.json"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local value = require "han.value"

local M = {}

local channels = { "tokens", "nano_usd", "shots", "turns", "evals" }
local NOTED = { "earlier", "cut", "code", "broken", "recalled" } -- what the recorder adds to the meta of a cell
local MOST = { max_rows = 1000000 }

local function names(prefix, more)
  local list = {}
  for i, channel in ipairs(channels) do list[i] = prefix .. channel end
  list[#list + 1] = more
  return table.concat(list, ", ")
end

local cell_sql = "SELECT id, cell, try, task, grp, arm, strategy, adapter, split, seed, replicate, status, reason, "
  .. "where_, infra, over, trust, sandbox, kept, output, verdict, meta, score, decisions, "
  .. "lower(hex(program)) AS program, lower(hex(profile)) AS profile, lower(hex(checks)) AS checks, "
  .. "lower(hex(engine)) AS engine, " .. names("spend_", "spend_named") .. ", " .. names("budget_", "budget_named")
  .. " FROM cell WHERE bench_id = ?1 ORDER BY try"

local attempt_sql = "SELECT a.cell_id, a.ordinal, a.node, a.status, a.reason, a.infra, a.output, a.spans, a.verdict, "
  .. names "a.spend_" .. " FROM attempt a JOIN cell c ON c.id = a.cell_id WHERE c.bench_id = ?1 "
  .. "ORDER BY a.cell_id, a.ordinal"

local function amounts(row, prefix)
  local out = {}
  for _, channel in ipairs(channels) do out[channel] = row[prefix .. channel] end
  local named = row[prefix .. "named"]
  for channel, n in pairs(named and problem.check(json.decode(named)) or {}) do out[channel] = n end
  return out
end

local function decoded(bytes) return bytes and value.decode(bytes) or nil end

local function content(db, digest) return digest and recorder.content(db, digest) or nil end

local function record_of(db, row, with_output)
  local meta = row.meta and problem.check(json.decode(row.meta, { null = "nil" })) or {}
  local record = {
    cell = row.cell, try = row.try, task = row.task, group = row.grp, arm = row.arm, strategy = row.strategy,
    adapter = row.adapter, split = row.split, seed = row.seed, replicate = row.replicate, status = row.status,
    reason = row.reason, where = row.where_, infra = row.infra == 1, over = row.over == 1, trust = row.trust,
    sandbox = row.sandbox, kept = row.kept, verdict = decoded(row.verdict), score = decoded(row.score),
    spend = amounts(row, "spend_"),
    budget = amounts(row, "budget_"), broken = meta.broken, code = meta.code, cut = meta.cut,
    digests = { program = row.program, profile = row.profile, checks = row.checks, engine = row.engine },
    output = with_output and content(db, row.output) or nil,
  }
  for _, name in ipairs(NOTED) do meta[name] = nil end
  record.meta = meta
  return record
end

local function attempt_of(db, row)
  return { ordinal = row.ordinal, node = row.node, status = row.status, reason = row.reason, infra = row.infra == 1,
    output = content(db, row.output), spans = row.spans and recorder.value(db, row.spans) or {},
    verdict = decoded(row.verdict), spend = amounts(row, "spend_") }
end

--- The records of the cells of a run, by the name of the cell; the last try of one counts. with_output: with what came
-- out of it. with_attempts: with its decisions and what its workers did, in `attempts`.
function M.read(db, run, with_output, with_attempts)
  local by_cell, by_id = {}, {}
  for _, row in ipairs(problem.check(db:query(cell_sql, { run }, MOST))) do
    local record = record_of(db, row, with_output)
    if with_attempts then
      record.attempts = {}
      record.decisions = row.decisions and problem.check(db:value(row.decisions)) or nil
    end
    by_cell[row.cell], by_id[row.id] = record, record
  end
  if with_attempts then
    for _, row in ipairs(problem.check(db:query(attempt_sql, { run }, MOST))) do
      table.insert(by_id[row.cell_id].attempts, attempt_of(db, row))
    end
  end
  return by_cell
end

--- Of the records of a run that has not ended: those that are done, by the name of their cell, and how many tries each
-- of the others has behind it, which is run anew (see han.cells).
function M.begun(records)
  local done, lives = {}, {}
  for _, record in pairs(records) do
    if record.infra then lives[record.cell] = record.try // 2 * 2 + 2 else done[record.cell] = record end
  end
  return done, lives
end

return M
