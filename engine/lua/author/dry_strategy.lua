-- han.author.dry_strategy: a strategy runs once as an untrusted program, in a runner, on a task whose worker only
-- pretends: it pays, hands in nothing of worth and is judged by a script. What the strategy does then (how much it
-- steers, what it starts from, how much it spends) is its behaviour; a judge, a task or a model is not near it.
local M = {}

M.BUDGET = { shots = 8, evals = 64, tokens = 512 }
-- What a program may take is counted, so that it does not depend on the machine; the wall is for what is not counted.
M.WALL, M.STEPS, M.BYTES = 60.0, 3000000, 64 << 20
-- What the pretended attempts are worth, in turn: up, a plateau, down, up.
M.SCRIPT = { 0.2, 0.5, 0.5, 0.4, 0.6, 0.6, 0.3, 0.7 }

local FINDINGS = {
  { origin = "trace", lens = "localize", text = "line 3 is run by failing tests alone", where = { fn = "f", line = 3 },
    weight = 0.8 },
  { origin = "trace", lens = "progress", text = "two of four tests pass", weight = 0.5 },
}

local function verdict_of(log)
  log.attempts = log.attempts + 1
  return { pass = false, correct = M.SCRIPT[(log.attempts - 1) % #M.SCRIPT + 1], raw = { passed = 0, total = 4 } }
end

local function worker(log)
  return function(ctx, args)
    assert(ctx:meter { shots = 1 })
    assert(ctx:meter { evals = 8, tokens = 32 })
    if args.steer and #args.steer > 0 then log.steered = log.steered + 1 end
    if args.from and args.from ~= log.start then log.from = log.from + 1 end
    local verdict = verdict_of(log)
    local out = ("return %d"):format(log.attempts)
    log.artifacts[ctx:submit(verdict.correct)] = out
    return { out = out, verdict = verdict }
  end
end

local function services_of(log, backend)
  return {
    backends = { [backend] = worker(log) },
    best = function(_, number) return log.artifacts[number] end,
    observe = function() return FINDINGS end,
    submit = function(ctx, artifact)
      local verdict = verdict_of(log)
      if type(artifact) ~= "string" then log.nonsense = type(artifact) end
      log.artifacts[ctx:submit(verdict.correct)] = artifact
      return verdict
    end,
  }
end

local function task_of(given)
  local task = { artifact = "return 0", id = "dry", group = "dry", tests = {}, name = "dry",
    worker = { backend = "search", name = "search", limits = { shots = 1, evals = 8, tokens = 64 } } }
  for key, item in pairs(given or {}) do task[key] = item end
  return task
end

local function behaviour_of(log, outcome)
  local shots = outcome.spend.shots or 0
  local n = math.max(1, shots)
  return { steered = log.steered / n, from = log.from / n, shots = shots / M.BUDGET.shots,
    nodes = math.min(4, math.max(0, (outcome.spawned or shots) - shots)) }
end

local function place_of(where)
  local line = where and math.tointeger(tonumber(tostring(where):match ":(%d+)"))
  return line and { line = line } or nil
end

--- { ok=, reason=, where=, spend=, behaviour= }; options: task, runs.
function M.run(text, options)
  local runs, task = options.runs or require "han.runs", task_of(options.task)
  local log = { attempts = 0, steered = 0, from = 0, artifacts = {}, start = task.artifact }
  local run, message, code, where = runs.start {
    source = text, chunkname = "candidate.lua", task = task, budget = M.BUDGET, wall = M.WALL, seed = 900001,
    max_steps = M.STEPS, max_bytes = M.BYTES, max_live = 256, services = services_of(log, task.worker.backend),
    untrusted = true,
  }
  if not run then
    return { ok = false, reason = ("%s (%s)"):format(message, tostring(code)), where = place_of(where),
      spend = { evals = 0, shots = 0 } }
  end
  local outcome = run:wait()
  run:close()
  local spend = { evals = outcome.spend.evals or 0, shots = outcome.spend.shots or 0 }
  if outcome.status ~= "done" then
    return { ok = false, reason = ("%s: %s"):format(outcome.status, tostring(outcome.message or outcome.code)),
      where = place_of(outcome.where), spend = spend }
  end
  if log.attempts == 0 then return { ok = false, reason = "tries nothing and hands in nothing", spend = spend } end
  if log.nonsense then
    return { ok = false, reason = ("hands in a %s, not an artifact"):format(log.nonsense), spend = spend }
  end
  return { ok = true, spend = spend, behaviour = behaviour_of(log, outcome) }
end

return M
