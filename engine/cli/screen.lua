--- han bench ADAPTER --screen: the control alone at rising difficulty, reported by difficulty, source of the
-- fault and group. It says whether a family has room to fail and to win, before strategies are compared on it.

local json = require "han.json"
local screen = require "han.screen"

local M = {}

local DIFFICULTIES = { 1, 2, 3, 4 }

local function percent(x) return x and ("%.0f %%"):format(100 * x) or "-" end

local function print_rows(ui, title, rows)
  local lines = { { title, "tasks", "solved", "rate", "95 % CI", "plausible but wrong" } }
  for _, row in ipairs(rows) do
    lines[#lines + 1] = {
      ui.safe(tostring(row.key)), tostring(row.n), tostring(row.solved), percent(row.rate),
      row.ci and ("[%.2f, %.2f]"):format(row.ci[1], row.ci[2]) or "-",
      ("%d of %d (%s)"):format(row.wrong, row.plausible, percent(row.wrong_share)),
    }
  end
  ui:table(lines, { [2] = true, [3] = true, [4] = true, [5] = true, [6] = true })
  ui:out("")
end

local function print_tables(ui, object)
  ui:out("%s, split %s, seed %d: the control '%s' at difficulty %s", ui.safe(object.adapter), object.split,
    object.seed, object.arm, table.concat(object.difficulties, ", "))
  ui:out("")
  print_rows(ui, "difficulty", object.difficulty)
  print_rows(ui, "source", object.source)
  print_rows(ui, "group", object.group)
  print_rows(ui, "all", { object.all })
  ui:out("plausible but wrong: passes every public check, fails a hidden one; the share is of what passes in public.")
  if object.excluded > 0 then ui:out("%d cells excluded (infra)", object.excluded) end
end

-- One pass of the control over the tasks of one difficulty; its records are added to `records`.
local function measure(spec, difficulty, records, bench, ui, options)
  spec.options.difficulty = difficulty
  local found, info, store = bench.measure(spec, {
    kind = "screen", adapter = spec.adapter, seed = spec.seed, split = spec.split,
    config = { n = spec.n, difficulty = difficulty }, arms = { spec.arms[1].name }, source = "han bench --screen",
  }, ui, options)
  for _, record in ipairs(found) do records[#records + 1] = record end
  store:finish(nil)
  return info
end

--- Runs it; spec is that of a bench, of whose arms only the control is used.
function M.run(spec, bench, ui, options)
  local records, info = {}, nil
  local difficulties = spec.options.difficulty and { spec.options.difficulty } or DIFFICULTIES
  spec.arms = { spec.arms[1] }
  for _, difficulty in ipairs(difficulties) do
    info = measure(spec, difficulty, records, bench, ui, options)
    if info.interrupted then break end
  end
  local object = screen.tables(records)
  object.schema, object.adapter, object.split, object.seed = 1, info.adapter, spec.split, spec.seed
  object.arm, object.difficulties = spec.arms[1].name, difficulties
  for _, field in ipairs { "difficulty", "source", "group", "difficulties" } do json.array(object[field]) end
  print_tables(ui, object)
  ui:object(object)
  return info.interrupted and 130 or 0
end

return M
