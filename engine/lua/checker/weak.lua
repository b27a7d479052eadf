--- han.checker.weak: a candidate under a test framework that runs in the candidate's own process. Such a candidate can
-- say of itself whatever it likes, so the verdict is trust "weak": it is shown, and no gate takes it. What can be
-- checked is checked: the command ended cleanly, within its limits; a runner of ours beside the framework (weak_*.txt)
-- came to its end, knows the nonce, counted exactly as many tests as there are (where that is known), none failed and
-- none skipped, and found no function of the framework replaced; the file of tests is as it was. A script without a
-- framework (lua, python) is one test, and what it reaches of itself is told.

local cases = require "han.checker.cases"
local programs = require "han.checker.programs"
local sys = require "han.sys"

local M = {}

local PACKAGES = "/usr/lib/python3/dist-packages"

local function python(framework)
  return function(name)
    return { "/usr/bin/python3", "-I", "-S", "-B", ".han.py", framework, (name:gsub("%.py$", "")) }
  end
end
local python_runner = { path = ".han.py", text = require "han.checker.weak_python_txt" }

local frameworks = {
  busted = { needs = { "/usr/bin/busted", "/usr/bin/lua5.4" }, packages = "lua-busted and lua5.4", suffix = "%.lua$",
    runner = { path = ".han.lua", text = require "han.checker.weak_busted_txt" },
    argv = function(name)
      return { "/usr/bin/lua5.4", "/usr/bin/busted", "-o", "plainTerminal", "--helper=.han.lua", "-p", ".", name }
    end },
  lua = { needs = { "/usr/bin/lua5.4" }, packages = "lua5.4", suffix = "%.lua$",
    runner = { path = ".han.lua", text = require "han.checker.weak_lua_txt" },
    argv = function(name) return { "/usr/bin/lua5.4", ".han.lua", name } end },
  pytest = { needs = { PACKAGES .. "/pytest/__init__.py", "/usr/bin/python3" }, packages = "python3-pytest",
    suffix = "%.py$", runner = python_runner, argv = python "pytest" },
  python = { needs = { "/usr/bin/python3" }, packages = "python3", suffix = "%.py$", runner = python_runner,
    argv = python "python" },
  unittest = { needs = { "/usr/bin/python3" }, packages = "python3", suffix = "%.py$", runner = python_runner,
    argv = python "unittest" },
}

--- The frameworks, sorted.
M.names = { "busted", "lua", "pytest", "python", "unittest" }

-- The tests by name, { name=, pass= } ...: "+" or "-" and the name in hexadecimal, each; one of a name that was there
-- already is told apart by a number.
local function tests_of(told)
  local list, times = {}, {}
  for sign, hex in told:gmatch "([+-])(%x+)" do
    local name = cases.hex_bytes(hex) or hex
    times[name] = (times[name] or 0) + 1
    list[#list + 1] = { name = times[name] > 1 and ("%s #%d"):format(name, times[name]) or name, pass = sign == "+" }
  end
  return list
end

-- What the runner said behind the nonce, { passed=, skipped=, failed=, changed=, reached=, tests= }, and the output
-- without it; nil when it said nothing, or more than once.
local function report(output, nonce)
  local found
  local rest = output:gsub("\n?" .. nonce .. " (%d+) (%d+) (%d+) ([01]) (%d+) (%S+)\n",
    function(passed, skipped, failed, changed, reached, tests)
      found = not found and { passed = tonumber(passed), skipped = tonumber(skipped), failed = tonumber(failed),
        changed = changed == "1", reached = tonumber(reached), tests = tests_of(tests) } or {}
      return ""
    end)
  return found and found.passed and found or nil, rest
end

local function class_of(answer, told, spec)
  if answer.class ~= "pass" and answer.class ~= "fail" then return answer.class, answer.message end
  if not told then return "fail", "the framework did not come to its end" end
  local all = told.passed + told.skipped + told.failed
  local count = spec.count or all
  if all == 0 then return "fail", "there was no test" end
  if told.failed > 0 then return "fail", ("%d of %d tests failed"):format(told.failed, count) end
  if all ~= count then return "fail", ("it told of %d tests, and there are %d"):format(all, count) end
  if told.skipped > 0 then return "fail", ("%d of %d tests were skipped"):format(told.skipped, count) end
  if told.changed then return "fail", "functions of the framework were replaced" end
  local after = answer.outputs and answer.outputs[1]
  if not after or after.bytes ~= spec.tests then return "fail", "the file of tests was changed" end
  if answer.class ~= "pass" then
    return "fail", ("all tests passed, but it ended with status %d"):format(answer.code)
  end
  return "pass"
end

--- Whether the machine has a framework: true, or nil, message, "ENVIRONMENT".
function M.available(framework)
  local f = frameworks[framework]
  for _, path in ipairs(f.needs) do
    if not sys.stat(path) then
      return nil, ("%s is not there: no %s; install %s"):format(path, framework, f.packages), "ENVIRONMENT"
    end
  end
  return true
end

--- The verdict of a framework. spec: framework, name and code of the candidate, tests_name and tests, count (how many
--- tests there are; nil where nobody knows), limits, execute (as for programs). Gives { pass=, class=, passed=, total=,
--- trust="weak", sandbox=, message=, output=, tests = { { name=, pass= } ... }, reached = line of a script at which it
--- stopped, 0 where none did }, or nil, message, CODE.
function M.check(spec)
  local f = frameworks[spec.framework]
  local there, missing, code = M.available(spec.framework)
  if not there then return nil, missing, code end
  local answer, why
  local nonce = sys.nonce()
  answer, why, code = (spec.execute or require("han.exec").run) {
    argv = f.argv(spec.tests_name), collect = { spec.tests_name },
    files = { { path = spec.name, bytes = spec.code, mode = 420 },
      { path = f.runner.path, bytes = f.runner.text, mode = 292 },
      { path = spec.tests_name, bytes = spec.tests, mode = 292 } },
    input = nonce .. "\n", limits = programs.limits_of(spec),
  }
  if not answer then return nil, why, code end
  if answer.class == "sandbox-error" then return nil, answer.message, "PEER" end
  local told, output = report(answer.stdout, nonce)
  local class, message = class_of(answer, told, spec)
  return { pass = class == "pass", class = class, passed = told and told.passed or 0,
    total = spec.count or told and told.passed + told.skipped + told.failed or 0,
    tests = told and told.tests or {}, reached = told and told.reached or 0, trust = "weak",
    sandbox = answer.sandbox, message = message, output = output .. answer.stderr }
end

--- Which framework a file of tests is written for, from its name and its words.
function M.guess(tests_name, tests)
  local text = "\n" .. tests
  if tests_name:find "%.lua$" then
    return text:find "\n%s*describe%s*[%(%[\"']" and "busted" or text:find "\n%s*it%s*[%(%[\"']" and "busted" or "lua"
  end
  if text:find "unittest" and text:find "TestCase" then return "unittest" end
  if text:find "\n%s*import pytest" or text:find "\n%s*from pytest" or text:find "\n%s*def test" then
    return text:find "\nif __name__" and "python" or "pytest"
  end
  return "python"
end

--- What is wrong with names of files for a framework, or nil.
function M.fault(framework, name, tests_name)
  local suffix = frameworks[framework].suffix
  if not tests_name:find("^[%w_]+%.%l+$") or not tests_name:find(suffix) then
    return ("'%s' is no name of a file of %s"):format(tests_name, framework)
  end
  if name:sub(1, 1) == "." then return ("the candidate's name '%s' begins with a dot"):format(name) end
  if name == tests_name then return "the candidate and its tests have one name" end
  return nil
end

return M
