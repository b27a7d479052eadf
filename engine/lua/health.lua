--- han.health: checks that raise or give no measure. One that fails on some artifacts may be right to; one that fails
-- on every artifact measured nothing, and a table of zeros would hide it. Reads `broken` of the records of cells. Pure.

local M = {}

-- Whether a check of a cell gave a measure at least once.
local works = {
  verifier = function(record, row) return record.verdict ~= nil or row ~= nil and row.failed < row.of end,
  judge = function(record, row) return record.kept ~= nil and row == nil and not record.infra end,
}

--- { verifier = or judge = { cells = with a failure, failed = how often, reason = the first, every = bool } } of those
-- that failed; nil when none did.
---@param records table[]
function M.checks(records)
  local out = {}
  for kind, works_in in pairs(works) do
    local sum, any = { cells = 0, failed = 0, every = true }, false
    for _, record in ipairs(records) do
      local row = record.broken and record.broken[kind]
      if row then
        sum.cells, sum.failed, sum.reason = sum.cells + 1, sum.failed + row.failed, sum.reason or row.reason
      end
      any = any or works_in(record, row)
    end
    sum.every = not any
    if sum.cells > 0 then out[kind] = sum end
  end
  return next(out) and out or nil
end

--- Which check failed on every artifact, in a sentence; nil when none did.
---@param broken table|nil as M.checks gives it
function M.fatal(broken)
  for _, kind in ipairs { "verifier", "judge" } do
    local row = broken and broken[kind]
    if row and row.every then
      return ("the %s failed on every artifact (%d times), nothing was measured: %s"):format(kind, row.failed,
        row.reason)
    end
  end
  return nil
end

--- What is printed under a table of the checks that failed now and then: a list of sentences.
---@param broken table|nil as M.checks gives it
function M.lines(broken)
  local lines = {}
  for _, kind in ipairs { "verifier", "judge" } do
    local row = broken and broken[kind]
    if row and not row.every then
      lines[#lines + 1] = ("the %s failed %d times in %d cells, which counts as 0 there: %s"):format(kind, row.failed,
        row.cells, row.reason)
    end
  end
  return lines
end

return M
