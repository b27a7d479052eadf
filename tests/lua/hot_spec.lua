-- Hot-loading: the newest sound version serves the next run, runs in flight end on theirs; files, champions of lines.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local fakes = dofile "tests/lua/support/fakes.lua"
local hot = require "han.hot"

describe("han.hot", function()
  local text, reads, h
  before_each(function()
    text, reads = nil, 0
    h = hot.new { stamp = function() return text end,
      read = function()
        reads = reads + 1
        if text == "gone" then return nil, "it is gone", "UNKNOWN" end
        return { digest = text:gsub("%s+$", ""), text = text }
      end,
      sound = function(version)
        if version.text:find "bad" then return nil, "it is bad", "SYNTAX", "x.lua:1" end
        return true
      end }
  end)

  it("gives the newest sound version, new once, and reads only when something changed", function()
    assert.is_nil((h:next()))
    text = "one"
    local version, is_new = h:next()
    assert.same({ "one", true, 1 }, { version.text, is_new, version.number })
    assert.same({ version, false }, { h:next() })
    assert.equal(1, reads)
    text = "one " -- saved again, nothing else
    assert.same({ version, false }, { h:next() })
    text = "two"
    assert.same({ "two", 2 }, { h:next().text, h:next().number })
  end)

  it("keeps the version before one that is not sound, and says why once it looks", function()
    text = "bad one"
    local version, refused = h:next()
    assert.is_nil(version)
    assert.same({ message = "it is bad", code = "SYNTAX", where = "x.lua:1", digest = "bad one" }, refused)
    text = "good"
    local good = h:next()
    assert.equal("good", good.text)
    assert.is_nil(h.refused)
    text = "bad two"
    local still, is_new = h:next()
    assert.same({ good, false, "it is bad" }, { still, is_new, h.refused.message })
    text = "gone"
    assert.equal(good, (h:next()))
    assert.same({ "it is gone", "UNKNOWN" }, { h.refused.message, h.refused.code })
    text = "good"
    assert.same({ good, false }, { h:next() }) -- what serves is there again: nothing new
    assert.is_nil(h.refused)
  end)
end)

