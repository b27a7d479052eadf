-- QuixBugs (Lin et al., 2017): small Python programs with a fault in one line, from a folder in its layout. A run sees
-- the program with what its text says that it must do, and every other case; the judge asks all of them. See
-- docs/families.md.
local dir = ...
local han = require "han"
local outcome = require "han.worker.outcome"
local parts = require "han.parts"
local trials = require "han.worker.trials"

local ask, data = dir "ask", dir "data"

local TIME = 4 -- seconds of one case
local ANSWERS = { buggy = true, correct = true }

-- ---- checks ----

local function judge(artifact, private)
  local score, why, code = ask.verdict(artifact, private)
  if not score then return nil, why, code end
  score.correct = score.pass and 1.0 or 0.0
  if private.oracle then score.trust = "weak" end
  return score
end

-- ---- tasks ----

-- Every other case is public, the first one too: what a run may see does not depend on anything but the data.
local function every_other(list)
  local seen = {}
  for i = 1, #list, 2 do seen[#seen + 1] = list[i] end
  return seen
end

-- What the worker's verifier (all = false) or the judge asks.
local function questions(program, all)
  if program.cases then
    return { cases = ask.cases_text(all and program.cases or every_other(program.cases)) }
  end
  local list = all and program.tests.list or every_other(program.tests.list)
  return { tests = { node = program.tests.node,
    module = program.tests.head .. "\n" .. table.concat(list, "\n") .. "\n" } }
end

local function task_of(program, options)
  local time = (options.time or TIME) + 0.0
  local public, private = questions(program, false), questions(program, true)
  public.artifact = options.answer == "correct" and program.correct or program.buggy
  public.name, public.language, public.checked = program.name .. ".py", "python", true
  private.oracle = options.answer == "correct" or nil
  for _, part in ipairs { public, private } do part.entry, part.time = program.name, time end
  return { id = program.name, group = program.name, public = public, private = private,
    meta = { source = private.oracle and "reference" or "folder", judged = program.cases and "cases" or "tests",
      cases = #(program.cases or program.tests.list) } }
end

local function make(split, n, _, options)
  if not options.path then
    return nil, "it reads its tasks from a folder: --data QuixBugs (not part of han; see docs/families.md)", "INVALID"
  end
  local fault = parts.fault(split, options)
  if options.answer and not ANSWERS[options.answer] then
    fault = "the answers that can be handed in are buggy (the programs as they are) and correct, the folder's own"
  end
  if fault then return nil, fault, "INVALID" end
  local programs, left, code = data.read(options.path)
  if not programs then return nil, left, code end
  local tasks = {}
  for i, program in ipairs(parts.choose(programs, "quixbugs", split, n, options, function(one) return one.name end)) do
    tasks[i] = task_of(program, options)
  end
  return tasks, left
end

-- What failed of the public cases when a program was checked last, as findings: by a model's worker or by the built-in
-- one.
local function failures(spans)
  local last
  for _, span in ipairs(spans) do
    if span.kind == "check" or span.kind == "tests" then last = span end
  end
  local findings = {}
  for _, text in ipairs(last and last.failing or {}) do
    findings[#findings + 1] = { text = "a case does not hold: " .. text, weight = 1 }
  end
  if last and last.message then findings[#findings + 1] = { text = last.message, weight = 1 } end
  return findings
end

local function lens(name, run) return han.check { kind = "lens", spec = { name = name }, run = run } end

return han.adapter {
  name = "quixbugs",
  tasks = make,
  worker = { backend = "trials", name = "trials", limits = { shots = 1, evals = 60 } },
  backends = { trials = trials.run },
  budget = { shots = 4, tokens = 64000, turns = 48, evals = 240 },
  verify = han.check { kind = "verifier", spec = { cases = "every other" }, run = ask.verdict },
  judge = han.check { kind = "judge", spec = { cases = "all" }, run = judge },
  lenses = { failures = lens("failures", failures), tried = lens("tried", outcome.lenses.tried),
    refused = lens("refused", outcome.lenses.refused) },
  reference = { lines = {
    "correct is 1 when every case of the program holds (Lin et al., 2017, doi:10.1145/3135932.3135941)",
  } },
}
