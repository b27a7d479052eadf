--- han.cli.tables: tables of objectives, the same under a bench, a comparison and a gate.

local vectors = require "han.vectors"

local M = {}

--- "[low, high]", or "-" without an interval.
function M.interval(ci, format)
  return ci and ("[" .. format .. ", " .. format .. "]"):format(ci[1], ci[2]) or "-"
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
      row[i + 1] = value and ("%.3f"):format(value.mean) .. some or "-"
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
      row.lift and ("%+.3f"):format(row.lift) or "-", M.interval(row.ci, "%+.3f"),
      row.q and ("%.3f"):format(row.q) or row.diagnostic and "A/A" or "-", tostring(row.n) }
  end
  if #rows == 1 then return end
  ui:out("")
  ui:table(rows, { [3] = true, [4] = true, [5] = true, [6] = true })
end

return M