describe("a new version", function()
  local folder, remove
  local probe = cli.is_built and cli.run(".", "doctor --json").out or ""
  local strong = probe:find('"sandbox"') and probe:find("strong: ", 1, true) ~= nil
  local function case(name, f)
    if not cli.is_built then return pending(name .. " (no program)") end
    if not strong then return pending(name .. " (no sandbox strong on this machine)") end
    return it(name, f)
  end

  local function strategy(word)
    return ('local han = require "han"\nlocal shots = require "han.shots"\nreturn han.strategy { name = "mine", intent = "%s", act = function(task, scope) return shots.run(scope, task) end }\n'):format(word)
  end
  local function han(words) return cli.run(folder, words, { seconds = 300 }) end
  local function rows(sql, db)
    local r = han("corpus query " .. fakes.quote(sql) .. " --json --db " .. (db or "han.db"))
    assert.equal(0, r.status, r.err)
    return dkjson.decode(r.out).rows
  end

  setup(function()
    folder, remove = fakes.folder()
    fakes.write(folder, { ["flywheel.lua"] = fakes.sys.read_file "tests/data/adapters/flywheel.lua",
      ["toy.lua"] = fakes.sys.read_file "tests/data/adapters/toy.lua", ["mine.lua"] = strategy "one", ["two.lua"] = strategy "two" })
  end)
  teardown(function() remove() end)

  case("of a file serves the next run; the run in flight ends on its own", function()
    local r = cli.converse(folder, "bench ./toy.lua --arms ./mine.lua --n 8 --jobs 2 --db file.db", "1/*|2/*|3/*) cp two.lua mine.lua ;;")
    assert.equal(0, r.status, r.err)
    assert.same({ { n = 1, cells = 8 } }, rows("SELECT count(DISTINCT program) AS n, count(*) AS cells FROM cell WHERE arm = 'mine'", "file.db"))
    assert.equal(0, han("bench ./toy.lua --arms ./mine.lua --n 8 --db file.db --quiet").status)
    assert.same({ { n = 2 } }, rows("SELECT count(DISTINCT program) AS n FROM cell WHERE arm = 'mine'", "file.db"))
    fakes.write(folder, { ["mine.lua"] = strategy "one" })
  end)

  case("that is broken is told with its line while the one before it stays; the next good one runs", function()
    local r = cli.converse(folder, "script mine.lua --adapter ./toy.lua --watch --quiet --db watch.db", [=[
    *watching*) n=$((n + 1))
      case $n in
      1) echo "return 3 +" > mine.lua ;;
      2) cp two.lua mine.lua ;;
      3) kill -INT $pid ;;
      esac ;;]=])
    assert.equal(130, r.status, r.err)
    assert.matches("mine.lua:%d: unexpected symbol [^\n]*; the version before it stays", r.err)
    assert.same({ { n = 2, runs = 2 } }, rows("SELECT count(DISTINCT program) AS n, count(*) AS runs FROM cell", "watch.db"))
    fakes.write(folder, { ["mine.lua"] = strategy "one" })
  end)

  local champion, before -- digests

  case("that was promoted runs as @LINE, and another by its digest", function()
    assert.equal(0, han("improve ./flywheel.lua --rounds 1 --n 6 --seed 900003 --quiet").status)
    local list = rows "SELECT lower(hex(digest)) AS digest FROM champion ORDER BY id"
    before, champion = list[1].digest, list[#list].digest
    local r = han(("bench ./flywheel.lua --arms @flywheel,@flywheel:%s --n 6 --json --quiet"):format(before:sub(1, 8)))
    assert.equal(0, r.status, r.err)
    local object, names = dkjson.decode(r.out), {}
    for i, arm in ipairs(object.arms) do names[i] = arm.name end
    assert.same({ "sample", "@flywheel", "@flywheel:" .. before:sub(1, 8), "sample#aa" }, names)
    assert.is_true(object.arms[2].score.mean > object.arms[3].score.mean)
    assert.matches("line nothing has no champion; han lineage lists the lines", han("bench ./flywheel.lua --arms @nothing").err)
    assert.matches("has no version ffff that passed a gate", han("bench ./flywheel.lua --arms @flywheel:ffff").err)
    assert.matches("which needs tasks", han("script @flywheel").err)
    assert.matches("was learnt on flywheel; only a strategy goes from one family to another", han("bench ./toy.lua --arms @flywheel").err)
    assert.equal(0, han("bench ./flywheel.lua --arms @flywheel --untrusted --n 2 --quiet --db han.db").status)
  end)

  case("of the corpus serves the next run of a command that watches it", function()
    local react = ([=[
    *watching*) n=$((n + 1))
      case $n in
      1) %s rollback flywheel > rolled ;;
      2) %s promote flywheel %s > promoted ;;
      3) kill -INT $pid ;;
      esac ;;]=]):format(cli.han, cli.han, champion:sub(1, 10))
    local r = cli.converse(folder, "script @flywheel --adapter ./flywheel.lua --watch --quiet", react)
    assert.equal(130, r.status, r.err)
    local ran = rows "SELECT c.arm, count(*) AS n FROM cell c JOIN bench b ON b.id = c.bench_id WHERE b.kind = 'script' GROUP BY c.arm ORDER BY min(c.id)"
    assert.same({ { arm = "@flywheel:" .. champion:sub(1, 8), n = 2 }, { arm = "@flywheel:" .. before:sub(1, 8), n = 1 } }, ran)
  end)

  case("does not change a bench that is gone on with", function()
    local words = "bench ./flywheel.lua --arms @flywheel --n 8 --seed 900009 --json --db copy.db"
    os.execute(("cp %s/han.db %s/copy.db"):format(folder, folder))
    local whole = han((words:gsub("copy.db", "han.db")))
    local r = cli.converse(folder, words, "1/*|2/*|3/*|4/*|5/*) kill -KILL $pid ;;")
    assert.equal(137, r.status, r.err)
    assert.equal(0, han("rollback flywheel --db copy.db").status)
    local resumed = han "resume --last --json --db copy.db"
    assert.equal(0, resumed.status, resumed.err)
    assert.equal(whole.out, resumed.out)
  end)
end)
