--- han.zoom.state: what is known of the targets of a run that zooms: which tests are whose, what passes of them in the
-- best text so far, which targets stand still, and what a shot was worth. Pure: fed with verdicts, it draws nothing and
-- runs nothing.
--
-- A target is { name=, level = "block"|"assembly", tests = indices, fns = names, rate, delta, tried, idle, seen =
-- version of the text that it was last tried on }. A version counts the texts that were the best so far.

local M = {}
local State = {}
State.__index = State

--- Of the reward (docs/zoom.md): R = alpha global + beta sum_b w_b d_local(b) + gamma d_assembly - lambda tokens - rho
--- redundancy, and of the loop.
M.DEFAULTS = {
  alpha = 1.0,       -- of a text that passes
  beta = 1.0,        -- of what blocks gain, each weighs 1 / number of blocks
  gamma = 0.2,       -- of what the assembly gains ...
  gamma_late = 0.6,  -- ... and when the blocks pass more than `competent` in the mean
  competent = 0.8,
  lambda = 0.1,      -- what a full budget of tokens costs
  rho = 0.1,         -- what it costs when all steps repeat one that was tried on the same text
  epsilon = 0.01,    -- an improvement below it is none
  plateau = 2,       -- so many steps at a target without one, and it is on a plateau
  steps = 14,        -- shots of a run
  fanout = 2,        -- shots side by side when the last one brought nothing
  evals = 125,       -- ceiling of one shot
  tokens = 192,      -- generated in one shot
  reshape = 0.25,    -- how likely a split or a merge is tried where there is reason for one
  plan = 1,          -- a worker that asks a model is asked for a plan first; 0: the blocks that the task names
}

local function check_task(task)
  if type(task.blocks) ~= "table" or #task.blocks == 0 or type(task.tests) ~= "table" then
    error("this strategy works on blocks: the task has none, so use it with a family such as repair", 4)
  end
end

local function target_of(name, level, tests, fns)
  return { name = name, level = level, tests = tests, fns = fns, rate = 0.0, delta = 0.0, tried = 0, idle = 0 }
end
M.target_of = target_of

-- How much of the rest of the program a block touches: the share of the other blocks that it calls or is called by.
local function couplings(blocks)
  local near = {}
  for _, block in ipairs(blocks) do near[block.name] = near[block.name] or {} end
  for _, block in ipairs(blocks) do
    for _, other in ipairs(block.calls or {}) do
      if near[other] and other ~= block.name then near[block.name][other], near[other][block.name] = true, true end
    end
  end
  local out = {}
  for name, set in pairs(near) do
    local n = 0
    for _ in pairs(set) do n = n + 1 end
    out[name] = #blocks > 1 and n / (#blocks - 1) or 0.0
  end
  return out
end

function M.new(task, params)
  check_task(task)
  local self = setmetatable({ params = params, targets = {}, blocks = {}, steps = 0, version = 0, score = -1.0,
    left = 1.0, tests = task.tests, coupling = couplings(task.blocks), rows = {} }, State)
  local by_fn = {}
  for i, test in ipairs(task.tests) do
    by_fn[test.fn] = by_fn[test.fn] or {}
    table.insert(by_fn[test.fn], i)
  end
  for i, block in ipairs(task.blocks) do
    local level = block.assembly and "assembly" or "block"
    self.targets[i] = target_of(block.name, level, by_fn[block.name] or {}, { block.name })
    self.blocks[i] = { name = block.name, level = level, rate = 0.0 }
  end
  return self
end

-- ---- verdicts ----

local function raw_of(verdict)
  local raw = type(verdict) == "table" and verdict.raw
  if type(raw) ~= "table" or type(raw.blocks) ~= "table" then
    error("this strategy reads raw.blocks of a verdict, and there is none", 4)
  end
  return raw
end

local function rate_of_fns(blocks, fns)
  local passed, total = 0, 0
  for _, fn in ipairs(fns) do
    local row = blocks[fn]
    if row then passed, total = passed + row.passed, total + row.total end
  end
  return total > 0 and passed / total or 1.0
end

-- Of a target that is a part of a block, by test, where the verdict names the tests that fail.
local function rate_of(self, raw, target)
  if not (self.failing and target.part) then return rate_of_fns(raw.blocks, target.fns) end
  local failed = 0
  for _, i in ipairs(target.tests) do failed = failed + (self.failing[i] and 1 or 0) end
  return #target.tests > 0 and 1 - failed / #target.tests or 1.0
end

local function set_of(list)
  if type(list) ~= "table" then return nil end
  local set = {}
  for _, i in ipairs(list) do set[i] = true end
  return set
end

