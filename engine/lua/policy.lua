--- han.policy: which of several targets comes next, learnt from what came of it. A softmax over a set of targets that
-- may be another one at each step, with one weight for each feature, shared by all targets; policy gradient with a
-- learned baseline (Williams, 1992), a floor under every propensity and a bonus for entropy whose size is scheduled for
-- each level of targets by itself.
--
-- Plain values and pure functions of them: the same episodes give the same weights, a state can be stored, gated and
-- handed on. It draws nothing: choose() is given a random function, or its propensities go to scope:choose, which
-- records them.
--
-- A target is { level = "block"|"assembly"|any word, features = { name = number } }; features that the policy does not
-- know are left out, those that a target lacks are 0. A step of an episode is { targets=, chosen = index, reward=,
-- state = { name = number } of the baseline, advantage = number in place of return minus baseline }.

local M = {}
local Policy = {}
Policy.__index = Policy

M.SETTINGS = {
  rate = 0.1,        -- of the weights, for one episode
  value_rate = 0.1,  -- of the baseline
  discount = 1.0,    -- of what comes later in an episode
  floor = 0.05,      -- share of the propensity that is the same for all targets
  limit = 20.0,      -- no weight goes beyond it
  entropy = {},      -- level -> { from=, to=, over = episodes }; none: no bonus
}

local function copy(from)
  local out = {}
  for key, value in pairs(from or {}) do out[key] = type(value) == "table" and copy(value) or value end
  return out
end

local function check_names(list, what)
  local seen = {}
  if type(list) ~= "table" then error("han.policy: " .. what .. " is a list of names", 3) end
  for _, name in ipairs(list) do
    if type(name) ~= "string" or seen[name] then error("han.policy: " .. what .. " has unlike names", 3) end
    seen[name] = true
  end
end

local function zeros(names, given)
  local out = {}
  for _, name in ipairs(names) do out[name] = given and given[name] or 0.0 end
  return out
end

--- options: { features = names, state = names of the baseline's features (a constant is added), weights=, value=,
-- episodes= (done so far), and those of M.SETTINGS }.
function M.new(options)
  check_names(options.features, "features")
  check_names(options.state or {}, "state")
  local settings = {}
  for name, default in pairs(M.SETTINGS) do
    local given = options[name]
    if given == nil then given = default end
    settings[name] = copy { given }[1]
  end
  local self = { features = copy(options.features), states = copy(options.state), settings = settings,
    episodes = options.episodes or 0 }
  table.insert(self.states, 1, "constant")
  self.weights, self.value = zeros(self.features, options.weights), zeros(self.states, options.value)
  return setmetatable(self, Policy)
end

-- ---- propensities ----

local function logit(self, target)
  local sum = 0.0
  for _, name in ipairs(self.features) do sum = sum + self.weights[name] * (target.features[name] or 0) end
  return sum
end

local function softmax(self, targets)
  local list, most, sum = {}, -math.huge, 0.0
  for i, target in ipairs(targets) do
    list[i] = logit(self, target)
    most = math.max(most, list[i])
  end
  for i, x in ipairs(list) do
    list[i] = math.exp(x - most)
    sum = sum + list[i]
  end
  for i, x in ipairs(list) do list[i] = x / sum end
  return list
end

local function floored(self, soft)
  local floor, out = self.settings.floor, {}
  for i, p in ipairs(soft) do out[i] = (1 - floor) * p + floor / #soft end
  return out
end

--- The propensity of each target; they add up to 1 and none is below floor / number of targets.
function Policy:propensities(targets)
  if #targets == 0 then error("han.policy: there is no target", 2) end
  return floored(self, softmax(self, targets))
end

--- Draws a target: its index and its propensity.
function Policy:choose(targets, random)
  local list, point = self:propensities(targets), random()
  for i, p in ipairs(list) do
    point = point - p
    if point < 0 then return i, p end
  end
  return #list, list[#list]
end

--- How much entropy of a level is worth now.
function Policy:entropy_worth(level)
  local plan = self.settings.entropy[level]
  if not plan then return 0.0 end
  local done = plan.over and plan.over > 0 and math.min(1, self.episodes / plan.over) or 1
  return (1 - done) * plan.from + done * plan.to
end

-- ---- the baseline ----

--- What is to be expected of a state: linear in its features.
function Policy:expected(state)
  local sum = self.value.constant
  for i = 2, #self.states do
    local name = self.states[i]
    sum = sum + self.value[name] * (state and state[name] or 0)
  end
  return sum
