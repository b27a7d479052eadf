-- HumanEval (Chen et al., 2021): Python functions to be written after their description, from a file in its layout.
-- What a run may see are the examples in the description; the judge runs the file's own test, in another box than the
-- candidate. See docs/families.md.
local dir = ...
local han = require "han"
local asserts = require "han.checker.asserts"
local directives = require "han.model.directives"
local parts = require "han.parts"

local data, program = dir "data", dir "program"

-- ---- checks ----

local function verdict_of(result, before)
  local line = result.line and result.line - before
  local share = result.total > 0 and result.passed / result.total or (result.pass and 1.0 or 0.0)
  return { pass = result.pass, correct = share,
    raw = { passed = result.passed, total = result.total, class = result.class, message = result.message,
      line = line and line > 0 and line or nil, calls = result.calls } }
end

local TIME = 4 -- seconds of one call of the candidate

-- of: the public or the private part of a task.
local function ask(artifact, of, setup, test)
  local code, before = program.of(of.stub, of.entry, artifact)
  local result, why, status = asserts.check { code = code, name = "candidate.py", entry = of.entry, setup = setup,
    test = test, limits = { time = of.time, idle = 2.5 * of.time, total = 15.0 * of.time } }
  if not result then return nil, why, status end
  return result, before
end

-- The examples of the description. Where it has none, that the program can be loaded is all that can be said.
local function verify(artifact, public)
  local result, before, code = ask(artifact, public, public.stub)
  if not result then return nil, before, code end
  local verdict = verdict_of(result, before)
  verdict.raw.failing = {}
  for i, row in ipairs(result.failing) do verdict.raw.failing[i] = row.text end
  return verdict
end

-- A test that does not end may be the candidate's doing: it is the file's when the reference ends no better.
local function is_endless(private)
  local result = ask(private.stub .. private.canonical, private, private.stub .. private.canonical, private.test)
  return not result or result.class == "limit:test"
end

local function judge(artifact, private)
  local result, before, code = ask(artifact, private, private.stub .. private.canonical, private.test)
  if result and result.class == "limit:test" and is_endless(private) then
    result, before, code = nil, result.message, "INVALID"
  end
  if not result then return nil, ("%s: %s: %s"):format(private.where, private.id, before), code end
  local score = verdict_of(result, before)
  score.correct = score.pass and 1.0 or 0.0
  if private.oracle then score.trust = "weak" end
  return score
end

-- ---- tasks ----

local function task_of(row, name, options)
  local stub, oracle = row.prompt, options.answer == "canonical"
  local time = (options.time or TIME) + 0.0
  return {
    id = row.task_id, group = row.task_id,
    public = { artifact = oracle and stub .. row.canonical_solution or stub, stub = stub, entry = row.entry_point,
      time = time, language = "python", checked = true,
      prompt = directives.fill(directives.complete, { language = "python", artifact = stub }) },
    private = { stub = stub, entry = row.entry_point, canonical = row.canonical_solution, test = row.test,
      id = row.task_id, time = time, where = ("%s:%d"):format(name, row.line), oracle = oracle or nil },
    meta = { source = oracle and "reference" or "file" },
  }
end

local function make(split, n, _, options)
  if not options.path then
    return nil, "it reads its tasks from a file: --data HumanEval.jsonl.gz (not part of han; see docs/families.md)",
      "INVALID"
  end
  if options.answer and options.answer ~= "canonical" then
    return nil, "the answer that can be handed in is canonical, the file's own", "INVALID"
  end
  local fault = parts.fault(split, options)
  if fault then return nil, fault, "INVALID" end
  local rows, why, code = data.read(options.path)
  if not rows then return nil, why, code end
  local list = parts.choose(rows, "humaneval", split, n, options, function(row) return row.task_id end)
  local name = options.path:match "[^/]*$"
  local tasks = {}
  for i, row in ipairs(list) do tasks[i] = task_of(row, name, options) end
  return tasks
end

-- What failed of the examples, as findings.
local function examples(spans)
  local findings = {}
  for _, span in ipairs(spans) do
    for _, text in ipairs(span.kind == "check" and span.failing or {}) do
      findings[#findings + 1] = { text = "an example does not hold: " .. text, weight = 1 }
    end
    if span.kind == "check" and span.message then findings[#findings + 1] = { text = span.message, weight = 1 } end
  end
  return findings
end

return han.adapter {
  name = "humaneval",
  tasks = make,
  worker = { backend = "given", name = "given", limits = { shots = 1 } },
  backends = { given = function(ctx) return ctx.artifact end },
  budget = { shots = 4, tokens = 64000, turns = 48, evals = 48 },
  verify = han.check { kind = "verifier", spec = { examples = "description" }, run = verify },
  judge = han.check { kind = "judge", spec = { test = "file" }, run = judge },
  lenses = { examples = han.check { kind = "lens", spec = { name = "examples" }, run = examples } },
  reference = { lines = {
    "correct is 1 when the file's own test passes (Chen et al., 2021, arXiv:2107.03374)",
  } },
}
