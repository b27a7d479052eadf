-- han resume: a plain script's run that was killed ends like one that never was; an ended one prints what it printed.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)

describe("han resume", function()
  local folder, remove

  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function han(words, options) return cli.run(folder, words, options) end
  local function write(name, text) assert(fakes.sys.write_file(folder .. "/" .. name, text)) end

  case("prints an ended run again, whatever its end was", function()
    write("ok.lua", "local t, s = ... s:spawn(function() return { 1, 2, x = 'y' } end) return s:next().out")
    write("bad.lua", "local t, s = ...\nerror('no')")
    write("none.lua", "return nil")
    write("hole.lua", "return { [3] = 1 }")
    for _, name in ipairs { "ok", "bad", "none", "hole" } do
      local first = han(("script %s.lua --run %s --json"):format(name, name))
      local again = han(("resume %s --json"):format(name))
      assert.equal(first.out, again.out)
      assert.equal(first.status, again.status)
      assert.equal(han(("script %s.lua --run %s2"):format(name, name)).out, han("resume " .. name).out)
    end
    assert.equal(han("resume hole2 --json").out, han("resume --last --json").out)
  end)

  case("goes on after Ctrl-C, as often as it comes, and ends like a run that nobody stopped", function()
    write("long.lua", [[
local task, scope = ...
local sum = 0
for round = 1, 8 do
  for i = 1, 50 do scope:spawn(function(n) return n * 2 end, i) end
  for settled in scope:each() do sum = sum + settled.out end
  print("round " .. round)
  for _ = 1, round % 3 == 2 and 100 or 0 do print(("."):rep(1000)) end -- more than a pipe takes: it stands until that is read
end
return sum
]])
    local whole = han("script long.lua --json --run whole")
    assert.equal(0, whole.status)
    local words = "script long.lua --json --run i"
    for _, round in ipairs { 2, 5, 5 } do
      os.remove(folder .. "/err")
      local r = cli.converse(folder, words, ('"round %d") kill -INT $pid ;;'):format(round))
      assert.equal(130, r.status, r.err)
      assert.matches("To go on from there: han resume i\n", r.err)
      words = "resume i --json"
    end
    local last = han("resume --last --json")
    assert.equal(0, last.status, last.err)
    assert.equal(whole.out, last.out)
  end)

  case("refuses what cannot be resumed", function()
    write("ok.lua", "return 1")
    assert.equal(2, han("resume --last").status) -- no store
    assert.equal(0, han("script ok.lua --run a").status)
    local twice = han("script ok.lua --run a")
    assert.equal(2, twice.status)
    assert.matches("there is a run a already; han resume a goes on with it", twice.err)
    assert.matches("there is no run 'b'", han("resume b").err)
    assert.equal(2, han("resume b").status)
    assert.equal(2, han("script ok.lua --run ../x").status)
    assert.equal(2, han("script ok.lua --run b --watch").status)
    assert.equal(0, han("script ok.lua --run full --durability full").status)
    assert.equal(2, han("script ok.lua --durability none").status)
  end)

  -- Kills it once its log has grown by some pages: somewhere in the middle, and not always at the same row.
  local function kill_midway(words, bytes)
    os.execute(([[cd %s && { %s %s > /dev/null 2>&1 & } && pid=$! && while kill -0 $pid 2> /dev/null && [ "$(stat -c %%s k.db-wal 2> /dev/null || echo 0)" -lt %d ]; do :; done; kill -9 $pid 2> /dev/null; wait $pid 2> /dev/null]])
      :format(fakes.quote(folder), cli.han, words, bytes))
  end

  case("ends a killed run like one that was not killed", function()
    write("long.lua", [[
local task, scope = ...
local sum, picks = 0, {}
for round = 1, 30 do
  for i = 1, 1000 do scope:spawn(function(n) return n * 2 end, i, { label = "double" }) end
  for settled in scope:each() do sum = sum + settled.out end
  picks[round] = scope:choose("pick", { "a", "b", "c" })
end
return { sum = sum, picks = table.concat(picks) }
]])
    local whole = han("script long.lua --json --run whole")
    assert.equal(0, whole.status)
    for i, bytes in ipairs { 400000, 1200000, 2500000 } do
      kill_midway("script long.lua --db k.db --run k" .. i, bytes)
      kill_midway("resume --last --db k.db", bytes * 2)
      local resumed = han(("resume k%d --db k.db --json"):format(i))
      assert.equal(whole.out, resumed.out)
      assert.equal(0, resumed.status)
      assert.equal(whole.out, han("resume --last --db k.db --json").out)
    end
  end)

  case("shows a run from its journal, as the hooks saw it", function()
    write("tree.lua", [[
local task, scope = ...
local function leaf(t) if t.n == 2 then error("two") end return t.n end
scope:spawn(function(_, s) for i = 1, 3 do s:spawn(leaf, { n = i }, { label = "l" .. i }) end
  for _ in s:each() do end return "x" end, {}, { label = "top", budget = { evals = 2 } })
scope:spawn(leaf, { n = 1 }, { budget = { evals = 1000 } })
scope:choose("pick", { "a", "b" })
for _ in scope:each() do end
scope:spawn(function() error("once") end, {}, { key = "k" })
scope:next()
scope:spawn(leaf, {}, { key = "k" })
scope:next()
]])
    assert.equal(0, han("script tree.lua --run t --budget evals=10").status)
    local object = dkjson.decode(han("show t --json").out)
    assert.equal("tree.lua:2", object.journal.nodes[4].where)
    assert.same({ evals = 2 }, object.journal.nodes[2].budget)
    for _, node in ipairs(object.journal.nodes) do node.budget, node.where = nil, nil end -- which cells do not keep
    assert.same(object.cells[1].nodes, object.journal.nodes)
    assert.same(object.cells[1].decisions, object.journal.decisions)
    assert.same({ "root/1/1", "root/1/2", "root/1/3", "root/1", "root/2", "root/3" }, object.journal.order)
    assert.is_nil(object.journal.nodes[6].again)
    assert.is_true(object.journal.nodes[7].again)
    assert.same({ "root", "BUDGET_EXHAUSTED" }, { object.journal.refused[1].node, object.journal.refused[1].code })
    local text = han("show t").out
    assert.matches("root/1/2 %(l2%)  down  nothing  tree.lua:2: two", text)
    assert.matches("delivered  root/1/1 root/1/2 root/1/3 root/1 root/2 root/3\n", text)
    assert.matches("root/3  done %(begun again%)", text)
    assert.matches("refused at root: BUDGET_EXHAUSTED", text)
    local rows = han("show t --follow").out
    assert.matches("spawned    root/3  again", rows)
    assert.equal(object.journal.rows, select(2, rows:gsub("\n", "")))
    assert.matches("%d  ended      root\n$", rows)
  end)

  case("follows a live run from another process, and shows a killed one", function()
    write("live.lua", [[
local task, scope = ...
for round = 1, 30 do
  for i = 1, 1000 do scope:spawn(function(n) return n end, i) end
  for _ in scope:each() do end
end
]])
    os.execute(([[cd %s && { %s script live.lua --run f > /dev/null 2>&1 & } && until %s show f --follow > rows 2> /dev/null; do :; done; wait]])
      :format(fakes.quote(folder), cli.han, cli.han))
    local rows = fakes.sys.read_file(folder .. "/rows")
    assert.matches("%d  ended      root\n$", rows)
    assert.equal(90003, select(2, rows:gsub("\n", "")))
    kill_midway("script live.lua --db k.db --run k", 400000)
    local object = dkjson.decode(han("show k --db k.db --json").out)
    assert.is_false(object.journal.ended)
    assert.is_true(object.journal.rows > 100)
    assert.equal("live", object.journal.nodes[1].status)
    assert.matches("the run goes on, or it was stopped %(han resume%)", han("show --last --db k.db").out)
  end)

  case("stops when an agent that is spawned by name was edited meanwhile", function()
    os.execute("mkdir -p " .. fakes.quote(folder .. "/strategies"))
    local function helper(result)
      write("strategies/helper.lua", ("return { name = 'helper', act = function() return %s end }"):format(result))
    end
    write("named.lua", [[
local task, scope = ...
scope:spawn("helper", {})
local first = scope:next().out
for i = 1, 30 do
  for j = 1, 1000 do scope:spawn(function(n) return n end, j) end
  for _ in scope:each() do end
end
return first
]])
    helper(1)
    local before = { before = "HAN_PATH=" .. fakes.quote(folder) }
    os.execute(([[cd %s && { HAN_PATH=. %s script named.lua --run n --db k.db > /dev/null 2>&1 & } && pid=$! && while kill -0 $pid 2> /dev/null && [ "$(stat -c %%s k.db-wal 2> /dev/null || echo 0)" -lt 300000 ]; do :; done; kill -9 $pid 2> /dev/null; wait $pid 2> /dev/null]])
      :format(fakes.quote(folder), cli.han))
    helper(2)
    local r = han("resume n --db k.db", before)
    assert.equal(1, r.status)
    assert.matches("root/1 did something else than its journal says: row 3 is return at root/1", r.err)
    helper(1)
    assert.equal("1\n", han("resume n --db k.db", before).out)
  end)
end)
