--- han.cli.show_zoom: the figures of runs that zoom, over all cells of a stored run (han show RUN --zoom): where the
-- steps went, quarter by quarter, what re-testing cost, and one arm against the others.

local figures = require "han.zoom.figures"
local json = require "han.json"
local problem = require "han.cli.problem"
local report = require "han.report"

local M = {}

local cells_sql = "SELECT id, arm, task, grp, infra, score_pass, score_correct, decisions FROM cell c "
  .. "WHERE bench_id = ?1 AND task IS NOT NULL AND NOT EXISTS (SELECT 1 FROM cell later WHERE later.bench_id = ?1 "
  .. "AND later.cell = c.cell AND later.try > c.try) ORDER BY id"

local function spans_of(db, cell)
  local list = {}
  for _, attempt in ipairs(problem.check(db:query("SELECT spans FROM attempt WHERE cell_id = ?1 ORDER BY ordinal",
    { cell.id }))) do
    list[#list + 1] = attempt.spans and db:value(attempt.spans) or {}
  end
  return list
end

-- { arm -> rows } of a stored run, and its arms in order; a task that one arm lost to an infra failure is left out.
local function read(db, id)
  local cells, lost = problem.check(db:query(cells_sql, { id })), {}
  for _, cell in ipairs(cells) do lost[cell.task] = lost[cell.task] or cell.infra == 1 end
  local arms, order = {}, {}
  for _, cell in ipairs(cells) do
    if not lost[cell.task] then
      if not arms[cell.arm] then arms[cell.arm], order[#order + 1] = {}, cell.arm end
      table.insert(arms[cell.arm], figures.read { arm = cell.arm, task = cell.task, group = cell.grp,
        correct = cell.score_correct, solved = cell.score_pass == 1,
        decisions = cell.decisions and db:value(cell.decisions), spans = spans_of(db, cell) })
    end
  end
  return arms, order
end

local function phases_of(db, run)
  return problem.check(db:query("SELECT id FROM bench WHERE parent = ?1 AND EXISTS (SELECT 1 FROM cell WHERE "
    .. "bench_id = bench.id) ORDER BY started_ms, id", { run.id }))
end

local function add_part(object, db, id, against)
  local arms, order = read(db, id)
  local part = { run = id, arms = json.array {} }
  for _, name in ipairs(order) do
    local arm = figures.arm(arms[name])
    arm.name = name
    for quarter = 1, figures.QUARTERS do arm.quarters[quarter] = arm.quarters[quarter] or json.null end
    if arm.runs > 0 or arm.saved then part.arms[#part.arms + 1] = arm end
  end
  if against then
    if not arms[against] then problem.raise("UNKNOWN", ("run %s has no arm '%s'"):format(id, against)) end
    local outcomes, shares = figures.against(arms, order, against)
    for _, row in ipairs(outcomes) do
      row.test = row.method
      row.claim = ("%s: %s"):format(row.measure, report.claim(row))
    end
    part.outcomes, part.shares = json.array(outcomes), json.array(shares)
  end
  if #part.arms > 0 then object.parts[#object.parts + 1] = part end
end

--- The figures of a run, or of the phases below it: { run=, parts = { { run=, arms = { ... }, outcomes=, shares= } } }.
function M.object(db, run, against)
  local object = { schema = 1, run = run.id, parts = json.array {} }
  add_part(object, db, run.id, against)
  if #object.parts == 0 then
    for _, phase in ipairs(phases_of(db, run)) do add_part(object, db, phase.id) end
  end
  if #object.parts == 0 then
    problem.raise("INVALID", ("in run %s nothing zooms; the arms zoom, zoom_uniform and zoom_local_first do"):format(
      run.id))
  end
  return object
end

-- ---- in words ----

local function mean(found)
  if type(found) ~= "table" then return "-" end
  return found.ci and ("%.2f [%.2f, %.2f]"):format(found.mean, found.ci[1], found.ci[2]) or ("%.2f"):format(found.mean)
end

local function print_shares(ui, part)
  local rows = { { "arm", "runs", "1st quarter", "2nd", "3rd", "4th", "after a wiring change", "after other steps" } }
  for _, arm in ipairs(part.arms) do
    if arm.runs > 0 then
      local row = { ui.safe(arm.name), tostring(arm.runs) }
      for quarter = 1, figures.QUARTERS do row[#row + 1] = mean(arm.quarters[quarter]) end
      local n = arm.back.after and (" (%d runs)"):format(arm.back.after.n) or ""
      row[#row + 1], row[#row + 2] = mean(arm.back.after) .. n, mean(arm.back["else"])
      rows[#rows + 1] = row
    end
  end
  if #rows == 1 then return end
  ui:out("share of steps at blocks, by quarter of a run's steps")
  ui:table(rows, { [2] = true })
end

local function print_saved(ui, part)
  local rows = { { "arm", "calls made", "a full re-test", "saved, mean of cells" } }
  for _, arm in ipairs(part.arms) do
    if arm.saved then
      rows[#rows + 1] = { ui.safe(arm.name), tostring(arm.saved.calls), tostring(arm.saved.all),
        mean(arm.saved.share) }
    end
  end
  if #rows == 1 then return end
  ui:out("re-tests inside shots: calls of tests, made and not made")
  ui:table(rows, { [2] = true, [3] = true })
end

local function print_contrasts(ui, list, words)
  if not list or #list == 0 then return end
  local rows = { { "", "contrast", "lift", "95 % CI", "q", "groups won", "tied", "lost" } }
  for _, row in ipairs(list) do
    rows[#rows + 1] = { row.measure, ui.safe(row.arm .. " - " .. row.against), row.lift and ("%+.3f"):format(row.lift)
      or "-", row.ci and ("[%+.3f, %+.3f]"):format(row.ci[1], row.ci[2]) or "-",
      row.q and ("%.3f"):format(row.q) or "-",
      tostring(row.wins), tostring(row.ties), tostring(row.losses) }
  end
  ui:out("%s", words)
  ui:table(rows, { [3] = true, [5] = true, [6] = true, [7] = true, [8] = true })
  for _, row in ipairs(list) do
    if row.claim then ui:out("%s.", ui:paint("bold", ui.safe(row.claim))) end
  end
end

function M.print(ui, object)
  for i, part in ipairs(object.parts) do
    if i > 1 then ui:out("") end
    ui:out("%s", ui:paint("bold", ui.safe(part.run)))
    print_shares(ui, part)
    print_saved(ui, part)
    print_contrasts(ui, part.outcomes, "score and solved, one family (Benjamini-Hochberg)")
    print_contrasts(ui, part.shares, "share of steps at blocks, one family")
  end
end

return M
