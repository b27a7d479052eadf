--- han.checker.weak: a candidate under a test framework that runs in the candidate's own process. Such a candidate can
-- say of itself whatever it likes, so the verdict is trust "weak": it is shown, and no gate takes it. What can be
-- checked from outside is checked: the command ended cleanly, within its limits, and the framework tells of exactly as
-- many tests as there are, none failed and none skipped. The tests are put into a fresh folder beside the candidate.

local programs = require "han.checker.programs"
local sys = require "han.sys"

local M = {}

local PACKAGES = "/usr/lib/python3/dist-packages"

local python_main = [[
import sys
sys.path.insert(0, ".")
%s
]]

local function python(code)
  return function(name) return { "/usr/bin/python3", "-I", "-S", "-B", "-c", python_main:format(code:format(name)) } end
end

-- "3 tests" of a line, 0 when the word is not there.
local function number_before(line, word) return tonumber(line:match("(%d+) " .. word) or 0) end

local function last_line_with(text, pattern)
  local found
  for line in text:gmatch("[^\n]+") do
    if line:find(pattern) then found = line end
  end
  return found
end

local function read_busted(answer)
  local ran, skipped, failed = 0, 0, 0
  for line in answer.stdout:gmatch("[^\n]+") do
    if line:find("^ok %d") and line:find("# SKIP", 1, true) then skipped = skipped + 1
    elseif line:find("^ok %d") then ran = ran + 1
    elseif line:find("^not ok %d") then failed = failed + 1 end
  end
  return { passed = ran, skipped = skipped, failed = failed }
end

local function read_pytest(answer)
  local line = last_line_with(answer.stdout, " in %d[%d.]*s")
  if not line then return nil end
  local xs = number_before(line, "xfailed") + number_before(line, "xpassed") + number_before(line, "deselected")
  return { passed = number_before(line, "passed"), skipped = number_before(line, "skipped") + xs,
    failed = number_before(line, "failed") + number_before(line, "error") }
end

local function read_unittest(answer)
  local ran = last_line_with(answer.stderr, "^Ran %d+ tests? in ")
  local last = last_line_with(answer.stderr, "^OK") or last_line_with(answer.stderr, "^FAILED")
  if not ran or not last then return nil end
  local function count(word) return tonumber(last:match(word .. "=(%d+)") or 0) end
  local skipped = count("skipped") + count("expected failures") + count("unexpected successes")
  local failed = count("failures") + count("errors")
  return { passed = tonumber(ran:match("%d+")) - skipped - failed, skipped = skipped, failed = failed }
end

local frameworks = {
  busted = { needs = "/usr/bin/busted", package = "lua-busted", suffix = "%.lua$", read = read_busted,
    argv = function(name) return { "/usr/bin/busted", "-o", "TAP", "-p", ".", name } end },
  pytest = { needs = PACKAGES .. "/pytest/__init__.py", package = "python3-pytest", suffix = "%.py$",
    read = read_pytest, argv = python('sys.path.append("' .. PACKAGES .. '")\nimport pytest\n'
      .. 'sys.exit(pytest.main(["-q", "--color=no", "-p", "no:cacheprovider", "%s"]))') },
  unittest = { needs = "/usr/bin/python3", package = "python3", suffix = "%.py$", read = read_unittest,
    argv = python('import unittest\nunittest.main(module=None, argv=["unittest", "%s"])') },
}

--- The frameworks, sorted.
M.names = { "busted", "pytest", "unittest" }

local function class_of(answer, told, count)
  if answer.class ~= "pass" and answer.class ~= "fail" then return answer.class, answer.message end
  if not told then return "fail", "the framework did not say how many tests it ran" end
  local all = told.passed + told.skipped + told.failed
  if all ~= count then return "fail", ("it told of %d tests, and there are %d"):format(all, count) end
  if told.failed > 0 then return "fail", ("%d of %d tests failed"):format(told.failed, count) end
  if told.skipped > 0 then return "fail", ("%d of %d tests were skipped"):format(told.skipped, count) end
  if answer.class ~= "pass" then
    return "fail", ("all tests passed, but it ended with status %d"):format(answer.code)
  end
  return "pass"
end

--- Whether the machine has a framework: true, or nil, message, "ENVIRONMENT".
function M.available(framework)
  local f = frameworks[framework]
  if (sys.stat(f.needs)) then return true end
  return nil, ("%s is not there: no %s; install %s"):format(framework, f.needs, f.package), "ENVIRONMENT"
end

--- The verdict of a framework. spec: framework, name and code of the candidate, tests_name and tests, count (how many
--- tests there are), limits, execute (as for programs). Gives { pass=, class=, passed=, total=, trust="weak", sandbox=,
--- message=, output= }, or nil, message, CODE.
function M.check(spec)
  local f = frameworks[spec.framework]
  local there, missing, code = M.available(spec.framework)
  if not there then return nil, missing, code end
  local answer, why
  answer, why, code = (spec.execute or require("han.exec").run) {
    argv = f.argv(spec.framework == "unittest" and spec.tests_name:gsub("%.py$", "") or spec.tests_name),
    files = { { path = spec.name, bytes = spec.code, mode = 420 },
      { path = spec.tests_name, bytes = spec.tests, mode = 420 } },
    input = "", limits = programs.limits_of(spec),
  }
  if not answer then return nil, why, code end
  if answer.class == "sandbox-error" then return nil, answer.message, "PEER" end
  local told = f.read(answer)
  local class, message = class_of(answer, told, spec.count)
  return { pass = class == "pass", class = class, passed = told and math.max(told.passed, 0) or 0, total = spec.count,
    trust = "weak", sandbox = answer.sandbox, message = message, output = answer.stdout .. answer.stderr }
end

--- What is wrong with names of files for a framework, or nil.
function M.fault(framework, name, tests_name)
  local suffix = frameworks[framework].suffix
  if not tests_name:find("^[%w_]+%.%l+$") or not tests_name:find(suffix) then
    return ("'%s' is no name of a file of %s"):format(tests_name, framework)
  end
  if name == tests_name then return "the candidate and its tests have one name" end
  return nil
end

return M
