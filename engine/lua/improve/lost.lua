-- han.improve.lost: what a phase lost to infra failures. A task that one arm has lost is left out for all arms alike,
-- in every phase, and each lost cell is listed in the report; a phase that has lost more than half of its tasks shows
-- nothing, and is run again instead (see han.cli.improve_phase). A gate has a stricter rule of its own (han.gate).

local M = {}

M.MOST = 0.5 -- share of the tasks of a phase

--- The tasks of which a cell was lost, as a set; how many they are, and of how many.
function M.tasks(records)
  local lost, seen, n, all = {}, {}, 0, 0
  for _, record in ipairs(records) do
    if not seen[record.task] then all = all + 1 end
    if record.infra and not lost[record.task] then n = n + 1 end
    seen[record.task], lost[record.task] = true, lost[record.task] or record.infra or nil
  end
  return lost, n, all
end

--- The records of the tasks that no arm has lost.
function M.without(records)
  local lost, list = M.tasks(records), {}
  for _, record in ipairs(records) do
    if not lost[record.task] then list[#list + 1] = record end
  end
  return list
end

--- Adds the lost cells of a phase to a list: { cell=, reason=, phase= its key }.
function M.note(list, phase, records)
  for _, record in ipairs(records) do
    if record.infra then list[#list + 1] = { cell = record.cell, reason = record.reason, phase = phase.key } end
  end
end

--- What was left out, in words, a line for each phase: "3 cells of r1/all/dev, the first a/b/c/0 (why)".
function M.lines(excluded)
  local by_phase, order, lines = {}, {}, {}
  for _, cell in ipairs(excluded) do
    local key = cell.phase or "?" -- runs that were stored before this was said
    if not by_phase[key] then order[#order + 1], by_phase[key] = key, {} end
    table.insert(by_phase[key], cell)
  end
  for i, key in ipairs(order) do
    local list = by_phase[key]
    lines[i] = ("%d cell%s of %s, the first %s (%s)"):format(#list, #list == 1 and "" or "s", key, list[1].cell,
      tostring(list[1].reason))
  end
  return lines
end

--- Why records are too few to go on with, in words; nil when they are not.
function M.fault(records)
  local _, n, all = M.tasks(records)
  if n <= M.MOST * all then return nil end
  local cells, reason = 0, nil
  for _, record in ipairs(records) do
    if record.infra then cells, reason = cells + 1, reason or record.reason end
  end
  return ("%d of %d cells were lost to infra failures, and with them %d of %d tasks (the first: %s)"):format(cells,
    #records, n, all, tostring(reason))
end

return M
