--- han.zoom.train: the head of a run that zooms, learnt from the runs before: which target comes next. What is learnt
-- is plain data in a worker's profile (`zoom`), so that it is a versioned text, gated like everything learnt.
--
-- A head is { weights = { feature = number }, value = { name = number } of the baseline, episodes = learnt from }. The
-- untrained head, all weights 0, draws evenly.

local credit = require "han.zoom.credit"
local policy = require "han.policy"
local state_of = require "han.zoom.state"

local M = {}

M.LIMIT = 8.0   -- no weight goes beyond it
M.PASSES = 6    -- over the evidence
M.MOST = 2.0    -- truncation of the ratio of propensities, of now to those on record

-- The assembly anneals before the blocks.
M.SETTINGS = { rate = 0.4, value_rate = 0.1, floor = 0.1, limit = M.LIMIT,
  entropy = { block = { from = 0.02, to = 0.004, over = 400 }, assembly = { from = 0.02, to = 0.001, over = 100 } } }

--- A policy with the weights of a head; nil: untrained.
function M.policy(head)
  local options = { features = state_of.FEATURES, state = state_of.STATE }
  for name, item in pairs(M.SETTINGS) do options[name] = item end
  if head then options.weights, options.value, options.episodes = head.weights, head.value, head.episodes end
  return policy.new(options)
end

local function rounded(values)
  local out = {}
  for name, x in pairs(values) do out[name] = tonumber(("%.4g"):format(x)) + 0.0 end
  return out
end

function M.head(p)
  return { weights = rounded(p.weights), value = rounded(p.value), episodes = p.episodes }
end

--- A head near another one (nil: the untrained one): one weight, another number.
function M.move(head, random)
  local p = M.policy(head)
  local name = state_of.FEATURES[random(#state_of.FEATURES)]
  p.weights[name] = math.max(-M.LIMIT, math.min(M.LIMIT, p.weights[name] + 4 * random() - 2))
  return M.head(p)
end

--- A head from nothing.
function M.random_head(random)
  local p = M.policy()
  for _, name in ipairs(state_of.FEATURES) do p.weights[name] = 6 * random() - 3 end
  return M.head(p)
end

--- What is wrong with a value as a head, or nil.
function M.fault(head)
  if type(head) ~= "table" then return "zoom is no table" end
  local known = { weights = {}, value = { constant = true } }
  for _, name in ipairs(state_of.FEATURES) do known.weights[name] = true end
  for _, name in ipairs(state_of.STATE) do known.value[name] = true end
  for field, item in pairs(head) do
    if field == "episodes" then
      if math.type(item) ~= "integer" or item < 0 then return "zoom.episodes is no count" end
    elseif not known[field] or type(item) ~= "table" then
      return ("there is no zoom.%s"):format(tostring(field))
    else
      for name, x in pairs(item) do
        if not known[field][name] then return ("there is no zoom.%s.%s"):format(field, tostring(name)) end
        if type(x) ~= "number" or x ~= x or math.abs(x) > 1e3 then
          return ("zoom.%s.%s is no number within 1000"):format(field, name)
        end
        if field == "weights" and math.abs(x) > M.LIMIT then
          return ("zoom.weights.%s is not within %g"):format(name, M.LIMIT)
        end
      end
    end
  end
end

-- The advantages of all episodes in one unit, so that a step of the weights does not depend on how large rewards are.
local function spread(p, episodes)
  local sum, square, n = 0.0, 0.0, 0
  for _, steps in ipairs(episodes) do
    credit.advantages(p, steps)
    for _, step in ipairs(steps) do
      sum, square, n = sum + step.advantage, square + step.advantage ^ 2, n + 1
    end
  end
  return math.max(1e-3, math.sqrt(math.max(0.0, square / n - (sum / n) ^ 2)))
end

-- The runs were made by other heads: what this one would do less often counts less.
local function weigh(p, steps, scale)
  for _, step in ipairs(steps) do
    local now = p:propensities(step.targets)[step.chosen]
    step.advantage = step.advantage / scale * math.min(M.MOST, now / math.max(step.propensity or now, 1e-3))
  end
end

--- Learns from episodes (han.zoom.credit), starting from a head or from nothing.
---@param head table|nil
---@param episodes table[]
---@param passes integer|nil
---@return table head
function M.learn(head, episodes, passes)
  local p = M.policy(head)
  if #episodes == 0 then return M.head(p) end
  local before = p.episodes
  for _ = 1, passes or M.PASSES do
    local scale = spread(p, episodes)
    for _, steps in ipairs(episodes) do
      credit.advantages(p, steps)
      weigh(p, steps, scale)
      p:learn(steps)
    end
  end
  p.episodes = before + #episodes -- each counts once, however often it was looked at
  return M.head(p)
end

return M
