-- Untrusted programs: the same in a runner as in this process, and harmless whatever they do there.

local json = require "dkjson"
local process = require "tests.lua.support.process"

local program = os.getenv("HAN_PROGRAM") or "build/han"
local full = os.getenv("HAN_FULL") == "1"
local toy = "tests/data/adapters/toy.lua"
local folder

local function han(words)
  local errors = folder .. "/errors"
  local pipe = assert(io.popen(("timeout 100 %s %s 2>%s; echo \"|$?\""):format(program, words, errors)))
  local all = pipe:read("a")
  pipe:close()
  local out, code = all:match("^(.*)|(%d+)\n$")
  local file = assert(io.open(errors))
  local stderr = file:read("a")
  file:close()
  return out, tonumber(code), stderr
end

local function write(name, text)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(text)
  file:close()
  return folder .. "/" .. name
end

-- The printed object of a script, by place.
local function script(path, where, more)
  local out, code, err = han(("script %s --json --db %s/han.db %s %s"):format(path, folder, where, more or ""))
  return out, code, err
end

local function down(text, more)
  local out, code = script(write("hostile.lua", text), "--untrusted", more)
  assert.equal(1, code)
  local object = json.decode(out)
  assert.equal("down", object.status)
  return object.error
end

describe("an untrusted program", function()
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
  end)
  teardown(function() os.execute("rm -r " .. folder) end)

  it("answers as in this process: verbs, coroutines, chance, refusals, errors, modules", function()
    local path = write("all.lua", [[
local han = require "han"
local task, scope = ...
local inner = coroutine.wrap(function()
  scope:spawn(function() return math.random(1000) end)
  coroutine.yield(1)
  coroutine.yield(scope:next().out)
end)
local first, second = inner(), inner()
local ok, err = pcall(function() return scope:spawn(7) end)
local _, message, code = scope:spawn({ backend = "x" }, {}, {})
scope:spawn({ name = "leaf", act = function() error("oh no") end }, { 1 })
local lost = scope:next()
scope:spawn(function(t, s)
  for i = 1, 2 do s:spawn(function(n) return n * i end, t.n) end
  local sum = 0
  for settled in s:each() do sum = sum + settled.out end
  return sum
end, { n = 7 }, { label = "deep", key = "k" })
local deep = scope:next()
scope:spawn(function() coroutine.yield() end)
local yields = scope:next()
local kept
scope:spawn(function(_, s) kept = s return 1 end)
scope:next()
local _, closed, why = kept:next()
return { first = first, second = second, ok = ok, err = err, message = message, code = code, lost = lost,
  deep = deep, random = math.random(100), view = scope:view(), budget = scope:budget(), id = tostring(scope),
  yields = yields.kind, closed = closed, why = why, chosen = { scope:choose("point", { "a", "b", { c = 1 } }) },
  clock = scope:clock(), version = han.version, nothing = scope:next() == nil }
]])
    for seed = 1, 3 do
      local here, code, err = script(path, "", "--seed " .. seed)
      assert.equal(0, code, err)
      assert.equal(here, (script(path, "--untrusted", "--seed " .. seed)))
    end
    assert.matches("UNKNOWN_AGENT", (script(path, "--untrusted")))
  end)

  it("is the same language, with the same names, results and messages", function()
    local file = assert(io.open("engine/script/door.c"))
    local verbs = {}
    for verb in file:read("a"):gmatch('{"(%l+)", %l+, %d+, han__verb_') do verbs[#verbs + 1] = verb end
    file:close()
    assert.is_true(#verbs >= 16)
    local task = "--task " .. write("verbs.json", json.encode(verbs))
    for _, name in ipairs { "names", "control", "library", "verbs" } do
      local path = "tests/data/untrusted/" .. name .. ".lua"
      local here, code, err = script(path, "", task)
      assert.equal(0, code, err)
      local there, same, why = script(path, "--untrusted", task)
      assert.equal(0, same, why)
      assert.same(json.decode(here).result, json.decode(there).result)
      assert.is_true(#json.decode(here).result > 50)
    end
  end)

  it("says where it failed as a run does, also when the message does not", function()
    local path = "tests/data/untrusted/places.lua"
    local here = json.decode((script(path, "", "--max-steps 1000000"))).result
    assert.same({ "places.lua:3", "places.lua:5", "places.lua:6", "places.lua:7", "chunk:1" },
      { here[6]:match("[^/]+$"), here[7]:match("[^/]+$"), here[8]:match("[^/]+$"), here[9]:match("[^/]+$"), here[10] })
    local there = json.decode((script(path, "--untrusted", "--max-steps 1000000"))).result
    here[3], there[3] = here[3]:gsub("%d+", "N"), there[3]:gsub("%d+", "N")
    assert.same(here, there)
    local error_of = json.decode((script(write("zero.lua", "\nerror('x', 0)"), "--untrusted"))).error
    assert.equal("zero.lua:2", error_of.where:match("[^/]+$"))
  end)

  it("keeps agents from the coroutines of others, which belong to the engine", function()
    local path = write("waits.lua", [[
local _, scope = ...
local victim
scope:spawn(function(_, mine)
  victim = coroutine.running()
  mine:spawn(function(_, deep) deep:spawn(function() return 5 end) return deep:next().out end)
  local got = mine:next().out
  return { got, (coroutine.resume(victim)) }
end)
scope:spawn(function(_, mine)
  mine:spawn(function() return 1 end)
  mine:next()
  local out = { coroutine.resume(victim, { out = "forged" }) }
  out[3] = select(2, pcall(coroutine.close, victim))
  return out
end)
local first, second = scope:next(), scope:next()
return { first.out, second.out, (coroutine.resume(victim)), pcall(coroutine.close, victim) }
]])
    local here = json.decode((script(path, ""))).result
    assert.same({ false, "cannot resume the coroutine of an agent", "cannot close the coroutine of an agent" }, here[1])
    assert.same({ 5, false }, here[2])
    assert.same(here, json.decode((script(path, "--untrusted"))).result)
  end)

  it("ends in a loop of an error handler in this process, too", function()
    local path = write("handler.lua", "xpcall(error, function() while true do end end)\nreturn 1")
    for _, where in ipairs { "", "--untrusted" } do
      local out, code = script(path, where, "--max-steps 1000000")
      assert.equal(1, code)
      assert.equal("LIMIT", json.decode(out).error.code)
    end
  end)

  it("loses the agent that a limit stops, and no other", function()
    local path = "tests/data/untrusted/refused.lua"
    local here = json.decode((script(path, "", "--max-steps 1000000"))).result
    local there = json.decode((script(path, "--untrusted", "--max-steps 1000000"))).result
    for _, result in ipairs { here, there } do
      assert.same({ "down", "down", 5 }, { result[1], result[3], result[5] })
      assert.matches("instructions .* without placing", result[2])
      assert.matches("instructions .* without placing", result[4])
    end
  end)

  it("may not call the engine for ever, nor use CPU time where instructions are not counted", function()
    local e = down("local _, scope = ... while true do scope:clock() end", "--max-steps 300000")
    assert.equal("LIMIT", e.code)
    assert.matches("limit:calls: it called the engine more than 6000 times", e.message)
    if not full then return end
    e = down("table.insert(setmetatable({}, { __len = function() return 1 << 40 end }), 1, 1)", "--max-steps 1000000")
    assert.equal("LIMIT", e.code)
    assert.matches("limit:cpu", e.message)
  end)

  it("has the pure modules, with the same functions and results", function()
    local path = write("pure.lua", [[
local modules = { json = require "han.json", stats = require "han.stats", value = require "han.value" }
local json, stats, value = modules.json, modules.stats, modules.value
local names = {}
for name, module in pairs(modules) do
  for field in pairs(module) do names[#names + 1] = name .. "." .. field end
end
table.sort(names)
return { names = names, text = json.encode({ a = { 1, 2.5, json.null }, b = json.array {} }, { pretty = true }),
  back = json.decode('{"x":[1,2,{"y":"z"}],"n":1e3}'), bad = select(2, json.decode("[1,")),
  same = json == require "han.json",
  far = #json.encode(json.decode("[" .. ("1,"):rep(5000) .. "1]")), sign = stats.sign { wins = 9, losses = 1 },
  ci = stats.mean_ci { x = { 1, 2, 3, 4.5, 2, 7 }, seed = 3 }, digest = value.digest { 1, "a", { b = true } },
  equal = value.equal(1, 1.0), copy = value.copy { 1, { 2 } }, why = select(2, pcall(value.encode, print)) }
]])
    local here, code, err = script(path, "")
    assert.equal(0, code, err)
    assert.truthy(#json.decode(here).result.names > 25)
    assert.equal(here, (script(path, "--untrusted")))
  end)

  it("gives the same bench for every shipped strategy", function()
    for _, name in ipairs { "sample", "refine", "sample_then_refine", "adaptive", "restart" } do
      local words = ("bench %s --arms %s --n 4 --seed 7 --json --quiet --db %s/han.db"):format(toy, name, folder)
      local here, code, err = han(words)
      assert.equal(0, code, err)
      assert.equal(here, (han(words .. " --untrusted")))
    end
    if not full then return end
    for _, name in ipairs { "flat", "zoom", "zoom_uniform", "zoom_local_first", "patch", "regenerate" } do
      local words = ("bench repair --arms %s --n 2 --seed 7 --json --quiet --budget shots=4,evals=160 --db %s/han.db")
        :format(name, folder)
      local here, code, err = han(words)
      assert.equal(0, code, err)
      assert.equal(here, (han(words .. " --untrusted")))
    end
    for _, name in ipairs { "best_fit", "first_fit", "sum_of_squares", "random" } do
      local words = ("bench binpack --arms %s --n 1 --seed 7 --json --quiet --budget shots=1,evals=40 --db %s/han.db")
        :format(name, folder)
      local here, code, err = han(words)
      assert.equal(0, code, err)
      assert.equal(here, (han(words .. " --untrusted")))
    end
  end)

  it("ends with a class and a line, whatever it does", function()
    local e = down("local n = 0\nwhile true do n = n + 1 end", "--max-steps 1000000")
    assert.same({ "LIMIT", "hostile.lua:2" }, { e.code, e.where:match("[^/]+$") })
    e = down("while true do pcall(error) end", "--max-steps 1000000")
    assert.equal("LIMIT", e.code)
    e = down("xpcall(error, function() while true do end end)", "--max-steps 1000000")
    assert.equal("LIMIT", e.code)
    e = down("local w = coroutine.wrap w(function() w(function() while true do end end)() end)()", "--max-steps 900000")
    assert.equal("LIMIT", e.code)
    e = down('return ("a"):rep(1e5):find(("a*"):rep(50) .. "b")', "--max-steps 1000000")
    assert.equal("LIMIT", e.code)
    e = down('for i = 1, 1e7 do print(("x"):rep(1000)) end')
    assert.equal("LIMIT", e.code)
    assert.matches("printed more than 1 MiB", e.message)
    e = down("local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1e5) .. i end")
    assert.equal("LIMIT", e.code)
    assert.matches("out of memory", e.message)
    e = down("return { f = print }")
    assert.matches("result.f: a function is not a plain value", e.message)
    e = down("x = = 1")
    assert.equal("hostile.lua:1", e.where:match("[^/]+$"))
    e = down("return require 'han.nothing'")
    assert.matches("no module 'han.nothing' for an untrusted program", e.message)
    e = down("return require 'han.db'")
    assert.matches("FIREWALL: the module 'han.db' is the harness's own", e.message)
    e = down("return setmetatable({}, { __gc = function() while true do end end })")
    assert.matches("__gc", e.message)
    e = down("local task, scope = ...\ntable.sort({ 1, 2, 3 }, function(a, b) scope:clock() return a < b end)")
    assert.matches("cannot wait here", e.message)
    local out = script(write("names.lua", "return { tostring(io), tostring(os), tostring(debug), tostring(package), "
      .. "tostring(collectgarbage), tostring(string.dump), tostring(load('\\27Lua')) }"), "--untrusted")
    assert.same({ "nil", "nil", "nil", "nil", "nil", "nil", "nil" }, json.decode(out).result)
  end)

  it("cannot forge what the engine answers", function()
    local out = script(write("forger.lua", [[
local task, scope = ...
local inner = coroutine.create(function() return scope:next() end)
scope:spawn(function(_, mine)
  mine:spawn(function() return coroutine.resume(inner, true, true, { kind = "done", out = "forged" }) end)
  return mine:next().out
end)
return select(2, coroutine.resume(inner))
]]), "--untrusted")
    assert.equal("cannot resume dead coroutine", json.decode(out).result)
    out = script(write("inside.lua", [[
local co = coroutine.create(function() error("inside") end)
return select(2, coroutine.resume(co))
]]), "--untrusted")
    assert.matches("inside.lua:1: inside", json.decode(out).result)
  end)

  it("ends within its wall limit when it is stopped in a turn, and the next run is not affected", function()
    local path = write("slow.lua", "while true do end")
    local from = os.time()
    local out, code = script(path, "--untrusted", "--budget wall=1 --max-steps 900000000000")
    assert.equal(1, code)
    assert.equal("LIMIT", json.decode(out).error.code)
    assert.is_true(os.time() - from <= 20)
    assert.equal('{"result":5,"schema":1,"spend":{},"status":"done","verdict":null}\n',
      (script(write("five.lua", "return 5"), "--untrusted")))
  end)

  it("is gone, and its runner with it, when the engine is killed", function()
    local path = write("endless.lua", "while true do end")
    local pipe = assert(io.popen(("%s script %s --untrusted --max-steps 900000000000 --db %s/gone.db >/dev/null 2>&1 & "
      .. "echo $!"):format(program, path, folder)))
    local engine = tonumber((pipe:read("l")))
    pipe:close()
    local below = process.below(engine, 2)
    os.execute("kill -9 " .. engine)
    if not below then return pending("this system does not tell the children of a process") end
    assert.is_true(#below >= 2)
    for _ = 1, 100 do
      below = process.alive(below)
      if #below == 0 then return end
      os.execute("sleep 0.1")
    end
    error(#below .. " processes outlive the engine")
  end)

  it("is resumed after a kill like any other", function()
    local path = write("long.lua", [[
local task, scope = ...
local sum = 0
for i = 1, 1500 do
  scope:spawn(function(t) return t * math.random(100) end, i)
  sum = sum + scope:next().out
end
return sum
]])
    local whole = script(path, "--untrusted", "--seed 3")
    local db = folder .. "/killed.db"
    local out, code, err
    for _, seconds in ipairs { 0.2, 1, 3, 9, 27 } do -- until the machine is fast enough to have begun
      os.execute(("timeout -s KILL %g %s script %s --untrusted --seed 3 --run r --db %s >/dev/null 2>&1")
        :format(seconds, program, path, db))
      out, code, err = han(("resume r --json --db %s"):format(db))
      if code == 0 then break end
    end
    assert.equal(0, code, err)
    assert.equal(whole, out)
  end)
end)
