--- han.zoom.credit: what each choice of a run that zoomed was worth. From the decisions on record to episodes that
-- han.policy learns from: credit of blocks by leaving each out, and advantages by replaying a step with another target
-- whose outcome on the same text is known. Pure; it reads train evidence and nothing else.

local state_of = require "han.zoom.state"
local zoom = require "han.zoom"

local M = {}

M.COUNTERFACTUAL = 0.5 -- how much a replay counts where there is one, beside return minus baseline

-- ---- credit of blocks ----

-- The score of the best text that was come to without a shot at `name` being kept on the way.
local function best_without(rows, name, start)
  local best, first = start, math.huge
  for _, row in ipairs(rows) do
    if row.kept and row.name == name then first = math.min(first, row.version) end
  end
  for _, row in ipairs(rows) do
    if row.version <= first and row.name ~= name and row.correct then best = math.max(best, row.correct) end
  end
  return best
end

--- Leave one block out, on the drafts of a run: { name = how much less the best draft without work on it reached }.
-- start: the score of the text that the run began with.
function M.leave_one_out(rows, start)
  local final, credit = start, {}
  for _, row in ipairs(rows) do if row.kept then final = math.max(final, row.correct) end end
  for _, row in ipairs(rows) do
    if row.kept and not credit[row.name] then
      credit[row.name] = math.max(0.0, final - best_without(rows, row.name, start))
    end
  end
  return credit
end

-- What passing was worth goes to the shots that were kept, by the credit of their blocks; where none has any, it stays
-- with the last one.
local function share_out(rows, start, alpha)
  local credit, sum, kept = M.leave_one_out(rows, start), 0.0, {}
  for _, row in ipairs(rows) do
    if row.kept then kept[row.name] = (kept[row.name] or 0) + 1 end
  end
  for name in pairs(kept) do sum = sum + credit[name] end
  local more = {}
  local last = rows[#rows]
  if sum <= 0 or not last.kept then return more end
  for i, row in ipairs(rows) do
    if row.kept then more[i] = alpha * credit[row.name] / sum / kept[row.name] end
  end
  more[#rows] = (more[#rows] or 0.0) - alpha
  return more
end

-- ---- episodes ----

local function is_zoom(decision)
  return decision.point == zoom.POINT and type(decision.features) == "table"
    and type(decision.features[state_of.WHOLE]) == "table"
end

local function step_of(decision)
  local targets = {}
  for i, name in ipairs(decision.options) do
    local features = decision.features[name]
    if type(features) ~= "table" then return nil end
    targets[i] = { name = name, level = features.assembly == 1 and "assembly" or "block", features = features }
  end
  return { targets = targets, chosen = decision.chosen, name = decision.options[decision.chosen],
    state = decision.features[state_of.WHOLE], propensity = decision.propensity }
end

local function read_rows(decisions)
  for _, decision in ipairs(decisions) do
    if decision.point == zoom.END and type(decision.features) == "table" then return decision.features.rows end
  end
end

--- The episode of one run from its decisions: steps as han.policy takes them, with name, state, propensity; nil when it
-- did not zoom or was broken off. passed: whether its last shot passed the verifier.
---@param decisions table[]|nil
---@param passed boolean
---@param alpha number|nil
function M.episode(decisions, passed, alpha)
  local rows = decisions and read_rows(decisions)
  if type(rows) ~= "table" or #rows == 0 then return nil end
  local by_decision, list = {}, {}
  for _, decision in ipairs(decisions) do if is_zoom(decision) then list[#list + 1] = step_of(decision) end end
  if not list[1] then return nil end
  local more = passed and share_out(rows, list[1].state.correct or 0.0, alpha or zoom.DEFAULTS.alpha) or {}
  for i, row in ipairs(rows) do by_decision[row.decision] = { reward = row.reward + (more[i] or 0.0), row = row } end
  local steps = {}
  for k, step in ipairs(list) do
    local one = by_decision[k]
    if one then
      step.reward, step.kept, step.level = one.reward, one.row.kept, one.row.level
      steps[#steps + 1] = step
    end
  end
  return #steps > 0 and steps or nil
end

--- All episodes of train evidence (han.firewall.evidence), in its order.
function M.episodes(evidence)
  local list = {}
  for _, row in ipairs(evidence.rows) do
    list[#list + 1] = M.episode(row.decisions, row.verdict ~= nil and row.verdict.pass == true)
  end
  return list
end

-- ---- advantages ----

-- The rewards that were met from each text, by target: what another choice there would have brought.
local function cache_of(steps)
  local cache = {}
  for _, step in ipairs(steps) do
    local version = step.state.version or 0
    cache[version] = cache[version] or {}
    local known = cache[version][step.name] or { sum = 0.0, n = 0 }
    cache[version][step.name], known.sum, known.n = known, known.sum + step.reward, known.n + 1
  end
  return cache
end

-- What the head expects of the other targets whose outcome on this text is known; nil when there is none.
local function expected_of_others(policy, step, known)
  local shares, sum, weight = policy:propensities(step.targets), 0.0, 0.0
  for i, target in ipairs(step.targets) do
    local seen = i ~= step.chosen and known[target.name]
    if seen then sum, weight = sum + shares[i] * seen.sum / seen.n, weight + shares[i] end
  end
  return weight > 0 and sum / weight or nil
end

--- Writes each step's advantage: its return minus the baseline, and, as far as a replay with another target is known,
-- its reward minus what the others brought there. share: of the latter (M.COUNTERFACTUAL). Gives how many were
-- replayed.
function M.advantages(policy, steps, share)
  share = share or M.COUNTERFACTUAL
  for _, step in ipairs(steps) do step.advantage = nil end
  local plain, cache, replayed = policy:advantages(steps), cache_of(steps), 0
  for t, step in ipairs(steps) do
    local others = expected_of_others(policy, step, cache[step.state.version or 0])
    step.advantage = plain[t]
    if others then
      step.advantage, replayed = (1 - share) * plain[t] + share * (step.reward - others), replayed + 1
    end
  end
  return replayed
end

return M
