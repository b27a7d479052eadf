-- The program as a user meets it: every bad input gives one clear message and the right exit status, and what
-- --json prints has the keys that it promises.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

-- JSON is read by han itself elsewhere; here a small reader is enough, so that the test does not trust the writer.
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)

describe("han", function()
  local folder, remove

  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function han(words, options) return cli.run(folder, words, options) end

  -- One line on standard error that holds the text; nothing on standard output.
  local function refused(words, status, pattern)
    local r = han(words)
    assert.equal(status, r.status, words .. ": " .. r.err)
    assert.matches(pattern, r.err)
    assert.matches("^han: [^\n]+\n$", r.err)
    assert.equal("", r.out)
    local json = han(words .. " --json")
    assert.equal(status, json.status)
    local object = assert(dkjson.decode(json.out), json.out)
    assert.equal(1, object.schema)
    assert.is_string(object.error.code)
    assert.is_string(object.error.message)
    return object.error
  end

  local function keys(t)
    local list = {}
    for key in pairs(t) do list[#list + 1] = key end
    table.sort(list)
    return table.concat(list, " ")
  end

  case("describes itself", function()
    assert.matches("^han %d+%.%d+%.%d+ %(Lua 5.4%)\n$", han("version").out)
    assert.matches("^han %d+%.%d+%.%d+", han("--version").out)
    assert.equal("lua schema version", keys(dkjson.decode(han("version --json").out)))
    local help = han("--help")
    assert.equal(0, help.status)
    local documented = fakes.sys.read_file("docs/cli.md")
    for _, command in ipairs { "script", "bench", "resume", "compare", "gate", "holdout", "improve", "ablate",
      "lineage", "promote",
      "rollback", "show", "report", "corpus", "stats", "new", "lint", "check", "exec", "doctor", "version" } do
      assert.matches("\n  " .. command .. " ", help.out)
      local one = han(command .. " --help")
      assert.equal(0, one.status)
      assert.matches("Example:\n  [^\n]*han " .. command, one.out)
      assert.matches("%-%-json", one.out)
      assert.equal(one.out, han("help " .. command).out)
      assert.is_truthy(documented:find(one.out, 1, true), "docs/cli.md does not hold this:\n" .. one.out)
    end
    for _, command in ipairs { "script", "bench", "resume", "compare", "gate", "holdout", "improve", "ablate", "lineage", "promote", "rollback", "show", "report", "corpus", "doctor" } do
      assert.matches("%-%-db FILE", han(command .. " --help").out)
    end
    assert.equal(help.out, han("").out)
  end)

  case("refuses what it does not know", function()
    refused("bnech", 2, "no command 'bnech', did you mean 'bench'%?")
    refused("--frob", 2, "'%-%-frob' comes before a command")
    refused("bench", 2, "missing argument 'adapter'; see han bench %-%-help")
    refused("bench repair --frob", 2, "unknown option '%-%-frob'; see han bench %-%-help")
    refused("bench repair extra", 2, "too many arguments")
    refused("bench repiar", 2, "no adapter is called 'repiar', did you mean 'repair'%?")
    refused("bench repair --arms sample,refin", 2, "no strategy is called 'refin', did you mean 'refine'%?")
    refused("bench repair --arms sample,,refine", 2, "an empty name")
    refused("bench repair --arms refine,refine", 2, "'refine' is given twice")
    refused("bench repair --arms 'sample#aa'", 2, "is added by itself")
    refused("bench repair --set league", 2, "'league' is not NAME=VALUE")
    refused("bench repair --set a=1,a=2", 2, "'a' is given twice")
    refused("bench repair --set difficulty=2", 2, "an option of its own")
    refused("bench ./none.lua", 2, "cannot read the adapter ./none.lua: No such file or directory")
    refused("new strategie x", 2, "no template for 'strategie', did you mean 'strategy'%?")
    refused("new strategy 'a b'", 2, "must be a name")
    refused("new strategy ../x", 2, "must be a name")
    refused("corpus frob", 2, "corpus has no 'frob'")
    refused("stats frob", 2, "no method 'frob'")
  end)

  case("refuses wrong numbers and budgets", function()
    refused("bench repair --n 0", 2, "%-%-n must be a whole number from 1 to 1000000, got '0'")
    refused("bench repair --n -5", 2, "got '%-5'")
    refused("bench repair --n many", 2, "got 'many'")
    refused("bench repair --seed 1.5", 2, "%-%-seed must be a whole number")
    refused("bench repair --seed 99999999999999999999", 2, "%-%-seed must be a whole number")
    refused("bench repair --jobs 0", 2, "%-%-jobs must be")
    refused("bench repair --budget shots=-1", 2, "shots must be not negative")
    refused("bench repair --budget shots=x", 2, "shots must be a whole number")
    refused("bench repair --budget ''", 2, "is not CHANNEL=NUMBER")
    refused("bench repair --budget sohts=1", 2, "did you mean 'shots'%?")
    refused("bench repair --split test", 2, "no split 'test'")
    assert.equal("REFUSED", refused("bench repair --split gate", 1, "held out.*use %-%-split dev").code)
    assert.equal("REFUSED", refused("bench repair --split final", 1, "held out").code)
  end)

  case("refuses bad files with their line", function()
    fakes.write(folder, {
      ["syntax.lua"] = "local x\nlocal y = = 1\n", ["strategy.lua"] = 'local han = require "han"\nreturn han.strategy { name = "s", act = print }',
      ["bad.lua"] = 'local han = require "han"\n\nreturn han.strategy {\n  name = "s",\n  act = 7,\n}\n', ["plain.lua"] = "return 1",
      ["task.json"] = '{"a": 1,\n "a": 2}', ["adapter.lua"] = "return 1", ["open.lua"] = "return 1",
    })
    refused("script none.lua", 2, "cannot read the script none.lua: No such file or directory")
    refused("script .", 2, "is a folder")
    local problem = refused("script syntax.lua", 2, "syntax.lua:2: unexpected symbol near '='")
    assert.equal("SYNTAX", problem.code)
    refused("script strategy.lua", 2, "returns a strategy, which needs tasks: han script strategy.lua %-%-adapter")
    refused("script plain.lua --adapter repair", 2, "plain.lua does not return a strategy")
    refused("script plain.lua --n 3", 2, "%-%-n is for a strategy on tasks")
    refused("script strategy.lua --adapter repair --task task.json", 2, "%-%-task is for a plain script")
    refused("script plain.lua --task none.json", 2, "none.json: No such file")
    refused("script plain.lua --task task.json", 2, "task.json: JSON, line 2:%d+: duplicate object key")
    refused("script bad.lua --adapter repair", 1, "bad.lua:3: han.strategy: the field 'act' must be a function, got 7")
    refused("bench ./adapter.lua", 2, "an adapter file must return han.adapter")
    refused("lint none.lua", 2, "none.lua: No such file")
    refused("lint syntax.lua", 2, "syntax.lua:2:11: ")
    os.execute("chmod o+w " .. folder .. "/open.lua")
    refused("script open.lua", 78, "can be written by other users.*chmod go%-w 'open.lua'")
  end)

  case("writes a page of a bench, and of nothing else", function()
    refused("report --last -o x.html", 2, "there is no store han.db")
    fakes.write(folder, { ["toy.lua"] = fakes.sys.read_file("tests/data/adapters/toy.lua"), ["plain.lua"] = "return 1\n" })
    local bench = dkjson.decode(han("bench ./toy.lua --arms refine --n 6 --seed 3 --set b=2,a=1 --budget shots=2,evals=10,tokens=20 --json").out)
    local made = han("report --last -o page.html --json")
    assert.equal(0, made.status, made.err)
    local object = dkjson.decode(made.out)
    assert.equal("arms bytes contrasts file run schema tasks", keys(object))
    assert.same({ "page.html", 6 }, { object.file, object.tasks })
    assert.same({ bench.arms, bench.contrasts }, { object.arms, object.contrasts })
    local page = fakes.sys.read_file(folder .. "/page.html")
    assert.equal(#page, object.bytes)
    assert.is_truthy(page:find("<code>han bench ./toy.lua --arms refine --n 6 --seed 3 --split dev --budget "
      .. "shots=2,evals=10,tokens=20 --set a=1,b=2 --jobs 1</code>", 1, true))
    assert.is_truthy(page:find(bench.contrasts[1].claim, 1, true))
    refused("report --last", 2, "say where the page goes")
    refused("report " .. object.run .. " --last -o x.html", 2, "takes the place of RUN")
    refused("report nothing -o x.html", 2, "there is no run 'nothing'")
    refused("report --last -o no/such/x.html", 2, "cannot write no/such/x.html: No such file or directory")
    assert.equal(0, han("script plain.lua").status)
    local scripts = dkjson.decode(han("corpus query \"SELECT id FROM bench WHERE kind = 'script'\" --json").out).rows
    refused("report " .. scripts[1].id .. " -o x.html", 2, "is a script; only a bench compares arms")
    assert.equal(object.run, dkjson.decode(han("report --last -o again.html --json").out).run) -- the last that is one
  end)

  case("says why a result cannot be shown", function()
    for result, cause in pairs { ["{ 1, nil, 3, a = 1 }"] = "result: a table is a list", ["{ a = math.huge }"] = "result.a: infinity" } do
      fakes.write(folder, { ["odd.lua"] = "return " .. result })
      local r = han("script odd.lua --json")
      assert.equal(1, r.status)
      assert.matches("cannot be shown: " .. cause, r.err)
      assert.matches("cannot be shown: " .. cause, dkjson.decode(r.out).error.message)
      assert.equal("done", dkjson.decode(r.out).status)
      assert.equal(1, han("script odd.lua").status)
    end
  end)

  case("shows decisions", function()
    fakes.write(folder, { ["d.lua"] = 'local task, scope = ...\nreturn (scope:choose("arm", { "left", "right" }, {}, { 0, 1 }))' })
    assert.equal("right\n", han("script d.lua").out)
    assert.matches("decision arm at root: right, propensity 1\n", han("show --last").out)
    local cell = dkjson.decode(han("show --last --json").out).cells[1]
    assert.same({ "arm", 2, { "left", "right" } }, { cell.decisions[1].point, cell.decisions[1].chosen, cell.decisions[1].options })
  end)

  case("stops a file that takes too long to load", function()
    fakes.write(folder, { ["slow.lua"] = "local x\nwhile true do\n  pcall(function() while true do end end)\nend\n" })
    local r = han("script slow.lua --adapter repair")
    assert.equal(1, r.status)
    assert.matches("^han: slow.lua:[23]: loading took longer than 5 seconds", r.err)
  end)

  case("runs a plain script", function()
    fakes.write(folder, {
      ["sum.lua"] = [[
local task, scope = ...
for _, n in ipairs(task.numbers) do scope:spawn(function(t) return t.n * t.n end, { n = n }) end
local sum = 0
for settled in scope:each() do sum = sum + settled.out end
return { sum = sum, list = {} }
]], ["task.json"] = '{"numbers": [1, 2, 3]}', ["fails.lua"] = "local task, scope = ...\n\nerror('no luck')\n", ["nil.lua"] = "", ["deep.lua"] = "local t = {}\nlocal x = t\nfor i = 1, 70 do x.n = {} x = x.n end\nreturn t", ["evil.lua"] = "return 'a\\27[31mb\\n'",
    })
    local r = han("script sum.lua --task task.json --json")
    assert.equal(0, r.status, r.err)
    local object = dkjson.decode(r.out, 1, "null")
    assert.equal("result schema spend status verdict", keys(object))
    assert.same({ 1, "done", 14 }, { object.schema, object.status, object.result.sum })
    r = han("script fails.lua --json")
    assert.equal(1, r.status)
    object = dkjson.decode(r.out)
    assert.same({ code = "SCRIPT", message = "no luck", where = "fails.lua:3" }, object.error)
    assert.equal("down", object.status)
    r = han("script deep.lua --json")
    assert.equal(1, r.status)
    object = dkjson.decode(r.out)
    assert.equal("deep.lua:1", object.error.where)
    assert.matches("^result%.n%.n%.n%.n %.%.%. %.n%.n%.n%.n: nested deeper than 64 tables", object.error.message)
    r = han("script nil.lua")
    assert.equal(0, r.status)
    assert.equal("", r.out)
    assert.equal("a\\x1b[31mb\n\n", han("script evil.lua").out)
    assert.matches("5 runs, 5 cells", han("corpus stats").out)
  end)

  case("makes templates that work", function()
    for _, kind in ipairs { "strategy", "adapter", "check", "controller" } do
      local r = han("new " .. kind .. " my_" .. kind)
      assert.equal(0, r.status, r.err)
      assert.matches("wrote my_" .. kind .. ".lua\nnext: han ", r.out)
      assert.equal(0, han("lint my_" .. kind .. ".lua").status)
      refused("new " .. kind .. " my_" .. kind, 2, "is there already and is left as it is")
    end
    local r = han("bench ./my_adapter.lua --arms sample,./my_strategy.lua --n 6 --seed 3 --json --quiet", { seconds = 120 })
    assert.equal(0, r.status, r.err)
    local object = dkjson.decode(r.out)
    assert.equal("adapter arms contrasts excluded judge objectives sandbox schema seed split trust", keys(object))
    assert.same({ "my_adapter", 3, "dev", "split", os.getenv "HAN_SANDBOX" or "strong", 1 },
      { object.adapter, object.seed, object.split, object.trust, object.sandbox, object.schema })
    assert.same({ "sample", "my_strategy", "sample#aa" }, { object.arms[1].name, object.arms[2].name, object.arms[3].name })
    for _, arm in ipairs(object.arms) do
      assert.equal("budget groups n name over " .. (arm.name == "sample#aa" and "" or "pareto ")
        .. "score solved spend spend_max vector", keys(arm))
      assert.equal("ci mean", keys(arm.score))
      assert.same({ 6, 3 }, { arm.n, arm.groups })
      assert.same({ shots = 3, evals = 600, tokens = 12000 }, arm.budget)
      for channel, most in pairs(arm.spend_max) do
        assert.is_true(arm.budget[channel] == nil or most <= arm.budget[channel], channel)
        assert.is_true(arm.spend[channel] >= most)
      end
      assert.is_true(arm.solved >= 3, arm.name)
    end
    assert.equal(2, #object.contrasts)
    assert.matches("^against arm ci claim groups lift losses n p q test ties wins$", keys(object.contrasts[1]))
    assert.is_nil(r.out:find(r.err:match("run (%S+),"), 1, true))

    -- a registered split keeps its groups: no other one has any of them, nor has another seed (han improve's rounds)
    for _, of in ipairs { "train", "gate", "final", "train --seed 2" } do
      local other = han("bench ./my_adapter.lua --arms sample --n 2 --quiet --line l --split " .. of)
      assert.equal(0, other.status, other.err)
    end
    local groups = dkjson.decode(han("corpus query 'SELECT count(*) AS n, count(DISTINCT grp) AS groups FROM split_group' --json").out).rows[1]
    assert.same({ n = 7, groups = 7 }, groups)

    local again = han("bench ./my_adapter.lua --arms sample,./my_strategy.lua --n 6 --seed 3 --jobs 2 --json --quiet", { seconds = 120 })
    assert.equal(r.out, again.out)

    local shown = han("show --last my_strategy --json")
    object = dkjson.decode(shown.out)
    assert.equal("adapter cells ended_ms kind open phases run schema seed source split started_ms", keys(object))
    assert.equal(6, #object.cells)
    local one = dkjson.decode(han("show --last " .. object.cells[1].task .. "/my_strategy --json").out).cells[1]
    assert.is_true(#one.attempts >= 1)
    assert.is_string(one.attempts[1].output)
    assert.is_true(#one.attempts[1].spans >= 1)
    assert.equal("root", one.nodes[1].id)
    local artifact = han("show --last " .. object.cells[1].task .. "/my_strategy --artifact").out
    assert.equal(one.output, artifact)
    assert.matches("tree\n  root  done", han("show --last " .. object.cells[1].task .. "/my_strategy").out)

    local lines = 0
    for line in han("corpus export").out:gmatch("[^\n]+") do
      local attempt = assert(dkjson.decode(line))
      assert.is_string(attempt.cell)
      assert.is_table(attempt.spend)
      lines = lines + 1
    end
    assert.equal(tonumber(han("corpus query 'SELECT count(*) AS n FROM attempt'").out:match("n%s+(%d+)")), lines)
    local query = dkjson.decode(han("corpus query 'SELECT arm, count(*) AS n FROM cell GROUP BY arm ORDER BY arm' --json").out)
    assert.same({ "arm", "n" }, query.columns)
    assert.same({ arm = "my_strategy", n = 12 }, query.rows[1])
  end)

  case("hands a strategy what the lenses saw", function()
    assert.equal(0, han("new adapter toy").status)
    local toy = fakes.sys.read_file(folder .. "/toy.lua"):gsub("  judge = ", '  lenses = { counter = han.check { kind = "lens", run = function(spans, public)\n'
      .. '    return { { text = #spans .. " spans of " .. public.name } }\n  end } },\n  judge = ', 1)
    fakes.write(folder, { ["toy.lua"] = toy, ["look.lua"] = [[
local han = require "han"
return han.strategy { name = "look", act = function(task, scope)
  assert(scope:spawn(task.worker, task))
  local finding = scope:observe(scope:next())[1]
  assert(scope:spawn(task.worker, task, { steer = { finding } }))
  scope:next()
  error(finding.origin .. " " .. finding.lens .. " " .. finding.text, 0)
end }]] })
    local object = dkjson.decode(han("script look.lua --adapter ./toy.lua --json --quiet").out)
    assert.matches("^trace counter %d+ spans of ", object.error.message)
    local cell = dkjson.decode(han("show --last --json").out).cells[1]
    assert.same({}, cell.attempts[1].steer)
    assert.equal("counter", cell.attempts[2].steer[1].lens)
    assert.matches("told: counter: %d+ spans of", han("show --last").out)
  end)

  case("settles hard but legal runs with a class and a line", function()
    assert.equal(0, han("new adapter toy").status)
    local function act(name, body)
      fakes.write(folder, { [name .. ".lua"] = ('local han = require "han"\nreturn han.strategy { name = "%s", act = function(task, scope)\n%s\nend }\n'):format(name, body) })
      local r = han("script " .. name .. ".lua --adapter ./toy.lua --json --quiet --max-steps 3000000")
      return dkjson.decode(r.out), r
    end
    local object, r = act("throws", "error('oh no')")
    assert.equal(1, r.status)
    assert.same({ code = "SCRIPT", message = "oh no", where = "throws.lua:3" }, object.error)
    assert.equal(0, object.score.correct)
    object, r = act("forever", "local n = 0\nwhile true do\nn = n + 1\nend")
    assert.equal(1, r.status)
    assert.equal("LIMIT", object.error.code)
    assert.matches("^forever.lua:[456]$", object.error.where)
    object, r = act("nothing", "return nil")
    assert.equal(0, r.status, r.err)
    assert.equal("done", object.status)
    object = act("deep", "local function f() return f() + 1 end\nreturn f()")
    assert.equal("down", object.status)
    assert.matches("stack overflow", object.error.message)
    object, r = act("below", "local function go(t, s) local h, _, code = s:spawn(go, {}) if not h then return code end return s:next().out end\nreturn go({}, scope)")
    assert.equal("done", object.status)
    assert.equal(0, r.status)
    assert.matches("5 runs, 5 cells", han("corpus stats").out)
  end)

  case("stores a run whose tree is too large to be stored whole", function()
    fakes.write(folder, { ["wide.lua"] = "local task, scope = ...\nfor i = 1, 20000 do assert(scope:spawn(function() return i end, {})) end\n"
      .. "local n = 0\nfor _ in scope:each() do n = n + 1 end\nreturn n" })
    local r = han("script wide.lua")
    assert.equal(0, r.status, r.err)
    assert.equal("20000\n", r.out)
    local cell = dkjson.decode(han("show --last --json").out).cells[1]
    assert.equal("done", cell.status)
    assert.equal("root", cell.nodes[1].id)
    assert.is_true(#cell.nodes >= 1000 and #cell.nodes < 20001)
  end)

  case("says what is wrong with a store", function()
    refused("show --last", 2, "there is no store han.db")
    refused("corpus stats", 2, "there is no store han.db")
    refused("corpus upgrade", 2, "there is no store han.db")
    fakes.write(folder, { ["han.db"] = ("not a database "):rep(500), ["x.lua"] = "return 1" })
    for _, words in ipairs { "show --last", "corpus stats", "script x.lua" } do
      assert.equal("CORRUPT", refused(words, 65, "han.db").code)
    end
    assert.equal(("not a database "):rep(500), fakes.sys.read_file(folder .. "/han.db"))
    os.remove(folder .. "/han.db")
    assert.equal(0, han("script x.lua").status)
    refused("show nope", 2, "no run 'nope'")
    refused("show", 2, "name a run, or say %-%-last")
    refused("show --last zzz", 2, "has no cell with 'zzz'")
    refused("corpus query 'DELETE FROM cell'", 2, ".")
    refused("corpus query 'SELEC 1'", 2, "syntax error")
    refused("corpus query", 2, "takes one SELECT")
    refused("script x.lua --db /none/x.db", 78, "/none/x.db")
  end)

  case("stops cleanly at Ctrl-C and keeps what was done", function()
    assert.equal(0, han("new adapter toy").status)
    local r = cli.converse(folder, "bench ./toy.lua --n 60 --json",
      "*ETA*) n=$((n+1)); [ $n -gt 1 ] || kill -INT $pid ;;")
    assert.equal(130, r.status, r.err)
    assert.matches("interrupted: what was done is stored as %S+ in han.db", r.err)
    assert.is_table(dkjson.decode(r.out))
    assert.equal(0, han("show --last").status)
  end)

  case("stops a plain script at Ctrl-C, whatever it does", function()
    fakes.write(folder, { ["spin.lua"] = "print('here')\nwhile true do end", ["spawn.lua"] = "local task, scope = ...\nprint('here')\n"
      .. "while true do scope:spawn(function() return 1 end, {}) scope:next() end" })
    for _, name in ipairs { "spin", "spawn" } do
      os.remove(folder .. "/err")
      local r = cli.converse(folder, "script " .. name .. ".lua --json", "here) kill -INT $pid ;;")
      assert.equal(130, r.status, r.err)
      assert.equal("CANCELLED", dkjson.decode(r.out).error.code)
      assert.matches("To go on from there: han resume %S+\n", r.err)
    end
    assert.matches("2 runs, 0 cells", han("corpus stats").out) -- both can be gone on with
  end)

  case("runs again on save", function()
    fakes.write(folder, { ["w.lua"] = "return 'one'" })
    local r = cli.converse(folder, "script w.lua --watch", [=[
    *watching*) n=$((n + 1))
      case $n in
      1) echo "return 3 +" > w.lua ;;
      2) echo "return [[two]]" > w.lua ;;
      3) kill -INT $pid ;;
      esac ;;]=])
    assert.equal(130, r.status, r.err)
    assert.equal("one\ntwo\n", r.out)
    assert.matches("w.lua:%d: unexpected symbol", r.err)
  end)

  case("applies a statistical method to standard input", function()
    local r = han("stats sign --json", { input = '{"wins": 9, "losses": 2}' })
    assert.equal(0, r.status, r.err)
    local object = dkjson.decode(r.out)
    assert.is_true(math.abs(object.p - 0.0654296875) < 1e-12)
    assert.equal("sign", object.stats)
    r = han("stats paired seed=1 --json", { input = "a,b,groups\n1,0,x\n0.5,0.25,y\n1,1,\"z,\"\"q\"\"\"\n" })
    assert.equal(0, r.status, r.err)
    assert.equal(3, dkjson.decode(r.out).groups)
    assert.equal(0, han("stats sign wins=3 losses=1").status)
    local bad = han("stats sign", { input = '{"wins": 9' })
    assert.same({ 2, true }, { bad.status, bad.err:find("standard input: JSON, line 1") ~= nil })
    bad = han("stats paired", { input = "a,b\n1\n" })
    assert.matches("line 2: 1 fields, the first line names 2 columns", bad.err)
    bad = han("stats sign", { input = '{"wins": "x", "losses": 1}' })
    assert.same({ 2, true }, { bad.status, bad.err:find("field 'wins' must be a count", 1, true) ~= nil })
  end)

  case("examines the machine", function()
    local r = han("doctor --json")
    assert.equal(0, r.status, r.err)
    local object = dkjson.decode(r.out)
    assert.equal("ok rows schema", keys(object))
    assert.is_true(object.ok)
    assert.equal(78, han("doctor", { before = "env HAN_PATH=/none" }).status)
    local names = han("doctor --bindings").out
    for _, name in ipairs { "han.json.encode", "han.sys.wait", "han.db.open", "han.stats.sign", "han.runs.start" } do
      assert.matches("\n?" .. name:gsub("%.", "%%.") .. "\n", names)
    end
  end)
end)
