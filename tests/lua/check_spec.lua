-- han check at its border: what it prints, its exit status, and every forgery in tests/data/hostile/forgeries, each of
-- which must get the class that its head declares.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)
local forgeries = fakes.shell("realpath tests/data/hostile/forgeries"):gsub("\n", "")

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

  describe("on forgeries", function()
    local names = {}
    for name in require("lfs").dir(forgeries) do
      if name:find("%.lua$") then names[#names + 1] = name end
    end
    table.sort(names)

    case("has enough of them", function() assert.is_true(#names >= 30, #names) end)

    for _, name in ipairs(names) do
      case("gives " .. name .. " the class it declares", function()
        local path = forgeries .. "/" .. name
        local wanted = assert(fakes.sys.read_file(path):match("\n%-%- class: (%S+)\n"), name .. " declares no class")
        local r = han(("check %s --cases %s/calls.json --limits time=2,memory=16M,instructions=8000000"):format(fakes.quote(path), fakes.quote(forgeries)))
        assert.equal(wanted, r.out:match("([%w:]+)  %d+ of 7 cases[^\n]*\n$"), r.out .. r.err)
        assert.equal(wanted == "pass" and 0 or 1, r.status)
      end)
    end
  end)
end)
