--- han.cli.tables: tables and words that several commands print: contrasts, objectives, promotions, what was left out.

local vectors = require "han.vectors"

local M = {}

--- "[low, high]", or "-" without an interval.
function M.interval(ci, format)
  return ci and ("[" .. format .. ", " .. format .. "]"):format(ci[1], ci[2]) or "-"
end

--- A number as text, or "-"; three decimals when nobody says otherwise.
function M.number(value, format) return value and (format or "%.3f"):format(value) or "-" end

--- q of a contrast; an A/A pair has none.
function M.q(row) return row.q and M.number(row.q) or row.diagnostic and "A/A" or "-" end

local CONTRASTS_RIGHT = { [2] = true, [3] = true, [4] = true, [5] = true, [6] = true, [7] = true }

--- Contrasts with what they were won by. title: of the first column, in which `name(row)` stands.
function M.contrasts(ui, title, list, name)
  local rows = { { title, "lift", "95 % CI", "q", "wins", "ties", "losses" } }
  for _, row in ipairs(list) do
    rows[#rows + 1] = { ui.safe(name(row)), M.number(row.lift or row.mean, "%+.3f"), M.interval(row.ci, "%+.3f"),
      M.q(row), tostring(row.wins), tostring(row.ties), tostring(row.losses) }
  end
  ui:table(rows, CONTRASTS_RIGHT)
end

--- The two arms of a contrast.
function M.pair(row) return row.arm .. " - " .. row.against end

local function refused_words(refused)
  local codes, words = {}, {}
  for code in pairs(refused) do codes[#codes + 1] = code end
  table.sort(codes, function(a, b)
    if refused[a] ~= refused[b] then return refused[a] > refused[b] end
    return a < b
  end)
  for i, code in ipairs(codes) do words[i] = ("%s %d"):format(code, refused[code]) end
  return #words > 0 and table.concat(words, ", ") or "-"
end

--- What han.rungs says of a bench with arms that patch: by class of failure, by rung of the ladder.
function M.failures(ui, failures)
  local rows = { { "arm", "class", "tasks", "solved", "score", "regressions", "evals" } }
  for _, row in ipairs(failures.classes) do
    rows[#rows + 1] = { ui.safe(row.arm), row.class, tostring(row.tasks), tostring(row.solved), M.number(row.score),
      tostring(row.regressions), M.number(row.evals, "%.0f") }
  end
  ui:out("")
  ui:out("by class of the failure; regressions: tests that passed at first and do not in what was kept")
  ui:table(rows, { [3] = true, [4] = true, [5] = true, [6] = true, [7] = true })
  rows = { { "arm", "rung", "shots", "gained", "solved", "refused" } }
  for _, row in ipairs(failures.rungs) do
    rows[#rows + 1] = { ui.safe(row.arm), ui.safe(row.rung), tostring(row.shots), tostring(row.gained),
      tostring(row.solved), ui.safe(refused_words(row.refused)) }
  end
  ui:out("")
  ui:out("by rung of the ladder; gained: shots with which more passes than before")
  ui:table(rows, { [3] = true, [4] = true, [5] = true })
end

--- Under which conditions a bench was made, and what infra failures took of it.
function M.conditions(ui, object)
  ui:out("trust %s, sandbox %s; %s", ui.safe(tostring(object.trust)), ui.safe(tostring(object.sandbox)),
    #object.excluded == 0 and "no cell lost to infra failures"
      or ("%d cells lost to infra failures, their tasks left out for all arms"):format(#object.excluded))
end

--- What infra failures took of a bench, cell by cell.
function M.excluded(ui, list)
  for _, cell in ipairs(list) do
    ui:out("excluded for all arms: %s (%s)", ui.safe(cell.cell), ui.safe(cell.reason))
  end
end

--- What was promoted, version by version.
function M.promotions(ui, list)
  for _, row in ipairs(list) do
    ui:out("promoted in round %d: %s %s %s, lift %s %s", row.round, row.learner, ui.safe(row.line),
      row.digest:sub(1, 12), M.number(row.lift, "%+.3f"), M.interval(row.ci, "%+.3f"))
  end
end

local function rank_word(pareto)
  if not pareto then return "-" end
  return pareto.rank == 1 and "front" or ("behind %d"):format(pareto.rank - 1)
end

--- The objectives of the score side by side; an arm in the front is beaten by no other in all of them. Prints nothing
-- where no arm has a vector. A count in brackets: so many of its cells have the objective.
---@param ui table
---@param arms table[] rows with name, vector and pareto (han.vectors), n or nil
function M.vectors(ui, arms)
  local rows, right, any = { { "arm" } }, {}, false
  for i, objective in ipairs(vectors.OBJECTIVES) do
    rows[1][i + 1], right[i + 1] = objective, true
  end
  table.insert(rows[1], "Pareto")
  for _, arm in ipairs(arms) do
    local row = { ui.safe(arm.name) }
    any = any or arm.vector ~= nil
    for i, objective in ipairs(vectors.OBJECTIVES) do
      local value = (arm.vector or {})[objective]
      local some = value and arm.n and value.n < arm.n and (" (%d)"):format(value.n) or ""
      row[i + 1] = value and M.number(value.mean) .. some or "-"
    end
    table.insert(row, rank_word(arm.pareto))
    rows[#rows + 1] = row
  end
  if not any then return end
  ui:out("")
  ui:table(rows, right)
end

--- Contrasts of the objectives beside the primary, or of the weighted number.
---@param ui table
---@param list table[] rows of han.contrast with objective, arm or a, against or b
function M.objectives(ui, list)
  local rows = { { "objective", "contrast", "lift", "95 % CI", "q", "tasks" } }
  for _, row in ipairs(list) do
    rows[#rows + 1] = { row.objective, ui.safe((row.arm or row.a) .. " - " .. (row.against or row.b)),
      M.number(row.lift, "%+.3f"), M.interval(row.ci, "%+.3f"), M.q(row), tostring(row.n) }
  end
  if #rows == 1 then return end
  ui:out("")
  ui:table(rows, { [3] = true, [4] = true, [5] = true, [6] = true })
end

local LEFT_OUT_SHOWN = 20

--- What of a family's data became no task (see docs/scripting.md); nothing when there is nothing.
---@param ui table
---@param list string[]|nil
function M.left_out(ui, list)
  if not list or #list == 0 then return end
  ui:out("left out of the data: %d", #list)
  for i = 1, math.min(#list, LEFT_OUT_SHOWN) do ui:out("  %s", ui.safe(list[i])) end
  if #list > LEFT_OUT_SHOWN then ui:out("  and %d more; --json gives all", #list - LEFT_OUT_SHOWN) end
end

return M
