--- han.cli.zoom_trace: the steps of an arm that zooms, as a table for han show: which target each step had, and what
-- was known before it. Read from the decisions at the point "zoom" and their features (han.zoom).

local M = {}

local function is_step(decision)
  return decision.point == "zoom" and type(decision.features) == "table" and type(decision.options) == "table"
end

local function share(x) return type(x) == "number" and ("%.3f"):format(x) or "-" end

local function rate_of(features)
  return type(features) == "table" and type(features.fails) == "number" and 1 - features.fails or nil
end

-- The assembly's pass rate, and the targets that stand still.
local function others(decision)
  local assembly, still = nil, {}
  for _, name in ipairs(decision.options) do
    local features = decision.features[name]
    if type(features) == "table" then
      if features.assembly == 1 then assembly = rate_of(features) end
      if features.plateau == 1 then still[#still + 1] = tostring(name) end
    end
  end
  return assembly, table.concat(still, " ")
end

-- How often the suites of functions were tested again in a shot, were known, or could not have changed: three counts.
local function retests(spans)
  local n = { tested = 0, reused = 0, skipped = 0 }
  for _, span in ipairs(spans or {}) do
    if span.kind == "retest" then
      for how in pairs(n) do n[how] = n[how] + #(span[how] or {}) end
    end
  end
  return ("%d, %d, %d"):format(n.tested, n.reused, n.skipped)
end

-- Decisions that a shot follows which is no step: a plan was asked for, a split or a merge was tried.
local function has_shot(decision)
  return decision.point == "zoom_plan" or decision.point == "zoom_reshape" and decision.chosen == 2
end

local function row_of(ui, step, decision, spans)
  local name = decision.options[decision.chosen]
  local features = decision.features[name]
  local assembly, still = others(decision)
  features = type(features) == "table" and features or {}
  local whole = type(decision.features["*"]) == "table" and decision.features["*"] or {}
  return { tostring(step), ui.safe(tostring(name)) .. (features.assembly == 1 and " (assembly)" or ""),
    ("%.3f"):format(decision.propensity), share(rate_of(features)), share(assembly), share(whole.correct),
    retests(spans), ui.safe(still) }
end

local HEAD = { "step", "target", "propensity", "own", "assembly", "all", "re-tested, reused, skipped", "on a plateau" }

--- Prints the table when there are such steps; gives the decisions that are none.
---@param ui table
---@param decisions table[]
---@param spans_of fun(shot: integer): table[]|nil the trace of the n-th shot of the run
---@return table[]
function M.print(ui, decisions, spans_of)
  local rows, rest, shot = { HEAD }, {}, 0
  for _, decision in ipairs(decisions) do
    if is_step(decision) or has_shot(decision) then shot = shot + 1 end
    if is_step(decision) then
      rows[#rows + 1] = row_of(ui, #rows, decision, spans_of(shot))
    else
      rest[#rest + 1] = decision
    end
  end
  if #rows == 1 then return rest end
  ui:out("zoom, with the shares of tests that passed before each step")
  ui:table(rows, { [1] = true, [3] = true, [4] = true, [5] = true, [6] = true, [7] = true })
  return rest
end

return M
