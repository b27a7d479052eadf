--- han lineage: what was learnt, as a tree of versions: who came from whom, by what, and why each went no further.

local args = require "han.cli.args"
local diff = require "han.improve.diff"
local json = require "han.json"
local lineage = require "han.improve.lineage"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local champions = require "han.cli.champion"

local M = {
  name = "lineage",
  summary = "What was learnt, as a tree of versions with diffs and reasons.",
  about = "What was learnt, as a tree of versions: who came from whom, by which operator, what the gate said, and why "
    .. "each went no further. Without LINE it lists the lines and their champions.",
  examples = { "han lineage", "han lineage binpack/uniform --diff", "han lineage binpack/uniform --all --json" },
}

function M.options(parser)
  parser:argument("line", "A line, as han improve names it."):argname("LINE"):args("?")
  parser:option("--run", "Only what this run of han improve learnt (default the last one)."):argname("RUN")
  parser:option("--learner", "deployed or blind; cross or meta of han ablate (default deployed, or meta).")
    :argname("NAME")
  parser:flag("--all", "Also every candidate that was refused.")
  parser:flag("--diff", "With each version what differs from its parent.")
  args.db(parser)
end

local versions_sql = "SELECT bench_id, line, learner, lower(hex(digest)) AS digest, digest AS content, kind, round, "
  .. "author, operator, parents, shape, novel, status, reason, scores, created_ms FROM learnt WHERE bench_id = ?1 "
  .. "AND (?2 IS NULL OR line = ?2) AND (?3 IS NULL OR learner = ?3) ORDER BY id"

--- The versions of a run: rows of the table `learnt`, with their texts.
function M.versions(db, run, line, learner)
  local rows = problem.check(db:query(versions_sql, { run, line or json.null, learner or json.null },
    { max_rows = 1000000 }))
  for _, row in ipairs(rows) do
    row.text, row.content = recorder.content(db, row.content), nil
    row.parents, row.scores = problem.check(json.decode(row.parents)), row.scores and json.decode(row.scores)
    row.novel = row.novel and row.novel == 1
  end
  return rows
end

-- The run that is meant: the one named, or the last that learnt something on the line.
local function run_of(db, options)
  if options.run then
    local rows = problem.check(db:query("SELECT DISTINCT bench_id FROM learnt "
      .. "WHERE substr(bench_id, 1, length(?1)) = ?1", { options.run }))
    if #rows == 1 then return rows[1].bench_id end
    problem.raise("UNKNOWN", ("there is %s run '%s' that learnt something"):format(#rows == 0 and "no"
      or "more than one", options.run))
  end
  local row = problem.check(db:query("SELECT bench_id FROM learnt WHERE ?1 IS NULL OR line = ?1 "
    .. "ORDER BY id DESC LIMIT 1", { options.line or json.null }))[1]
  if not row then
    problem.raise("UNKNOWN", options.line and ("nothing was learnt on a line '%s'; han lineage lists the lines"):format(
      options.line) or "nothing was learnt yet; han improve ADAPTER learns")
  end
  return row.bench_id
end

-- ---- the lines ----

local function lines_of(db)
  local rows = problem.check(db:query("SELECT line, count(*) AS versions, count(DISTINCT bench_id) AS runs, "
    .. "sum(status = 'promoted') AS promoted FROM learnt GROUP BY line ORDER BY line"))
  for _, row in ipairs(rows) do
    local champion = champions.of(db, row.line)
    row.champion = champion and { digest = champion.digest, kind = champion.kind, how = champion.how,
      reason = champion.reason, run = champion.bench_id }
  end
  return rows
end

local function list(db, ui)
  local rows = lines_of(db)
  ui:object { schema = 1, lines = json.array(rows) }
  if #rows == 0 then ui:out("nothing was learnt yet; han improve ADAPTER learns") end
  local printed = { { "line", "runs", "versions", "promoted", "champion", "" } }
  for _, row in ipairs(rows) do
    printed[#printed + 1] = { ui.safe(row.line), tostring(row.runs), tostring(row.versions), tostring(row.promoted),
      row.champion and row.champion.digest:sub(1, 12) or "-",
      row.champion and ui.safe(row.champion.reason or "") or "" }
  end
  if #rows > 0 then ui:table(printed, { [2] = true, [3] = true, [4] = true }) end
  return 0
