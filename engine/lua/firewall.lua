-- han.firewall: what may steer. A finding says where it was made (its origin, set at the source); a
-- judge's score and anything from a holdout never enter a run. A breach aborts; it is never filtered
-- out in silence.

local M = {}

local may_steer = { trace = true, artifact = true, verifier = true, agent = true }

local function refuse(place, origin)
  error { code = "FIREWALL",
    message = ("FIREWALL: %s has origin '%s'; only trace, artifact, verifier and agent may steer"):format(place,
      tostring(origin)) }
end

local function origin_of(finding) return type(finding) == "table" and finding.origin or "agent" end

--- Raises FIREWALL when one of the findings may not steer, in whatever shape it comes, and INVALID when the value is no
--- list. Findings without an origin come from an agent's own program.
---@param steer table[]|nil
function M.check_steer(steer)
  if steer == nil then return end
  if type(steer) ~= "table" then
    error { code = "INVALID", message = "steer must be a list of findings" }
  end
  if steer.origin ~= nil and not may_steer[steer.origin] then refuse("steer", steer.origin) end
  for i, finding in pairs(steer) do
    if not may_steer[origin_of(finding)] then refuse(("steer[%s]"):format(tostring(i)), finding.origin) end
    if math.type(i) ~= "integer" then
      error { code = "INVALID", message = "steer must be a list of findings" }
    end
  end
end

return M
