--- han show: one stored run (its cells), or one cell of it: tree, spend, attempts, findings.

local args = require "han.cli.args"
local budget = require "han.cli.budget"
local journal = require "han.cli.journal"
local json = require "han.json"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local show_zoom = require "han.cli.show_zoom"
local zoom_trace = require "han.cli.zoom_trace"

local M = {
  name = "show",
  summary = "Show a stored run: its cells, their trees, spend and findings.",
  about = "Show a stored run. RUN is a run id or the beginning of one; RUN CELL shows one cell with its tree, its "
    .. "attempts and what the lenses found. CELL may be a part of the cell's name that only one has. A plain script's "
    .. "run, or one cell, is shown from its journal, also while it goes on and after it was killed.",
  examples = { "han show --last", "han show 20260131-101500-4fd2ab refine/0", "han show --last ledger --json" },
}

function M.options(parser)
  parser:argument("run", "A run id, or with --last a part of a cell's name."):argname("RUN"):args("?")
  parser:argument("cell", "A part of a cell's name."):argname("CELL"):args("?")
  parser:flag("--last", "The run that began last.")
  parser:flag("--artifact", "Print the artifact that was kept, and nothing else.")
  parser:flag("--follow", "Print the journal of a plain script's run, or of one cell, as it grows, until it ends.")
  parser:flag("--zoom", "Figures of the arms that zoom, over all cells: where their steps went, what re-testing cost.")
  parser:option("--against", "With --zoom: this arm against each of the others."):argname("ARM")
  args.db(parser)
end

local run_columns = "id, kind, adapter, seed, split, started_ms, ended_ms, source"
local objectives = { "correct", "fast", "secure", "cheap" }
local channels = { "tokens", "nano_usd", "shots", "turns", "evals" }

local function find_run(db, options)
  if options.last then
    local rows = problem.check(db:query("SELECT " .. run_columns
      .. " FROM bench WHERE parent IS NULL ORDER BY started_ms DESC, id DESC LIMIT 1"))
    if not rows[1] then problem.raise("UNKNOWN", "the store holds no run yet; han bench makes one") end
    return rows[1]
  end
  if not options.run then problem.usage("name a run, or say --last; han corpus stats lists the runs") end
  local rows = problem.check(db:query("SELECT " .. run_columns
    .. " FROM bench WHERE substr(id, 1, length(?1)) = ?1 AND (parent IS NULL OR id = ?1) ORDER BY id LIMIT 3",
    { options.run }))
  if #rows == 0 then
    problem.raise("UNKNOWN", ("there is no run '%s' in the store; han show --last shows the last one, han corpus stats "
      .. "lists them"):format(options.run))
  end
  if #rows > 1 and rows[1].id ~= options.run then
    problem.usage("'%s' begins more than one run: %s, %s, ...", options.run, rows[1].id, rows[2].id)
  end
  return rows[1]
end
M.find_run = find_run

local function amount(row, prefix)
  local out = {}
  for _, channel in ipairs(channels) do out[channel] = row[prefix .. channel] end
  return out
end

local cell_columns = "id, cell, adapter, task, grp, arm, strategy, replicate, status, reason, where_, infra, over, "
  .. "score_pass, score_correct, score_fast, score_secure, score_cheap, verdict_pass, verdict_correct, verdict_fast, "
  .. "verdict_secure, verdict_cheap, kept, output, wall_ms, cpu_ms, trust, sandbox, nodes, "
  .. "decisions, spend_tokens, spend_nano_usd, spend_shots, spend_turns, spend_evals, budget_tokens, "
  .. "budget_nano_usd, budget_shots, budget_turns, budget_evals"

local function cells_of(db, run, part)
  return problem.check(db:query("SELECT " .. cell_columns .. " FROM cell WHERE bench_id = ?1 "
    .. "AND (?2 IS NULL OR instr(cell, ?2) > 0) ORDER BY cell, try", { run.id, part or json.null }))
end

local function attempts_of(db, cell)
  return problem.check(db:query("SELECT ordinal, node, steer, spans, output, status, reason, infra, over, "
    .. "verdict_pass, verdict_correct, verdict_fast, verdict_secure, verdict_cheap, spend_tokens, "
    .. "spend_nano_usd, spend_shots, spend_turns, spend_evals, wall_ms FROM attempt "
    .. "WHERE cell_id = ?1 ORDER BY ordinal", { cell.id }))
