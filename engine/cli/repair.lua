--- han repair: one broken Lua or Python file and its tests, for a person: classifies, localizes, patches within the
-- scope of the failure, tests again, shows the change, and makes it when it is told to.

local args = require "han.cli.args"
local bench = require "han.cli.bench"
local budget = require "han.cli.budget"
local check = require "han.cli.check"
local han = require "han"
local model = require "han.cli.model"
local patch = require "han.patch"
local problem = require "han.cli.problem"
local registry = require "han.registry"
local shape = require "han.shape"
local stored = require "han.cli.stored"
local sys = require "han.sys"
local value = require "han.value"
local weak = require "han.checker.weak"

local M = {
  name = "repair",
  summary = "Repair one Lua or Python file so that its tests pass.",
  about = "Repair one broken Lua or Python file: its tests run in a box, what fails is classified and localized, the "
    .. "function that owns the failure is changed within what its class allows, and nothing that passed may break. The "
    .. "change is shown; --write makes it in FILE, which is left alone otherwise. Exit status 0 only when every test "
    .. "passes with the change, 1 when no such change was found or FILE has changed meanwhile.",
  examples = {
    "han repair money.lua --tests money_spec.lua",
    "han repair stats.py --tests test_stats.py --write",
    "han repair stats.py --tests test_stats.py --profile model --model http://127.0.0.1:8080/v1#NAME",
  },
}

local BYTES_MAX = 1 << 20

function M.options(parser)
  parser:argument("file", "The broken file, .lua or .py."):argname("FILE")
  parser:option("--tests", "Its tests: of busted, pytest or unittest, or a script of Lua or Python that asserts. Both "
    .. "files stand in one folder in the box, under their own names."):argname("FILE")
  parser:option("--framework", "What runs the tests: busted, lua, pytest, python or unittest (default: what the tests "
    .. "look like)."):argname("NAME")
  parser:flag("--write", "Make the change in FILE, when all tests pass with it.")
  parser:option("--limits", "Of one run of the tests, as in han check: time, memory, output, disk, procs.")
    :argname("LIST")
  parser:option("--budget", "Ceiling of the whole, as in shots=4,evals=200 (also tokens, turns, usd, wall in seconds; "
    .. "default shots=8,evals=800,tokens=64000,turns=24). One evaluation is one run of the tests."):argname("LIST")
  parser:option("--seed", "Seed of what is tried first (default 1)."):argname("S")
  model.options(parser)
  args.sandbox(parser)
  args.durability(parser, "normal")
  args.db(parser, "Where every attempt is stored.")
end

-- ---- what is asked ----

local function base_name(path) return path:match "[^/]*$" end

-- The text of a file that is one; links are followed.
local function read_file(path, option)
  local stat = problem.check(sys.stat(path))
  if stat.kind ~= "file" then problem.usage("%s: %s is a %s, not a file", option, path, stat.kind) end
  local text = problem.check(sys.read_file(path, BYTES_MAX))
  if text:find("\0", 1, true) or not utf8.len(text) then problem.usage("%s: %s is no text in UTF-8", option, path) end
  return text
end

-- A path that means the same from every folder, under the name that the user gave.
local function lasting(path)
  local folder = path:match "^(.*)/[^/]*$" or "."
  return problem.check(sys.realpath(folder == "" and "/" or folder)) .. "/" .. base_name(path)
end

local function framework_of(options, script)
  local name = options.framework or weak.guess(base_name(options.tests), script)
  local known = false
  for _, one in ipairs(weak.names) do known = known or one == name end
  if not known then
    problem.usage("--framework: there is no '%s'%s", name, shape.hint(name, weak.names))
  end
  local fault = weak.fault(name, base_name(options.file), base_name(options.tests))
  if fault then problem.usage("--tests: %s", fault) end
  problem.check(weak.available(name))
  return name
end

