--- han.cli.improve_store: what the store holds of a phase of an improve run, as records. A phase is read back also when
-- it has just ended, so that a run which is gone on with works on the very same values.

local cell_rows = require "han.cli.cell_rows"
local problem = require "han.cli.problem"

local M = {}

--- The records of a stored phase, by the name of their cells; the last try of a cell counts. with_attempts: also what
-- its workers did.
function M.records(db, id, with_attempts)
  local list = {}
  for _, record in pairs((cell_rows.read(db, id, true, with_attempts))) do list[#list + 1] = record end
  table.sort(list, function(a, b) return a.cell < b.cell end)
  return list
end

--- What was spent for a phase of a held-out split: { slice=, position= on its line }, or nil.
function M.spend(db, id)
  local row = problem.check(db:query("SELECT s.slice, (SELECT count(*) FROM holdout_spend o WHERE o.line = s.line "
    .. "AND o.adapter = s.adapter AND o.id <= s.id) AS position FROM holdout_spend s WHERE s.bench_id = ?1", { id }))[1]
  return row
end

--- { id=, ended_ms= } of a stored run, or nil.
function M.row(db, id)
  return problem.check(db:query("SELECT id, ended_ms FROM bench WHERE id = ?1", { id }))[1]
end

return M