end

-- How many contents that rows name were not there, of each open store: what a doctor saved may lack some.
local lost = setmetatable({}, { __mode = "k" })

local function there(db, found, message, code)
  if found ~= nil or code ~= "UNKNOWN" then return problem.check(found, message, code) end
  lost[db] = (lost[db] or 0) + 1
  return nil
end

local function content(db, digest) return digest and there(db, db:content(digest)) end

local function value(db, digest) return digest and there(db, db:value(digest)) end

-- The exit status of what was shown.
local function end_shown(db, ui)
  if not lost[db] then return 0 end
  ui:note("%s %d contents are lost, shown is what is there (han doctor --db says what of the store is whole)",
    ui:paint_note("red", "han:"), lost[db])
  return problem.status "CORRUPT"
end

-- Nodes are recorded as they settle; a tree is read from its root.
local function by_path(a, b)
  local x, y = a.id:gmatch("[^/]+"), b.id:gmatch("[^/]+")
  while true do
    local p, q = x(), y()
    if p == nil or q == nil then return p == nil and q ~= nil end
    if p ~= q then
      local m, n = tonumber(p), tonumber(q)
      if m and n then return m < n end
      return p < q
    end
  end
end

local function nodes_of(db, cell)
  local nodes = value(db, cell.nodes) or {}
  table.sort(nodes, by_path)
  return nodes
end

-- The vector in the columns of a row, nil when there is none: an objective that was not measured is absent.
local function vector(row, prefix)
  if row[prefix .. "pass"] == nil then return nil end
  local out = { pass = row[prefix .. "pass"] == 1 }
  for _, objective in ipairs(objectives) do out[objective] = row[prefix .. objective] end
  return out
end

