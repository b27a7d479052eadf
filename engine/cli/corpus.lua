--- han corpus: what the store holds, as counts, by SQL, or whole as JSON lines.

local args = require "han.cli.args"
local json = require "han.json"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local sys = require "han.sys"

local M = {
  name = "corpus",
  summary = "Count, query, export or import what the store holds.",
  about = "stats: runs, arms, sizes. query SQL: one reading statement; content(digest) gives a stored text. "
    .. "export: every attempt as one JSON object a line. import FILE: such lines of another store, merged by digest; "
    .. "they carry their source and never count as a spend. upgrade: a store that an older han wrote, for this one.",
  examples = {
    "han corpus stats",
    "han corpus query \"SELECT arm, avg(score_correct) AS score FROM cell GROUP BY arm\"",
    "han corpus export --run 20260131-101500-4fd2ab > attempts.jsonl",
    "han corpus import attempts.jsonl --db all.db",
  },
}

local PAGE = 500 -- attempts read at once by export

function M.options(parser)
  parser:argument("action", "stats, query, export, import or upgrade."):argname("ACTION")
  parser:argument("sql", "For query: a SELECT; for import: the file."):argname("SQL|FILE"):args("?")
  parser:option("--run", "For export: only this run."):argname("RUN")
  parser:option("--max-rows", "For query: at most this many rows (default 1000000)."):argname("N")
  args.db(parser)
end

local function rows_of(db, sql, params)
  return problem.check(db:query(sql, params))
end

-- ---- stats ----

