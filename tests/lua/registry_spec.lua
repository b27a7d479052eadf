-- The registry and the constructors: what is found, what is refused, and what is said.
-- luacheck: no max line length

local fakes = dofile "tests/lua/support/fakes.lua"
local han = require "han"

local minimal = [[
local han = require "han"
return han.adapter {
  name = "tiny", tasks = function() return {} end, worker = { backend = "search" },
  verify = han.check { kind = "verifier", run = function() end },
  judge = han.check { kind = "judge", run = function() end },
}
]]

describe("constructors", function()
  local function why(constructor, fields)
    local ok, message = pcall(function()
      local made = han[constructor](fields) -- not a tail call: the place is this line
      return made
    end)
    assert.is_false(ok)
    return message
  end

  it("return the same table, marked", function()
    local fields = { name = "x", act = function() end }
    assert.equal(fields, han.strategy(fields))
    assert.equal("strategy", han.kind(fields))
    assert.equal("check", han.kind(han.check { kind = "lens", run = print }))
    assert.is_nil(han.kind({}))
    assert.is_nil(han.kind(7))
  end)

  it("name the field, the type wanted and the value given, at the caller's line", function()
    assert.matches("^tests/lua/registry_spec.lua:%d+: han.strategy: the field 'act' is missing", why("strategy", { name = "x" }))
    assert.matches("'act' must be a function, got the string \"no\"", why("strategy", { name = "x", act = "no" }))
    assert.matches("'name' must be a name of letters.* got the string \"a b\"", why("strategy", { name = "a b", act = print }))
    assert.matches("takes one table, got nothing", why("strategy"))
    assert.matches("there is no field 'intend', did you mean 'intent'%?", why("strategy", { name = "x", act = print, intend = "" }))
    assert.matches("'params' must hold plain values only: it.f: a function", why("strategy", { name = "x", act = print, params = { f = print } }))
    assert.matches("'kind' must be one of judge, lens, verifier, got the string \"x\"", why("check", { kind = "x", run = print }))
    assert.matches("'budget' must give 'shots' a whole number from 0, got %-1",
      why("adapter", { name = "x", budget = { shots = -1 } }))
    assert.matches("'verify' must be a check of kind 'verifier', got one of kind 'judge'",
      why("adapter", { name = "x", verify = han.check { kind = "judge", run = print }, judge = han.check { kind = "judge", run = print },
        tasks = print, worker = { backend = "search" } }))
    assert.matches("'worker' has no 'backend'", why("adapter", { name = "x", worker = {}, tasks = print,
      verify = han.check { kind = "verifier", run = print }, judge = han.check { kind = "judge", run = print } }))
    assert.matches("'origin' must be one of", why("finding", { origin = "me", lens = "l", text = "t" }))
  end)

  it("find what is wrong with tasks and measures", function()
    local adapter, check = require "han.adapter", require "han.check"
    assert.is_nil(adapter.tasks_fault({ { id = "a", group = "g", public = {} } }, "tasks"))
    assert.matches("tasks%[2%] and %[1%] have the same id", adapter.tasks_fault(
      { { id = "a", group = "g", public = {} }, { id = "a", group = "g", public = {} } }, "tasks"))
    assert.matches("tasks%[1%]: the field 'group' is missing", adapter.tasks_fault({ { id = "a", public = {} } }, "tasks"))
    assert.same({}, { adapter.left_out_fault(nil), adapter.left_out_fault({}), adapter.left_out_fault({ "x is no task" }) })
    assert.matches("what is left out must be a list", adapter.left_out_fault "x")
    assert.matches("what is left out %[2%] must be one line", adapter.left_out_fault { "a", "b\nc" })
    assert.matches("what is left out %[1%] must be a text", adapter.left_out_fault { 7 })
    assert.is_nil(check.measure_fault({ pass = true, correct = 1 }, "score"))
    assert.matches("score.correct must be a number from 0 to 1", check.measure_fault({ pass = true, correct = 0 / 0 }, "score"))
    assert.matches("score.pass must be true or false", check.measure_fault({ correct = 1 }, "score"))
  end)
end)