-- The built-in worker, one shot of which takes its share of a budget that was named.
local function fitted(amount)
  if not amount or not amount.evals then return nil end
  local worker = shape.copy(problem.check(registry.load("adapter", "file")).worker)
  local shots = amount.shots or math.max(1, amount.evals // worker.limits.evals)
  worker.limits.evals = shots > 0 and math.max(1, math.min(worker.limits.evals, amount.evals // shots)) or 1
  return worker
end

local function read(options)
  if not options.tests then problem.usage("--tests is missing; see han repair --help") end
  local suffix = options.file:match "%.(%w+)$"
  if suffix ~= "lua" and suffix ~= "py" then
    problem.usage("%s: only Lua and Python can be repaired, by a name that ends in .lua or .py", options.file)
  end
  local text, script = read_file(options.file, "FILE"), read_file(options.tests, "--tests")
  local amount, wall = bench.read_budget(options.budget)
  local spec = {
    adapter = "file", n = 1, seed = args.integer(options, "seed", 1, 0, math.maxinteger), split = "dev", jobs = 1,
    budget = amount, wall = wall, sandbox = args.level(options), arms = { bench.read_arm "patch" },
    options = { path = lasting(options.file), tests = lasting(options.tests),
      framework = framework_of(options, script), limits = check.read_limits(options, "program"),
      digest = sys.sha256(text .. "\0" .. script) },
  }
  model.add(spec, options)
  spec.worker = spec.worker or fitted(amount)
  return spec, text
end

-- ---- what came of it ----

local function span_of(attempt, kind)
  for _, span in ipairs(attempt.spans or {}) do
    if span.kind == kind then return span end
  end
  return {}
end

local function state_of(verdict)
  local raw = type(verdict.raw) == "table" and verdict.raw or {}
  local seen = raw.failure or {}
  return { pass = verdict.pass, passed = raw.passed, total = raw.total, class = seen.class, suspects = seen.votes,
    failing = seen.failing, message = raw.message }
end

-- What fails at first: nothing, what the first shot saw, or what is kept where no shot was made.
local function before_of(record)
  local first = record.attempts[1] and span_of(record.attempts[1], "tests")
  if first and first.kind then
    return { pass = false, passed = first.passed, total = first.total, class = first.class, suspects = first.votes,
      failing = first.failing, message = first.message }
  end
  return not record.attempts[1] and record.verdict and state_of(record.verdict) or nil
end

local function step_of(attempt)
  local rules, tried, refused = span_of(attempt, "patch"), 0, {}
  for _, span in ipairs(attempt.spans or {}) do
    if span.kind == "edit" then tried = tried + 1 end
    if span.kind == "refused" then
      refused[#refused + 1] = { code = span.code, count = span.count, text = span.text }
    end
  end
  return { rung = rules.rung, class = rules.class, scope = rules.scope ~= "" and rules.scope or nil, tried = tried,
    refused = refused, status = attempt.status, reason = attempt.reason, spend = attempt.spend,
    verdict = attempt.verdict and state_of(attempt.verdict) or nil }
end

local function object_of(options, spec, text, record)
  local steps, new = {}, record.output
  for i, attempt in ipairs(record.attempts) do steps[i] = step_of(attempt) end
  local pass = record.verdict ~= nil and record.verdict.pass == true
  local changed = new ~= nil and new ~= text
  return { schema = 1, file = options.file, tests = options.tests, framework = spec.options.framework, pass = pass,
    changed = changed, written = false, before = before_of(record), after = record.verdict and state_of(record.verdict),
    steps = steps, diff = changed and patch.diff(text, new, options.file) or nil, spend = record.spend,
    trust = record.trust, sandbox = record.sandbox, version = han.version }
end

-- ---- printing ----

local function passing(state) return ("%s of %s pass"):format(tostring(state.passed), tostring(state.total)) end

-- A script is one test; how far it came is a line of it.
local function counted(object, state)
  if object.framework ~= "lua" and object.framework ~= "python" then return passing(state) end
  return state.pass and "it passes" or ("it stops at %s"):format((state.failing or {})[1] or "its end")
end

local function print_before(ui, object)
  local state = object.before
  if not state then return end
  ui:out("%s  %s: %s", ui.safe(object.tests), object.framework, ui.safe(counted(object, state)))
  if state.pass then return end
  ui:out("class %s, %s", ui:paint("bold", tostring(state.class)), #(state.suspects or {}) > 0
    and "most suspect: " .. ui.safe(table.concat(state.suspects, ", ")) or "no function is suspected")
  for line in (state.message or ""):gmatch "[^\n]+" do ui:out("  | %s", ui.safe(line)) end
end

local function print_step(ui, object, i, step)
  local refused = {}
  for k, row in ipairs(step.refused) do refused[k] = ("%s %d"):format(row.code, row.count) end
  local told = #refused > 0 and (", refused: %s"):format(table.concat(refused, ", ")) or ""
  local came = step.verdict and counted(object, step.verdict) or step.reason or "no verdict"
  ui:out("step %d  %s  %s  %s  %d edits tried%s  %s", i, ui.safe(step.rung or "?"), ui.safe(step.class or "?"),
    ui.safe(step.scope or "all of it"), step.tried, ui.safe(told), ui.safe(came))
end

local colours = { ["+"] = "green", ["-"] = "red", ["@"] = "cyan" }

local function print_diff(ui, diff)
  for line in diff:gmatch "[^\n]+" do
    local colour = colours[line:sub(1, 1)]
    ui:out("%s", colour and ui:paint(colour, ui.safe_lines(line)) or ui.safe_lines(line))
  end
end

local function conclusion(object)
  if object.pass and not object.changed then return "its tests already pass, nothing was changed" end
  if object.written then return "all tests pass; the change is made" end
  if object.pass then return "all tests pass with this change; the file is as it was, --write makes the change" end
  if object.changed then return "with no change that was found all tests pass; this one is the best, and not made" end
  return "no change was found that helps; the file is as it was"
end

local function print_all(ui, object)
  print_before(ui, object)
  for i, step in ipairs(object.steps) do print_step(ui, object, i, step) end
  if object.diff then print_diff(ui, object.diff) end
  ui:out("%s  %s: %s (%s)", ui:paint(object.pass and "green" or "red", object.pass and "pass" or "fail"),
    ui.safe(object.file), conclusion(object), budget.words(object.spend or {}))
  ui:out("Made with trust weak, sandbox %s: the tests run in the file's own process, which says so itself.",
    ui.safe(object.sandbox))
end

-- ---- the command ----

-- Puts the new text in the place of the file, when that is what it was; a link stays one.
local function write(options, text, new)
  local path = problem.check(sys.realpath(options.file))
  if read_file(path, "FILE") ~= text then
    problem.raise("REFUSED", ("%s has changed meanwhile; nothing was written, repair it once more"):format(
      options.file))
  end
  problem.check(sys.write_file(path, new))
end

local function carry_out(spec, about, ui, options, text)
  local records, info, store = bench.measure(spec, about, ui, options)
  local record = records[1]
  for _, attempt in ipairs(record and record.attempts or {}) do -- they come packed
    if type(attempt.spans) == "string" then attempt.spans = value.decode(attempt.spans) end
  end
  if info.interrupted or not record then return stored.interrupted(ui, store, { schema = 1, file = options.file }) end
  local object = object_of(options, spec, text, record)
  object.run = store.id
  store:finish(object)
  if record.infra or record.status == "down" then
    problem.raise(record.infra and "PEER" or record.code or "SCRIPT", record.reason or "the run failed", record.where)
  end
  if options.write and object.pass and object.changed then
    write(options, text, record.output)
    object.written = true
  end
  print_all(ui, object)
  ui:object(object)
  return object.pass and 0 or 1
end

function M.run(options, ui)
  local spec, text = read(options)
  options.quiet = true
  return carry_out(spec, {
    kind = "repair", adapter = spec.adapter, seed = spec.seed, split = spec.split, durability = options.durability,
    arms = { "patch" }, source = ("han repair %s --tests %s"):format(options.file, options.tests),
    config = { adapter = spec.adapter, n = 1, seed = spec.seed, split = spec.split, options = spec.options,
      budget = spec.budget, wall = spec.wall, sandbox = spec.sandbox, jobs = 1, asked = spec.asked,
      plan = stored.plan_of(spec), durability = options.durability, file = options.file, tests = options.tests,
      write = options.write },
  }, ui, options, text)
end

--- Goes on with a stored one.
function M.resume(run, done, ui, options)
  local spec = bench.spec_of(run, done, options.db)
  if run.config.asked then model.add(spec, run.config.asked) end
  spec.worker = spec.worker or fitted(spec.budget)
  spec.on_ready = stored.on_ready(done, spec.arms, bench.admit)
  options.file, options.tests, options.write = spec.options.path, spec.options.tests, run.config.write
  options.quiet = true
  return carry_out(spec, nil, ui, options, read_file(options.file, "FILE"))
end

--- Prints what an ended one printed.
function M.again(ui, object, _, text)
  print_all(ui, object)
  if ui.json then ui:raw(text .. "\n") end
  return object.pass and 0 or 1
end

return M
