-- han repair at its border: one broken file and its tests, of both languages and every class; what it prints, writes
-- and leaves alone; what hostile files and tests can not do.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local endpoints = dofile "tests/lua/support/endpoint.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local case = cli.needs_program(it, pending)
local FULL = os.getenv "HAN_FULL" == "1"
local DATA = fakes.shell("realpath tests/data/repair"):gsub("\n", "")
local box = cli.is_built and cli.run("/tmp", "exec --sandbox strong -- true")
if box and box.status == 78 then io.stderr:write(("NOT TESTED: %s"):format(box.err)) end
local function boxed(name, f)
  if box and box.status ~= 78 then return case(name, f) end
  return pending(name .. " (no sandbox of level strong here)")
end
local function long(name, f) return (FULL and boxed or pending)(FULL and name or name .. " (HAN_FULL=1)", f) end

describe("han repair", function()
  local folder, remove
  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function read(name) return fakes.sys.read_file(folder .. "/" .. name) end

  -- The broken file of a class and its tests, in the folder.
  local function broken(file, class, tests)
    fakes.write(folder, { [file] = fakes.sys.read_file(("%s/%s.%s"):format(DATA, file, class)),
      [tests] = fakes.sys.read_file(DATA .. "/" .. tests) })
  end

  local function repair(file, tests, words)
    return cli.run(folder, ("repair %s --tests %s %s"):format(file, tests, words or ""))
  end

  local function repaired(file, class, tests, framework, owner)
    broken(file, class, tests)
    local before = read(file)
    local r = repair(file, tests, "--json")
    local o = assert(dkjson.decode(r.out), r.err)
    assert.same({ 0, true, true, false, framework, class, "weak", before },
      { r.status, o.pass, o.changed, o.written, o.framework, o.before.class, o.trust, read(file) })
    assert.same({ class, class == "FORMAT" and "regenerate" or "patch", owner },
      { o.steps[1].class, o.steps[1].rung, o.before.suspects[1] })
    assert.matches("^%-%-%- a/" .. file:gsub("%p", "%%%0") .. "\n", o.diff)
    fakes.write(folder, { ["change.diff"] = o.diff })
    assert.equal(0, select(3, os.execute(("cd %s && patch -s -p1 < change.diff"):format(fakes.quote(folder)))))
  end

  boxed("mends Lua by the operators of its worker", function()
    repaired("ledger.lua", "RUNTIME", "ledger_plain.lua", "lua", "M.total")
  end)

  boxed("mends Python by its own ast", function() repaired("stats.py", "CONTRACT", "stats_plain.py", "python", "clamp") end)

  long("mends all classes under all frameworks", function()
    repaired("ledger.lua", "LOGIC", "ledger_plain.lua", "lua", "M.label")
    repaired("ledger.lua", "FORMAT", "ledger_spec.lua", "busted", nil)
    repaired("ledger.lua", "CONTRACT", "ledger_spec.lua", "busted", "M.label")
    repaired("stats.py", "RUNTIME", "test_stats_unit.py", "unittest", "mean")
    repaired("stats.py", "LOGIC", "stats_plain.py", "python", "runs")
    repaired("stats.py", "FORMAT", "test_stats_unit.py", "unittest")
    if fakes.sys.stat "/usr/lib/python3/dist-packages/pytest" then
      repaired("stats.py", "LOGIC", "test_stats.py", "pytest", "runs")
    end
  end)

  boxed("shows every step and the change, records it, and writes it only when told to", function()
    broken("ledger.lua", "LOGIC", "ledger_plain.lua")
    os.execute("chmod 640 " .. folder .. "/ledger.lua")
    os.execute(("cd %s && mv ledger.lua real.lua && ln -s real.lua ledger.lua"):format(fakes.quote(folder)))
    local before = read "ledger.lua"
    local r = repair("ledger.lua", "ledger_plain.lua")
    assert.matches("^ledger_plain.lua  lua: it stops at ledger_plain.lua:7\nclass LOGIC, most suspect: M.label\n", r.out)
    assert.matches("\nstep 1  patch  LOGIC  M.label  %d+ edits tried[^\n]*  it passes\n%-%-%- a/ledger.lua\n%+%+%+ b/ledger.lua\n@@", r.out)
    assert.matches("\npass  ledger.lua: all tests pass with this change; the file is as it was, %-%-write makes the change %(1 shot, %d+ evals", r.out)
    assert.matches("\nMade with trust weak, sandbox strong: [^\n]+\n$", r.out)
    assert.equal(before, read "ledger.lua")
    assert.matches("han repair ledger.lua %-%-tests ledger_plain.lua\n", cli.run(folder, "show --last").out)
    assert.equal(r.out, cli.run(folder, "resume --last").out)
    r = repair("ledger.lua", "ledger_plain.lua", "--write")
    assert.matches("\npass  ledger.lua: all tests pass; the change is made", r.out)
    assert.equal("640", (fakes.shell("stat -c %a " .. folder .. "/real.lua"):gsub("\n", "")))
    assert.equal("symbolic link", (fakes.shell("stat -c %F " .. folder .. "/ledger.lua"):gsub("\n", "")))
    assert.matches("amount >= 100", read "real.lua")
    r = repair("ledger.lua", "ledger_plain.lua", "--write")
    assert.same({ 0, 0 }, { r.status, select(2, r.out:gsub("step", "")) })
    assert.matches("\npass  ledger.lua: its tests already pass, nothing was changed", r.out)
  end)

  long("says no when nothing helps, within the budget", function()
    fakes.write(folder, { ["a.lua"] = "local M = {}\nfunction M.f(x)\n  return x\nend\nreturn M\n",
      ["t.lua"] = 'local a = require "a"\nassert(a.f(1) == "a text that nobody guesses", "f")\n' })
    local r = repair("a.lua", "t.lua", "--budget shots=2,evals=4 --json")
    local o = dkjson.decode(r.out)
    assert.same({ 1, false, false, 2 }, { r.status, o.pass, o.changed, o.spend.shots })
    assert.is_true(o.spend.evals <= 4 and #o.steps == 2)
    r = repair("a.lua", "t.lua", "--budget shots=1,evals=2 --write")
    assert.matches("fail  a.lua: no change was found that helps; the file is as it was", r.out)
  end)

  boxed("is not fooled by files and tests that are hostile", function()
    local tests = 'local a = require "a"\nlocal f = io.open("a.lua", "w") f:write("return {}") f:close()\nassert(a.f(1) == 2, "expected 2, got " .. tostring(a.f(1)))\n'
    local function result(text, words)
      fakes.write(folder, { ["a.lua"] = text, ["t.lua"] = tests })
      local r = repair("a.lua", "t.lua", (words or "") .. " --budget shots=1,evals=2 --limits time=0.5,output=64K --json")
      assert.equal(text, read "a.lua")
      return assert(dkjson.decode(r.out), r.err), r.status
    end
    local o, status = result "print 'all tests passed'\nos.exit(0)\n"
    assert.same({ 1, false }, { status, o.pass })
    o, status = result "while true do end\n"
    assert.same({ 1, false, "RUNTIME" }, { status, o.pass, o.before.class })
    o, status = result "for _ = 1, 1e6 do print(('x'):rep(1000)) end return { f = function() return 2 end }\n"
    assert.same({ 1, false }, { status, o.pass })
    o, status = result "return { f = function(x) return x + 1 end }\n" -- the tests wrote into the copy in their box
    assert.same({ 0, true, false }, { status, o.pass, o.changed })
  end)

  long("leaves a file alone that changed meanwhile", function()
    broken("ledger.lua", "LOGIC", "ledger_plain.lua")
    local r = cli.converse(folder, "repair ledger.lua --tests ledger_plain.lua --write", "*stored*) echo return 7 > ledger.lua ;;")
    assert.is_true(r.status ~= 0)
    assert.matches("changed", r.err)
    assert.equal("return 7\n", read "ledger.lua")
  end)

  case("refuses what is no such file, and says what to do", function()
    fakes.write(folder, { ["a.lua"] = "return {}", ["b.lua"] = "\0", ["c.lua"] = "\255", ["t.lua"] = "", ["a.txt"] = "", ["bad.lua"] = "local = 1" })
    os.execute("mkdir " .. folder .. "/d.lua")
    local function refused(words, pattern, status)
      local r = cli.run(folder, "repair " .. words)
      assert.equal(status or 2, r.status, words .. ": " .. r.err)
      assert.matches(pattern, r.err)
      assert.equal("", r.out)
    end
    refused("a.lua", "%-%-tests is missing")
    refused("d.lua --tests t.lua", "d.lua is a directory, not a file")
    refused("gone.lua --tests t.lua", "cannot look at gone.lua")
    refused("b.lua --tests t.lua", "b.lua is no text in UTF%-8")
    refused("c.lua --tests t.lua", "c.lua is no text in UTF%-8")
    refused("a.txt --tests t.lua", "only Lua and Python can be repaired")
    refused("a.lua --tests a.lua", "one name")
    refused("a.lua --tests t.py", "t.py")
    refused("a.lua --tests t.lua --framework jest", "there is no 'jest'")
    refused("a.lua --tests t.lua --framework pytest", "no name of a file of pytest")
    refused("a.lua --tests t.lua --limits wine=3", "no limit 'wine'")
    refused("a.lua --tests t.lua --budget shots=-1", "shots")
    if box and box.status ~= 78 then refused("a.lua --tests bad.lua", "the tests themselves do not parse: bad.lua:1:7") end
  end)

  long("drives a model: its diff is held to the rules and to what passed", function()
    broken("ledger.lua", "LOGIC", "ledger_plain.lua")
    local function answer(old, new)
      return ("So:\n```diff\n--- a/ledger.lua\n+++ b/ledger.lua\n@@ -24 +24 @@\n-%s\n+%s\n```\n"):format(old, new)
    end
    local line = '  if amount > 100 then return "large" end'
    fakes.write(folder, { ["replies/right"] = answer(line, (line:gsub("> 100", ">= 100"))),
      ["replies/wide"] = answer(line, '  if amount > 100 then return "large" end os.exit()') })
    local endpoint = endpoints.start(folder, "--replies " .. fakes.quote(folder .. "/replies"))
    local r = repair("ledger.lua", "ledger_plain.lua", "--profile model --model " .. fakes.quote(endpoint.url("chat", "file-right")) .. " --json")
    local wide = repair("ledger.lua", "ledger_plain.lua", "--profile model --budget shots=1,tokens=30000,turns=3,evals=4 --model "
      .. fakes.quote(endpoint.url("chat", "file-wide")) .. " --json")
    endpoint.stop()
    local o = assert(dkjson.decode(r.out), r.err)
    assert.same({ 0, true, "LOGIC", "patch" }, { r.status, o.pass, o.before.class, o.steps[1].rung })
    assert.matches("\n%+  if amount >= 100 then", o.diff)
    o = assert(dkjson.decode(wide.out), wide.err)
    assert.same({ 1, false, false }, { wide.status, o.pass, o.changed })
  end)
end)
