--- han.cli.ablate_print: what han ablate prints.

local budget = require "han.cli.budget"
local improve_print = require "han.cli.improve_print"
local json = require "han.json"
local tables = require "han.cli.tables"

local M = {}

local interval, number = tables.interval, tables.number

-- ---- lists that may be empty are lists in JSON too ----

function M.lists_of_round(row)
  json.array(row.gates)
  return row
end

function M.lists(object)
  for _, name in ipairs { "arms", "contrasts", "authors", "promotions", "gates", "excluded", "claims" } do
    json.array(object[name])
  end
  for _, row in ipairs(object.promotions) do json.array(row.parents) end
  return object
end

-- ---- while it goes on ----

function M.head(ui, plan)
  improve_print.title(ui, plan)
  ui:out("a cell of the grid may spend %s; within is %s, without it %s", budget.words(plan.score.budget or {}),
    plan.what == "strategy" and "the strategy as it is" or plan.within.on,
    plan.what == "strategy" and "steer none, topology independent" or plan.within.off)
  ui:out("")
end

function M.round(ui, plan, round, row)
  local counts = {}
  for _, gate in ipairs(row.gates) do
    if gate.round == round then
      local key = ("%s %s"):format(gate.learner, gate.decision)
      counts[#counts + 1] = key
    end
  end
  table.sort(counts)
  ui:note("round %d/%d  gate: %s", round, plan.rounds, #counts > 0 and table.concat(counts, ", ") or "no candidate")
end

-- ---- the result ----

local function on(value) return value and "on" or "off" end

local function print_arms(ui, object)
  local rows = { { "cell", "within", "cross", "meta", "score", "95 % CI", "spent", "" } }
  for _, row in ipairs(object.arms) do
    rows[#rows + 1] = { row.arm, on(row.within), on(row.cross), on(row.meta), number(row.mean),
      interval(row.ci, "%.3f"), budget.words(row.spend), row.replicate_of and "A/A of " .. row.replicate_of or "" }
  end
  ui:table(rows, { [5] = true, [6] = true })
end

local names = { cross = "author as it was", meta = "author that learns its ways" }

local function print_learning(ui, object)
  for _, name in ipairs { "cross", "meta" } do
    local count, book = object.candidates[name], object.learning[name]
    ui:out("%s: %d candidates, %d of another tree shape; %d refused; %d gated; learning spent %s", names[name],
      count.candidates or 0, count.novel or 0, count.refused or 0, count.gated or 0,
      improve_print.cell_words(book.learn))
  end
  tables.promotions(ui, object.promotions)
  for _, row in ipairs(object.authors) do
    ui:out("%s %s: %s, %s", ui.safe(row.line), row.digest:sub(1, 12), row.decision, ui.safe(row.reason))
    if row.decision == "promote" then
      ui:out("  to use it: han promote %s %s, then han improve ... --author learnt", ui.safe(row.line),
        row.digest:sub(1, 12))
    end
  end
end

function M.result(ui, object)
  print_arms(ui, object)
  ui:out("")
  tables.contrasts(ui, "level", object.contrasts, function(row) return row.name end)
  ui:out("")
  print_learning(ui, object)
  improve_print.excluded(ui, object)
  for _, claim in ipairs(object.claims) do ui:out("%s", ui:paint("bold", ui.safe(claim) .. ".")) end
end

function M.next(ui, id)
  ui:note("next: han lineage --run %s --learner cross --diff, han report %s -o ablate.html", id, id)
end

return M
