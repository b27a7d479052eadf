-- han.firewall: what may steer. A finding says where it was made (its origin, set at the source); a
-- judge's score and anything from a holdout never enter a run. A breach aborts; it is never filtered
-- out in silence.

local M = {}

local may_steer = { trace = true, artifact = true, verifier = true, agent = true }

--- Raises FIREWALL when one of the findings may not steer. Findings without an origin come from an
--- agent's own program.
---@param steer table[]|nil
function M.check_steer(steer)
  if steer == nil then return end
  if type(steer) ~= "table" then
    error { code = "INVALID", message = "steer must be a list of findings" }
  end
  for i, finding in ipairs(steer) do
    local origin = type(finding) == "table" and finding.origin or "agent"
    if not may_steer[origin] then
      error { code = "FIREWALL",
        message = ("FIREWALL: steer[%d] has origin '%s'; only trace, artifact, verifier and agent may "
          .. "steer"):format(i, tostring(origin)) }
    end
  end
end

return M
