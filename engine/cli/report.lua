--- han report: one stored bench as a page, a single file that a browser opens without a network.

local args = require "han.cli.args"
local budget = require "han.cli.budget"
local data = require "han.report_data"
local han = require "han"
local json = require "han.json"
local page = require "han.report_page"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local report = require "han.report"
local show = require "han.cli.show"
local sys = require "han.sys"
local value = require "han.value"

local M = {
  name = "report",
  summary = "Write one stored bench as a page: scores, contrasts, spend, Pareto.",
  about = "Write one stored bench as a page in one file that needs no network: scores with intervals, wins and losses "
    .. "by task, contrasts with what may be claimed, spend against the ceiling, a Pareto scatter. Of a run of han "
    .. "improve: the score of every arm over rounds, slopes, gates, lineage with diffs and reasons, spend. Of a run of "
    .. "han ablate: the grid, and what each level is worth.",
  examples = { "han report --last -o report.html", "han report 20260131-101500-4fd2ab -o report.html --db han.db" },
}

function M.options(parser)
  parser:argument("run", "A run id or the beginning of one."):argname("RUN"):args("?")
  parser:flag("--last", "The bench, improve or ablate run that began last.")
  parser:option("-o --output", "Where the page goes."):argname("FILE")
  args.db(parser)
end

local channels = { "shots", "evals", "tokens", "turns", "nano_usd" }
local objectives = { "correct", "fast", "secure", "cheap" }

local function columns(prefix, names)
  local list = {}
  for i, name in ipairs(names) do list[i] = prefix .. name end
  return table.concat(list, ", ")
end

local function fold(row, prefix, names)
  local out, any = {}, false
  for _, name in ipairs(names) do
    out[name] = row[prefix .. name]
    any = any or out[name] ~= nil
  end
  return out, any
end

-- ---- the records of a run ----

local cell_sql = "SELECT id, cell, adapter, task, grp, arm, infra, over, reason, trust, sandbox, score_pass, "
  .. columns("score_", objectives) .. ", " .. columns("spend_", channels) .. ", " .. columns("budget_", channels)
  .. " FROM cell WHERE bench_id = ?1 AND NOT EXISTS (SELECT 1 FROM cell later WHERE later.bench_id = ?1 "
  .. "AND later.cell = cell.cell AND later.try > cell.try) ORDER BY id" -- of one that was lost the last try counts
local attempt_sql = "SELECT a.cell_id, " .. columns("a.spend_", channels)
  .. " FROM attempt a JOIN cell c ON c.id = a.cell_id WHERE c.bench_id = ?1 ORDER BY a.cell_id, a.ordinal"

local function record_of(row)
  local record = {
    cell = row.cell, adapter = row.adapter, task = row.task, group = row.grp, arm = row.arm,
    infra = row.infra == 1, over = row.over == 1,
    reason = row.reason, trust = row.trust, sandbox = row.sandbox, spend = fold(row, "spend_", channels),
    budget = fold(row, "budget_", channels), shots = {},
  }
  local score = fold(row, "score_", objectives)
  if row.score_pass ~= nil then
    score.pass = row.score_pass == 1
    record.score = score
  end
  return record
end

-- Cells come in the order of their end, and that depends on the jobs; the page does not.
local function records_of(db, run)
  local rows = problem.check(db:query(cell_sql, { run.id }))
  local records, by_id = {}, {}
  for i, row in ipairs(rows) do
    records[i] = record_of(row)
    by_id[row.id] = records[i]
  end
  for _, row in ipairs(problem.check(db:query(attempt_sql, { run.id }))) do
    local record = by_id[row.cell_id]
    if record then table.insert(record.shots, (fold(row, "spend_", channels))) end
  end
  table.sort(records, function(a, b) return a.cell < b.cell end)
  return records
end

-- ---- the words of the command ----

