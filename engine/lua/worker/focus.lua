-- han.worker.focus: a shot that works on some of a task's tests. `public.focus` lists their indices; the worker sees
-- these alone, and every text that it would go on with is held to the others too, as far as the edit can reach them
-- (han.blocks). Owns that division and tells of each re-test what it cost, as a span.
--
-- Span: { kind = "retest", calls = made now for the tests in focus and the others, all = of a full re-test, tested,
--   reused, skipped = names of functions whose other tests were run, were known, could not have changed }

local blocks = require "han.blocks"

local M = {}
local Focus = {}
Focus.__index = Focus

local function copy(from)
  local out = {}
  for key, item in pairs(from) do out[key] = item end
  return out
end

-- Indices of the tests in focus, in order and each once, and of the others.
local function divide(public)
  local wanted, own, rest = {}, {}, {}
  for _, i in ipairs(public.focus) do wanted[i] = true end
  for i in ipairs(public.tests) do
    local list = wanted[i] and own or rest
    list[#list + 1] = i
  end
  return own, rest
end

--- The context of a shot on all that its task has, or, where the task has a focus, on the tests in it.
---@param ctx table of han.worker
---@return table ctx
---@return table|nil focus with the methods start() and gained(from, text)
function M.narrow(ctx)
  if type(ctx.public.focus) ~= "table" then return ctx, nil end
  local own, rest = divide(ctx.public)
  local narrow, public = copy(ctx), copy(ctx.public)
  public.tests = {}
  for k, i in ipairs(own) do public.tests[k] = ctx.public.tests[i] end
  narrow.public = public
  local plan = #rest > 0 and blocks.plan_of_tests(ctx.public, rest)
  return narrow, setmetatable({ ctx = ctx, own = #own, all = #ctx.public.tests,
    tester = plan and blocks.tester(plan, ctx.eval) }, Focus)
end

-- What was looked at: the tests in focus, and what `more` says of the others.
local function tell(self, more)
  self.ctx.span { kind = "retest", calls = self.own + more.calls, all = self.all, tested = more.tested,
    reused = more.reused, skipped = more.skipped }
end

local function names_of(plan)
  local names = {}
  for i, block in ipairs(plan.blocks) do names[i] = block.name end
  return names
end

--- The text that a shot begins with was tested when it was handed in: the tests in focus are run once more, for their
-- coverage.
function Focus:start()
  tell(self, { calls = 0, tested = {}, reused = {}, skipped = self.tester and names_of(self.tester.plan) or {} })
end

--- How many more of the other tests pass on a text than on the one that the shot began with; the tests in focus were
-- run already. nil, message, CODE when an evaluation failed.
function Focus:gained(from, text)
  local more = { gained = 0, calls = 0, tested = {}, reused = {}, skipped = {} }
  if self.tester then
    local why, code
    more, why, code = self.tester:compare(from, text)
    if not more then return nil, why, code end
  end
  tell(self, more)
  return more.gained
end

return M
