-- han.answers: what a shot gave, as the one store of answers keeps it: found by the digest of the request, so that
-- a shot that is asked for again (a run that is resumed) is not made again. Whoever takes an answer is charged what
-- the shot spent when it was made.

local pack = require "han.pack"
local shape = require "han.shape"
local value = require "han.value"

local M = {}

--- The digest of the request for one shot: everything that the shot can see, its stream of random numbers, its
--- ceiling, and the conditions under which it is measured. 64 hexadecimal digits.
---@param h table the cell as the harness holds it
---@param ctx table handle of the shot's node, before anything was spent
---@param args table {profile=, task=, from=, steer=}
---@return string
function M.digest(h, ctx, args)
  local cell = h.cell
  h.conditions = h.conditions or value.digest {
    "shot", cell.digests.checks, cell.digests.engine, h.trust, h.sandbox, h.seed, cell.task.id,
    cell.arm.start or false, cell.task.public, cell.budget or false,
  }
  return value.digest { h.conditions, ctx:node(), args.profile, args.task, args.from or false, args.steer or false,
    ctx:left() }
end

-- An error as it is settled and stored: a text, or a code with a message.
function M.fault(err)
  if type(err) ~= "table" then return tostring(err) end
  return { code = err.code and tostring(err.code) or nil, message = tostring(err.message) }
end

--- What an attempt gave, as it is sent to the store. fault: how it failed, or nil.
---@param digest string
---@param attempt table
---@param fault string|table|nil
---@param extra table {unknown=, units=}
---@return table
function M.of(digest, attempt, fault, extra)
  attempt.packed, attempt.packed_dropped = pack.list(attempt.spans)
  return {
    digest = digest, kind = "shot", output = attempt.output, trace = attempt.packed,
    said = { fault = fault, verdict = attempt.verdict, spend = attempt.spend, timing = attempt.timing,
      checked = attempt.checked, unknown = extra.unknown, units = extra.units, dropped = attempt.packed_dropped },
  }
end

--- Makes an attempt what it was when its answer was given.
---@param attempt table
---@param answer table
function M.restore(attempt, answer)
  local said = answer.said
  attempt.packed, attempt.packed_dropped = answer.trace, said.dropped
  attempt.spans = answer.trace and value.decode(answer.trace) or {}
  attempt.output, attempt.verdict = answer.output, shape.copy(said.verdict)
  attempt.timing = said.timing
end

return M
