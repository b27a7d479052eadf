--- han.cli.templates: what han new writes. Each is a whole file that loads and runs as it is; NAME is replaced.

local parts = require "han.author.parts"

local M = {}

-- Four functions, each an entry of its menu: what an author writes, to begin with by hand.
M.controller = parts.compose(require("han.author.compose").DEFAULT):gsub("^[^\n]*\n", [==[
-- NAME: a controller in four parts. steer: what the next attempt is told. topology: what it starts from (nil: the
-- task's own artifact). stop: when a line of attempts is given up ("fresh" begins another, "end" ends the run). act:
-- how they are driven. Each can be replaced alone: --arms NAME.lua,NAME.lua+steer=none,NAME.lua+topology=governor
]==], 1):gsub('name = "authored"', 'name = "NAME"')
  :gsub('intent = "[^"]*"', 'intent = "One line of work from the best so far, steered by what the lenses saw."')

M.strategy = [==[
-- NAME: one line of work. Each shot starts from the best artifact so far and is told what the lenses saw in the
-- trace of the shot before.
local han = require "han"

return han.strategy {
  name = "NAME",
  intent = "Start each shot from the best so far, steered by what was seen in the last one.",

  -- task: what the adapter shows of the task, with id, group and worker.
  -- scope: the verbs spawn, next, observe, best, choose, ... (docs/scripting.md).
  act = function(task, scope)
    local steer
    while true do
      -- One attempt by the adapter's worker; its whole ceiling is reserved before it starts.
      local worker, why, code = scope:spawn(task.worker, task, { steer = steer, from = scope:best() })
      if code == "BUDGET_EXHAUSTED" then break end -- a refusal is a value: the budget is spent
      assert(worker, why)                          -- anything else is a mistake of this file

      local settled = scope:next()                 -- waits until the attempt has ended
      if settled.kind == "done" and settled.verdict and settled.verdict.pass then break end

      steer = scope:observe(settled)               -- findings about it, or nil
    end
    return scope:best()                            -- what counts is the harness's own keep-best
  end,
}
]==]

M.adapter = [==[
-- NAME: an adapter. Tasks, the worker that attempts them, the verifier that runs may see and the judge that they
-- may not. This one asks for functions of one number, broken in a known way.
local han = require "han"
local eval = require "han.eval"

-- What a function may be asked for, of a number x and a constant k of the group.
local kinds = {
  { name = "plus", broken = "return x - %d", value = function(x, k) return x + k end },
  { name = "times", broken = "return x + %d", value = function(x, k) return x * k end },
  { name = "minus", broken = "return x + %d", value = function(x, k) return x - k end },
  { name = "least", broken = "return x > %d and %d or x", value = function(x, k) return x < k and k or x end },
  { name = "most", broken = "return x < %d and %d or x", value = function(x, k) return x > k and k or x end },
}

-- The splits share no group: each has constants of its own, and as many as are asked for. Nor do seeds, so that every
-- round of han improve has groups that no other has.
local splits = { train = 0, dev = 1, gate = 2, final = 3 }

local function calls_for(kind, k, inputs)
  local calls = {}
  for i, x in ipairs(inputs) do calls[i] = { fn = kind.name, args = { x }, want = { kind.value(x, k) } } end
  return calls
end

-- The list must follow from split, n and seed alone. Tasks of one group share their fate (here: the function); two of
-- each, with other numbers. Statistics count groups: han gate wants 20 of them or more.
local function tasks(split, n, seed, options)
  local list = {}
  for i = 1, n do
    local group = (i + 1) // 2
    local kind, k = kinds[group % #kinds + 1], 4 * (group + 100 * (seed % 100000)) + splits[split]
    local name = ("%s_%d"):format(kind.name, k)
    list[i] = {
      id = ("%s-%d"):format(name, i),
      group = name,
      public = {
        artifact = ("local M = {}\nfunction M.%s(x)\n  %s\nend\nreturn M\n"):format(kind.name,
          (kind.broken:gsub("%%d", tostring(k)))),
        name = name,
        tests = calls_for(kind, k, { k + 1, -k, 2 * k, 0 }), -- what a strategy and its worker may see
      },
      private = { calls = calls_for(kind, k, { 3 * k, -k - i, k, seed % 97 + i }) }, -- what only the judge sees
      meta = { difficulty = options.difficulty or 1 },
    }
  end
  return list
end

-- Runs the artifact in a child process and compares the values here. What it returns as nil, why, code was nobody's
-- fault; an error would be this file's.
local function measure(artifact, calls)
  local request = { code = artifact, name = "NAME", calls = {}, limits = { instructions = 10000 } }
  for i, call in ipairs(calls) do request.calls[i] = { fn = call.fn, args = call.args } end
  local result, why, code = eval.lua(request)
  if not result then return nil, why, code end
  local passed = 0
  for i, call in ipairs(calls) do
    local got = result.calls and result.calls[i]
    if got and got.ok and got.n == 1 and got.values[1] == call.want[1] then passed = passed + 1 end
  end
  return { pass = passed == #calls, correct = passed / #calls, raw = { passed = passed, total = #calls } }
end

return han.adapter {
  name = "NAME",
  intent = "Repair a function of one number.",
  tasks = tasks,
  worker = { backend = "search", limits = { shots = 1, evals = 200, tokens = 4000 } }, -- the ceiling of one shot
  budget = { shots = 3, evals = 600, tokens = 12000 }, -- of one cell, when the command names none
  verify = han.check { kind = "verifier", run = function(artifact, public) return measure(artifact, public.tests) end },
  judge = han.check { kind = "judge", run = function(artifact, private) return measure(artifact, private.calls) end },
}
]==]

M.check = [==[
-- NAME: a lens. It reads the trace of one attempt and says what it saw; it never sees a score.
local han = require "han"

return han.check {
  kind = "lens",
  name = "NAME",
  intent = "Says how many edits of an attempt were tried and how many were kept.",
  spec = { few = 3 }, -- plain data that run gets as its third argument

  run = function(spans, public, spec)
    local tried, kept = 0, 0
    for _, span in ipairs(spans) do
      tried = tried + 1
      if span.kept then kept = kept + 1 end
    end
    if tried == 0 or kept >= spec.few then return {} end
    return { han.finding {
      origin = "trace", lens = "NAME",
      text = ("%d edits tried, %d kept: look elsewhere"):format(tried, kept),
    } }
  end,
}
]==]

return M
