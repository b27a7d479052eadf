-- han improve as a user meets it: a toy family whose tasks share what is to be learnt. Kills at many points, exit
-- statuses, what is stored, what learners may see; han lineage, promote and rollback on what it left.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local probe = cli.is_built and cli.run(".", "doctor --json").out or ""
local strong = probe:find('"sandbox"') and probe:find("strong: ", 1, true) ~= nil
local function case(name, f)
  if not cli.is_built then return pending(name .. " (no program)") end
  if not strong then return pending(name .. " (no sandbox strong on this machine)") end
  return it(name, f)
end

describe("han improve", function()
  local folder, remove

  setup(function()
    folder, remove = fakes.folder()
    fakes.write(folder, { ["flywheel.lua"] = fakes.sys.read_file("tests/data/adapters/flywheel.lua"),
      ["plain.lua"] = fakes.sys.read_file("tests/data/adapters/toy.lua") })
  end)
  teardown(function() remove() end)

  local function han(words, options) return cli.run(folder, words, options) end

  local function rows(sql, db)
    local r = han("corpus query " .. fakes.quote(sql) .. " --json --db " .. (db or "han.db"))
    assert.equal(0, r.status, r.err)
    return dkjson.decode(r.out).rows
  end

  local SEED = " --seed 900003 "
  local whole, object -- a run that nobody disturbed

  case("learns, gates and prints what may be claimed", function()
    whole = han("improve ./flywheel.lua --json --jobs 2" .. SEED)
    assert.equal(0, whole.status, whole.err)
    object = dkjson.decode(whole.out)
    assert.equal(1, object.schema)
    assert.is_string(object.claim)
    assert.is_boolean(object.success)
    assert.equal(3, #object.rounds)
    for _, name in ipairs { "final_lift", "slope", "deployed_slope", "frozen_slope" } do
      assert.is_number(object[name].mean)
      assert.equal(2, #object[name].ci)
    end
    assert.is_true(#object.promotions > 0)
    assert.same({ "strong", "split" }, { object.sandbox, object.trust })
    assert.equal(200, object.false_promotions.simulations)
    for _, arm in ipairs(object.parity.arms) do
      assert.same({ 18, { shots = 18, evals = 36, tokens = 36 }, { shots = 18, evals = 36, tokens = 72 } },
        { arm.cells, arm.spend, arm.budget })
    end
    local start = object.rounds[1]
    assert.equal(start.scores[1].mean, start.scores[2].mean) -- before anything was learnt deployed is frozen
    assert.matches("round 2/2  deployed 0%.%d+", whole.err)
  end)

  case("gives the same report for any number of jobs", function()
    local other = han("improve ./flywheel.lua --json --jobs 3 --db jobs.db" .. SEED)
    assert.equal(whole.out, other.out, other.err)
  end)

  case("shows what a person wants to know first", function()
    local r = han("improve ./flywheel.lua --rounds 1 --db shown.db" .. SEED)
    assert.equal(0, r.status, r.err)
    assert.matches("flywheel: learns artifact, 1 rounds, seed 900003", r.out)
    assert.matches("round  deployed +95 %% CI  frozen", r.out)
    assert.matches("slope a round: deployed %- frozen [%+-]%d", r.out)
    assert.matches("deployed %- blind", r.out)
    assert.matches("deployed: %d+ candidates, %d+ of another tree shape than the champion; %d+ refused; %d gated", r.out)
    assert.matches("\n  went no further at: %l[%l %d,]+ %(each with its reason", r.out)
    assert.matches("\npromoted", r.out)
    assert.matches("equal arms %(A/A%): the gate's rule promoted %d+ of 200", r.out)
    assert.matches("next: han lineage %-%-run %S+, han report", r.err)
  end)

  case("writes a page that needs no script and no network, then and later", function()
    local r = han("improve ./flywheel.lua --rounds 1 --quiet -o now.html --db page.db" .. SEED)
    assert.equal(0, r.status, r.err)
    local later = han "report --last -o later.html --db page.db --json"
    assert.equal(0, later.status, later.err)
    assert.equal(1, dkjson.decode(later.out).rounds - 1)
    local page = fakes.sys.read_file(folder .. "/now.html")
    assert.equal(page:gsub("now%.html", "later.html"), fakes.sys.read_file(folder .. "/later.html"))
    assert.matches("script%-src 'none'", page)
    assert.is_nil(page:find("<script", 1, true) or page:find("http://", 1, true) or page:find("https://", 1, true))
    assert.equal(4, select(2, page:gsub('<polyline class="way"', "")))
    for _, words in ipairs { "Every gate: a candidate against its champion", "every arm had the same cells and the same ceiling",
      "flywheel, deployed", "flywheel, blind", "that met no gate, with the reason", "apart from frozen", "went no further at",
      "Promoted: deployed %d+, blind %d+, of %d+ that met a gate", "what differs from the version above",
      "deployed %- frozen", "han improve ./flywheel.lua %-%-rounds 1 %-%-seed 900003" } do
      assert.matches(words, page)
    end
    local killed = cli.converse(folder, "improve ./flywheel.lua --db half.db" .. SEED, "*round\\ 0/*) kill -KILL $pid ;;")
    assert.equal(137, killed.status)
    local half = han "report --last -o half.html --db half.db"
    assert.equal(2, half.status, half.err)
    assert.matches("has not ended; han resume", half.err)
  end)

  case("uses no group twice and spends gates and scores before it looks", function()
    assert.same({}, rows "SELECT grp, count(DISTINCT bench_id || split) AS n FROM cell WHERE split IN ('train', 'dev') GROUP BY grp HAVING n > 1")
    local spent = rows "SELECT split, kind, count(*) AS spends, sum(size) AS groups FROM holdout_spend GROUP BY split, kind ORDER BY split"
    assert.same({ split = "final", kind = "bench", spends = 3, groups = 18 }, spent[1])
    assert.equal("gate", spent[2].split)
    assert.equal(#object.gates, spent[2].spends)
    assert.same({ n = 0 }, rows("SELECT count(*) AS n FROM cell c WHERE split IN ('gate', 'final') AND NOT EXISTS (SELECT 1 FROM holdout_group h WHERE h.grp = c.grp)")[1])
    assert.same({ n = #object.gates }, rows("SELECT count(*) AS n FROM experiment")[1]) -- each gate's rule was registered
  end)

  case("lets no learner and no author see what gate and score tasks hold", function()
    -- every held-out cell has the canary in what its judge said; nothing that was learnt from or learnt has it
    assert.same({ n = 0 }, rows("SELECT count(*) AS n FROM cell WHERE split IN ('gate', 'final') AND instr(score, CAST('CANARY' AS BLOB)) = 0 AND score_pass IS NOT NULL")[1])
    assert.same({ n = 0 }, rows("SELECT count(*) AS n FROM cell WHERE split IN ('train', 'dev') AND (instr(score, CAST('CANARY' AS BLOB)) > 0 OR instr(meta, 'CANARY') > 0)")[1])
    assert.is_nil(han("lineage flywheel --all --json").out:find("CANARY", 1, true))
    assert.is_nil(han("lineage flywheel --all --learner blind --json").out:find("CANARY", 1, true))
    local learnt = rows("SELECT DISTINCT split FROM cell WHERE bench_id LIKE '%/learn'")
    assert.same({ { split = "train" } }, learnt)
  end)

  -- Kills the process when the store has so many cells of the run; no clock decides.
  local function killed(words, cells, db)
    local script = ([[cd %s; env -u HAN_PATH NO_COLOR=1 %s %s > killed.out 2> killed.err & pid=$!
while kill -0 $pid 2>/dev/null; do
  n=$(%s corpus query "SELECT count(*) AS n FROM cell" --db %s 2>/dev/null | tail -n 1)
  [ "${n:-0}" -ge %d ] 2>/dev/null && { kill -KILL $pid; break; }
done; wait $pid]]):format(fakes.quote(folder), cli.han, words, cli.han, db, cells)
    local _, _, status = os.execute("timeout -s KILL 100 sh -c " .. fakes.quote(script) .. " 2> /dev/null")
    return status
  end

  case("ends like one that was never killed, wherever it is killed", function()
    local points = os.getenv "HAN_FULL" and { 1, 20, 26, 30, 45, 60, 75, 90, 110, 130, 150, 170, 190 } or { 3, 40, 90 }
    local words = "improve ./flywheel.lua --json --jobs 2 --db killed.db" .. SEED
    local kills = 0
    for _, cells in ipairs(points) do
      local status = killed(words, cells, "killed.db")
      if status == 0 then break end -- it was faster than we looked
      assert.equal(137, status)
      kills = kills + 1
      words = "resume --last --json --jobs 2 --db killed.db"
    end
    assert.is_true(kills >= #points // 2, kills .. " kills")
    local last = han("resume --last --json --db killed.db")
    assert.equal(0, last.status, last.err)
    assert.equal(whole.out, last.out)
    local again = han("resume --last --json --db killed.db") -- it has ended: what it printed, once more
    assert.equal(whole.out, again.out)
    local kept = "SELECT line, learner, lower(hex(digest)) AS digest, round, author, operator, parents, status, reason FROM learnt ORDER BY 1, 2, 3"
    assert.same(rows(kept), rows(kept, "killed.db"))
    local crowned = "SELECT line, lower(hex(digest)) AS digest, how, reason FROM champion ORDER BY id"
    assert.same(rows(crowned), rows(crowned, "killed.db"))
    local spends = "SELECT count(*) AS n, sum(size) AS size FROM holdout_spend"
    assert.same(rows(spends), rows(spends, "killed.db"))
  end)

  -- Where it is hit depends on the machine; what comes out may not.
  case("ends like one that was never killed, killed at instants that nobody chose", function()
    local roll = require("tests.lua.support.random_local").new "instants"
    local begin = "improve ./flywheel.lua --json --jobs 2 --db chance.db" .. SEED
    local function go_on()
      local begun = fakes.sys.stat(folder .. "/chance.db") and han("show --last --json --db chance.db").status == 0
      return begun and "resume --last --json --jobs 2 --db chance.db" or begin
    end
    local kills = 0
    for _ = 1, os.getenv "HAN_FULL" and 30 or 4 do
      local _, _, status = os.execute(("cd %s && env -u HAN_PATH NO_COLOR=1 timeout -s KILL %.3f %s %s > chance.out 2>&1"):format(
        fakes.quote(folder), 0.02 + 0.5 * roll(), cli.han, go_on()))
      if status == 137 then kills = kills + 1 else assert.equal(0, status, fakes.sys.read_file(folder .. "/chance.out")) end
    end
    assert.is_true(kills > 0)
    local last = han(go_on())
    assert.equal(0, last.status, last.err)
    assert.equal(whole.out, last.out)
  end)

  -- ---- what the machine takes ----

  -- The family of a machine that fails: `fault` in the folder says how ("lose" a cell, "kill" its job) and on which tasks.
  local FAULT = [[local function measure(artifact, points)
  local how, which = (require("han.sys").read_file "fault" or ""):match "^(%S+) (%S+)"
  if how and points[1].name:find(which) then
    if how == "lose" then return nil, "the machine is gone", "PEER" end
    require("han.channel").spawn("/bin/sh", { "-c", "kill -KILL $PPID" })
    require("han.sys").wait(60)
  end
]]

  local function on_a_bad_machine(fault)
    local text = fakes.sys.read_file(folder .. "/flywheel.lua")
    text = text:gsub("local function measure%(artifact, points%)\n", function() return FAULT end)
      :gsub("set%[k%] = {", "%0 name = name,")
    fakes.write(folder, { ["bad.lua"] = text, fault = fault })
  end

  case("stops when the machine takes a phase, and runs what was lost again when it is gone on with", function()
    on_a_bad_machine "lose ^dev"
    local words = "improve ./bad.lua --json --jobs 2 --db lost.db" .. SEED
    for _, fault in ipairs { "lose ^dev", "lose ^dev", "lose ^gate", "lose ^final%-%d+2%-[1-4]$" } do
      fakes.write(folder, { fault = fault })
      local r = han(words)
      assert.equal(70, r.status, fault .. r.err)
      local said = dkjson.decode(r.out).error
      assert.equal("PEER", said.code)
      assert.matches("^round %d of all, phase %l+: %d+ of %d+ cells were lost to infra failures, and with them %d of %d tasks %(the first: .*the machine is gone%)", said.message)
      assert.matches("To go on from there: han resume %S+ %-%-db lost.db", said.message)
      words = "resume --last --json --jobs 2 --db lost.db"
    end
    os.remove(folder .. "/fault")
    local last = han(words)
    assert.equal(0, last.status, last.err)
    assert.equal(whole.out, last.out)
    assert.same({ tries = 4 }, rows("SELECT max(try) AS tries FROM cell", "lost.db")[1]) -- dev was lost twice
    assert.equal(0, han("doctor --db lost.db").status)
  end)

  -- The program beside a han-job of its own, which does not start while there is a file `dead`.
  local function own_program()
    local build = cli.han:match "(.*)/"
    assert.is_true(os.execute(("cd %s && mkdir -p own/libexec && cp %s own/ && ln -s %s/libexec/han-runner %s/libexec/han-box own/libexec/ && ln -s %s/scripts own/")
      :format(fakes.quote(folder), fakes.quote(cli.han), build, build, build)))
    fakes.write(folder, { ["own/libexec/han-job"] = ("#!/bin/sh\n[ -e dead ] && exit 1\nexec %s/libexec/han-job \"$@\"\n"):format(build) })
    assert.is_true(os.execute("chmod +x " .. fakes.quote(folder .. "/own/libexec/han-job")))
    return folder .. "/own/han"
  end

  case("stops when no job can be started any more, stores no cell that was not run, and goes on when one can", function()
    on_a_bad_machine "kill ^dev"
    local before, own = cli.han, own_program()
    fakes.write(folder, { ["dead.lua"] = (fakes.sys.read_file(folder .. "/bad.lua"):gsub("kill %-KILL", ": > dead; %0")) })
    cli.han = own
    local r = han("improve ./dead.lua --json --jobs 1 --db dead.db" .. SEED)
    assert.equal(70, r.status, r.err)
    local message = dkjson.decode(r.out).error.message
    assert.matches("^round 1 of all, phase dev: %d+ of %d+ cells were not run, because no job could be started any more: ", message)
    assert.matches("To go on from there: han resume %S+ %-%-db dead.db", message)
    assert.same({ n = 0 }, rows("SELECT count(*) AS n FROM cell WHERE infra = 1", "dead.db")[1])
    r = han "resume --last --db dead.db"
    assert.equal(70, r.status)
    assert.matches("round 1 of all, phase dev: a job ended before it was ready: .*To go on from there: han resume", r.err)
    os.remove(folder .. "/fault")
    os.remove(folder .. "/dead")
    local last = han "resume --last --json --db dead.db"
    cli.han = before
    assert.equal(0, last.status, last.err)
    assert.equal(whole.out, last.out)
  end)

  case("leaves a task out for all arms where one cell is lost, in every phase, and lists it", function()
    on_a_bad_machine "lose %-1$"
    local r = han("improve ./bad.lua --rounds 1 --jobs 2 --json --db part.db" .. SEED)
    assert.equal(0, r.status, r.err)
    local part, phases = dkjson.decode(r.out), {}
    for _, cell in ipairs(part.excluded) do
      phases[cell.phase] = (phases[cell.phase] or 0) + 1
      assert.matches("the machine is gone", cell.reason)
    end
    assert.same({ 4, 4, 2, 2 }, { phases["r0/all/score"], phases["r1/all/score"], phases["r1/all/gate-deployed"], phases["r1/all/learn"] })
    assert.equal(part.parity.arms[1].cells - 2, 2 * part.rounds[2].scores[1].n) -- five of six tasks
    assert.matches("1 of 9 pairs were lost to infra failures", part.gates[1].reason)
    assert.equal(r.out, han("resume --last --json --db part.db").out)
    local shown = han "resume --last --db part.db"
    assert.matches("lost to infra failures, their tasks left out for all arms alike: 2 cells of r1/all/learn, the first flywheel/train%-%S+ %(", shown.out)
  end)

  case("stops at Ctrl-C and says how to go on", function()
    local r = cli.converse(folder, "improve ./flywheel.lua --json --db int.db" .. SEED, "*round\\ 0/*) kill -INT $pid ;;")
    assert.equal(130, r.status, r.err)
    local id = r.err:match "To go on from there: han resume (%S+)"
    assert.is_truthy(id, r.err)
    assert.equal("CANCELLED", dkjson.decode(r.out).error.code)
    assert.equal(whole.out, han(("resume %s --json --db int.db"):format(id)).out)
  end)

  case("refuses to go on when what ran has changed", function()
    local r = cli.converse(folder, "improve ./flywheel.lua --db moved.db" .. SEED, "*round\\ 0/*) kill -KILL $pid ;;")
    assert.equal(137, r.status)
    local text = fakes.sys.read_file(folder .. "/flywheel.lua")
    fakes.write(folder, { ["flywheel.lua"] = text .. "\n-- edited" })
    local refused = han "resume --last --db moved.db"
    fakes.write(folder, { ["flywheel.lua"] = text })
    assert.equal(1, refused.status)
    assert.matches("the adapter's files have changed", refused.err)
  end)

  case("is found by show, but its phases only by their whole name", function()
    local shown = han "show --last --json"
    assert.equal(0, shown.status, shown.err)
    local id = dkjson.decode(shown.out).run
    assert.is_nil(tostring(id):find("/", 1, true))
    assert.equal(0, han("show " .. id .. "/r1/all/learn").status)
  end)

  -- ---- usage ----

  case("says what is wrong before anything is stored", function()
    for words, pattern in pairs { ["improve ./flywheel.lua --what tool"] = "is not learnt; it is strategy, profile or artifact",
      ["improve ./plain.lua --what artifact"] = "declares no improve.game", ["improve ./flywheel.lua --rounds 0"] = "%-%-rounds must be",
      ["improve ./flywheel.lua --budget wall=3"] = "a wall would make results depend on the machine", ["improve nothing"] = "no adapter is called",
      ["improve ./flywheel.lua --strategy nope"] = "no strategy is called" } do
      local r = han(words .. " --db none.db")
      assert.equal(2, r.status, words .. r.err)
      assert.matches(pattern, r.err)
    end
    assert.is_nil(fakes.sys.stat(folder .. "/none.db"))
  end)

  case("exits with 78 where nothing could be promoted, and names the fix", function()
    local r = han "improve ./flywheel.lua --sandbox none --db none.db"
    assert.equal(78, r.status, r.err)
    assert.matches("a gate accepts strong and landlock only", r.err)
    assert.matches("han doctor", r.err)
    assert.is_nil(fakes.sys.stat(folder .. "/none.db"))
  end)

  -- ---- lineage ----

  describe("and what it left", function()
    local function champion() return rows("SELECT lower(hex(digest)) AS digest FROM champion ORDER BY id DESC LIMIT 1")[1].digest end

    case("is listed with its champion, and shown as a tree with reasons and diffs", function()
      local list = dkjson.decode(han("lineage --json").out).lines
      assert.same({ "flywheel", champion() }, { list[1].line, list[1].champion.digest })
      local tree = han("lineage flywheel --diff")
      assert.equal(0, tree.status, tree.err)
      assert.matches("^flywheel  deployed, run", tree.out)
      assert.matches("start  %x+", tree.out)
      assert.matches("\n  promoted  %x+  round %d  %l+: [%l_]+", tree.out)
      assert.matches("gate: promote, lift", tree.out)
      assert.matches("\n +%+ +return", tree.out)
      local versions = dkjson.decode(han("lineage flywheel --all --json").out).versions
      assert.is_true(#versions > 3)
      local refused = 0
      for _, version in ipairs(versions) do
        assert.not_equal("candidate", version.status)
        if version.status == "refused" then
          refused = refused + 1
          assert.is_string(version.reason)
        end
      end
      assert.is_true(refused > 0)
    end)

    case("is rolled back and promoted again, and only what passed a gate", function()
      local best = champion()
      local back = han("rollback flywheel --json")
      assert.equal(0, back.status, back.err)
      assert.equal(best, dkjson.decode(back.out).before)
      assert.not_equal(best, champion())
      while han("rollback flywheel").status == 0 do end -- to where the line began
      assert.matches("no champion before this one", han("rollback flywheel").err)
      local versions = dkjson.decode(han("lineage flywheel --all --json").out).versions
      for _, version in ipairs(versions) do
        if version.status == "refused" then
          local r = han("promote flywheel " .. version.digest)
          assert.equal(1, r.status)
          assert.matches("passed no gate", r.err)
          break
        end
      end
      assert.equal(0, han("promote flywheel " .. best:sub(1, 16) .. " --reason again").status)
      assert.equal(best, champion())
      assert.equal(1, han("promote flywheel " .. best).status) -- it is already
      assert.equal(2, han("promote flywheel zz").status)
      assert.equal(2, han("rollback nowhere").status)
      assert.equal(2, han("promote flywheel 00000000").status)
    end)

    case("keeps a champion that somebody else set", function()
      local before = champion()
      local r = han("improve ./flywheel.lua --rounds 1 --seed 900004")
      assert.equal(0, r.status, r.err)
      if r.err:find("promote", 1, true) then assert.matches("has a champion of another run; it stays", r.err) end
      assert.equal(before, champion())
    end)
  end)
end)