end

-- ---- one tree ----

local paints = { promoted = "green", gated = "yellow", start = "cyan" }

local function print_diff(ui, from, version, indent)
  for _, row in ipairs(diff.lines(from and from.text or "", version.text)) do
    if row[1] ~= " " then
      ui:out("%s    %s %s", indent, ui:paint(row[1] == "+" and "green" or "red", row[1]), ui.safe(row[2]))
    end
  end
end

local function print_version(ui, version, parent, depth, options)
  local indent = ("  "):rep(depth)
  local words = { ui:paint(paints[version.status] or "dim", version.status), version.digest:sub(1, 12) }
  if version.round > 0 then words[#words + 1] = ("round %d"):format(version.round) end
  words[#words + 1] = version.operator and ui.safe(version.author .. ": " .. version.operator) or nil
  if version.novel then words[#words + 1] = "new shape" end
  if version.champion then words[#words + 1] = ui:paint("bold", "champion") end
  ui:out("%s%s", indent, table.concat(words, "  "))
  if version.reason then ui:out("%s    %s", indent, ui.safe(version.reason)) end
  if options.diff then print_diff(ui, parent, version, indent) end
end

local function print_tree(ui, versions, parent, depth, options)
  for _, version in ipairs(versions) do
    print_version(ui, version, parent, depth, options)
    print_tree(ui, version.children, version, depth + 1, options)
  end
end

local function object_of(run, line, learner, versions)
  local rows = json.array {}
  for i, version in ipairs(versions) do
    rows[i] = { digest = version.digest, kind = version.kind, round = version.round, author = version.author,
      operator = version.operator, parents = json.array(version.parents), shape = version.shape, novel = version.novel,
      status = version.status, reason = version.reason, scores = version.scores, champion = version.champion or false,
      text = version.text }
  end
  return { schema = 1, run = run, line = line, learner = learner, versions = rows }
end

-- The learner that is meant: the deployed one, or in an experiment without one the last.
local function learner_of(db, run, line, given)
  if given then return given end
  local row = problem.check(db:query("SELECT learner FROM learnt WHERE bench_id = ?1 AND line = ?2 "
    .. "ORDER BY learner = 'deployed' DESC, id DESC LIMIT 1", { run, line }))[1]
  return row and row.learner or "deployed"
end

local function show_line(db, run, line, options, ui)
  local learner = learner_of(db, run, line, options.learner)
  local versions = M.versions(db, run, line, learner)
  local champion = champions.of(db, line)
  for _, version in ipairs(versions) do
    version.champion = champion ~= nil and champion.digest == version.digest
  end
  local count, kept = lineage.count(versions), options.all and versions or lineage.met_a_gate(versions)
  ui:out("%s  %s, run %s: %d versions, %d promoted, %d gated and not promoted, %d refused", ui:paint("bold",
    ui.safe(line)), ui.safe(learner), run, #versions, count.promoted or 0, count.gated or 0, count.refused or 0)
  print_tree(ui, lineage.tree(kept), nil, 0, options)
  return object_of(run, line, learner, kept)
end

local function lines_of_run(db, run)
  local names = {}
  for _, row in ipairs(problem.check(db:query("SELECT DISTINCT line FROM learnt WHERE bench_id = ?1 ORDER BY line",
    { run }))) do names[#names + 1] = row.line end
  return names
end

function M.run(options, ui)
  local db = recorder.open_to_read(options.db)
  if not options.line and not options.run then return list(db, ui) end
  local run = run_of(db, options)
  local objects = {}
  for i, line in ipairs(options.line and { options.line } or lines_of_run(db, run)) do
    if i > 1 then ui:out("") end
    objects[i] = show_line(db, run, line, options, ui)
  end
  ui:object(options.line and objects[1] or { schema = 1, run = run, lines = json.array(objects) })
  return 0
end

return M
