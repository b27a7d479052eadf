-- han.author.knobs: the author's own parameters as a policy (level L2). For each proposal every parameter is drawn from
-- a short menu, by weights that follow what became of the programs that were proposed with it: refused, kept, better,
-- promoted. Plain values, as han.author.policy, so that what was learnt can be kept, gated and handed on.
local policy = require "han.author.policy"

local M = {}
local Knobs = {}
Knobs.__index = Knobs

M.MENU = {
  any = { 0.1, 0.2, 0.4 }, champion = { 0.02, 0.05, 0.2, 0.5 }, edits = { 1.0, 1.4, 2.0, 3.0 },
  fresh = { 0.0, 0.05, 0.15 }, tournament = { 2, 4, 8 },
}
M.ORDER = { "any", "champion", "edits", "fresh", "tournament" }
M.HELD = 2.0 -- prior weight of the value that the settings hold; another one's is 1

local function key_of(value) return ("%g"):format(value) end

local function priors(name, settings)
  local given, weights = settings.knobs and settings.knobs[name] or {}, {}
  for _, value in ipairs(M.MENU[name]) do
    local key = key_of(value)
    weights[key] = given[key] or value == settings[name] and M.HELD or 1.0
  end
  return weights
end

--- settings: an author's; its `knobs` are prior weights { name = { [value as text] = weight } }.
function M.new(settings)
  local self = { policies = {} }
  for _, name in ipairs(M.ORDER) do
    self.policies[name] = policy.new { operators = priors(name, settings), floor = settings.floor,
      prior = settings.prior, decay = settings.decay }
  end
  return setmetatable(self, Knobs)
end

--- A value for each parameter, as texts: { fresh = "0.05", ... }. Draws as many numbers as there are parameters.
function Knobs.draw(self, random)
  local drawn = {}
  for _, name in ipairs(M.ORDER) do drawn[name] = self.policies[name]:draw(random) end
  return drawn
end

--- Settings with what was drawn in place of their own.
function M.applied(settings, drawn)
  local out = {}
  for key, item in pairs(settings) do out[key] = item end
  for name, key in pairs(drawn) do
    for _, value in ipairs(M.MENU[name]) do
      if key_of(value) == key then out[name] = value end
    end
  end
  return out
end

function Knobs.reward(self, drawn, reward)
  for name, key in pairs(drawn) do self.policies[name]:reward(key, reward) end
end

function Knobs.age(self)
  for _, name in ipairs(M.ORDER) do self.policies[name]:age() end
end

--- { name = { [value as text] = weight, of mean 1 } }: prior weights of another author.
function Knobs.lesson(self)
  local out = {}
  for _, name in ipairs(M.ORDER) do out[name] = self.policies[name]:lesson() end
  return out
end

function Knobs.state(self)
  local out = {}
  for _, name in ipairs(M.ORDER) do out[name] = self.policies[name]:state() end
  return out
end

function M.restore(state)
  local self = { policies = {} }
  for name, one in pairs(state) do self.policies[name] = policy.restore(one) end
  return setmetatable(self, Knobs)
end

return M
