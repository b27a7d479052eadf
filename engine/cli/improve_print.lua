--- han.cli.improve_print: what han improve prints: a head, a line a round while it goes on, and what came of it.

local budget = require "han.cli.budget"
local cells = require "han.cells"
local json = require "han.json"
local lineage = require "han.improve.lineage"
local lost = require "han.improve.lost"
local tables = require "han.cli.tables"

local M = {}

local interval, number = tables.interval, tables.number

-- ---- lists that may be empty are lists in JSON too ----

function M.lists_of_round(row)
  for _, name in ipairs { "scores", "gates", "champions" } do json.array(row[name]) end
  return row
end

function M.lists(object)
  for _, name in ipairs { "rounds", "promotions", "gates", "excluded", "contrasts", "measures", "field" } do
    json.array(object[name])
  end
  for _, row in ipairs(object.rounds) do M.lists_of_round(row) end
  for _, row in ipairs(object.promotions) do json.array(row.parents) end
  json.array(object.parity.arms)
  return object
end

-- ---- while it goes on ----

--- What an experiment on learners is about.
function M.title(ui, plan)
  ui:out("%s: learns %s, %d rounds, seed %d; lines: %s", ui.safe(plan.name), plan.what, plan.rounds, plan.seed,
    ui.safe(table.concat(cells.names_of(plan.lines), ", ")))
end

function M.head(ui, plan)
  M.title(ui, plan)
  ui:out("a scored cell may spend %s; the controller is %s", budget.words(plan.score.budget or {}),
    ui.safe(plan.strategy))
  ui:out("")
end

