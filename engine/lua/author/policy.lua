-- han.author.policy: which operator comes next. Weights by name, moved by what became of the programs that each
-- made (probability matching: Goldberg, 1990; Fialho, 2010), never below a floor. It is the author's own policy
-- (L2): plain values, so that it can be kept, gated and handed on.
local M = {}
local Policy = {}
Policy.__index = Policy

local function names_of(operators)
  local names = {}
  for name in pairs(operators) do names[#names + 1] = name end
  table.sort(names)
  return names
end

--- operators: { name = prior weight }; weights: over these; floor, prior, decay: see author.SETTINGS.
function M.new(options)
  local self = { names = names_of(options.operators), prior = {}, trials = {}, rewards = {},
    floor = options.floor or 0.05, strength = options.prior or 8, decay = options.decay or 0.98 }
  for _, name in ipairs(self.names) do
    self.prior[name] = options.weights and options.weights[name] or options.operators[name]
    self.trials[name], self.rewards[name] = 0.0, 0.0
  end
  return setmetatable(self, Policy)
end

-- The mean reward of an operator, drawn to that of all by `strength` trials, times its prior weight.
local function raw_weights(self)
  local trials, rewards, sum, raw = 0.0, 0.0, 0.0, {}
  for _, name in ipairs(self.names) do
    trials, rewards = trials + self.trials[name], rewards + self.rewards[name]
  end
  local mean = (rewards + 0.1) / (trials + 1)
  for _, name in ipairs(self.names) do
    local rate = (self.rewards[name] + mean * self.strength) / (self.trials[name] + self.strength)
    raw[name] = self.prior[name] * rate / mean
    sum = sum + raw[name]
  end
  return raw, sum
end

--- { name = share }: they add up to 1, none is below floor / number of operators.
function Policy.weights(self)
  local raw, sum = raw_weights(self)
  local least, weights = self.floor / #self.names, {}
  for _, name in ipairs(self.names) do
    weights[name] = least + (1 - self.floor) * (sum > 0 and raw[name] / sum or 1 / #self.names)
  end
  return weights
end

function Policy.draw(self, random)
  self.cached = self.cached or self:weights()
  local point = random()
  for _, name in ipairs(self.names) do
    point = point - self.cached[name]
    if point < 0 then return name end
  end
  return self.names[#self.names]
end

--- What became of one program of an operator, as a number from 0. Names that are no operators are left out.
function Policy.reward(self, name, reward)
  if not self.trials[name] then return end
  self.trials[name], self.rewards[name] = self.trials[name] + 1, self.rewards[name] + reward
  self.cached = nil
end

--- Lets what was learnt before count less.
function Policy.age(self)
  for _, name in ipairs(self.names) do
    self.trials[name], self.rewards[name] = self.trials[name] * self.decay, self.rewards[name] * self.decay
  end
  self.cached = nil
end

--- The weights as they have become, with mean 1 and six digits: what another policy may begin with.
function Policy.lesson(self)
  local out = {}
  for name, share in pairs(self:weights()) do out[name] = tonumber(("%.6g"):format(share * #self.names)) + 0.0 end
  return out
end

function Policy.state(self)
  return { names = self.names, prior = self.prior, trials = self.trials, rewards = self.rewards, floor = self.floor,
    strength = self.strength, decay = self.decay }
end

function M.restore(state)
  local self = {}
  for key, item in pairs(state) do self[key] = item end
  self.trials, self.rewards = {}, {}
  for _, name in ipairs(state.names) do
    self.trials[name], self.rewards[name] = state.trials[name], state.rewards[name]
  end
  return setmetatable(self, Policy)
end

return M