-- The objectives beside `correct`, in words; "" when there are none.
local function objective_words(row, prefix)
  local words = {}
  for i = 2, #objectives do
    local measured = row[prefix .. objectives[i]]
    if measured then words[#words + 1] = ("%s %.3f"):format(objectives[i], measured) end
  end
  return #words > 0 and ", " .. table.concat(words, ", ") or ""
end

-- ---- a run ----

local function outcome(row)
  if row.infra == 1 then return "infra" end
  if row.status ~= "done" or not row.adapter then return row.status end
  return row.verdict_pass == 1 and "pass" or "fail"
end

local paints = { pass = "green", fail = "yellow", down = "red", infra = "red" }

local function print_run(ui, run, cells)
  ui:out("%s  %s", ui:paint("bold", run.id), ui.safe(run.source or run.kind))
  ui:out("began %s, %s", os.date("!%Y-%m-%d %H:%M:%S UTC", run.started_ms // 1000), run.ended_ms
    and ("took %.1f s"):format((run.ended_ms - run.started_ms) / 1000) or "never ended")
  ui:out("")
  local rows = { { "cell", "", "score", "kept", "spend" } }
  for _, cell in ipairs(cells) do
    local word = outcome(cell)
    rows[#rows + 1] = {
      ui.safe(cell.cell), ui:paint(paints[word] or "dim", word),
      cell.score_correct and ("%.3f"):format(cell.score_correct) or "-", cell.kept and tostring(cell.kept) or "-",
      budget.words(amount(cell, "spend_")) .. (cell.over == 1 and " (over)" or ""),
    }
  end
  ui:table(rows, { [3] = true, [4] = true })
end

-- ---- a cell ----

local function print_tree(ui, nodes)
  for _, node in ipairs(nodes) do
    local label = node.label and " (" .. ui.safe(node.label) .. ")" or ""
    local word = node.status == "down" and ui:paint("red", "down") or ui.safe(node.status)
    if node.again then word = word .. " (begun again)" end
    ui:out("%s%s%s  %s  %s%s", ("  "):rep((node.depth or 0) + 1), ui.safe(node.id), label, word,
      budget.words(node.spend or {}), node.reason and "  " .. ui.safe(node.reason) or "")
  end
end

local function print_findings(ui, findings)
  for _, finding in ipairs(findings) do
    local where = finding.where or {}
    local place = where.line and (" at %s:%d"):format(where.fn or "line", where.line) or ""
    ui:out("       told: %s%s: %s", ui.safe(finding.lens or finding.origin or "?"), ui.safe(place),
      ui.safe(finding.text or ""))
  end
end

local function print_attempt(ui, db, attempt)
  local verdict = attempt.verdict_correct and ("verdict %.3f%s%s"):format(attempt.verdict_correct,
    attempt.verdict_pass == 1 and " pass" or "", objective_words(attempt, "verdict_")) or "no verdict"
  ui:out("  %3d  %s  %s  %s  %s%s", attempt.ordinal, ui.safe(attempt.node or "-"), ui.safe(attempt.status or "-"),
    verdict, budget.words(amount(attempt, "spend_")), attempt.reason and "  " .. ui.safe(attempt.reason) or "")
  print_findings(ui, value(db, attempt.steer) or {})
end

local ORDER_SHOWN = 40

local function print_journal(ui, tree)
  ui:out("tree")
  print_tree(ui, tree.nodes)
  if #tree.order > 0 then
    ui:out("delivered  %s%s", ui.safe(table.concat(tree.order, " ", 1, math.min(#tree.order, ORDER_SHOWN))),
      #tree.order > ORDER_SHOWN and (" and %d more"):format(#tree.order - ORDER_SHOWN) or "")
  end
  for _, refusal in ipairs(tree.refused) do
    ui:out("refused at %s: %s  %s", ui.safe(refusal.node), refusal.code, ui.safe(refusal.reason))
  end
end

local function print_decision(ui, decision)
  local option = (decision.options or {})[decision.chosen]
  if type(option) == "table" then option = json.encode(option, { lossy = true }) end
  ui:out("decision %s at %s: %s, propensity %.3g", ui.safe(decision.point), ui.safe(decision.node), ui.safe(option),
    decision.propensity)
end

local function print_cell(ui, db, cell, tree)
  ui:out("%s  %s", ui:paint("bold", ui.safe(cell.cell)), outcome(cell))
  if cell.reason then ui:out("  %s", ui.safe(problem.placed(cell.where_, cell.reason))) end
  ui:out("  spent %s of %s", budget.words(amount(cell, "spend_")), budget.words(amount(cell, "budget_")))
  if cell.score_correct then
    ui:out("  score %.3f%s%s", cell.score_correct, cell.score_pass == 1 and ", solved" or "",
      objective_words(cell, "score_"))
  end
  local nodes = tree and {} or nodes_of(db, cell)
  if tree then print_journal(ui, tree) end
  if #nodes > 0 then
    ui:out("tree")
    print_tree(ui, nodes)
  end
  local attempts = attempts_of(db, cell)
  if #attempts > 0 then ui:out("attempts") end
  for _, attempt in ipairs(attempts) do print_attempt(ui, db, attempt) end
  local decisions = tree and tree.decisions or value(db, cell.decisions) or {}
  local function spans_of(shot) return attempts[shot] and value(db, attempts[shot].spans) end
  for _, decision in ipairs(zoom_trace.print(ui, decisions, spans_of)) do
    print_decision(ui, decision)
  end
end

-- ---- as an object ----

local function cell_object(db, cell, whole)
  local object = {
    cell = cell.cell, task = cell.task, group = cell.grp, arm = cell.arm, status = cell.status, reason = cell.reason,
    where = cell.where_, infra = cell.infra == 1, over = cell.over == 1, kept = cell.kept,
    score = vector(cell, "score_"), verdict = vector(cell, "verdict_"),
    spend = amount(cell, "spend_"), budget = amount(cell, "budget_"),
  }
  if not whole then return object end
  object.output = content(db, cell.output)
  object.nodes = json.array(nodes_of(db, cell))
  object.decisions = json.array(value(db, cell.decisions) or {})
  object.attempts = json.array {}
  for i, attempt in ipairs(attempts_of(db, cell)) do
    object.attempts[i] = {
      ordinal = attempt.ordinal, node = attempt.node, status = attempt.status, reason = attempt.reason,
      verdict = vector(attempt, "verdict_"),
      spend = amount(attempt, "spend_"), steer = json.array(value(db, attempt.steer) or {}),
      spans = json.array(value(db, attempt.spans) or {}), output = content(db, attempt.output),
    }
  end
  return object
end

local function run_object(db, run, cells, whole)
  local object = {
    schema = 1, run = run.id, kind = run.kind, adapter = run.adapter, seed = run.seed, split = run.split,
    source = run.source, started_ms = run.started_ms, ended_ms = run.ended_ms, cells = json.array {},
  }
  for i, cell in ipairs(cells) do object.cells[i] = cell_object(db, cell, whole) end
  return object
end

-- For a run that has a journal.
local function journal_object(tree)
  if not tree then return nil end
  return { rows = tree.rows, ended = tree.ended, nodes = json.array(tree.nodes), order = json.array(tree.order),
    refused = json.array(tree.refused), decisions = json.array(tree.decisions) }
end

-- A run or a cell that goes on, or was killed: it is not stored yet.
local function print_open(ui, tree)
  ui:out("")
  ui:out("the journal holds %d rows and no end: the run goes on, or it was stopped (han resume)", tree.rows)
  print_journal(ui, tree)
  for _, decision in ipairs(tree.decisions) do print_decision(ui, decision) end
end

-- Runs below this one: the rounds of han improve, the difficulties of a screening.
local function phases_of(db, run)
  return problem.check(db:query("SELECT id, kind, ended_ms IS NOT NULL AS ended, (SELECT count(*) FROM cell WHERE "
    .. "bench_id = b.id) AS cells FROM bench b WHERE parent = ?1 ORDER BY started_ms, id", { run.id }))
end

local function print_phases(ui, phases)
  for _, phase in ipairs(phases) do
    ui:out("%s  %s, %d cells%s", ui.safe(phase.id), ui.safe(phase.kind), phase.cells,
      phase.ended == 1 and "" or ", never ended")
  end
end

local function print_open_cells(ui, open)
  if #open == 0 then return end
  ui:out("")
  for _, cell in ipairs(open) do ui:out("at work or broken off: %s, %d rows", ui.safe(cell.cell), cell.rows) end
end

-- The one journal that is meant: of the one cell, or of the one that is open.
local function journal_of(db, run, cells, open)
  if #cells + #open ~= 1 then return nil end
  if open[1] then return open[1].number end
  return journal.find(db, run, cells[1].cell)
end

local function follow(db, run, number, ui)
  if not number then
    problem.raise("UNKNOWN", ("run %s has no journal to follow, or many: name one of its cells"):format(run.id))
  end
  return journal.follow(db, number, ui)
end

local function check_part(run, part, found)
  if found > 0 or not part then return end
  problem.raise("UNKNOWN", ("run %s has no cell with '%s' in its name; han show %s lists them"):format(run.id, part,
    run.id))
end

local function print_artifact(ui, db, cells)
  if #cells ~= 1 then problem.usage("--artifact is for one cell; %d match", #cells) end
  local text = cells[1].output and recorder.content(db, cells[1].output)
  if not text then problem.raise("UNKNOWN", ("%s kept no artifact"):format(cells[1].cell)) end
  ui:raw(text)
  return 0
end

function M.run(options, ui)
  local part = options.cell
  if options.last then
    if part then problem.usage("--last takes the place of RUN; say han show --last CELL") end
    part, options.run = options.run, nil
  end
  local db = recorder.open_to_read(options.db)
  local run = find_run(db, options)
  if options.against and not options.zoom then problem.usage("--against says something of --zoom") end
  if options.zoom then
    local object = show_zoom.object(db, run, options.against)
    ui:object(object)
    if not ui.json then show_zoom.print(ui, object) end
    return 0
  end
  local cells, open = cells_of(db, run, part), journal.open_cells(db, run, part)
  check_part(run, part, #cells + #open)
  if options.artifact then return print_artifact(ui, db, cells) end
  local number = journal_of(db, run, cells, open)
  if options.follow and not (follow(db, run, number, ui) and ui.json) then return 0 end
  local tree = number and journal.read(db, number)
  if tree then table.sort(tree.nodes, by_path) end
  local whole = #cells == 1 and #open == 0
  local object = run_object(db, run, cells, whole)
  object.journal = journal_object(tree)
  object.open = json.array(open)
  local phases = phases_of(db, run)
  object.phases = json.array(phases)
  object.lost = lost[db]
  ui:object(object)
  if ui.json then return end_shown(db, ui) end
  print_run(ui, run, cells)
  print_phases(ui, phases)
  if whole then
    ui:out("")
    print_cell(ui, db, cells[1], tree)
  elseif tree then
    print_open(ui, tree)
  else
    print_open_cells(ui, open)
  end
  return end_shown(db, ui)
end

return M
