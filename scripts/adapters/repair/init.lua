-- The repair family: multi-block Lua programs with planted faults. See docs/families.md for what a task
-- is, what is hidden and how each known way to cheat is caught.
local dir = ...
local han = require "han"
local calls = require "han.checker.calls"
local eval = require "han.eval"
local failures = require "han.failure.rows"
local scanner = require "han.scanner"
local syntax = require "han.syntax"

local lenses, tasks = dir "lenses", dir "tasks"

local env = { dir = dir, catalog = dir "catalog", draw = dir "draw", inject = dir "inject", splits = dir "splits",
  scanner = scanner, evaluate = eval.lua, count = calls.count }

local function share(passed, total) return total > 0 and passed / total or 0 end

-- A verdict or a score: what was counted, beside it the other objectives, each absent where it cannot be measured.
local function vector(pass, correct, raw, artifact, measured)
  local found = tasks.objectives(env, artifact, measured.result, measured.costs, measured.failing)
  raw.class, raw.rules = measured.result.class, found.broken and #found.broken > 0 and found.broken or nil
  return { pass = pass, correct = correct, fast = found.fast, secure = found.secure, raw = raw }
end

-- What passed of the tests of each function.
local function by_block(tests, failing)
  local blocks = {}
  for _, test in ipairs(tests) do
    local row = blocks[test.fn] or { passed = 0, total = 0 }
    blocks[test.fn], row.total, row.passed = row, row.total + 1, row.passed + 1
  end
  for _, i in ipairs(failing) do
    local row = blocks[tests[i].fn]
    row.passed = row.passed - 1
  end
  return blocks
end

-- Public tests. A candidate's own words are no verdict: values come back and are compared here.
local function verify(artifact, public)
  local passed, failing, result = tasks.count(env, artifact, public.name, public.tests)
  if not passed then return nil, failing, result end
  local total = #public.tests
  local raw = { passed = passed, total = total, blocks = by_block(public.tests, failing), failing = failing }
  raw.failure = failures.read(public.tests, result.calls, failing, syntax.parse(artifact, public.name), public.name)
  return vector(passed == total and total > 0, share(passed, total), raw, artifact,
    { result = result, costs = public.costs, failing = failing })
end

-- Hidden tests: the share that the faults had broken and the artifact won back. Worse than broken is 0.
local function judge(artifact, private)
  local passed, failing, result = tasks.count(env, artifact, "candidate", private.tests)
  if not passed then return nil, failing, result end
  local total, broken = #private.tests, private.broken
  return vector(passed == total, math.max(0, share(passed - broken, total - broken)),
    { passed = passed, total = total, broken = broken }, artifact,
    { result = result, costs = private.costs, failing = failing })
end

local function lens(name)
  return han.check { kind = "lens", spec = { name = name }, run = function(spans) return lenses[name](spans) end }
end

local has = {} -- base programs by split
for split, names in pairs(env.splits.groups) do has[split] = #names end

return han.adapter {
  name = "repair",
  tasks = function(split, n, _, options) return tasks.make(env, split, n, options) end,
  -- One shot of the worker; a cell of the default budget holds eight.
  worker = { backend = "search", name = "search", trials = 250, limits = { shots = 1, evals = 250, tokens = 4000 } },
  budget = { shots = 8, evals = 2000, tokens = 32000 },
  verify = han.check { kind = "verifier", spec = { tests = "public" }, run = verify },
  judge = han.check { kind = "judge", spec = { tests = "hidden" }, run = judge },
  lenses = { failing = lens "failing", localize = lens "localize", progress = lens "progress",
    refused = lens "refused" },
  improve = {
    what = "profile", rounds = 2, strategy = "sample", candidates = 3,
    has = has, -- every round takes groups of its own: these hold two rounds
    learn = { groups = 8, per = 4, from = 64 },
    dev = { groups = 4, per = 4, from = 32 },
    gate = { groups = 9, per = 2, from = 36 },
    score = { groups = 6, per = 3, from = 60 },
  },
  reference = { what = "one fault solved by a prototype with 26 operators, 300 to 3,000 evaluations",
    low = 0.19, high = 0.36 },
}