local function quoted(word)
  word = tostring(word)
  if word:find("^[%w_./,=:+-]+$") then return word end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function budget_words(amount, wall)
  local parts = {}
  for _, channel in ipairs(channels) do
    local n = amount and amount[channel]
    if n and channel == "nano_usd" then
      parts[#parts + 1] = "usd=" .. budget.dollars(n):sub(2)
    elseif n then
      parts[#parts + 1] = ("%s=%d"):format(channel, n)
    end
  end
  if wall then parts[#parts + 1] = ("wall=%.14g"):format(wall) end
  return #parts > 0 and table.concat(parts, ",") or nil
end

-- What --set handed to the adapter; the difficulty has an option of its own.
local function settings_words(settings)
  local parts = {}
  for name, given in pairs(settings or {}) do
    if name ~= "difficulty" then parts[#parts + 1] = ("%s=%s"):format(name, tostring(given)) end
  end
  table.sort(parts)
  return #parts > 0 and table.concat(parts, ",") or nil
end

local function weight_words(weights)
  local parts = {}
  for _, objective in ipairs(objectives) do
    local weight = weights and weights[objective]
    if weight then parts[#parts + 1] = ("%s=%g"):format(objective, weight) end
  end
  return #parts > 0 and table.concat(parts, ",") or nil
end

-- From the options as they were stored, so that it can be run again.
local function command_of(run, config)
  local words = { "han", "bench", quoted(config.adapter or run.adapter) }
  local function add(option, given)
    if given ~= nil then words[#words + 1] = "--" .. option .. " " .. quoted(given) end
  end
  add("arms", config.command)
  add("n", config.n)
  add("seed", config.seed)
  add("split", config.split)
  add("line", config.line)
  add("experiment", config.experiment)
  add("budget", budget_words(config.budget, config.wall))
  add("weights", weight_words(config.weights))
  add("difficulty", config.options and config.options.difficulty)
  add("set", settings_words(config.options))
  add("jobs", config.jobs)
  return table.concat(words, " ")
end

local function bench_row(db, run)
  local row = problem.check(db:query("SELECT config, arms, result FROM bench WHERE id = ?1", { run.id }))[1]
  return row.config and value.decode(row.config) or {}, row.arms and value.decode(row.arms) or {}, row.result
end

-- An import names no arms: those of its cells, the control first.
local function arms_of(records)
  local seen, arms = {}, {}
  for _, record in ipairs(records) do
    local arm = record.arm or ""
    if not seen[arm] and arm ~= report.CONTROL and arm ~= "" then arms[#arms + 1] = arm end
    seen[arm] = true
  end
  table.sort(arms)
  if seen[report.CONTROL] then table.insert(arms, 1, report.CONTROL) end
  return arms
end

-- What the bench itself printed; a bench that never ended is computed from the cells that it left.
function M.object_of(db, run, records, arms, result, weights)
  if result then return problem.check(json.decode(recorder.content(db, result))) end
  local first = records[1]
  if #arms == 0 then arms = arms_of(records) end
  if #arms == 0 then problem.raise("INVALID", ("run %s has no arms; it is no bench"):format(run.id)) end
  return (report.bench(records, { arms = arms, seed = run.seed, split = run.split, weights = weights },
    { adapter = run.adapter or first.adapter, trust = first.trust, sandbox = first.sandbox, budget = first.budget }))
end

local function model_of(db, run, options)
  local config, arms, result = bench_row(db, run)
  local records = records_of(db, run)
  if #records == 0 then
    problem.raise("UNKNOWN", ("run %s has no cell yet; there is nothing to report"):format(run.id))
  end
  local object = M.object_of(db, run, records, arms, result, config.weights)
  local names = {}
  for i, arm in ipairs(object.arms) do names[i] = arm.name end
  local counts = data.counts(records, names)
  return {
    run = run, began = os.date("!%Y-%m-%d %H:%M:%S UTC", run.started_ms // 1000), ended = run.ended_ms ~= nil,
    object = object, counts = counts, records = records,
    command = run.kind == "import" and "imported from " .. (run.source or "?") or command_of(run, config),
    page_command = ("han report %s -o %s --db %s"):format(quoted(run.id), quoted(options.output), quoted(options.db)),
    version = han.version,
  }
end

-- ---- the command ----

local function last_bench(db)
  local rows = problem.check(db:query("SELECT id FROM bench WHERE kind IN ('bench', 'import', 'improve', 'ablate') "
    .. "AND parent IS NULL ORDER BY started_ms DESC, id DESC LIMIT 1"))
  if not rows[1] then problem.raise("UNKNOWN", "the store holds no bench and no run of han improve yet") end
  return rows[1].id
end

function M.run(options, ui)
  if not options.output then problem.usage("say where the page goes, as in -o report.html") end
  if options.last and options.run then problem.usage("--last takes the place of RUN; give one of them") end
  local db = recorder.open_to_read(options.db)
  local run = show.find_run(db, options.last and { run = last_bench(db) } or options)
  if run.kind == "improve" or run.kind == "ablate" then
    return require("han.cli.improve_report").run(db, run, options, ui)
  end
  if run.kind ~= "bench" and run.kind ~= "import" then
    problem.raise("INVALID", ("run %s is a %s; only a bench compares arms, han show %s shows it"):format(run.id,
      run.kind, run.id))
  end
  local model = model_of(db, run, options)
  local text = page.render(model)
  problem.check(sys.write_file(options.output, text))
  ui:object { schema = 1, run = run.id, file = options.output, bytes = #text, tasks = model.counts.tasks,
    arms = json.array(model.object.arms), contrasts = json.array(model.object.contrasts) }
  ui:out("%s: %d tasks, %d bytes; open it in a browser", ui.safe(options.output), model.counts.tasks, #text)
  return 0
end

return M
