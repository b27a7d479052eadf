-- Strategies named by their parts: what they become, what is said of a wrong name, and a bench over a menu.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local compose = require "han.author.compose"
local dkjson = require "dkjson"
local fakes = dofile "tests/lua/support/fakes.lua"
local parts = require "han.author.parts"
local syntax = require "han.syntax"

local function nobody(name) return nil, "there is no " .. name, "UNKNOWN" end

local function described(word, read)
  local script = assert(compose.read(word, read or nobody))
  return parts.describe(assert(syntax.parse(script.source))), script
end

describe("a strategy named by its parts", function()
  it("is refine's controller but for what is named", function()
    assert.equal("steer none, topology best, stop never, act serial", (described "steer=none"))
    assert.equal("steer driver, topology governor, stop luby, act batch", (described "stop=luby+act=batch+steer=driver+topology=governor"))
    for _, part in ipairs(parts.ORDER) do
      for _, word in ipairs(compose.menu(part)) do
        assert.is_truthy(described(word):find(word:gsub("=", " "), 1, true), word)
      end
    end
  end)

  it("takes params by name", function()
    local _, script = described "steer=report+top=2+act=batch+width=5"
    assert.is_truthy(script.source:find("local params = { top = 2, width = 5 }", 1, true))
    assert.equal("steer=report+top=2+act=batch+width=5", script.name)
  end)

  it("replaces one part of a file and leaves the others to the letter", function()
    local own = parts.compose({ steer = "lens", topology = "explore", stop = "patience", act = "serial" }, { patience = 5 })
    local read = function(name)
      assert.equal("./mine/own.lua", name)
      return { source = own, path = name }
    end
    local words, script = described("./mine/own.lua+steer=driver", read)
    assert.equal("steer driver, topology explore, stop patience, act serial", words)
    assert.equal("own+steer=driver", script.name)
    local before, after = parts.split(syntax.parse(own)), parts.split(syntax.parse(script.source))
    for _, part in ipairs { "topology", "stop", "act" } do assert.equal(before[part], after[part]) end
    assert.is_truthy(script.source:find("patience = 5", 1, true))
  end)

  it("is no such name, or says what is wrong with it", function()
    for _, word in ipairs { "sample", "./mine.lua", "a+b", "steer=none+sample", "a+b+steer=none" } do
      assert.is_nil((compose.read(word, nobody)))
      assert.is_nil(select(2, compose.read(word, nobody)), word)
    end
    local function why(word, read)
      local script, message, code = compose.read(word, read or nobody)
      assert.is_nil(script)
      return message, code
    end
    assert.equal("there is no steer 'nine': it is driver, fixed, lens, none or report, did you mean 'none'?", (why "steer=nine"))
    assert.equal("there is no part and no param 'stoer' in this strategy, did you mean 'steer'?", (why "stoer=none"))
    assert.equal("the param top is a number, got 'x'", (why "steer=report+top=x"))
    assert.equal("UNKNOWN", select(2, why "mine+steer=none"))
    assert.matches("not made of the four parts", (why("mine+steer=none", function() return { source = "return 1", path = "mine.lua" } end)))
    assert.equal("SYNTAX", select(2, why("mine+steer=none", function() return { source = "retrun 1", path = "mine.lua" } end)))
    assert.matches("there is no part 'spin'; it is steer, topology, stop or act", select(2, compose.menu "spin"))
  end)
end)

describe("han bench --vary", function()
  local folder, remove
  setup(function()
    folder, remove = fakes.folder()
    fakes.write(folder, { ["toy.lua"] = fakes.sys.read_file "tests/data/adapters/toy.lua" })
  end)
  teardown(function() remove() end)
  local case = cli.needs_program(it, pending)

  case("runs every entry of the menu of a part, each against the one that costs less, and resumes as one bench", function()
    local r = cli.run(folder, "bench ./toy.lua --vary steer --n 8 --json --seed 900007 --budget shots=3,evals=90")
    assert.equal(0, r.status, r.err)
    local object, names, pairs_of = dkjson.decode(r.out), {}, {}
    for i, arm in ipairs(object.arms) do names[i] = arm.name end
    assert.same({ "sample", "steer=none", "steer=fixed", "steer=lens", "steer=report", "steer=driver", "sample#aa" }, names)
    for _, row in ipairs(object.contrasts) do
      pairs_of[row.arm .. " " .. row.against] = true
      assert.equal(row.arm ~= "sample#aa", row.q ~= nil) -- all of them are one family
    end
    for i = 3, 6 do assert.is_true(pairs_of[names[i] .. " " .. names[i - 1]], names[i]) end
    assert.is_true(pairs_of["steer=driver sample"])
    local again = cli.run(folder, "resume --last --json")
    assert.equal(r.out, again.out)
  end)

  case("replaces the parts of a controller that han new wrote", function()
    local r = cli.run(folder, "new controller own")
    assert.matches("next: han bench repair %-%-n 10 %-%-arms %./own.lua,%./own.lua%+steer=none\n", r.out)
    r = cli.run(folder, "bench ./toy.lua --arms ./own.lua,steer=lens,./own.lua+steer=none,steer=none --n 6 --json --seed 900008 --budget shots=3,evals=90 --db own.db")
    assert.equal(0, r.status, r.err)
    local arms = {}
    for _, arm in ipairs(dkjson.decode(r.out).arms) do arms[arm.name] = arm end
    for _, pair in ipairs { { "own", "steer=lens" }, { "own+steer=none", "steer=none" } } do -- the same controller by another name
      assert.same({ arms[pair[2]].score, arms[pair[2]].spend }, { arms[pair[1]].score, arms[pair[1]].spend })
    end
  end)

  case("may be run alone, too", function()
    local r = cli.run(folder, "script steer=fixed --adapter ./toy.lua --n 2 --db one.db")
    assert.equal(0, r.status, r.err)
    assert.matches("2 runs: ", r.out)
    assert.matches("names no one file", cli.run(folder, "script steer=fixed --adapter ./toy.lua --watch").err)
  end)

  case("refuses what is no part", function()
    local r = cli.run(folder, "bench ./toy.lua --vary spin")
    assert.equal(2, r.status)
    assert.matches("%-%-vary: there is no part 'spin'; it is steer, topology, stop or act", r.err)
    r = cli.run(folder, "bench ./toy.lua --arms steer=nine")
    assert.equal(2, r.status)
    assert.matches("it is driver, fixed, lens, none or report", r.err)
  end)
end)