end

--- The returns of an episode: each step's reward and what came later, discounted.
function Policy:returns(steps)
  local out, later = {}, 0.0
  for i = #steps, 1, -1 do
    later = steps[i].reward + self.settings.discount * later
    out[i] = later
  end
  return out
end

--- What each step was better than expected; a step that brings its own advantage keeps it.
function Policy:advantages(steps)
  local returns, out = self:returns(steps), {}
  for i, step in ipairs(steps) do out[i] = step.advantage or returns[i] - self:expected(step.state) end
  return out
end

-- ---- the gradient ----

--- What an update climbs: for each step its advantage times the log of its propensity, and the worth of the entropy
-- of the softmax, target by target.
function Policy:objective(steps, advantages)
  local sum = 0.0
  for t, step in ipairs(steps) do
    local soft = softmax(self, step.targets)
    sum = sum + advantages[t] * math.log(floored(self, soft)[step.chosen])
    for i, p in ipairs(soft) do
      if p > 0 then sum = sum - self:entropy_worth(step.targets[i].level) * p * math.log(p) end
    end
  end
  return sum
end

-- d objective / d logit of each target of one step.
local function slopes(self, step, advantage)
  local soft = softmax(self, step.targets)
  local chosen, worth, mean = floored(self, soft)[step.chosen], {}, 0.0
  for i, p in ipairs(soft) do
    worth[i] = p > 0 and -self:entropy_worth(step.targets[i].level) * (math.log(p) + 1) or 0.0
    mean = mean + p * worth[i]
  end
  local scale, out = advantage * (1 - self.settings.floor) * soft[step.chosen] / chosen, {}
  for i, p in ipairs(soft) do
    out[i] = scale * ((i == step.chosen and 1 or 0) - p) + p * (worth[i] - mean)
  end
  return out
end

--- The gradient of the objective by the weights, advantages held.
function Policy:gradient(steps, advantages)
  local out = zeros(self.features)
  for t, step in ipairs(steps) do
    for i, slope in ipairs(slopes(self, step, advantages[t])) do
      for _, name in ipairs(self.features) do
        out[name] = out[name] + slope * (step.targets[i].features[name] or 0)
      end
    end
  end
  return out
end

--- Half the squared miss of the baseline, and its gradient.
function Policy:miss(steps)
  local returns, sum, out = self:returns(steps), 0.0, zeros(self.states)
  for t, step in ipairs(steps) do
    local off = self:expected(step.state) - returns[t]
    sum = sum + off * off / 2
    out.constant = out.constant + off
    for i = 2, #self.states do
      local name = self.states[i]
      out[name] = out[name] + off * (step.state and step.state[name] or 0)
    end
  end
  return sum, out
end

local function check_step(step, t)
  if type(step.targets) ~= "table" or #step.targets == 0 then
    error(("han.policy: step %d has no target"):format(t), 3)
  end
  if not step.targets[step.chosen] then error(("han.policy: step %d chose no target of its own"):format(t), 3) end
  local reward = step.reward
  if type(reward) ~= "number" or reward ~= reward or math.abs(reward) == math.huge then
    error(("han.policy: the reward of step %d is no finite number"):format(t), 3)
  end
end

--- Learns from one episode; gives the returns that it saw.
function Policy:learn(steps)
  for t, step in ipairs(steps) do check_step(step, t) end
  if #steps == 0 then return {} end
  local settings = self.settings
  local gradient = self:gradient(steps, self:advantages(steps))
  local _, value_gradient = self:miss(steps)
  for _, name in ipairs(self.features) do
    local w = self.weights[name] + settings.rate * gradient[name] / #steps
    self.weights[name] = math.max(-settings.limit, math.min(settings.limit, w))
  end
  for _, name in ipairs(self.states) do
    self.value[name] = self.value[name] - settings.value_rate * value_gradient[name] / #steps
  end
  self.episodes = self.episodes + 1
  return self:returns(steps)
end

-- ---- keeping it ----

--- All that it is, as a plain value.
function Policy:state()
  return { features = copy(self.features), states = copy(self.states), weights = copy(self.weights),
    value = copy(self.value), settings = copy(self.settings), episodes = self.episodes }
end

--- A policy that goes on as the one whose state it is.
function M.restore(state)
  local self = copy(state)
  return setmetatable(self, Policy)
end

return M
