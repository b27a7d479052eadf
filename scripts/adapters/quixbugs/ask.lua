-- What a program of this family is asked, and what its answers are worth: cases by han.checker, modules of tests by
-- han.checker.asserts. Either way the candidate is in a box without the tests, and only values leave it.
local dir = ...
local asserts = require "han.checker.asserts"
local case_files = require "han.checker.cases"
local checker = require "han.checker"
local failure = require "han.failure"
local json = require "han.json"

local carry = dir.read "carry.txt"

local M = {}

local ENTRY = "quixbugs_case" -- what is called in place of the program's function
local FAILING_MAX = 8
local CASE_TIMES = 15 -- a module of tests may take as long as so many calls

-- Behind a candidate whose cases are lists of JSON: what a generator gives, and tuples, are lists too.
local PLAIN = [[


def quixbugs_case(*args):
    def plain(value):
        if isinstance(value, (list, tuple)) or hasattr(value, "__next__"):
            return [plain(item) for item in value]
        return value

    return plain(NAME(*args))
]]

-- Behind a candidate whose tests are a module.
local CARRIED = [[


def quixbugs_case(sent):
    class Node:
        def __init__(self):
            for name in sent[1][0] if sent[1] else ():
                setattr(self, name, None)

    carrier = QuixbugsCarrier(Node)
    return carrier.send(NAME(*carrier.receive(sent)))
]]

-- The test: the module's own text, with the candidate in the place of the program that it imports.
local TEST = [[
import sys
import types


def module_of(name, text, **names):
    module = types.ModuleType(name)
    module.__dict__.update(names)
    sys.modules[name] = module
    exec(compile(text, name + ".py", "exec"), module.__dict__)
    return module


class Nothing:
    pass


def asked(*args):
    carrier = QuixbugsCarrier(getattr(sys.modules["node"], "Node", Nothing))
    return carrier.receive(quixbugs_case(carrier.send(list(args))))


def line_of(error):
    frame, found = error.__traceback__, 0
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == "tests.py":
            found = frame.tb_lineno
        frame = frame.tb_next
    return MODULE.split("\n")[found - 1].strip() if found else ""


module_of("pytest", "", use_correct=False, run_slow=False)
module_of("node", NODE)
module_of("python_programs", "")
module_of("python_programs." + NAME, "", **{NAME: asked})
tests = module_of("tests", MODULE)


def check(candidate):
    for name, test in list(vars(tests).items()):
        if not name.startswith("test"):
            continue
        try:
            test()
        except BaseException as error:
            about = (test.__doc__ or "").strip().split("\n")[0]
            kind = type(error).__name__
            raise AssertionError("%s (%s), at '%s': %s: %s" % (name, about, line_of(error), kind, error))
]]

local function program_of(artifact, of)
  local text = of.cases and PLAIN or carry .. CARRIED
  return artifact .. "\n\n" .. text:gsub("NAME", of.entry)
end

-- A line of the candidate's own, or nil: what stands behind it is ours.
local function own_line(artifact, line)
  local _, lines = artifact:gsub("\n", "")
  return line and line <= lines + 1 and line or nil
end

-- ---- what failed, as han.failure says it ----

-- The functions of a text, the one that is called first: without more to go by, it owns what fails.
local function suspects(artifact, entry)
  local votes = { entry }
  for name in ("\n" .. artifact):gmatch "\ndef ([%a_][%w_]*)" do
    if name ~= entry then votes[#votes + 1] = name end
  end
  return votes
end

local CLASSES = { wrong = "LOGIC", fail = "LOGIC", value = "CONTRACT", format = "FORMAT" }

-- The class of a row or of a whole: what is none of ours was stopped, by an error or by a limit.
local function class_of(class) return CLASSES[class] or "RUNTIME" end

-- { class=, failing = names of what failed, votes = suspects, lines= } of the failures { class=, test=, line= }.
local function failure_of(failures, artifact, of)
  if #failures == 0 then return nil end
  local failing, lines, seen = {}, {}, {}
  for i, one in ipairs(failures) do
    failing[i] = one.test
    if one.line and not seen[one.line] then seen[one.line], lines[#lines + 1] = true, one.line end
  end
  return { class = failure.whole(failures), failing = failing, votes = suspects(artifact, of.entry), lines = lines }
end

-- ---- asking ----

local function told_of(name, row)
  if row.class == "wrong" then return ("%s gives %s and should give %s"):format(name, row.got, row.want) end
  return ("%s: %s"):format(name, row.message or row.class)
end

local function ask_cases(artifact, of)
  local cases, why, code = case_files.read(of.cases, "calls", of.entry .. ".json")
  if not cases then return nil, why, code end
  local result
  result, why, code = checker.check { lang = "python", code = program_of(artifact, of), cases = cases,
    name = of.entry .. ".py", limits = { time = of.time }, ended_max = 1 }
  if not result then return nil, why, code end
  local told, passing, failures = {}, {}, {}
  for _, row in ipairs(result.cases) do
    local name = of.entry .. row.call:gsub("^" .. ENTRY, "")
    if row.class == "pass" then
      passing[#passing + 1] = name
    elseif row.class ~= "unanswered" then
      failures[#failures + 1] = { class = class_of(row.class), test = name, line = own_line(artifact, row.line) }
      if row.class ~= "format" and #told < FAILING_MAX then told[#told + 1] = told_of(name, row) end
    end
  end
  return { result = result, failing = told, passing = passing, failures = failures }
end

local function ask_tests(artifact, of)
  local named = ("NAME, NODE, MODULE = %s, %s, %s\n"):format(json.encode(of.entry), json.encode(of.tests.node),
    json.encode(of.tests.module))
  local result, why, code = asserts.check { code = program_of(artifact, of), name = of.entry .. ".py", entry = ENTRY,
    setup = carry .. named, test = TEST,
    limits = { time = of.time, idle = 2.5 * of.time, total = CASE_TIMES * of.time } }
  if not result then return nil, ("python_testcases/test_%s.py: %s"):format(of.entry, why), code end
  local told, failures = {}, {}
  for i, row in ipairs(result.failing) do told[i] = row.text end
  if not result.pass then
    failures[1] = { class = class_of(result.class), line = own_line(artifact, result.line),
      test = told[1] and told[1]:match "^test[%w_]*" or "test_" .. of.entry }
  end
  return { result = result, failing = told, passing = {}, failures = failures }
end

--- What an artifact is worth under the cases or tests of `of`, the public or the private part of a task: a verdict; or
--- nil, message, CODE.
---@param artifact string
---@param of table { entry=, time=, cases = JSON text or tests = { node=, module= } }
function M.verdict(artifact, of)
  local found, why, code = (of.cases and ask_cases or ask_tests)(artifact, of)
  if not found then return nil, why, code end
  local result = found.result
  local seen = failure_of(found.failures, artifact, of)
  return { pass = result.pass, trust = result.trust, sandbox = result.sandbox,
    correct = result.total > 0 and result.passed / result.total or 0.0,
    raw = { passed = result.passed, total = result.total, class = result.class, message = result.message,
      line = own_line(artifact, result.line) or seen and seen.lines[1], failing = found.failing,
      passing = found.passing, failure = seen } }
end

--- The cases as text, with the function that is called.
---@param cases table[] as data.lua gives them
---@return string
function M.cases_text(cases)
  local list = {}
  for i, case in ipairs(cases) do
    list[i] = { call = ENTRY, args = case.args, want = case.want, within = case.within }
  end
  return assert(json.encode(json.array(list)))
end

return M