-- What the blocks and the assembly gain by a verdict: the sums of the reward.
local function gains(self, raw)
  local blocks, assembly, n = 0.0, 0.0, 0
  for _, block in ipairs(self.blocks) do
    local change = rate_of_fns(raw.blocks, { block.name }) - block.rate
    if block.level == "assembly" then
      assembly = assembly + change
    else
      blocks, n = blocks + change, n + 1
    end
  end
  return n > 0 and blocks / n or 0.0, assembly
end

--- Takes the verdict of a text that is better than the best so far; false when it is not, and nothing changes: the next
-- shot starts from the best.
function State:see(verdict)
  local raw = raw_of(verdict)
  if verdict.correct <= self.score then return false end
  self.score, self.version = verdict.correct, self.version + 1
  self.failing = set_of(raw.failing)
  for _, block in ipairs(self.blocks) do block.rate = rate_of_fns(raw.blocks, { block.name }) end
  for _, target in ipairs(self.targets) do
    local rate = rate_of(self, raw, target)
    if rate ~= target.rate then target.idle = 0 end -- dense again, whoever moved it
    target.rate = rate
  end
  return true
end

--- The mean share of tests that pass, over blocks; 1 where there is none.
function State:locals()
  local sum, n = 0.0, 0
  for _, block in ipairs(self.blocks) do
    if block.level == "block" then sum, n = sum + block.rate, n + 1 end
  end
  return n > 0 and sum / n or 1.0
end

-- The reward of a shot, before what it found is taken over. cost: its share of the budget of tokens.
local function reward_of(self, verdict, better, redundant, cost)
  local p, reward = self.params, 0.0
  if better then
    local blocks, assembly = gains(self, raw_of(verdict))
    reward = p.beta * blocks + (self:locals() > p.competent and p.gamma_late or p.gamma) * assembly
    if verdict.pass then reward = reward + p.alpha end
  end
  return reward - p.lambda * cost - (redundant and p.rho / p.steps or 0.0)
end

--- What a shot at a target brought; what was not kept brought nothing. shot: { decision = number of the choice or 0,
-- version = of the text that it started from, cost= }. Gives whether it was kept.
function State:after(target, settled, shot)
  local verdict, before = settled.kind == "done" and settled.verdict or nil, target.rate
  local better = verdict ~= nil and verdict.correct > self.score
  local reward = reward_of(self, verdict, better, target.seen == shot.version, shot.cost)
  if verdict then self:see(verdict) end
  target.delta, target.tried, target.seen = target.rate - before, target.tried + 1, shot.version
  target.idle = target.delta >= self.params.epsilon and 0 or target.idle + 1
  self.steps = self.steps + 1
  self.rows[#self.rows + 1] = { name = target.name, level = target.level, decision = shot.decision,
    version = shot.version, correct = verdict and verdict.correct or nil, kept = better, reward = reward }
  return better
end

-- ---- what a choice may look at ----

--- Whether the last steps at a target brought nothing.
function State:is_plateau(target) return target.idle >= self.params.plateau end

local function coupling_of(self, target)
  local most = 0.0
  for _, fn in ipairs(target.fns) do most = math.max(most, self.coupling[fn] or 0.0) end
  return most
end

M.FEATURES = { "fails", "delta", "plateau", "assembly", "tried", "again", "coupling", "ready", "late" }
M.STATE = { "left", "correct", "locals", "assembly" }

--- What a choice among targets may look at, by name; all from 0 to 1 but delta, which is from -1.
function State:features(target)
  local assembly = target.level == "assembly" and 1 or 0
  return { fails = 1 - target.rate, delta = target.delta,
    plateau = self:is_plateau(target) and 1 or 0,
    assembly = assembly, tried = self.steps > 0 and target.tried / self.steps or 0,
    again = target.seen == self.version and 1 or 0, coupling = coupling_of(self, target),
    ready = assembly * self:locals(), late = assembly * (1 - self.left) }
end

-- Of the state as a whole: what a baseline looks at, and which text it was.
local function whole_of(self)
  local assembly = 1.0
  for _, block in ipairs(self.blocks) do if block.level == "assembly" then assembly = block.rate end end
  return { left = self.left, correct = self.score, locals = self:locals(), assembly = assembly, version = self.version }
end

M.WHOLE = "*" -- no name of a function

--- { name -> features } of targets (all when left out), as scope:choose records them, with those of the whole state
-- under M.WHOLE.
function State:all_features(list)
  local out = { [M.WHOLE] = whole_of(self) }
  for _, target in ipairs(list or self.targets) do out[target.name] = self:features(target) end
  return out
end

function State:names(list)
  local names = {}
  for i, target in ipairs(list or self.targets) do names[i] = target.name end
  return names
end

return M
