-- One file of a user's and its file of tests: what `han repair` runs. The tests run in a box under their framework, in
-- the candidate's own process, so every verdict is weak. See docs/patching.md.
--
-- options: path and tests = files, framework = one of han.checker.weak (default: guessed), digest = of both texts, when
-- somebody has read them already, limits = { name = value } of each run of the tests.
local artifacts = require "han.artifact"
local failure = require "han.failure"
local han = require "han"
local locality = require "han.locality"
local outcome = require "han.worker.outcome"
local shape = require "han.shape"
local sys = require "han.sys"
local trials = require "han.worker.trials"
local value = require "han.value"
local weak = require "han.checker.weak"

local BYTES_MAX = 1 << 20
local VOTES, OUTPUT = 5, 4000

local languages = { lua = "lua", py = "python" }

-- ---- the tests ----

-- The lines of the file that failures tell of.
local function lines_of(failures, name)
  local seen, lines = {}, {}
  for _, one in ipairs(failures) do
    for _, frame in ipairs(one.trace or {}) do
      if frame.file == name and not seen[frame.line] then
        seen[frame.line] = true
        lines[#lines + 1] = frame.line
      end
    end
  end
  return lines
end

local function names_of(tests, pass)
  local names = {}
  for _, test in ipairs(tests) do
    if test.pass == pass then names[#names + 1] = test.name end
  end
  return names
end

local SCRIPTS = { lua = true, python = true }

-- How many of how many tests pass, and which fail. Of a script, the line at which it stopped says how much of it held.
local function progress_of(result, public)
  if not SCRIPTS[public.framework] then return result.passed, result.total, names_of(result.tests, false) end
  local _, lines = public.script:gsub("\n", "")
  if result.pass then return lines + 1, lines + 1, {} end
  if result.reached == 0 then return 0, lines + 1, {} end
  return result.reached - 1, lines + 1, { ("%s:%d"):format(public.script_name, result.reached) }
end

-- What failed, read from the output: class, suspects, lines.
local function read(result, public, tree, syntax)
  local found = failure.classify(result.output, { file = public.name, tool = public.framework, limit = result.class })
  local owner = locality.owner(found, tree, { syntax = syntax, file = public.name, tests = public.script,
    tests_file = public.script_name })
  local votes, said = {}, found.failures[1]
  for i = #found.failures, 1, -1 do -- the first of those that are worked on
    if found.failures[i].class == found.class then said = found.failures[i] end
  end
  for i, vote in ipairs(owner and owner.votes or {}) do
    if i <= VOTES then votes[i] = vote.name end
  end
  return { class = found.class, votes = votes, lines = lines_of(found.failures, public.name) },
    said and said.message ~= "" and said.message or result.message
end

local function unparsed(public, why, line)
  local failing = { public.script_name }
  return { pass = false, correct = 0.0, trust = "weak", raw = { passed = 0, total = 1, passing = {}, failing = failing,
    class = "fail", message = why, output = "",
    failure = { class = "FORMAT", failing = failing, votes = {}, lines = { line } } } }
end

local function run_tests(artifact, public)
  local syntax = artifacts.syntax(public.language)
  local tree, why, code, detail = syntax.parse(artifact, public.name)
  if not tree and code ~= "SYNTAX" then return nil, why, code end
  if not tree then return unparsed(public, why, detail and detail.line) end
  local result
  result, why, code = weak.check { framework = public.framework, name = public.name, code = artifact,
    tests_name = public.script_name, tests = public.script, limits = public.limits }
  if not result then return nil, why, code end
  local passed, total, failing = progress_of(result, public)
  if not result.pass and #failing == 0 then failing[1] = public.script_name end
  local raw = { passed = passed, total = total, passing = names_of(result.tests, true), class = result.class,
    output = result.output:sub(1, OUTPUT) }
  if not result.pass then
    raw.failure, raw.message = read(result, public, tree, syntax)
    raw.failing, raw.failure.failing = failing, failing
  end
  return { pass = result.pass, correct = result.pass and 1.0 or total > 0 and math.min(passed / total, 0.999) or 0.0,
    raw = raw, trust = "weak", sandbox = result.sandbox }
end

-- What is handed in was mostly checked just before by the worker, and is not run again for that; the judge runs it.
local last = {}

local function verify(artifact, public)
  local key = value.digest { artifact, public }
  if last.key ~= key then
    local verdict, why, code = run_tests(artifact, public)
    if not verdict then return nil, why, code end
    last = { key = key, verdict = verdict }
  end
  return shape.copy(last.verdict)
end

-- ---- the task ----

local function bad(format, ...) return nil, format:format(...), "INVALID" end

local function read_text(path, what)
  local stat = sys.stat(path)
  if stat and stat.kind ~= "file" then return bad("%s: %s is no file", what, path) end
  local text, why, code = sys.read_file(path, BYTES_MAX)
  if not text then return nil, why, code end
  if text:find("\0", 1, true) or not utf8.len(text) then return bad("%s: %s is no text in UTF-8", what, path) end
  return text
end

-- A file of tests that does not parse fails whatever the program does.
local function check_script(public)
  local tree, why, code = artifacts.syntax(public.language).parse(public.script, public.script_name)
  if not tree then return nil, code == "SYNTAX" and "the tests themselves do not parse: " .. why or why,
    code == "SYNTAX" and "INVALID" or code end
  return weak.available(public.framework)
end

local function known(framework)
  for _, name in ipairs(weak.names) do
    if name == framework then return true end
  end
  return false
end

local function make(split, _, _, options)
  if split ~= "dev" then return bad "one file has no splits: it is in dev" end
  if not options.path or not options.tests then
    return bad "it takes one file and its tests: --set path=FILE,tests=FILE; or use han repair"
  end
  local name, script_name = options.path:match "[^/]*$", options.tests:match "[^/]*$"
  local language = languages[name:match "%.(%w+)$" or ""]
  if not language then return bad("%s is no Lua or Python file by its name", name) end
  local text, why, code = read_text(options.path, "FILE")
  local script
  if text then script, why, code = read_text(options.tests, "tests") end
  if not script then return nil, why, code end
  if options.digest and options.digest ~= sys.sha256(text .. "\0" .. script) then
    return bad("%s or its tests changed while they were read", name)
  end
  local framework = options.framework or weak.guess(script_name, script)
  if not known(framework) then return bad("there is no framework '%s'", tostring(framework)) end
  local fault = weak.fault(framework, name, script_name)
  if fault then return bad("%s", fault) end
  local public = { artifact = text, name = name, language = language, framework = framework, script = script,
    script_name = script_name, limits = options.limits or {}, checked = true }
  fault, why, code = check_script(public)
  if not fault then return nil, why, code end
  return { { id = name, group = name, public = public, private = public, meta = { source = "file" } } }
end

-- ---- lenses ----

local function lens(name)
  return han.check { kind = "lens", spec = { name = name }, run = outcome.lenses[name] }
end

return han.adapter {
  name = "file",
  trust = "weak",
  tasks = make,
  worker = { backend = "trials", name = "trials", limits = { shots = 1, evals = 100 } },
  backends = { trials = trials.run },
  budget = { shots = 8, evals = 800, tokens = 64000, turns = 24 },
  verify = han.check { kind = "verifier", spec = { tests = "file" }, run = verify },
  judge = han.check { kind = "judge", spec = { tests = "file" }, run = run_tests },
  lenses = { failing = lens "failing", refused = lens "refused", tried = lens "tried" },
}
