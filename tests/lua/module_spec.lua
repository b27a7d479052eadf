-- The Lua module `han` in this interpreter: an engine beside busted's own Lua.
local build = os.getenv "HAN_BUILD" or "build"

describe("the module han in a plain lua5.4", function()
  local open = assert(package.loadlib(build .. "/module/han.so", "luaopen_han"))
  local han = open()

  local function finish(engine, run)
    while not run:done() do engine:wait(10) end
    return run:result()
  end

  it("runs a program and gives back values", function()
    local engine <close> = assert(han.open())
    local run = assert(engine:start { source = [[
      local task, scope = ...
      for i, n in ipairs(task.numbers) do scope:spawn(function(t) return t * t end, n) end
      local sum = 0
      for settled in scope:each() do sum = sum + settled.out end
      return { sum = sum, name = task.name }
    ]], task = { numbers = { 1, 2, 3 }, name = "squares" } })
    assert.is_nil(run:result())
    local result = finish(engine, run)
    assert.same({ status = "OK", out = { sum = 14, name = "squares" }, over = false,
      spend = { tokens = 0, nano_usd = 0, shots = 0, turns = 0, evals = 0 } }, result)
    assert.equal(han.version, "0.1.0")
  end)

  it("says where a script failed, and refuses what is no program", function()
    local engine <close> = assert(han.open())
    local result = finish(engine, assert(engine:start { source = "local x\nerror 'no'", name = "mine.lua" }))
    assert.equal("SCRIPT", result.status)
    assert.equal("mine.lua:2", result.where)
    local run, message, code, where = engine:start { source = "x = = 1", name = "mine.lua" }
    assert.is_nil(run)
    assert.equal("SYNTAX", code)
    assert.equal("mine.lua:1", where)
    assert.truthy(message:find("mine.lua:1", 1, true))
    assert.has_error(function() engine:start {} end)
    local none, why, no = engine:start { source = "return 1", task = { f = print } }
    assert.is_nil(none)
    assert.truthy(why)
    assert.equal("INVALID", no)
  end)

  it("takes budgets as a table or in words", function()
    local engine <close> = assert(han.open())
    local source = "local t, s = ... return s:budget()"
    local out = { shots = { left = 4, total = 4 }, evals = { left = 10, total = 10 } }
    assert.same(out, finish(engine, assert(engine:start { source = source, budget = { evals = 10, shots = 4 } })).out)
    assert.same(out, finish(engine, assert(engine:start { source = source, budget = "shots=4,evals=10" })).out)
    assert.has_error(function() engine:start { source = source, budget = { gold = 1 } } end, "no budget channel 'gold'")
  end)

  it("lets an endless run be stepped and cancelled", function()
    local engine <close> = assert(han.open())
    local run = assert(engine:start { source = "while true do end", max_steps = 1 << 50 })
    for _ = 1, 5 do assert.is_true(engine:step(0.001)) end
    assert.is_false(run:done())
    run:cancel()
    assert.equal("CANCELLED", finish(engine, run).status)
  end)

  it("survives use after close and collection in any order", function()
    local engine = assert(han.open())
    local run = assert(engine:start { source = "return 1" })
    engine:close()
    assert.has_error(function() run:done() end)
    assert.has_error(function() engine:step() end)
    engine:close()
    run:release()
    do
      local other = assert(han.open())
      for _ = 1, 20 do assert(other:start { source = "return 1" }) end
    end
    collectgarbage()
    collectgarbage()
  end)

  it("keeps its engines apart from this interpreter", function()
    local engine <close> = assert(han.open())
    rawset(_G, "seen_by_nobody", true)
    local result = finish(engine, assert(engine:start { source = "return { seen_by_nobody == nil, os == nil }" }))
    rawset(_G, "seen_by_nobody", nil)
    assert.same({ true, true }, result.out)
  end)
end)
