-- The scanner of candidate programs: every rule is seen to be broken, and sound programs break none.
local scanner = require "han.scanner"

describe("han.scanner", function()
  local function rules(text)
    local names = {}
    for i, finding in ipairs(assert(scanner.scan(text))) do names[i] = finding.rule .. ":" .. finding.line end
    return table.concat(names, " ")
  end

  it("sees each rule broken, at its line", function()
    for text, want in pairs {
      ["return os.time()"] = "process:1",
      ["\nlocal f = io\nreturn f"] = "files:2",
      ["return socket.tcp()"] = "network:1",
      ["return debug.getinfo(1)"] = "introspection:1",
      ["return load('return 1')()"] = "code:1",
      ["return pcall(dofile, 'x')"] = "code:1",
      ["return require 'x'"] = "modules:1",
      ["return judge"] = "harness:1",
      ["return _G['o' .. 's']"] = "environment:1",
      ["return _ENV"] = "environment:1",
      ["local _ENV = {}\nx = 1"] = "environment:1 globals:2",
      ["collectgarbage 'stop'"] = "collector:1",
      ["return string.dump(f)"] = "bytecode:1",
      ["return string['dump'](f)"] = "bytecode:1",
      ["return ('x'):dump()"] = "bytecode:1",
      ["getmetatable((''))['__index'] = nil"] = "shared_strings:1",
      ["local a\nb = a"] = "globals:2",
      ["function leak() end"] = "globals:1",
    } do
      assert.equal(want, rules(text), text)
    end
  end)

  it("leaves alone what only looks like it", function()
    for _, text in ipairs {
      "return { dump = 1 }",
      "local os = {}\nreturn os.time", "local M = {}\nfunction M.load(io) return io end\nreturn M",
      "local M = {}\nfunction M.dump() end\nreturn M.dump(M)",
      "return 'os.execute'", "-- io.open\nreturn 1",
      "local t = setmetatable({}, { __index = table })\nreturn getmetatable(t)",
      "return x.os, x.io", "local f\nf = 1\nreturn f",
    } do
      assert.equal("", rules(text), text)
    end
  end)

  it("finds nothing in the base programs of repair", function()
    local lfs = require "lfs"
    local count = 0
    for name in lfs.dir "scripts/adapters/repair/programs" do
      local file = io.open("scripts/adapters/repair/programs/" .. name .. "/program.lua")
        or name:find("%.lua$") and io.open("scripts/adapters/repair/programs/" .. name)
      if file then
        local text = file:read "a"
        file:close()
        count = count + 1
        for _, finding in ipairs(assert(scanner.scan(text))) do
          assert.is_nil(finding, name .. ": " .. finding.text)
        end
      end
    end
    assert.is_true(count >= 10)
  end)

  it("says where, in which function, and why", function()
    local found = scanner.scan("local M = {}\nfunction M.go() return os end\nreturn M")[1]
    assert.same({ rule = "process", what = "os", line = 2, fn = "M.go", cost = 1.0,
      text = "os: reaches for the operating system" }, found)
    assert.is_nil(scanner.scan("return os")[1].fn)
  end)

  it("hears of it from the run", function()
    local rows = { { ok = false, message = "attempt to index a nil value (global 'io')", line = 4 },
      { ok = false, message = "attempt to call a nil value (global 'helper')" },
      { ok = false, message = "attempt to index a nil value (global 'io')", line = 9 }, { ok = true, values = {} } }
    local found = scanner.scan_run(rows)
    assert.equal(1, #found)
    assert.same({ "files", "io", 4 }, { found[1].rule, found[1].what, found[1].line })
  end)

  it("measures each broken rule once", function()
    assert.equal(1.0, scanner.secure("return 1"))
    assert.equal(0.0, scanner.secure("return os"))
    assert.equal(0.5, scanner.secure("a = 1\nb = 2"))
    local secure, broken = scanner.secure("a = _G")
    assert.equal(0.25, secure)
    assert.same({ "environment", "globals" }, broken)
    assert.equal(0.0, scanner.secure("return 1", { { ok = false, message = "x (global 'os')" } }))
    local none, message, code = scanner.secure("return return")
    assert.is_nil(none)
    assert.equal("SYNTAX", code)
    assert.matches("^chunk:1:8", message)
  end)

  it("takes other rules", function()
    local own = { { name = "print", kind = "global", names = { print = true }, cost = 0.1, why = "prints" } }
    assert.equal(0.9, scanner.measure(scanner.scan("print(os)", own)))
  end)
end)
