--- han.finding: one thing that was seen about an attempt. Its origin is set where it is made and
-- decides where it may go: judge and holdout never reach a run.

local shape = require "han.shape"

local M = {}

M.origins = { "agent", "artifact", "holdout", "judge", "trace", "verifier" }
local may_steer = { agent = true, artifact = true, trace = true, verifier = true }

local function is_origin(value)
  for _, origin in ipairs(M.origins) do
    if value == origin then return nil end
  end
  return ("must be one of %s, got %s"):format(table.concat(M.origins, ", "), shape.show(value))
end

local function is_where(value)
  if value.fn ~= nil and type(value.fn) ~= "string" then return "has an 'fn' that must be a string" end
  if value.line ~= nil and math.type(value.line) ~= "integer" then return "has a 'line' that must be an integer" end
  return nil
end

local rules = {
  origin = { type = "string", need = true, test = is_origin, note = table.concat(M.origins, ", ") },
  lens = { type = "string", need = true, test = shape.is_name, note = "who saw it" },
  text = { type = "string", need = true, note = "what was seen, in words" },
  where = { type = "table", test = is_where },
  weight = { type = "number" },
}

--- Checks the fields and returns the same table. Throws when a field is wrong.
function M.new(fields)
  local why = shape.fault(fields, rules, "han.finding")
  if why then shape.refuse(why) end
  return fields
end

--- What is wrong with a value as a finding, or nil.
function M.fault(value, what)
  return shape.fault(value, rules, what or "finding")
end

--- May it reach a steer or an author?
function M.may_steer(finding)
  return may_steer[finding.origin] == true
end

return M
