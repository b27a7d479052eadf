-- The author's pipeline, through the real evaluator and the real runner: what passes, what is refused, with its reason,
-- stage and line. Hostile programs cost their dry run and nothing else.
local json = require "dkjson"
local pipeline = require "han.author.pipeline"

local program = os.getenv("HAN_PROGRAM") or "build/han"
local folder

local function write(name, text)
  local file = assert(io.open(folder .. "/" .. name, "wb"))
  file:write(text)
  file:close()
  return folder .. "/" .. name
end

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local text = pipe:read("a")
  pipe:close()
  return text
end

-- The pipeline's word on each text. what, champion, game: source texts of Lua values.
local function judged(what, champion, list, game)
  local quoted = {}
  for i, text in ipairs(list) do quoted[i] = ("%q"):format(text) end
  local file = write("list.lua", ("return { what = %q, champion = %q, game = %s, list = { %s } }"):format(what,
    champion, game or "nil", table.concat(quoted, ", ")))
  local db = folder .. "/han.db"
  os.remove(db)
  local said = run(("timeout 100 %s bench tests/data/adapters/candidates.lua --set file=%s --arms sample --n %d "
    .. "--seed 900001 --json --quiet --db %s"):format(program, file, #list, db))
  local rows = json.decode(run(("%s corpus query --db %s --json %q"):format(program, db,
    "SELECT task, content(output) AS o FROM cell WHERE replicate = 0 GROUP BY task")))
  assert(rows and rows.rows, said)
  local results = {}
  for _, row in ipairs(rows.rows) do results[tonumber(row.task:match "%d+")] = json.decode(row.o) end
  assert.equal(#list, #results, said)
  return results
end

local function strategy(body, fields)
  return ('local han = require "han"\nlocal shots = require "han.shots"\nlocal params = { n = 2 }\n'
    .. 'return han.strategy {\n  name = "x",\n  intent = "y",\n%s  act = function(task, scope)\n    %s\n  end,\n}\n')
    :format(fields or "", body)
end

local SAMPLE = strategy "return shots.run(scope, task)"
local REFINE = strategy "return shots.run(scope, task, function() return { from = scope:best() } end)"

describe("the pipeline", function()
  setup(function()
    folder = os.tmpname()
    os.remove(folder)
    assert(os.execute("mkdir " .. folder))
  end)
  teardown(function() os.execute("rm -r " .. folder) end)

  it("refuses hostile strategies with stage, reason and line, and passes the one beside them", function()
    local cases = {
      { "return 1 +", "parse", "expected an expression", 1 },
      { strategy "return scope:clock()", "audit", "may not read a clock", 8 },
      { strategy "local x\n    x = task.private\n    return x", "audit", "may not read what is hidden", 9 },
      { strategy "return task['score']", "audit", "may not read the judge", 8 },
      { strategy "return task.holdout", "audit", "may not read a holdout", 8 },
      { strategy "return task['sc' .. 'ore']", "audit", "computes the name", 8 },
      { strategy "return load('return 1')()", "audit", "uses 'load'", 8 },
      { strategy "return require('han.harness')", "audit", "no authored program may", 8 },
      { strategy "return os.time()", "audit", "may not read a clock", 8 },
      { strategy "return io.open('/etc/passwd')", "audit", "uses 'io'", 8 },
      { strategy "return scope:spwan(task.worker, task)", "lint", "no verb 'spwan'", 8 },
      { strategy("shots.run(scope, task, nil, function() return params.m end)", "  params = params,\n"), "audit",
        "params.m", 9 },
      { strategy("return shots.run(scope, task)", "  params = params,\n"), "audit", "never reads", 3 },
      { SAMPLE, "identical", "the same text as the champion" },
      { (SAMPLE:gsub("task", "t"):gsub("\n", "\n\n")), "identical", "but for layout and names" },
      { strategy "while true do end", "dry", "does not end", 8 },
      { strategy "while true do pcall(error) end", "dry", "does not end" },
      { strategy "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1 << 20) .. i end", "dry", "out of memory" },
      { strategy "return ('x'):rep(100):rep(1e6):rep(1e6)", "dry", "memory" },
      { strategy "for i = 1, 1e9 do scope:spawn(function() end, 1) end", "dry", "does not end" },
      { strategy "return string.find(('a'):rep(1 << 20), ('a*'):rep(50) .. 'b')", "dry", "does not end" },
      { strategy "error 'boo'", "dry", "boo", 8 },
      { strategy "return 7", "dry", "tries nothing" },
      { strategy "scope:submit(3)", "dry", "hands in a number" },
    }
    local list = {}
    for i, case in ipairs(cases) do list[i] = case[1] end
    list[#list + 1] = REFINE
    local results = judged("strategy", SAMPLE, list)
    for i, case in ipairs(cases) do
      local result, name = results[i], ("%d: %s"):format(i, case[1])
      assert.is_false(result.ok, name)
      assert.equal(case[2], result.stage, name .. tostring(result.reason))
      assert.matches(case[3] or "", result.reason, 1, true)
      if case[4] then assert.equal(case[4], result.where and result.where.line, name) end
      assert.is_true(result.spend.shots <= 8 and result.spend.evals <= 64)
    end
    local last = results[#results]
    assert.is_true(last.ok, last.reason)
    assert.same({ shots = 8, evals = 64 }, last.spend)
  end)

  it("tells strategies apart by what they do in the dry run", function()
    local steered = strategy("local steer\n    return shots.run(scope, task, function() return { steer = steer } end, "
      .. "function(s) steer = scope:observe(s) end)")
    local once = strategy "scope:spawn(task.worker, task)\n scope:next()\n return scope:best()"
    local nested = strategy("scope:spawn(function(t, s)\n return shots.run(s, t) end, task, "
      .. "{ budget = { shots = 4, evals = 32, tokens = 256 } })\n scope:next()\n return scope:best()")
    local results = judged("strategy", SAMPLE, { REFINE, steered, once, nested })
    for i, result in ipairs(results) do assert.is_true(result.ok, i .. ": " .. tostring(result.reason)) end
    local refine, steer, one, deep = results[1].behaviour, results[2].behaviour, results[3].behaviour,
      results[4].behaviour
    assert.equal(7 / 8, refine.from)
    assert.equal(0, refine.steered)
    assert.equal(7 / 8, steer.steered)
    assert.equal(0, steer.from)
    assert.equal(1 / 8, one.shots)
    assert.is_true(deep.nodes > one.nodes)
  end)

  it("refuses hostile and nonsensical artifacts, and passes the one beside them", function()
    local function f(body) return ("function(item, before, after)\n  %s\nend"):format(body) end
    local cases = {
      { "function(item before) end", "parse", "expected", 1 },
      { f "return os.clock()", "audit", "a clock", 2 },
      { f "return judge", "audit", "the judge", 2 },
      { f "return string.rep('x', 1e9)", "audit", "global 'string'", 2 },
      { f "while true do end", "audit", "a loop without an end", 2 },
      { f "return (function() return 1 end)()", "audit", "holds a function", 2 },
      { f "for i = 1, 1e12 do item = item + i end return item", "dry", "limit:instructions", 2 },
      { f "return before > 3", "dry", "not a number" },
      { f "return 0 / 0", "dry", "no number on any sample" },
      { f "return item .. after", "dry", "not a number" },
      { f "local x return x + 1", "dry", "no number on any sample", 2 },
      { "function(a, b, c)\n\n  return -c\nend", "identical", "the same program as the champion" },
    }
    local list = {}
    for i, case in ipairs(cases) do list[i] = case[1] end
    list[#list + 1] = f "return -after - item / 3"
    local results = judged("artifact", f "return -after", list,
      "{ params = { 'item', 'before', 'after' }, constant = 100 }")
    for i, case in ipairs(cases) do
      local result, name = results[i], ("%d: %s"):format(i, case[1])
      assert.is_false(result.ok, name)
      assert.equal(case[2], result.stage, name .. tostring(result.reason))
      assert.matches(case[3], result.reason, 1, true)
      if case[4] then assert.equal(case[4], result.where and result.where.line, name) end
    end
    assert.is_true(results[#results].ok, results[#results].reason)
  end)

  it("takes profiles as data: nothing in them is run, nothing hidden is named", function()
    local p = pipeline.new { what = "profile", champion = "return { loyalty = 0.5 }", profile = "search" }
    local function result(text) return p:check { text = text } end
    assert.is_true(result "return { loyalty = 0.75 }".ok)
    assert.equal("identical", result "return {loyalty = 0.5} -- again".stage)
    assert.equal("audit", result "return { loyalty = os.time() }".stage)
    assert.matches("line 2: is no data", result "return {\n loyalty = f() }".reason)
    assert.equal("audit", result "return { judge = 1 }".stage)
    assert.equal("lint", result "return { loyalty = 12 }".stage)
    assert.equal("lint", result "return 5".stage)
    assert.equal("parse", result "return {".stage)
    assert.equal("parse", p:check(("x"):rep(1 << 20)).stage)
  end)

  it("never lets a program through that was gated before, and sorts a list", function()
    local p = pipeline.new { what = "profile", champion = "return { loyalty = 0.5 }",
      known = { "return { floor = 0.1 }" } }
    local passed, failed = p:filter { { text = "return { floor = 0.1 }" }, { text = "return { floor = 0.2 }" } }
    assert.equal("return { floor = 0.2 }", passed[1].text)
    assert.equal("identical", failed[1].stage)
    assert.matches("gated before", failed[1].refused)
  end)

  it("does not believe its dry run when the evaluator is gone", function()
    local p = pipeline.new { what = "artifact", game = { params = { "a" }, constant = 1 },
      eval = function() return nil, "no fork server", "PEER" end }
    local result = p:check "function(a) return a end"
    assert.is_false(result.ok)
    assert.matches("could not be run: no fork server", result.reason)
  end)
end)