local function print_runs(ui, runs)
  if #runs == 0 then return end
  ui:out("")
  local printed = { { "run", "cells", "infra", "command" } }
  for _, run in ipairs(runs) do
    printed[#printed + 1] = { run.id, tostring(run.cells), tostring(run.infra or 0), ui.safe(run.source or run.kind) }
  end
  ui:table(printed, { [2] = true, [3] = true })
end

local function print_arms(ui, arms)
  if #arms == 0 then return end
  ui:out("")
  local printed = { { "adapter", "arm", "cells", "mean score", "solved", "evals" } }
  for _, arm in ipairs(arms) do
    printed[#printed + 1] = { ui.safe(arm.adapter), ui.safe(arm.arm or "-"), tostring(arm.cells),
      arm.score and ("%.3f"):format(arm.score) or "-", tostring(arm.solved or "-"), tostring(arm.evals or "-") }
  end
  ui:table(printed, { [3] = true, [4] = true, [5] = true, [6] = true })
end

local function stats(options, ui)
  local db = recorder.open_to_read(options.db)
  local counts = rows_of(db, "SELECT (SELECT count(*) FROM bench) AS runs, (SELECT count(*) FROM cell) AS cells, "
    .. "(SELECT count(*) FROM attempt) AS attempts, (SELECT count(*) FROM blob) AS contents, "
    .. "(SELECT coalesce(sum(size), 0) FROM blob) AS bytes, "
    .. "(SELECT coalesce(sum(length(bytes)), 0) FROM blob) AS stored")[1]
  local runs = rows_of(db, "SELECT b.id, b.kind, b.adapter, b.source, b.started_ms, count(c.id) AS cells, "
    .. "sum(c.infra) AS infra FROM bench b LEFT JOIN cell c ON c.bench_id = b.id GROUP BY b.id "
    .. "ORDER BY b.started_ms DESC, b.id DESC LIMIT 20")
  local arms = rows_of(db, "SELECT adapter, arm, count(*) AS cells, avg(score_correct) AS score, "
    .. "sum(score_pass) AS solved, sum(spend_evals) AS evals FROM cell WHERE adapter IS NOT NULL AND infra = 0 "
    .. "GROUP BY adapter, arm ORDER BY adapter, arm")
  ui:object { schema = 1, counts = counts, runs = json.array(runs), arms = json.array(arms) }
  ui:out("%d runs, %d cells, %d attempts; %d contents of %d bytes, stored in %d", counts.runs, counts.cells,
    counts.attempts, counts.contents, counts.bytes, counts.stored)
  print_runs(ui, runs)
  print_arms(ui, arms)
  return 0
end

-- ---- query ----

local function shown(ui, value)
  if value == nil then return "" end
  if math.type(value) == "float" then return ("%.6g"):format(value) end
  return ui.safe(value)
end

local function query(options, ui)
  if not options.sql then problem.usage("query takes one SELECT, as in han corpus query \"SELECT * FROM bench\"") end
  local db = recorder.open_to_read(options.db)
  local max_rows = args.integer(options, "max-rows", 1000000, 1, 1000000)
  local rows, columns, code = db:query(options.sql, {}, { max_rows = max_rows })
  if not rows then problem.raise(code, columns) end
  if ui.json then
    ui:object { schema = 1, columns = json.array(columns), rows = json.array(rows) }
    return 0
  end
  local printed, right = { columns }, {}
  for _, row in ipairs(rows) do
    local line = {}
    for i, column in ipairs(columns) do
      line[i] = shown(ui, row[column])
      if type(row[column]) == "number" then right[i] = true end
    end
    printed[#printed + 1] = line
  end
  ui:table(printed, right)
  ui:note("%d row%s", #rows, #rows == 1 and "" or "s")
  return 0
end

-- ---- export ----

local export_sql = [[
SELECT c.id AS cell_id, a.ordinal AS ordinal, b.id AS run, b.kind AS kind, b.source AS origin, c.source AS source,
  c.cell AS cell, c.adapter AS adapter, c.task AS task,
  c.grp AS "group", c.arm AS arm, c.strategy AS strategy, c.split AS split, c.seed AS seed, c.replicate AS replicate,
  c.status AS cell_status, c.infra AS cell_infra, c.score_pass AS score_pass, c.score_correct AS score_correct,
  c.score_fast AS score_fast, c.score_secure AS score_secure, c.score_cheap AS score_cheap,
  c.kept AS kept, c.trust AS trust, c.sandbox AS sandbox, hex(c.program) AS program, hex(c.profile) AS profile,
  hex(c.checks) AS checks, a.node AS node, hex(a.from_) AS "from", a.steer AS steer, a.spans AS spans,
  a.output AS output, a.status AS status, a.reason AS reason, a.infra AS infra, a.over AS over,
  a.verdict_pass AS verdict_pass, a.verdict_correct AS verdict_correct,
  a.verdict_fast AS verdict_fast, a.verdict_secure AS verdict_secure, a.verdict_cheap AS verdict_cheap,
  a.spend_tokens AS spend_tokens,
  a.spend_nano_usd AS spend_nano_usd, a.spend_shots AS spend_shots, a.spend_turns AS spend_turns,
  a.spend_evals AS spend_evals, a.wall_ms AS wall_ms, a.cpu_ms AS cpu_ms
FROM attempt a JOIN cell c ON c.id = a.cell_id JOIN bench b ON b.id = c.bench_id
WHERE (a.cell_id, a.ordinal) > (?1, ?2) AND (?3 IS NULL OR b.id = ?3)
ORDER BY a.cell_id, a.ordinal LIMIT ?4]]

local function fold(row, prefix, names)
  local out, any = {}, false
  for _, name in ipairs(names) do
    out[name], row[prefix .. name] = row[prefix .. name], nil
    any = any or out[name] ~= nil
  end
  return any and out or nil
end

local vector = { "pass", "correct", "fast", "secure", "cheap" }

-- An imported cell goes on under the run that made it, and says through which files it came: elsewhere it is the
-- same cell, and where it was run it is known.
local function restore_origin(row)
  if row.kind == "import" then
    row.run = row.origin and row.origin:match(", run ([^,]+)$") or row.run
  else
    row.source = nil
  end
  row.kind, row.origin = nil, nil
end

local function attempt_object(db, row)
  row.schema, row.cell_id = 1, nil
  restore_origin(row)
  row.spend = fold(row, "spend_", { "tokens", "nano_usd", "shots", "turns", "evals" })
  row.verdict = fold(row, "verdict_", vector)
  row.score = fold(row, "score_", vector)
  row.steer = row.steer and recorder.value(db, row.steer) or nil
  row.spans = row.spans and recorder.value(db, row.spans) or nil
  row.output = row.output and recorder.content(db, row.output) or nil
  for _, flag in ipairs { "infra", "over", "cell_infra" } do row[flag] = row[flag] == 1 end
  for _, measured in ipairs { row.verdict or false, row.score or false } do
    if measured then measured.pass = measured.pass == 1 end
  end
  for _, digest in ipairs { "program", "profile", "checks", "from" } do
    row[digest] = row[digest] and row[digest] ~= "" and row[digest]:lower() or nil
  end
  return row
end

local function export(options, ui)
  local db = recorder.open_to_read(options.db)
  local cell, ordinal, count = -1, -1, 0
  repeat
    local rows = rows_of(db, export_sql, { cell, ordinal, options.run or json.null, PAGE })
    for _, row in ipairs(rows) do
      cell, ordinal = row.cell_id, row.ordinal
      local text, why = json.encode(attempt_object(db, row), { lossy = true })
      if not text then problem.raise("INTERNAL", why) end
      ui:raw(text .. "\n")
    end
    count = count + #rows
  until #rows < PAGE
  if count == 0 and options.run then
    problem.raise("UNKNOWN", ("run '%s' has no attempts in %s; han corpus stats lists the runs"):format(
      options.run, options.db))
  end
  ui:note("%d attempts", count)
  return 0
end

-- ---- import ----

local function import(options, ui)
  if not options.sql then problem.usage("import takes one file, as in han corpus import attempts.jsonl") end
  local out = require("han.cli.corpus_import").run(options.sql, options.db)
  out.schema = 1
  ui:object(out)
  ui:out("%d cells with %d attempts imported; %d were known, %d were run here", out.cells, out.attempts, out.known,
    out.own)
  return 0
end

-- ---- upgrade ----

-- Opening it for writing is all that it takes.
local function upgrade(options, ui)
  if not sys.stat(options.db) then problem.raise("UNKNOWN", ("there is no store %s"):format(options.db)) end
  problem.check(require("han.db").open { path = options.db }):close()
  recorder.open_to_read(options.db):close()
  ui:object { schema = 1, store = options.db, readable = true }
  ui:out("%s is up to date with this han", ui.safe(options.db))
  return 0
end

local actions = { stats = stats, query = query, export = export, import = import, upgrade = upgrade }

function M.run(options, ui)
  local action = actions[options.action]
  if not action then
    problem.usage("corpus has no '%s'%s", options.action,
      require("han.shape").hint(options.action, { "export", "import", "query", "stats", "upgrade" }))
  end
  return action(options, ui)
end

return M
