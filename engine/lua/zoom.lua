--- han.zoom: one line of work in which each shot has a target: a block, whose own tests it is given, or the assembly.
-- This file owns what a target is, what is known of each, and the loop; which target comes next is the strategy's.
--
-- It needs a task with `blocks` (name, assembly) and `tests` (fn), and verdicts whose raw.blocks say what passed of the
-- tests of each function, as the family repair has both. The text that the run started from is submitted first, which
-- is free, so that the first choice is no blind one.

local shots = require "han.shots"

local M = {}

M.DEFAULTS = {
  evals = 125,    -- ceiling of one shot
  epsilon = 0.01, -- an improvement below it is none
  plateau = 2,    -- so many steps at a target without one, and it is on a plateau
}

-- ---- what is known of the targets ----

local function rate_of(blocks, name)
  local row = blocks and blocks[name]
  return row and row.total > 0 and row.passed / row.total or nil
end

local State = {}
State.__index = State

local function check_task(task)
  if type(task.blocks) ~= "table" or #task.blocks == 0 or type(task.tests) ~= "table" then
    error("this strategy works on blocks: the task has none, so use it with a family such as repair", 3)
  end
end

local function new_state(task, params)
  check_task(task)
  local self = setmetatable({ params = params, targets = {}, steps = 0, score = 0.0 }, State)
  for i, block in ipairs(task.blocks) do
    self.targets[i] = { name = block.name, level = block.assembly and "assembly" or "block", rate = 0.0, delta = 0.0,
      tried = 0, idle = 0 }
  end
  return self
end

local function blocks_of(verdict)
  local raw = type(verdict) == "table" and verdict.raw
  local blocks = type(raw) == "table" and raw.blocks
  if type(blocks) ~= "table" then error("this strategy reads raw.blocks of a verdict, and there is none", 3) end
  return blocks
end

-- A verdict counts when it is that of the text which the next shot starts from: the best so far.
function State:see(verdict)
  local blocks = blocks_of(verdict)
  if verdict.correct < self.score then return false end
  self.score = verdict.correct
  for _, target in ipairs(self.targets) do target.rate = rate_of(blocks, target.name) or target.rate end
  return true
end

-- What a shot at a target brought to it; a text that was not kept brought nothing.
function State:after(target, settled)
  local before = target.rate
  local verdict = settled.kind == "done" and settled.verdict
  if verdict then self:see(verdict) end
  target.delta, target.tried = target.rate - before, target.tried + 1
  target.idle = target.delta >= self.params.epsilon and 0 or target.idle + 1
  self.steps = self.steps + 1
end

--- Whether the last steps at a target brought nothing.
function State:is_plateau(target) return target.idle >= self.params.plateau end

--- What a choice among targets may look at, by name; all from 0 to 1 but delta, which is from -1.
function State:features(target)
  return { fails = 1 - target.rate, delta = target.delta, plateau = self:is_plateau(target) and 1 or 0,
    assembly = target.level == "assembly" and 1 or 0, tried = self.steps > 0 and target.tried / self.steps or 0,
    score = self.score }
end

--- { name -> features } of all targets, as scope:choose records them.
function State:all_features()
  local out = {}
  for _, target in ipairs(self.targets) do out[target.name] = self:features(target) end
  return out
end

function State:names()
  local names = {}
  for i, target in ipairs(self.targets) do names[i] = target.name end
  return names
end

-- ---- shots ----

-- The task of a shot: the tests of its target alone. What it fixes is measured on all of them, by the harness.
local function local_task(task, target)
  local out, tests = {}, {}
  for name, item in pairs(task) do out[name] = item end
  for _, test in ipairs(task.tests) do
    if test.fn == target.name then tests[#tests + 1] = test end
  end
  out.tests, out.artifact = tests, nil
  return out
end

--- The worker with the ceiling of one step, or with what is left where that is less.
function M.worker(scope, task, evals)
  local profile, limits, pool = {}, {}, scope:budget().evals
  if pool and pool.left > 0 then evals = math.min(evals, pool.left) end
  for name, item in pairs(task.worker) do profile[name] = item end
  for channel, n in pairs(task.worker.limits or {}) do limits[channel] = n end
  limits.evals = math.min(limits.evals or evals, evals)
  profile.limits = limits
  return profile
end

local function settings(params)
  local out = {}
  for name, default in pairs(M.DEFAULTS) do
    out[name] = params and params[name]
    if out[name] == nil then out[name] = default end
  end
  return out
end

--- Works on one target after another until a verdict passes or the budget is spent. choose(state) gives the index of
-- the next target.
---@param scope table
---@param task table
---@param params table|nil fields of M.DEFAULTS
---@param choose fun(state: table): integer
---@return string|nil artifact the best of all
function M.run(scope, task, params, choose)
  local state = new_state(task, settings(params))
  local verdict = scope:submit(task.artifact)
  state:see(verdict)
  if verdict.pass then return scope:best() end
  while true do
    local target = state.targets[choose(state)]
    local node, why, code = scope:spawn(M.worker(scope, task, state.params.evals), local_task(task, target),
      { from = scope:best(), label = target.name })
    if code == "BUDGET_EXHAUSTED" then break end
    if not node then error(why, 2) end
    local settled = scope:next()
    if shots.passes(settled) then break end
    state:after(target, settled)
  end
  return scope:best()
end

return M
