--- Several processes on one han.db: writers wait for each other, readers are never blocked, and of two that go on with
-- one run at most one is told to stop; what is stored is whole. Real processes; no clock is involved.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)

describe("two processes on one store", function()
  local folder, remove

  before_each(function()
    folder, remove = fakes.folder()
    fakes.write(folder, { ["toy.lua"] = fakes.sys.read_file("tests/data/adapters/toy.lua"), ["sum.lua"] = [[
local task, scope = ...
local sum = 0
for round = 1, 20 do
  for i = 1, 500 do scope:spawn(function(n) return n end, i) end
  for settled in scope:each() do sum = sum + settled.out end
end
return sum
]] })
  end)
  after_each(function() remove() end)

  local function han(words) return cli.run(folder, words) end
  local function read(name) return fakes.sys.read_file(folder .. "/" .. name) end

  -- Runs commands side by side; command i leaves its output in out<i> and err<i>, its exit status is given in a list.
  -- while_running: shell words that are repeated meanwhile.
  local function side_by_side(commands, while_running)
    local parts = { "cd " .. fakes.quote(folder), "pids=" }
    for i, words in ipairs(commands) do
      parts[#parts + 1] = ("{ timeout -s KILL 120 %s %s > out%d 2> err%d; echo $? > status%d; } & pids=\"$pids $!\""):format(cli.han, words, i, i, i)
    end
    if while_running then parts[#parts + 1] = "while kill -0 $pids 2> /dev/null; do " .. while_running .. "; done" end
    parts[#parts + 1] = "wait"
    os.execute(table.concat(parts, "\n"))
    local statuses = {}
    for i in ipairs(commands) do statuses[i] = tonumber(read("status" .. i)) end
    return statuses
  end

  case("write by turns, and readers see what is there", function()
    assert.equal(0, han("script sum.lua --run first --db a.db").status)
    local statuses = side_by_side({ "script sum.lua --run one --db a.db", "script sum.lua --run two --db a.db",
      "bench ./toy.lua --n 40 --db a.db --quiet" },
      ("%s corpus stats --db a.db > /dev/null 2>> readers || echo failed >> readers; %s show first --db a.db > /dev/null 2>> readers || echo failed >> readers"):format(cli.han, cli.han))
    assert.same({ 0, 0, 0 }, statuses, (read "err1" or "") .. (read "err2" or "") .. (read "err3" or ""))
    assert.equal("2505000\n", read "out1")
    assert.equal("2505000\n", read "out2")
    assert.equal("", read "readers" or "")
    local doctor = dkjson.decode(han("doctor --db a.db --json").out)
    assert.is_true(doctor.ok)
    assert.equal(4, doctor.runs.whole)
  end)

  local stopped = "another process goes on with this run; what it writes counts, this one stops"

  -- Both end as they should, or one is told that the other one writes; whoever comes then finds the whole.
  local function gone_on_with(words, whole)
    local statuses = side_by_side { words, words }
    for i, status in ipairs(statuses) do
      if status == 0 then
        assert.equal(whole, read("out" .. i))
      else
        assert.equal(2, status, read("err" .. i))
        assert.is_truthy((read("out" .. i) .. read("err" .. i)):find(stopped, 1, true), read("err" .. i))
      end
    end
    assert.equal(whole, han(words).out)
    local doctor = dkjson.decode(han("doctor --db k.db --json").out)
    assert.is_true(doctor.ok, doctor.problem)
    assert.equal(1, doctor.runs.whole)
  end

  case("of two that go on with one bench, one counts", function()
    local whole = han("bench ./toy.lua --n 100 --json --quiet --db whole.db").out
    assert.equal(137, cli.converse(folder, "bench ./toy.lua --n 100 --json --db k.db", "*ETA*) kill -KILL $pid ;;").status)
    gone_on_with("resume --last --json --quiet --db k.db", whole)
    local cells = dkjson.decode(han("corpus query 'SELECT count(*) AS n, count(DISTINCT cell) AS names FROM cell' --json --db k.db").out).rows[1]
    assert.same({ n = 300, names = 300 }, cells)
  end)

  case("of two that go on with one plain script, one counts", function()
    local whole = han("script sum.lua --json --db whole.db").out
    os.execute(([[cd %s && { %s script sum.lua --db k.db > /dev/null 2>&1 & } && pid=$! && while kill -0 $pid 2> /dev/null && ! %s corpus query "SELECT 'yes' FROM journal WHERE id & 4294967295 = 100" --db k.db 2> /dev/null | grep -q yes; do :; done; kill -9 $pid 2> /dev/null; wait $pid 2> /dev/null]])
      :format(fakes.quote(folder), cli.han, cli.han))
    gone_on_with("resume --last --json --db k.db", whole)
  end)
end)
