--- han resume: a bench that was killed, again and again, ends with what one that nobody disturbed prints; what is not
-- the same any more is refused by its name. Real processes; no clock is involved.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)

describe("han resume of a bench", function()
  local folder, remove

  before_each(function()
    folder, remove = fakes.folder()
    fakes.write(folder, { ["toy.lua"] = fakes.sys.read_file("tests/data/adapters/toy.lua"),
      ["mine.lua"] = fakes.sys.read_file("scripts/strategies/refine.lua") })
  end)
  after_each(function() remove() end)

  local function han(words) return cli.run(folder, words) end

  -- Kills the process as soon as it says that cells are done.
  local function killed(words)
    os.remove(folder .. "/err")
    return cli.converse(folder, words, "*ETA*) kill -KILL $pid ;;")
  end

  local function refused(words, status, pattern)
    local r = han(words)
    assert.equal(status, r.status, words .. ": " .. r.err)
    assert.matches(pattern, r.err)
    assert.equal("", r.out)
  end

  local function corpus(sql, db)
    local r = han("corpus query " .. fakes.quote(sql) .. " --json --db " .. (db or "han.db"))
    assert.equal(0, r.status, r.err)
    return dkjson.decode(r.out).rows
  end

  case("ends a bench that was killed twenty times as one that never was", function()
    local words = "bench ./toy.lua --arms sample,refine,adaptive --n 250 --seed 3 --jobs 2 --json"
    local whole = han(words .. " --db whole.db --quiet")
    assert.equal(0, whole.status, whole.err)
    assert.equal(137, killed(words).status)
    local before = 0
    for round = 2, 20 do
      local r = killed("resume --last --json")
      assert.equal(137, r.status, ("kill %d: %s"):format(round, r.err))
      assert.equal("", r.out)
      local now = corpus("SELECT count(*) AS n FROM cell")[1].n
      assert.is_true(now >= before and now < 1000, ("%d cells after %d"):format(now, before))
      before = now
    end
    local last = han("resume --last --json --quiet")
    assert.equal(0, last.status, last.err)
    assert.equal(whole.out, last.out)
    assert.same({ { runs = 1, cells = 1000, names = 1000, ended = 1 } }, corpus("SELECT (SELECT count(*) FROM bench) AS runs, count(*) AS cells, count(DISTINCT cell) AS names, (SELECT ended_ms IS NOT NULL FROM bench) AS ended FROM cell"))
    -- and what is stored of each cell is the same, its times apart
    local spends = "SELECT cell, spend_evals, spend_shots, score_correct, hex(output) AS output, hex(decisions) AS decisions FROM cell ORDER BY cell LIMIT 5000"
    assert.same(corpus(spends), corpus(spends, "whole.db"))
  end)

  case("gives the result of a bench that has ended once more", function()
    local words = "bench ./toy.lua --arms sample,./mine.lua --n 24 --weights correct=1,fast=1"
    local shown = han(words)
    local again = han("resume --last")
    assert.equal(0, again.status, again.err)
    assert.equal(shown.out, again.out)
    fakes.write(folder, { ["mine.lua"] = "changed", ["toy.lua"] = "gone" }) -- it has ended: nothing is run
    assert.equal(shown.out, han("resume --last").out)
    local object = dkjson.decode(han("resume --last --json").out)
    assert.equal(1, object.schema)
    assert.equal(1, #corpus("SELECT id FROM bench"))
  end)

  case("runs again what the machine took, where it took everything or the run was broken off", function()
    local toy = fakes.sys.read_file(folder .. "/toy.lua"):gsub("local function guess%(ctx%)", function(head)
      return head .. "\n  if require('han.sys').read_file 'fault' then error({ code = 'PEER', message = 'the machine is gone' }, 0) end"
    end)
    fakes.write(folder, { ["toy.lua"] = toy })
    local words = "bench ./toy.lua --arms sample,./mine.lua --n 24 --json"
    local whole = han(words .. " --db whole.db")
    fakes.write(folder, { fault = "" })
    local lost = han(words)
    assert.equal(70, lost.status, lost.err)
    assert.matches("no task could be measured: .*the machine is gone.* To go on from there: han resume %S+", lost.err)
    assert.equal(70, han("resume --last").status)
    os.remove(folder .. "/fault")
    local again = han("resume --last --json")
    assert.equal(0, again.status, again.err)
    assert.equal(whole.out, again.out)
    assert.same({ { tries = 4, lost = 144, good = 72 } }, corpus("SELECT max(try) AS tries, sum(infra) AS lost, sum(infra = 0) AS good FROM cell"))
    assert.equal(whole.out, han("resume --last --json").out)
    local function page(db) return dkjson.decode(han("report --last -o page.html --json --db " .. db).out) end
    assert.same(page("whole.db").arms, page("han.db").arms)
    assert.equal(0, han("doctor --db han.db").status)
  end)

  case("goes on after Ctrl-C, from another folder, with another number of jobs", function()
    local words = "bench ./toy.lua --arms sample,./mine.lua --n 120 --json"
    local whole = han(words .. " --db whole.db")
    local r = cli.converse(folder, words, "*ETA*) n=$((n+1)); [ $n -gt 1 ] || kill -INT $pid ;;") -- twice would stop at once
    assert.equal(130, r.status, r.err)
    local id = r.err:match("To go on from there: han resume (%S+)")
    assert.is_truthy(id, r.err)
    assert.equal(1, corpus("SELECT ended_ms IS NULL AS open FROM bench")[1].open)
    fakes.sys.mkdir(folder .. "/elsewhere")
    local on = cli.run(folder .. "/elsewhere", "resume " .. id .. " --db ../han.db --jobs 2 --json")
    assert.equal(0, on.status, on.err)
    assert.equal(whole.out, on.out)
  end)

  case("keeps an untrusted program untrusted", function()
    local words = "bench ./toy.lua --arms sample,./mine.lua --n 60 --untrusted --json"
    local whole = han(words .. " --db whole.db")
    assert.equal(0, whole.status, whole.err)
    assert.equal(137, killed(words).status)
    assert.equal(1, corpus("SELECT instr(config, CAST('untrusted' AS BLOB)) > 0 AS kept FROM bench")[1].kept)
    assert.equal(whole.out, han("resume --last --json").out)
  end)

  case("spends held-out groups once", function()
    local words = "bench ./toy.lua --n 200 --split gate --line one --json"
    assert.equal(137, killed(words).status)
    local r = han("resume --last --json")
    assert.equal(0, r.status, r.err)
    assert.same({ { spends = 1, groups = 8 } }, corpus("SELECT count(*) AS spends, sum(size) AS groups FROM holdout_spend"))
    assert.equal(1, han(words).status) -- a second look is still refused
  end)

  case("refuses what is not the same any more, by its name", function()
    assert.equal(137, killed("bench ./toy.lua --arms sample,./mine.lua --n 200").status)
    local toy, mine = fakes.sys.read_file(folder .. "/toy.lua"), fakes.sys.read_file(folder .. "/mine.lua")
    fakes.write(folder, { ["mine.lua"] = mine .. "\n-- edited" })
    refused("resume --last", 1, "the strategy refine is not the one that run %S+ began with: %S+/mine.lua has changed")
    fakes.write(folder, { ["mine.lua"] = mine, ["toy.lua"] = toy .. "\n-- edited" })
    refused("resume --last", 1, "the adapter %S+/toy.lua is not the one that run %S+ began with")
    os.remove(folder .. "/toy.lua")
    refused("resume --last", 2, "cannot read the adapter")
    fakes.write(folder, { ["toy.lua"] = toy })
    assert.equal(0, han("resume --last").status)
  end)

  case("refuses tasks that the adapter makes no more", function()
    -- an adapter whose tasks depend on something that no digest covers
    local toy = fakes.sys.read_file(folder .. "/toy.lua"):gsub('id = "t" %.%. i', 'id = (options.word or "t") .. i')
    fakes.write(folder, { ["toy.lua"] = toy })
    assert.equal(137, killed("bench ./toy.lua --n 200 --set word=a").status)
    os.execute("cd " .. folder .. " && sqlite3 han.db \"UPDATE cell SET cell = replace(cell, 'a1/', 'q1/')\" 2>/dev/null")
    if corpus("SELECT count(*) AS n FROM cell WHERE cell LIKE '%/q1/%'")[1].n == 0 then return pending("no sqlite3") end
    refused("resume --last", 1, "the adapter makes other tasks now: the cell toy/q1/")
  end)

  case("says what can not be resumed", function()
    refused("resume", 2, "there is no store han.db")
    fakes.write(folder, { ["x.lua"] = "return 1" })
    assert.equal(0, han("script x.lua").status)
    refused("resume", 2, "name a run, or say %-%-last")
    refused("resume nope", 2, "no run 'nope'")
    refused("resume nope --last", 2, "takes the place of RUN")
    assert.equal(0, han("script mine.lua --adapter ./toy.lua --n 4").status)
    refused("resume --last --jobs 0", 2, "%-%-jobs must be a whole number")
    fakes.write(folder, { ["all.jsonl"] = han("corpus export").out })
    assert.equal(0, han("corpus import all.jsonl --db other.db").status)
    refused("resume --last --db other.db", 1, "is of the kind 'import', which is not resumed")
  end)

  -- Everything that runs cells: killed in the middle it ends as if nothing had been, and an ended one says it again.
  for _, words in ipairs { "bench ./toy.lua --vary steer --n 100", "bench ./toy.lua --screen --n 150 --seed 2",
    "script ./mine.lua --adapter ./toy.lua --n 200", "gate ./mine.lua --against sample --adapter ./toy.lua --n 300 --groups 8",
    "gate ./mine.lua --against sample --adapter ./toy.lua --n 300 --groups 8 --sequential" } do
    local long = words:find("--vary", 1, true) or words:find("groups 8$") -- told apart from the others by little
    local maybe = long and not os.getenv "HAN_FULL" and function() end or case
    maybe("goes on with han " .. words, function()
      words = words .. " --json"
      local whole = han(words .. " --db whole.db --quiet")
      assert.equal(137, killed(words).status)
      local before = corpus("SELECT count(*) AS n FROM cell")[1].n
      for _ = 1, 2 do
        local on = han("resume --last --json --quiet")
        assert.equal(whole.status, on.status, on.err)
        assert.equal(whole.out, on.out)
      end
      assert.is_true(before > 0 and before < corpus("SELECT count(*) AS n FROM cell")[1].n)
      assert.equal(whole.out, han("resume --last --db whole.db --json").out)
      assert.equal(han("resume --last --db whole.db").out, han("resume --last").out)
    end)
  end

  case("gives a refused gate once more, and leaves a gate whose strategy has changed", function()
    local words = "gate ./mine.lua --against sample --adapter ./toy.lua --n 40 --groups 900 --json"
    local refusal = han(words)
    assert.equal(1, refusal.status)
    assert.equal("refused", dkjson.decode(refusal.out).decision)
    assert.equal(refusal.out, han("resume --last --json").out)
    assert.equal(137, killed("gate ./mine.lua --against sample --adapter ./toy.lua --n 300 --groups 8 --json").status)
    local mine = fakes.sys.read_file(folder .. "/mine.lua")
    fakes.write(folder, { ["mine.lua"] = mine .. "\n-- edited" })
    refused("resume --last", 1, "has changed")
    fakes.write(folder, { ["mine.lua"] = mine })
    assert.equal("need-more", dkjson.decode(han("resume --last --json").out).decision:gsub("hold", "need-more"):gsub("promote", "need-more"))
  end)

  case("refuses tasks whose hidden part has changed", function()
    fakes.write(folder, { ["hidden.txt"] = "7", ["toy.lua"] = fakes.sys.read_file(folder .. "/toy.lua"):gsub("private = {",
      'private = { hidden = require("han.sys").read_file(options.path, 100),', 1) })
    assert.is_truthy(fakes.sys.read_file(folder .. "/toy.lua"):find("options.path", 1, true))
    assert.equal(137, killed("bench ./toy.lua --n 200 --set path=hidden.txt").status)
    fakes.write(folder, { ["hidden.txt"] = "8" })
    refused("resume --last", 1, "the task %S+ is not what it was when the cell %S+ was run")
    fakes.write(folder, { ["hidden.txt"] = "7" })
    fakes.sys.mkdir(folder .. "/elsewhere") -- and the path is found from another folder
    assert.equal(0, cli.run(folder .. "/elsewhere", "resume --last --db ../han.db --quiet").status)
  end)
end)
