--- han compare: arms of stored benches against each other, pair by pair.

local args = require "han.cli.args"
local budget = require "han.cli.budget"
local compare = require "han.compare"
local json = require "han.json"
local noise = require "han.noise"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local report = require "han.report"
local tables = require "han.cli.tables"
local value = require "han.value"

local M = {
  name = "compare",
  summary = "Compare arms of stored benches.",
  about = "Compare arms of stored benches, pair by pair: A minus B. BENCH alone stands for all its arms, each against "
    .. "the arm of the same name, or against the one arm that the other side names. A cell without a partner stops the "
    .. "comparison.",
  examples = {
    "han compare 20260131-101500-4fd2ab:refine 20260131-101500-4fd2ab:sample",
    "han compare 20260131-101500-4fd2ab 20260201-090000-1c77e0 --json",
  },
}

function M.options(parser)
  parser:argument("a", "BENCH or BENCH:ARM."):argname("A")
  parser:argument("b", "BENCH or BENCH:ARM."):argname("B")
  args.db(parser)
end

local CHANNELS = { "tokens", "nano_usd", "shots", "turns", "evals" }
local cells_sql = [[
SELECT cell, task, grp, arm, seed, replicate, infra, over, trust, sandbox, score, score_correct AS correct,
  score_pass AS pass, hex(checks) AS checks,
  json_array(budget_tokens, budget_nano_usd, budget_shots, budget_turns, budget_evals, budget_named) AS budget,
  spend_tokens AS tokens, spend_nano_usd AS nano_usd, spend_shots AS shots, spend_turns AS turns, spend_evals AS evals
FROM cell WHERE bench_id = ?1 AND task IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM cell later
    WHERE later.bench_id = ?1 AND later.cell = cell.cell AND later.try > cell.try)
ORDER BY id]]

-- { arm -> records } of a bench, and the arms in order; the last try of a cell counts.
local function read_bench(db, id)
  local rows = problem.check(db:query(cells_sql, { id }))
  if #rows == 0 then
    problem.raise("UNKNOWN", ("there is no bench '%s' with cells; han corpus stats lists the runs"):format(id))
  end
  local arms, order = {}, {}
  for _, row in ipairs(rows) do
    row.infra, row.over, row.pass, row.spend = row.infra == 1, row.over == 1, row.pass == 1, {}
    row.score = row.score and value.decode(row.score) or nil
    for _, channel in ipairs(CHANNELS) do row.spend[channel] = row[channel] end
    if not arms[row.arm] then
      arms[row.arm] = {}
      order[#order + 1] = row.arm
    end
    table.insert(arms[row.arm], row)
  end
  return arms, order
end

local function side(db, word)
  local id, arm = word:match("^([^:]*):(.+)$")
  id = id or word
  local arms, order = read_bench(db, id)
  if arm and not arms[arm] then
    problem.raise("UNKNOWN", ("bench %s has no arm '%s'; it has %s"):format(id, arm, table.concat(order, ", ")))
  end
  return { id = id, arm = arm, arms = arms, order = order }
end

local function one(s, arm)
  return { name = s.id .. ":" .. arm, records = s.arms[arm] or {} }
end

-- Which arms are held against which; the A/A replicate only when it is named.
local function pair_up(a, b)
  local pairs_of = {}
  for _, arm in ipairs(a.arm and { a.arm } or a.order) do
    local other = b.arm or arm
    local itself = a.id == b.id and arm == other
    if not a.arm and (arm == report.REPLICATE or itself) then
      other = nil
    elseif itself then
      problem.usage("%s:%s is compared with itself; name another arm", a.id, arm)
    end
    if other then pairs_of[#pairs_of + 1] = { one(a, arm), one(b, other) } end
  end
  if #pairs_of == 0 then problem.usage("%s is compared with itself; name two arms, as in BENCH:refine", a.id) end
  return pairs_of
end

local function print_arms(ui, arms)
  local spent = {}
  for _, arm in ipairs(arms) do for channel in pairs(arm.spend) do spent[channel] = true end end
  local channels = budget.channels(spent)
  local rows, right = { { "arm", "score", "95 % CI", "solved" } }, { [2] = true, [3] = true, [4] = true }
  for _, channel in ipairs(channels) do
    table.insert(rows[1], channel)
    right[#rows[1]] = true
  end
  for _, word in ipairs { "infra", "trust", "sandbox" } do table.insert(rows[1], word) end
  right[#rows[1] - 2] = true
  for _, arm in ipairs(arms) do
    local row = { ui.safe(arm.name), arm.score.mean and ("%.3f"):format(arm.score.mean) or "-",
      tables.interval(arm.score.ci, "%.3f"), ("%d/%d"):format(arm.solved, arm.n) }
    for _, channel in ipairs(channels) do table.insert(row, tostring(arm.spend[channel] or "-")) end
    for _, cell in ipairs { tostring(arm.excluded), ui.safe(arm.trust), ui.safe(arm.sandbox) } do
      table.insert(row, cell)
    end
    rows[#rows + 1] = row
  end
  ui:table(rows, right)
  ui:out("")
end

local function print_notes(ui, object)
  for _, arm in ipairs(object.arms) do
    if arm.over > 0 then
      ui:out("%s: %d cells spent above their ceiling (over); no gate accepts them.", ui.safe(arm.name), arm.over)
    end
  end
  local flag = noise.flag(object.judge)
  if flag then ui:out("%s", ui:paint("bold", "Warning: " .. flag .. ".")) end
end

local function print_table(ui, object)
  print_arms(ui, object.arms)
  local rows = { { "contrast", "lift", "95 % CI", "p", "test", "q", "wins", "ties", "losses", "groups" } }
  for _, row in ipairs(object.contrasts) do
    rows[#rows + 1] = { ui.safe(row.a .. " - " .. row.b), row.lift and ("%+.3f"):format(row.lift) or "-",
      tables.interval(row.ci, "%+.3f"), row.p and ("%.3f"):format(row.p) or "-",
      row.test or "-", row.q and ("%.3f"):format(row.q) or "-", tostring(row.wins), tostring(row.ties),
      tostring(row.losses), tostring(row.groups) }
  end
  ui:table(rows, { [2] = true, [3] = true, [4] = true, [6] = true, [7] = true, [8] = true, [9] = true, [10] = true })
  ui:out("")
  ui:out("q: %d contrast%s of this table, Benjamini-Hochberg (false discovery rate). Wins, ties, losses are of groups.",
    #object.contrasts, #object.contrasts == 1 and "" or "s")
  tables.vectors(ui, object.arms)
  tables.objectives(ui, object.objectives)
  ui:out("")
  for _, row in ipairs(object.contrasts) do
    if row.excluded > 0 then ui:out("%s: %d pairs left out (infra)", ui.safe(row.a), row.excluded) end
    ui:out("%s", ui:paint("bold", ui.safe(row.claim) .. "."))
  end
  print_notes(ui, object)
end

function M.run(options, ui)
  local db = recorder.open_to_read(options.db)
  local object = problem.check(compare.table_of(pair_up(side(db, options.a), side(db, options.b)), 1))
  db:close()
  object.schema = 1
  for _, field in ipairs { "contrasts", "objectives", "arms" } do json.array(object[field]) end
  print_table(ui, object)
  ui:object(object)
  return 0
end

return M
