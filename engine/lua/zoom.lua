--- han.zoom: one line of work in which each shot has a target: a block, whose own tests it works on, or the assembly.
-- This file owns the loop: what a shot is given, how many are made side by side, when targets are split or merged;
-- which target comes next is the strategy's, what is known of them han.zoom.state's.
--
-- It needs a task with `blocks` (name, assembly) and `tests` (fn), and verdicts whose raw.blocks say what passed of the
-- tests of each function, as the family repair has both. The text that the run started from is submitted first, which
-- is free, so that the first choice is no blind one.

local json = require "han.json"
local plans = require "han.zoom.plan"
local reshape = require "han.zoom.reshape"
local shots = require "han.shots"
local state_of = require "han.zoom.state"

local M = {}

M.DEFAULTS = state_of.DEFAULTS
M.POINT, M.END, M.RESHAPE, M.PLAN = "zoom", "zoom_end", "zoom_reshape", "zoom_plan" -- decisions on record

local function is_search(task) return task.worker.backend == "search" end

-- ---- shots ----

-- The task of a shot. The worker of the engine is told all tests and which of them it works on (`focus`), and holds
-- what it finds to the others as far as that can reach them; any other one is given the tests of its target alone, and
-- those that the contract of a plan adds.
local function local_task(self, target)
  local task, out = self.task, {}
  for name, item in pairs(task) do out[name] = item end
  out.artifact = nil
  if is_search(task) then
    out.focus = table.move(target.tests, 1, #target.tests, 1, {})
    return out
  end
  out.tests = {}
  for k, i in ipairs(target.tests) do out.tests[k] = task.tests[i] end
  for _, test in ipairs(plans.tests(self.contracts, target.fns)) do table.insert(out.tests, test) end
  return out
end

-- What is left of a channel, or nil where it is not limited.
local function left_of(scope, channel)
  local pool = scope:budget()[channel]
  return pool and pool.left or nil
end

--- The worker with the ceilings of one step ({ evals=, tokens= }; nil: its own), or with what is left where that is
-- less. One that is not the engine's own keeps its ceilings: what it generates in a step is a whole program, or a plan.
function M.worker(scope, task, step)
  if not is_search(task) then step = nil end
  local profile, limits = {}, {}
  for name, item in pairs(task.worker) do profile[name] = item end
  for channel, n in pairs(task.worker.limits or {}) do limits[channel] = n end
  for _, channel in ipairs { "evals", "tokens" } do
    local most, left = step and step[channel] or limits[channel] or M.DEFAULTS[channel], left_of(scope, channel)
    if most and left and left > 0 then most = math.min(most, left) end
    if limits[channel] or channel == "evals" and is_search(task) then
      limits[channel] = math.min(limits[channel] or most, most)
    end
  end
  profile.limits, profile.zoom = limits, nil
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

-- ---- the loop ----

local Run = {}
Run.__index = Run

-- The share of a full budget of tokens (of evaluations where tokens are not limited) that was spent.
local function cost_of(self, spend)
  for _, channel in ipairs { "tokens", "evals" } do
    local pool = self.scope:budget()[channel]
    if pool and pool.total > 0 then return (spend and spend[channel] or 0) / pool.total end
  end
  return 0.0
end

local function look_at_budget(self)
  for _, channel in ipairs { "tokens", "evals" } do
    local pool = self.scope:budget()[channel]
    if pool and pool.total > 0 then
      self.state.left = pool.left / pool.total
      return
    end
  end
end

-- Starts a shot at a target; false when the budget is spent.
local function begin(self, target, decision)
  local step = self.begun + 1 < self.state.params.steps and self.state.params or nil
  local told = plans.findings(self.contracts, target.fns)
  local node, why, code = self.scope:spawn(M.worker(self.scope, self.task, step), local_task(self, target),
    { from = self.scope:best(), label = target.name, steer = #told > 0 and told or nil })
  if code == "BUDGET_EXHAUSTED" then return false end
  if not node then error(why, 0) end
  self.begun = self.begun + 1
  table.insert(self.live, { node = node, target = target, decision = decision, version = self.state.version })
  return true
end

local function take(live, node)
  for i, shot in ipairs(live) do
    if node == nil or shot.node == node then return table.remove(live, i) end
  end
  return table.remove(live, 1)
end

-- Waits for a shot: whether it passed, and whether it was kept.
local function settle(self)
  local settled = self.scope:next()
  local shot = take(self.live, settled.node)
  local before = {}
  for _, target in ipairs(self.state.targets) do before[target.name] = target.rate end
  shot.cost = cost_of(self, settled.spend)
  local kept = self.state:after(shot.target, settled, shot)
  if kept then reshape.watch(self.state, shot.target, before) end
  return shots.passes(settled), kept
end

-- The targets that a choice may be among: not those that a shot is at work on, nor those that pass all their tests,
-- where a shot would find nothing to do. All that are free when none fails and the text does not pass either.
local function free_targets(self)
  local free, failing = {}, {}
  for _, target in ipairs(self.state.targets) do
    local busy = false
    for _, shot in ipairs(self.live) do busy = busy or shot.target == target end
    if not busy then free[#free + 1] = target end
    if not busy and target.rate < 1 then failing[#failing + 1] = target end
  end
  return (#failing > 0 or #self.live > 0) and failing or free
end

-- Tries another set of targets with one shot; kept when it was better than all before. Whether it passed.
local function try_reshape(self, chosen)
  local state, old = self.state, self.state.targets
  state.targets = chosen.targets
  if not begin(self, chosen.try, 0) then
    state.targets = old
    return false
  end
  local passed, kept = settle(self)
  if not kept then state.targets = old end
  state.rows[#state.rows].reshape = kept and chosen.words or chosen.words .. ": not kept"
  return passed
end

local function maybe_reshape(self)
  local p = self.state.params
  if self.begun >= p.steps or p.reshape <= 0 then return false end
  local found = reshape.propose(self.state)
  if not found then return false end
  local _, index = self.scope:choose(M.RESHAPE, { "as it is", found.words }, nil, { 1 - p.reshape, p.reshape })
  return index == 2 and try_reshape(self, found)
end

-- One step: up to `width` shots side by side. Whether the run is over, and whether anything was better.
local function step(self, choose, width)
  local over, better = false, false
  for _ = 1, width do
    local list = free_targets(self)
    if #list == 0 or self.begun >= self.state.params.steps then break end
    look_at_budget(self)
    local target = list[choose(self.state, list)]
    self.decisions = self.decisions + 1
    if not begin(self, target, self.decisions) then
      self.decisions, over = self.decisions - 1, true -- the last choice could not be followed
      break
    end
  end
  over = over or #self.live == 0
  while #self.live > 0 do
    local passed, kept = settle(self)
    over, better = over or passed, better or kept
  end
  return over, better
end

-- ---- a plan ----

local PLANNERS = { model = true, model_tools = true }

-- The task by the blocks and contracts of a planner, where the worker can be one; as it is where there is no plan that
-- holds. The worker itself refuses a malformed one and asks for it once more.
local function planned(scope, task, params)
  local can = PLANNERS[task.worker.backend] and params.plan >= 1 and type(task.tests) == "table"
  if not can then return task, {} end
  local worker = M.worker(scope, task)
  worker.plan = true
  local node, why, code = scope:spawn(worker, task, { label = "plan" })
  if not node and code ~= "BUDGET_EXHAUSTED" then error(why, 0) end
  local settled = node and scope:next()
  local plan = settled and settled.kind == "done" and settled.out and json.decode(settled.out)
  scope:choose(M.PLAN, { "plan", "as the task says" }, nil, plan and { 1, 0 } or { 0, 1 }) -- no draw, but on record
  if not plan then return task, {} end
  return plans.task_of(task, plan)
end

-- ---- the loop, to the end ----

local function failing(state)
  local n = 0
  for _, target in ipairs(state.targets) do n = n + (target.rate < 1 and 1 or 0) end
  return n
end

--- Works on one target after another until a verdict passes, the steps are done or the budget is spent. choose(state,
-- list) gives the index of the next target in the list. What each shot was worth stands in the last decision.
---@param scope table
---@param task table
---@param params table|nil fields of M.DEFAULTS
---@param choose fun(state: table, list: table[]): integer
---@return string|nil artifact the best of all
function M.run(scope, task, params, choose)
  local verdict = scope:submit(task.artifact)
  if verdict.pass then return scope:best() end
  local self = setmetatable({ scope = scope, live = {}, begun = 0, decisions = 0 }, Run)
  params = settings(params)
  self.task, self.contracts = planned(scope, task, params)
  local state = state_of.new(self.task, params)
  state:see(verdict)
  self.state = state
  local over, better = false, true
  while not over and self.begun < state.params.steps do
    over, better = step(self, choose, not better and failing(state) > 1 and state.params.fanout or 1)
    over = over or maybe_reshape(self)
  end
  scope:choose(M.END, { "end" }, { rows = state.rows })
  return scope:best()
end

return M
