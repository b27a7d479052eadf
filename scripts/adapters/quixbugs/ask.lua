-- What a program of this family is asked, and what its answers are worth: cases by han.checker, modules of tests by
-- han.checker.asserts. Either way the candidate is in a box without the tests, and only values leave it.
local dir = ...
local asserts = require "han.checker.asserts"
local case_files = require "han.checker.cases"
local checker = require "han.checker"
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

local function told_of(row)
  local call = row.call:gsub("^" .. ENTRY, "")
  if row.class == "wrong" then return ("%s gives %s and should give %s"):format(call, row.got, row.want) end
  return ("%s: %s"):format(call, row.message or row.class)
end

local function ask_cases(artifact, of)
  local cases, why, code = case_files.read(of.cases, "calls", of.entry .. ".json")
  if not cases then return nil, why, code end
  local result
  result, why, code = checker.check { lang = "python", code = program_of(artifact, of), cases = cases,
    name = of.entry .. ".py", limits = { time = of.time } }
  if not result then return nil, why, code end
  local failing, line = {}, result.line
  for _, row in ipairs(result.cases) do
    if row.class ~= "pass" and row.class ~= "unanswered" and row.class ~= "format" and #failing < FAILING_MAX then
      failing[#failing + 1] = of.entry .. told_of(row)
      line = line or row.line
    end
  end
  result.failing, result.line, result.cases = failing, line, nil
  return result
end

local function ask_tests(artifact, of)
  local named = ("NAME, NODE, MODULE = %s, %s, %s\n"):format(json.encode(of.entry), json.encode(of.tests.node),
    json.encode(of.tests.module))
  local result, why, code = asserts.check { code = program_of(artifact, of), name = of.entry .. ".py", entry = ENTRY,
    setup = carry .. named, test = TEST,
    limits = { time = of.time, idle = 2.5 * of.time, total = CASE_TIMES * of.time } }
  if not result then return nil, ("python_testcases/test_%s.py: %s"):format(of.entry, why), code end
  for i, row in ipairs(result.failing) do result.failing[i] = row.text end
  return result
end

--- What an artifact is worth under the cases or tests of `of` (the public or the private part of a task): a result of
--- han.checker, whose failing is a list of texts; or nil, message, CODE.
---@param artifact string
---@param of table { entry=, time=, cases = JSON text or tests = { node=, module= } }
function M.ask(artifact, of)
  local result, why, code = (of.cases and ask_cases or ask_tests)(artifact, of)
  if not result then return nil, why, code end
  result.line = own_line(artifact, result.line)
  return result
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
