-- han.lint: what is found without running a script. Its list of verbs is the one that C dispatches by.
-- luacheck: no max line length

local lint = require "han.lint"

local function found(text)
  local list = assert(lint.check(text, "x.lua"))
  local lines = {}
  for i, one in ipairs(list) do lines[i] = ("%d:%d %s"):format(one.line, one.column, one.message) end
  return lines
end

local head = 'local han = require "han"\n'

describe("han.lint", function()
  it("finds nothing in the templates and in the shipped scripts", function()
    for kind, text in pairs(require "han.cli.templates") do assert.same({}, found((text:gsub("NAME", kind))), kind) end
    local pipe = io.popen("ls scripts/strategies/*.lua scripts/adapters/*/init.lua")
    for path in pipe:lines() do
      local file = io.open(path)
      assert.same({}, found(file:read("a")), path)
      file:close()
    end
    pipe:close()
  end)

  it("knows the verbs of engine/script/door.c", function()
    local file = io.open("engine/script/door.c")
    local body = file:read("a"):match("han__verbs%[%]%s*=%s*(%b{})")
    file:close()
    local verbs = {}
    for name in body:gmatch('{%s*"([%l_]+)"%s*,') do verbs[#verbs + 1] = name end
    table.sort(verbs)
    assert.same(verbs, lint.verbs)
  end)

  it("gives a syntax error its place", function()
    local list, why, code = lint.check("local x = = 1", "x.lua")
    assert.is_nil(list)
    assert.equal("SYNTAX", code)
    assert.matches("^x.lua:1:11:", why)
  end)

  it("finds names that are not there and assignments to globals", function()
    assert.same({ "1:1 assignment to the global 'x'; say local" }, found("x = 1"))
    assert.same({ "1:10 assignment to the global 'f'; say local" }, found("function f() end"))
    assert.same({ "1:7 the name 'taks' is not there in a script" }, found("print(taks)"))
    assert.same({ "1:1 the name 'prin' is not there in a script, did you mean 'print'?" }, found("prin(1)"))
    assert.same({ "1:11 the name 'os' is not there in a script" }, found("local t = os.time()"))
    assert.same({ "3:1 the name 'print' is not there in an adapter" },
      found(head .. "local a = han.adapter(...)\nprint(a)"))
    assert.same({}, found("local M = {} function M.f() end M.x = 1 return M"))
    assert.same({}, found("local t = {} t[_VERSION] = coroutine"))
  end)

  it("finds the place of a constructor's error", function()
    local text = head .. "\nlocal c = han.check { kind = 'lens' }\nreturn han.strategy {\n}"
    assert.equal("x.lua:4", lint.place(text, "x.lua", "han.strategy: the field 'act' is missing"))
    assert.equal("x.lua:3", lint.place(text, "x.lua", "han.check: the field 'run' is missing"))
    assert.is_nil(lint.place(text, "x.lua", "han.adapter: x"))
    assert.is_nil(lint.place(text, "x.lua", "boom"))
  end)

  it("finds verbs that a scope does not have", function()
    assert.same({ "1:31 a scope has no verb 'spwan', did you mean 'spawn'?" }, found("local task, scope = ... scope:spwan(task)"))
    assert.same({}, found("local other = ... other:spwan()"))
  end)

  it("finds missing and misspelt fields", function()
    assert.same({
      "2:8 han.strategy needs the field 'act'",
      "2:23 han.strategy has no field 'nmae', did you mean 'name'?",
    }, found(head .. "return han.strategy { nmae = 'x', name = 'x' }"))
    assert.same({}, found(head .. "local fields = ...\nreturn han.strategy(fields)"))
    assert.same({}, found(head .. "return han.strategy { name = 'x', ['act'] = print }"))
  end)
end)

-- The types of modules that C binds or that are pure Lua name what is bound, no more and no less.
describe("docs/types", function()
  local function documented(name)
    local file = assert(io.open("docs/types/" .. name .. ".lua"))
    local names = {}
    for line in file:lines() do names[#names + 1] = line:match("^function " .. name .. "%.([%l_]+)%(") end
    file:close()
    table.sort(names)
    return names
  end

  local function bound_in_c(path)
    local file = assert(io.open(path))
    local names = {}
    for list in file:read("a"):gmatch("luaL_Reg functions%[%]%s*=%s*(%b{})") do
      for name in list:gmatch('{%s*"([%l_]+)"') do names[#names + 1] = name end
    end
    file:close()
    table.sort(names)
    return names
  end

  it("name the functions of han.json, han.value and han.eval", function()
    assert.same(bound_in_c("engine/script/bind_json.c"), documented("json"))
    assert.same(bound_in_c("engine/script/bind_value.c"), documented("value"))
    assert.same(bound_in_c("engine/script/bind_eval.c"), documented("eval"))
  end)

  it("name the functions of han.shots", function()
    local names = {}
    for name in pairs(require "han.shots") do names[#names + 1] = name end
    table.sort(names)
    assert.same(names, documented("shots"))
  end)
end)
