-- han check at its border: what it prints, and its exit status. What it must not be fooled by is in forgeries_spec.lua.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)
local box = cli.is_built and cli.run("/tmp", "exec --sandbox strong -- true")
if box and box.status == 78 then io.stderr:write(("NOT TESTED: %s"):format(box.err)) end
-- Everything but Lua runs as a command in a box of level strong.
local function boxed(name, f)
  if box and box.status ~= 78 then return case(name, f) end
  return pending(name .. " (no sandbox of level strong here)")
end

local add = "local M = {}\nfunction M.add(a, b) return a + b end\nfunction M.bad(a)\n  return a.x.y\nend\nfunction M.two() return 1, nil end\nfunction M.none() end\nreturn M\n"

describe("han check", function()
  local folder, remove

  before_each(function()
    folder, remove = fakes.folder()
    fakes.write(folder, { ["add.lua"] = add })
  end)
  after_each(function() remove() end)

  local function han(words, cases)
    if cases then fakes.write(folder, { ["cases.json"] = cases }) end
    return cli.run(folder, words)
  end

  local function object(cases, words)
    local r = han("check add.lua --cases cases.json --json " .. (words or ""), cases)
    return assert(dkjson.decode(r.out), r.out .. r.err), r.status
  end

  local function refused(words, status, pattern, cases)
    local r = han(words, cases)
    assert.equal(status, r.status, words .. ": " .. r.err)
    assert.matches(pattern, r.err)
    assert.matches("^han: [^\n]+\n$", r.err)
    assert.equal("", r.out)
  end

  case("passes what is right and prints how many cases", function()
    local r = han("check add.lua --lang lua --cases cases.json --seed 7", '[{"call":"add","args":[1,2],"want":3},{"call":"none","want":null}]')
    assert.matches("^pass  2 of 2 cases  add.lua  %(seed 7, sandbox %l+%)\n$", r.out)
    assert.same({ 0, "" }, { r.status, r.err })
  end)

  case("says which case failed, why, and where in the candidate", function()
    local r = han("check add.lua --cases cases.json --seed 7", [[
[{"call":"add","args":[1,2],"want":4}, {"call":"bad","args":[1],"want":0}, {"call":"add","args":[1],"want_error":"no such"},
 {"call":"gone","want":1}, {"call":"bad","args":[2],"want_error":"attempt to index"}] ]])
    assert.equal([[
case 1  wrong  add(1, 2)  gave 3, want 4
case 2  error  bad(1)  add.lua:4: attempt to index a number value (local 'a')
case 3  wrong  add(1)  add.lua:2: attempt to perform arithmetic on a nil value (local 'b'), want an error with "no such"
case 4  error  gone()  the module has no function 'gone'
fail  1 of 5 cases  add.lua  (seed 7, sandbox LEVEL)
]], (r.out:gsub("sandbox %l+", "sandbox LEVEL")))
    assert.equal(1, r.status)
  end)

  case("tells the same as one object", function()
    local o, status = object('[{"call":"bad","args":[1],"want":0},{"call":"add","args":[1,2],"want":3}]', "--seed 3")
    assert.equal(1, status)
    assert.same({ "fail", false, 1, 2, 3, "split", "lua", "add.lua" }, { o.class, o.pass, o.passed, o.total, o.seed, o.trust, o.lang, o.file })
    assert.same({ 1, "error", "bad(1)", "add.lua:4", false }, { o.cases[1].case, o.cases[1].class, o.cases[1].call, o.cases[1].where, o.cases[1].pass })
    assert.same({ 2, "pass", "3", "3", true }, { o.cases[2].case, o.cases[2].class, o.cases[2].got, o.cases[2].want, o.cases[2].pass })
  end)

  case("compares with types: integers, floats, texts, nil, bytes, results one by one", function()
    fakes.write(folder, { ["add.lua"] = "return { id = function(...) return ... end, bytes = function() return 'a\\0\\xff' end }" })
    local function passes(args, want)
      return (object(('[{"call":"id","args":%s,%s}]'):format(args, want))).pass
    end
    for _, one in ipairs { "1", "1.0", "-0.0", "0.0", '"1"', "true", "false", "null", "[]", "[1,[2,{\"a\":null}]]", "9007199254740993", '{"1":1}',
      '{"$bytes":"00ff"}', "1e300" } do
      assert.is_true(passes("[" .. one .. "]", '"want":' .. one), one)
    end
    for _, pair in ipairs { { "1", "1.0" }, { "1.0", "1" }, { "0.0", "-0.0" }, { '"1"', "1" }, { "true", "1" }, { "false", "null" },
      { "9007199254740993", "9007199254740993.0" }, { '{"1":1}', "[1]" }, { "[1,2]", "[2,1]" }, { "0.1", "0.10000000000000002" } } do
      assert.is_false(passes("[" .. pair[1] .. "]", '"want":' .. pair[2]), pair[1])
    end
    assert.is_true(passes("[1,null]", '"wants":[1,null]'))
    assert.is_false(passes("[1,null]", '"want":1'))
    assert.is_false(passes("[1]", '"wants":[1,null]'))
    assert.is_true((object('[{"call":"bytes","want":{"$bytes":"6100ff"}}]')).pass)
  end)

  case("needs a case: with none, nothing is shown to be right", function()
    local o, status = object("[]")
    assert.same({ 1, "fail", false, 0, 0 }, { status, o.class, o.pass, o.passed, o.total })
    assert.matches("no case", o.message)
  end)

  case("does not ask for ever: after three stops the rest is unanswered", function()
    fakes.write(folder, { ["add.lua"] = "return { f = function() while true do end end }" })
    local o = object("[" .. ('{"call":"f","want":1},'):rep(6) .. '{"call":"f","want":1}]', "--limits instructions=1000")
    local count = {}
    for _, row in ipairs(o.cases) do count[row.class] = (count[row.class] or 0) + 1 end
    assert.same({ ["limit:instructions"] = 3, unanswered = 4 }, count)
    assert.same({ "limit:instructions", 0, 7 }, { o.class, o.passed, o.total })
  end)

  case("asks in the order of the seed, each case in a process of its own", function()
    fakes.write(folder, { ["add.lua"] = "local n = 0\nreturn { f = function() n = n + 1 return n end }" })
    local o = object("[" .. ('{"call":"f","want":1},'):rep(4) .. '{"call":"f","want":1}]')
    assert.same({ "pass", 5 }, { o.class, o.passed })
    fakes.write(folder, { ["add.lua"] = "return { f = function() while true do end end }" })
    local function asked(seed)
      local answered = {}
      for i, row in ipairs(object("[" .. ('{"call":"f","want":1},'):rep(9) .. '{"call":"f","want":1}]', "--limits instructions=1000 --seed " .. seed).cases) do
        if row.class ~= "unanswered" then answered[#answered + 1] = i end
      end
      return table.concat(answered, " ")
    end
    assert.equal(asked(1), asked(1))
    assert.not_equal(asked(1), asked(2))
  end)

  case("names a bad file of cases with its place", function()
    local good = '[{"call":"add","args":[1,2],"want":3}'
    refused("check add.lua --cases cases.json", 2, "^han: cases.json:2:%d+: ", '[\n{"call" 1}]')
    refused("check add.lua --cases cases.json", 2, "cases.json: must be an array of cases", '{"call":"add"}')
    refused("check add.lua --cases cases.json", 2, "cases.json: case 2: must be an object, got 7", good .. ",7]")
    refused("check add.lua --cases cases.json", 2, "case 2: 'call' is missing", good .. ',{"want":1}]')
    refused("check add.lua --cases cases.json", 2, "case 2: 'want' is missing", good .. ',{"call":"add"}]')
    refused("check add.lua --cases cases.json", 2, "case 2: 'want' and 'wants' cannot both", good .. ',{"call":"add","want":1,"wants":[]}]')
    refused("check add.lua --cases cases.json", 2, "case 2: there is no field 'arg', did you mean 'args'%?", good .. ',{"call":"add","arg":[],"want":1}]')
    refused("check add.lua --cases cases.json", 2, "case 2: there is no field 'skip'", good .. ',{"call":"add","skip":true,"want":1}]')
    refused("check add.lua --cases cases.json", 2, "case 2: 'args' must be an array, got an object", good .. ',{"call":"add","args":{"a":1},"want":1}]')
    refused("check add.lua --cases cases.json", 2, "case 2: %$bytes must be", good .. ',{"call":"add","want":{"$bytes":"f"}}]')
    refused("check add.lua --cases cases.json", 2, "case 2: %$tuple has no meaning for Lua", good .. ',{"call":"add","want":{"$tuple":[1]}}]')
    refused("check add.lua --cases cases.json", 2, "cases.json:1:%d+: .*integer", '[{"call":"add","want":99999999999999999999}]')
    refused("check add.lua --cases cases.json", 2, "cases.json:1:%d+: ", '[{"call":"add","want":NaN}]')
    refused("check add.lua --cases cases.json", 2, "cases.json:1:%d+: .*overflow", '[{"call":"add","want":1e999}]')
    refused("check add.lua --cases cases.json", 2, "nested too deep", '[{"call":"add","want":' .. ("["):rep(80) .. ("]"):rep(80) .. "}]")
    refused("check add.lua --cases none.json", 2, "none.json: No such file")
    refused("check none.lua --cases cases.json", 2, "none.lua: No such file", "[]")
    refused("check add.lua", 2, "%-%-cases is missing")
  end)

  case("refuses unknown languages and limits", function()
    refused("check add.lua --lang lau --cases cases.json", 2, "no 'lau', did you mean 'lua'", "[]")
    refused("check cases.json --cases cases.json", 2, "%-%-lang is missing", "[]")
    refused("check add.lua --cases cases.json --limits tim=2", 2, "no limit 'tim', did you mean 'time'")
    refused("check add.lua --cases cases.json --limits time=0", 2, "time must be seconds, more than 0")
    refused("check add.lua --cases cases.json --limits memory=1", 2, "memory must be bytes from 64K to 1G, got '1'")
    refused("check add.lua --cases cases.json --limits time", 2, "'time' is not NAME=VALUE")
    refused("check add.lua --cases cases.json --seed -1", 2, "%-%-seed must be a whole number")
  end)

  local function boxed_check(words)
    return cli.run(folder, "check " .. words, { before = "env -u HAN_SANDBOX" })
  end

  boxed("asks functions of Python, with its types", function()
    fakes.write(folder, { ["a.py"] = "def id(x):\n    return x\n\n\ndef pair(x):\n    return (x, {x})\n\n\ndef bad(x):\n    return x.y\n",
      ["cases.json"] = [=[
[{"call":"id","args":[[1,1.0,"1",true,null,{"a":[]}]],"want":[1,1.0,"1",true,null,{"a":[]}]}, {"call":"pair","args":[1],"want":{"$tuple":[1,{"$set":[1]}]}},
 {"call":"pair","args":[1],"want":[1,[1]]}, {"call":"id","args":[1],"want":1.0}, {"call":"id","args":[1],"want":true}, {"call":"id","args":[{}],"want":[]},
 {"call":"bad","args":[1],"want":1}, {"call":"bad","args":[1],"want_error":"AttributeError"}, {"call":"gone","want":1},
 {"call":"id","args":[{"$int":"123456789012345678901234567890"}],"want":{"$int":"123456789012345678901234567890"}}] ]=] })
    local r = boxed_check "a.py --cases cases.json --seed 1"
    assert.equal([=[
case 3  wrong  pair(1)  gave (1, {1}), want [1, [1]]
case 4  wrong  id(1)  gave 1, want 1.0
case 5  wrong  id(1)  gave 1, want True
case 6  wrong  id({})  gave {}, want []
case 7  error  bad(1)  a.py:10: AttributeError: 'int' object has no attribute 'y'
case 9  error  gone()  AttributeError: the module has no function 'gone'
fail  4 of 10 cases  a.py  (seed 1, sandbox strong)
]=], r.out)
    assert.same({ 1, "" }, { r.status, r.err })
    fakes.write(folder, { ["a.py"] = "x = 1\ndef f(:\n" })
    assert.matches("^a.py:2: SyntaxError: .*\nformat  0 of 10 cases", boxed_check("a.py --cases cases.json").out)
  end)

  boxed("runs programs and compiles C", function()
    fakes.write(folder, { ["sum.c"] = '#include <stdio.h>\nint main(void) { int a, b; if (scanf("%d %d", &a, &b) != 2) return 4; printf("%d\\n", a + b); return 0; }\n',
      ["sum"] = "#!/usr/bin/awk -f\n{ print $1 + $2 }\n", ["bad.c"] = "int main(void)\n{\n    return x;\n}\n",
      ["cases.json"] = '[{"stdin":"1 2\\n","want_stdout":"3\\n"},{"stdin":"2 2\\n","want_stdout":"5\\n"},{"want_stdout":"","want_status":4}]' })
    local r = boxed_check "sum.c --cases cases.json --seed 1"
    assert.equal('case 2  wrong  < "2 2\\n"  gave "4\\n", want "5\\n"\nfail  2 of 3 cases  sum.c  (seed 1, sandbox strong)\n', r.out)
    r = boxed_check "sum --lang program --cases cases.json --seed 1"
    assert.matches('case 3  status  < ""  ended with status 0, want 4\nfail  1 of 3 cases', r.out, 1, true)
    r = boxed_check "bad.c --cases cases.json"
    assert.matches("^bad.c:3: error: [^\n]*x[^\n]*\nformat  0 of 3 cases", r.out)
  end)

  boxed("shows a framework's verdict as weak, and only when every test ran", function()
    fakes.write(folder, { ["add.py"] = "def add(a, b):\n    return a + b\n",
      ["test_add.py"] = "import unittest\nfrom add import add\n\n\nclass Test(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(add(1, 2), 3)\n\n    def test_two(self):\n        self.assertEqual(add(1, 1), 2)\n",
      ["spec.lua"] = 'local add = require("add")\nit("adds", function() assert.equal(3, add.add(1, 2)) end)\nit("adds more", function() assert.equal(4, add.add(2, 2)) end)\n' })
    local r = boxed_check "add.py --tests test_add.py --framework unittest --count 2"
    assert.equal("pass  2 of 2 tests  add.py  (sandbox strong)\nMade with trust weak: the candidate's own process says so. Shown, but no evidence for a gate.\n", r.out)
    assert.equal(0, r.status)
    local o = dkjson.decode(boxed_check("add.py --tests test_add.py --framework unittest --count 3 --json").out)
    assert.same({ "fail", "weak", 2, 3, "it told of 2 tests, and there are 3" }, { o.class, o.trust, o.passed, o.total, o.message })
    fakes.write(folder, { ["test_more.py"] = "import pytest\nfrom add import add\n\n\n@pytest.mark.parametrize('a', [1, 2])\ndef test_more(a):\n    assert add(a, a) == 2 * a\n" })
    if fakes.sys.stat "/usr/lib/python3/dist-packages/pytest" then
      assert.matches("^pass  2 of 2 tests", boxed_check("add.py --tests test_more.py --framework pytest --count 2").out)
      assert.matches("told of 2 tests, and there are 1\n", boxed_check("add.py --tests test_more.py --framework pytest --count 1").out)
    else
      assert.equal(78, boxed_check("add.py --tests test_more.py --framework pytest --count 2").status)
    end
    r = boxed_check "add.lua --tests spec.lua --framework busted --count 2"
    assert.matches("^pass  2 of 2 tests", r.out)
    fakes.write(folder, { ["add.py"] = "import os\nprint('Ran 2 tests in 0.0s\\n\\nOK')\nos._exit(0)\n", ["spec.lua"] = 'pending("adds", function() end)\nit("does", function() end)\n' })
    assert.equal(1, boxed_check("add.py --tests test_add.py --framework unittest --count 2").status)
    assert.matches("1 of 2 tests were skipped", boxed_check("add.lua --tests spec.lua --framework busted --count 2").out)
  end)

  boxed("says what the machine lacks for it", function()
    fakes.write(folder, { ["a.py"] = "", ["cases.json"] = '[{"call":"f","want":1}]' })
    local r = cli.run(folder, "check a.py --cases cases.json", { before = "env -u HAN_SANDBOX HAN_PROBE_FAIL=bubblewrap" })
    assert.same({ 78, "" }, { r.status, r.out })
    assert.matches("^han: [^\n]*bubblewrap[^\n]*\n$", r.err)
  end)

  case("refuses what belongs to the other way", function()
    fakes.write(folder, { ["add.py"] = "", ["x.py"] = "" })
    refused("check add.lua --cases cases.json --count 2", 2, "%-%-framework and %-%-count are for %-%-tests", "[]")
    refused("check add.lua --cases cases.json --tests x", 2, "%-%-cases and %-%-tests cannot both be given")
    refused("check add.lua --tests x", 2, "%-%-framework is missing")
    refused("check add.lua --tests x --framework ctest --count 1", 2, "no 'ctest'")
    refused("check add.lua --tests spec.lua --framework busted", 2, "%-%-count is missing")
    refused("check add.lua --tests add.lua --framework busted --count 1", 2, "one name")
    refused("check add.lua --tests a.py --framework busted --count 1", 2, "'a.py' is no name of a file of busted")
    refused("check add.lua --cases cases.json --limits procs=3", 2, "no limit on procs for lua")
    refused("check x.py --cases cases.json --limits instructions=3", 2, "no limit on instructions for python")
  end)
end)