local function gate_words(row)
  local counts, words = {}, {}
  for _, gate in ipairs(row.gates) do
    if gate.learner == "deployed" then counts[gate.decision] = (counts[gate.decision] or 0) + 1 end
  end
  for decision, n in pairs(counts) do words[#words + 1] = n > 1 and ("%d %s"):format(n, decision) or decision end
  table.sort(words)
  return row.round == 0 and "start" or #words > 0 and table.concat(words, ", ") or "no candidate"
end

M.BAR = 24 -- characters of the longest bar

-- A bar for the lift of a round; the longest so far fills it. Below 0 there is none.
local function bar_of(lift, most)
  if not lift or lift <= 0 or most <= 0 then return "" end
  return ("#"):rep(math.max(1, math.floor(lift / most * M.BAR + 0.5)))
end

--- The lines of a round that has ended: what each arm scored, then the curve: lift as a bar, slope so far. seen: a
-- table that is kept over the rounds.
function M.round(ui, plan, round, row, seen)
  local parts = { ("round %d/%d"):format(round, plan.rounds) }
  for _, score in ipairs(row.scores) do
    parts[#parts + 1] = ("%s %s %s"):format(score.arm, number(score.mean), interval(score.ci, "%.3f"))
  end
  ui:note("%s", table.concat(parts, "  "))
  local lift = row.lift.mean
  seen.most = math.max(seen.most or 0, lift or 0)
  local bar = ui:paint_note("green", bar_of(lift, math.max(seen.most, 0.01)))
  ui:note("  lift %s %s %s  slope %s %s  gate: %s", number(lift, "%+.3f"), interval(row.lift.ci, "%+.3f"), bar,
    row.slope and number(row.slope.mean, "%+.4f") or "-", row.slope and interval(row.slope.ci, "%+.4f") or "",
    gate_words(row))
end

-- ---- the result ----

local function print_rounds(ui, object)
  local rows = { { "round" } }
  local right = { [1] = true }
  for i, score in ipairs(object.rounds[1].scores) do
    rows[1][2 * i], rows[1][2 * i + 1] = score.arm, "95 % CI"
    right[2 * i], right[2 * i + 1] = true, true
  end
  table.insert(rows[1], "lift")
  right[#rows[1]] = true
  table.insert(rows[1], "")
  table.insert(rows[1], "gate (deployed)")
  local most = 0.01
  for _, row in ipairs(object.rounds) do most = math.max(most, row.lift.mean or 0) end
  for _, row in ipairs(object.rounds) do
    local line = { tostring(row.round) }
    for _, score in ipairs(row.scores) do
      line[#line + 1] = number(score.mean)
      line[#line + 1] = interval(score.ci, "%.3f")
    end
    line[#line + 1] = number(row.lift.mean, "%+.3f")
    line[#line + 1] = bar_of(row.lift.mean, most)
    line[#line + 1] = gate_words(row)
    rows[#rows + 1] = line
  end
  ui:table(rows, right)
end

local function slope_words(row)
  return row.mean and ("%+.4f %s"):format(row.mean, interval(row.ci, "%+.4f")) or "-"
end

local function cell_words(spend)
  local amounts = {}
  for channel, n in pairs(spend or {}) do
    if channel ~= "cells" and channel ~= "candidates" and n ~= 0 then amounts[channel] = n end
  end
  return budget.words(amounts)
end

M.cell_words = cell_words

-- "+12 tokens", channel by channel; "equal" where there is no difference.
local function apart_words(apart)
  local names, words = {}, {}
  for name, n in pairs(apart or {}) do if n ~= 0 then names[#names + 1] = name end end
  table.sort(names)
  for i, name in ipairs(names) do words[i] = ("%+d %s"):format(apart[name], name) end
  return #words > 0 and table.concat(words, ", ") or "equal"
end

local function phase_words(book)
  local spent = cell_words(book)
  return ("%d cells%s"):format(book and book.cells or 0, spent ~= "nothing" and ", " .. spent or "")
end

-- What the model that writes was asked and cost.
function M.author_words(author)
  local words = ("the author asked %s: %d questions, %s, of at most %s"):format(author.model, author.spend.questions,
    budget.words { tokens = author.spend.tokens, nano_usd = author.spend.nano_usd }, budget.words(author.budget))
  if author.unknown == 0 then return words end
  return ("%s; what %d answers cost was not told, and counts as the most that it could be"):format(words,
    author.unknown)
end

local function print_spend(ui, object)
  local rows = { { "scored", "cells", "spent", "ceiling", "apart from frozen" } }
  for _, row in ipairs(object.parity.arms) do
    rows[#rows + 1] = { row.arm, tostring(row.cells), cell_words(row.spend), cell_words(row.budget),
      apart_words(row.apart) }
  end
  ui:table(rows, { [2] = true })
  ui:out("%s", object.parity.equal_budget and "every arm had the same cells under the same ceiling"
    or "THE ARMS HAD NOT THE SAME CEILING: nothing here is a comparison")
  rows = { { "learning", "learn", "dev", "gate", "dry runs" } }
  for _, name in ipairs { "deployed", "blind" } do
    local book = object.learning[name] or {}
    rows[#rows + 1] = { name, cell_words(book.learn), phase_words(book.dev), phase_words(book.gate),
      ("%d"):format((book.dry or {}).candidates or 0) }
  end
  ui:out("")
  ui:table(rows)
  if object.author then ui:out("%s", ui.safe(M.author_words(object.author))) end
end

local function print_promotions(ui, object)
  tables.promotions(ui, object.promotions)
  if #object.promotions == 0 then ui:out("promoted: nothing, by no learner") end
end

local function print_candidates(ui, object)
  for _, name in ipairs { "deployed", "blind" } do
    local count = object.candidates[name]
    ui:out("%s: %d candidates, %d of another tree shape than the champion; %d refused; %d gated, %d of them of another "
      .. "shape", name, count.candidates, count.novel, count.refused, count.gated, count.novel_gated)
    local refusals = lineage.refusals(count.refusals)
    if refusals then ui:out("  went no further at: %s (each with its reason: han lineage --all)", refusals) end
  end
end

local function print_measures(ui, object)
  if #object.measures == 0 then return end
  local rows = { { "last round", "measure", "arm", "mean", "95 % CI" } }
  for _, row in ipairs(object.measures) do
    rows[#rows + 1] = { ui.safe(row.line), ui.safe(row.name), row.arm, number(row.mean, "%.4f"),
      interval(row.ci, "%.4f") }
  end
  ui:out("")
  ui:table(rows, { [4] = true, [5] = true })
end

local function print_field(ui, object)
  if #(object.field or {}) == 0 then return end
  local rows = { { "as it is, on instances of the published kind", "program of", object.field[1].measure, "95 % CI",
    "published", "" } }
  for _, row in ipairs(object.field) do
    rows[#rows + 1] = { ui.safe(("%s: %s"):format(row.line, row.instances or "")), ui.safe(row.arm),
      number(row.mean, "%.4f"), interval(row.ci, "%.4f"), row.published and ui.safe(("%s %.4f"):format(
        row.published.name, row.published.value)) or "", row.verdict or "" }
  end
  ui:out("")
  ui:table(rows, { [3] = true, [4] = true })
end

--- What the machine took.
function M.excluded(ui, object)
  for _, line in ipairs(lost.lines(object.excluded)) do
    ui:out("lost to infra failures, their tasks left out for all arms alike: %s", ui.safe(line))
  end
end

function M.next(ui, id) ui:note("next: han lineage --run %s, han report %s -o improve.html", id, id) end

function M.result(ui, object)
  ui:out("")
  print_rounds(ui, object)
  ui:out("")
  ui:out("slope a round: deployed - frozen %s; deployed %s; frozen %s; blind %s", slope_words(object.slope),
    slope_words(object.deployed_slope), slope_words(object.frozen_slope), slope_words(object.blind_slope))
  ui:out("")
  tables.contrasts(ui, "last round", object.contrasts, tables.pair)
  print_measures(ui, object)
  print_field(ui, object)
  ui:out("")
  print_spend(ui, object)
  ui:out("")
  print_candidates(ui, object)
  print_promotions(ui, object)
  local false_ones = object.false_promotions
  if false_ones then
    ui:out("equal arms (A/A): the gate's rule promoted %d of %d simulated pairs at level %.4f", false_ones.promoted,
      false_ones.simulations, false_ones.level)
  end
  M.excluded(ui, object)
  ui:out("%s", ui:paint("bold", ui.safe(object.claim) .. "."))
end

return M