describe("han.registry", function()
  local registry, folder, remove

  before_each(function()
    fakes.install("han.registry")
    folder, remove = fakes.folder()
    fakes.host.scripts = { folder .. "/first", folder .. "/second" }
    fakes.sys.now = 100.0
    registry = require "han.registry"
  end)
  after_each(function() remove() end)

  it("finds scripts by name, earlier folders first, and lists them sorted", function()
    fakes.write(folder, {
      ["first/strategies/b.lua"] = "return 1", ["second/strategies/b.lua"] = "return 2",
      ["second/strategies/a/init.lua"] = "return 3", ["second/strategies/README.md"] = "no", ["second/strategies/.x.lua"] = "no",
    })
    assert.same({ "a", "b" }, registry.names("strategy"))
    assert.equal(folder .. "/first/strategies/b.lua", registry.find("strategy", "b"))
    local script = assert(registry.strategy("a"))
    assert.equal("return 3", script.source)
    assert.equal(fakes.sys.sha256("return 3"), script.digest)
    assert.same({}, registry.names("check"))
  end)

  it("says what is near, and where it looked", function()
    fakes.write(folder, { ["first/adapters/repair.lua"] = minimal })
    local value, why, code = registry.adapter("repiar")
    assert.is_nil(value)
    assert.equal("UNKNOWN", code)
    assert.matches("no adapter is called 'repiar', did you mean 'repair'%?", why)
    assert.matches("first/adapters", why)
    assert.matches("HAN_PATH", why)
    value, why, code = registry.adapter(folder .. "/none.lua")
    assert.is_nil(value)
    assert.equal("UNKNOWN", code)
    assert.matches("cannot read the adapter .*none.lua: .*No such file", why)
  end)

  it("refuses what others may write to, and says how to fix it", function()
    fakes.write(folder, { ["first/adapters/open.lua"] = minimal, ["second/adapters/fine.lua"] = minimal })
    os.execute("chmod o+w " .. folder .. "/first/adapters/open.lua")
    local value, why, code = registry.adapter("open")
    assert.is_nil(value)
    assert.equal("ENVIRONMENT", code)
    assert.matches("can be written by other users.* chmod go%-w '.*open.lua'", why)
    os.execute("chmod o+w " .. folder .. "/second/adapters")
    assert.matches("second/adapters can be written", select(2, registry.adapter("fine")))
    os.execute("chmod o+wt " .. folder .. "/second/adapters")
    assert.equal("tiny", assert(registry.adapter("fine")).name)
  end)

  it("gives the place of an error, also of a constructor in a tail call", function()
    fakes.write(folder, {
      ["syntax.lua"] = "return {\n}}", ["raise.lua"] = "local x\nreturn x.y",
      ["field.lua"] = 'local han = require "han"\n\nreturn han.adapter {\n  name = "x",\n  tasks = 7,\n}\n',
      ["other.lua"] = "return {}", ["nothing.lua"] = "", ["string.lua"] = "error('bare', 0)",
    })
    local function no(name, want, pattern)
      local value, why, code = registry.adapter(folder .. "/" .. name)
      assert.is_nil(value)
      assert.equal(want, code)
      assert.matches(pattern, why)
    end
    no("syntax.lua", "SYNTAX", "syntax.lua:2: ")
    no("raise.lua", "SCRIPT", "raise.lua:2: attempt to index a nil value")
    no("field.lua", "SCRIPT", "field.lua:3: han.adapter: the field 'tasks' must be a function, got 7")
    no("other.lua", "INVALID", "other.lua: an adapter file must return han.adapter { ... }, got a table")
    no("nothing.lua", "INVALID", "got nothing")
    no("string.lua", "SCRIPT", "string.lua:1: bare")
  end)

  it("stops a file that takes too long, even inside pcall", function()
    local real = fakes.sys.mono
    finally(function() fakes.sys.mono = real end)
    local ticks = 0
    fakes.sys.mono = function() ticks = ticks + 1 return ticks < 3 and 0 or 10 end
    fakes.write(folder, { ["slow.lua"] = "\nwhile true do\n pcall(function() while true do end end)\nend" })
    local value, why, code = registry.adapter(folder .. "/slow.lua")
    assert.is_nil(value)
    assert.equal("LIMIT", code)
    assert.matches("slow.lua:[234]: loading takes longer than 5 seconds", why)
  end)

  it("shows a file only what an adapter needs", function()
    local function message(code)
      fakes.write(folder, { ["e.lua"] = code })
      return select(2, registry.adapter(folder .. "/e.lua"))
    end
    assert.matches("io is not there in an adapter: the files of its folder", message("local f = io.open('x')"))
    assert.matches("math.random is not there", message("local x = math.random()"))
    assert.matches("e.lua:1: the module 'socket' is not for adapters", message("local s = require 'socket'"))
    assert.matches("'han.cli.main' is not for adapters", message("require 'han.cli.main'"))
    assert.matches("assignment to the undeclared global 'x'", message("x = 1"))
    assert.matches("the global 'y' is not declared", message("return y"))
    assert.matches("got a function", message("string.rep = nil assert(load('return 1')) return load('return 1', 'n', 't')"))
    assert.is_function(string.rep)
    assert.matches("only text can be loaded", message("error(select(2, load('x', 'x', 'b')))"))
  end)

  it("gives a folder its own files and nothing else", function()
    fakes.write(folder, {
      ["a/init.lua"] = 'local loader = ...\nlocal one = loader("part")\nassert(one == loader("part") and one.text == "data")\n' .. minimal,
      ["a/part.lua"] = 'local loader = ...\nreturn { text = loader.read("programs/x/p.txt"), names = loader.list("programs") }',
      ["a/programs/x/p.txt"] = "data", ["secret.txt"] = "s", ["a/.hidden"] = "h",
    })
    local adapter, info = registry.adapter(folder .. "/a")
    assert(adapter, info)
    local paths = {}
    for i, file in ipairs(info.files) do paths[i] = file.path end
    assert.same({ "init.lua", "part.lua", "programs/x/p.txt" }, paths)
    local digest = info.digest
    fakes.write(folder, { ["a/programs/x/p.txt"] = "date" })
    local _, why = registry.adapter(folder .. "/a")
    assert.matches("assertion failed", why)
    fakes.write(folder, { ["a/programs/x/p.txt"] = "data", ["a/.hidden"] = "other" })
    assert.equal(digest, select(2, registry.adapter(folder .. "/a")).digest)
    local bad = { "../secret.txt", "/etc/passwd", ".hidden", "programs//x", "" }
    for _, name in ipairs(bad) do
      fakes.write(folder, { ["a/init.lua"] = ("local loader = ...\nloader.read(%q)"):format(name) })
      assert.matches("a/init.lua:2: loader.read: '.*' is not a plain name", select(2, registry.adapter(folder .. "/a")))
    end
    os.execute("ln -s ../secret.txt " .. folder .. "/a/link.txt")
    fakes.write(folder, { ["a/init.lua"] = 'local loader = ...\nloader.read("link.txt")' })
    assert.matches("a/init.lua:2: loader.read: 'link.txt' leads out", select(2, registry.adapter(folder .. "/a")))
  end)

  it("takes a bundle for the folder that it holds, with the same digest", function()
    local main = 'local loader = ...\nassert(loader("parts/x/one").text == "data")\n' ..
      'assert(table.concat(loader.list("parts"), " ") == "x y.txt")\n' .. minimal
    local one = 'local loader = ...\nreturn { text = loader.read("parts/y.txt") }\n'
    fakes.write(folder, { ["a/init.lua"] = main, ["a/parts/x/one.lua"] = one, ["a/parts/y.txt"] = "data" })
    local _, plain = assert(registry.adapter(folder .. "/a"))
    local bundle = ("x/one.lua\n%d\n%sy.txt\n4\ndata"):format(#one, one)
    fakes.write(folder, { ["b/init.lua"] = main, ["b/parts.bundle"] = bundle })
    local _, bundled = assert(registry.adapter(folder .. "/b"))
    assert.equal(plain.digest, bundled.digest)
    assert.same(plain.files, (function(files) files.bundled = {} return files end)(bundled.files))

    local bad = { bundle .. "x", bundle:sub(1, -2), "../x.lua\n1\nx", "x\n-1\nx", "x\n99999999999\nx", "/x\n1\nx", ".x\n1\nx" }
    for _, text in ipairs(bad) do
      fakes.write(folder, { ["b/parts.bundle"] = text })
      local _, why, code = registry.adapter(folder .. "/b")
      assert.matches("b/parts.bundle is no bundle", why)
      assert.equal("CORRUPT", code)
    end
    fakes.write(folder, { ["b/parts.bundle"] = bundle, ["b/parts/y.txt"] = "data" })
    assert.matches("twice, as a file and in a bundle", select(2, registry.adapter(folder .. "/b")))
  end)

  it("notices a file that changes after the load", function()
    fakes.write(folder, {
      ["a/init.lua"] = 'local loader = ...\nlocal han = require "han"\nlocal a = {}\n' ..
        minimal:gsub("tasks = function%(%) return {} end", 'tasks = function() return loader.read("d.txt") end'),
      ["a/d.txt"] = "one",
    })
    local adapter = assert(registry.adapter(folder .. "/a"))
    assert.equal("one", adapter.tasks())
    fakes.write(folder, { ["a/d.txt"] = "two" })
    assert.error_matches(adapter.tasks, "d.txt has changed since the script was loaded")
  end)
end)
