-- han corpus import: what another store exported comes in once, with its source; a hostile file changes nothing.

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)
local toy = fakes.shell("realpath tests/data/adapters/split.lua"):gsub("\n", "")

describe("han corpus import", function()
  local folder, remove
  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function han(words) return cli.run(folder, words) end

  local function import(words)
    local r = han("corpus import --json " .. words)
    return dkjson.decode(r.out), r.status, r.err
  end

  local function one(sql)
    local r = han(("corpus query --json --db to.db %q"):format(sql))
    return dkjson.decode(r.out).rows[1].n
  end

  local function line(more, drop)
    local row = { schema = 1, run = "r", cell = "toy/t1/sample/0", adapter = "toy", task = "t1", group = "g1",
      arm = "sample", seed = 1, replicate = 0, cell_status = "done", cell_infra = false, ordinal = 1,
      score = { pass = true, correct = 1 }, spend = { evals = 3 }, output = "x", infra = false, over = false }
    for k, v in pairs(more or {}) do row[k] = v end
    if drop then row[drop] = nil end
    return dkjson.encode(row) .. "\n"
  end

  case("merges by digest, keeps the source, and spends nothing", function()
    assert.equal(0, han(("bench %s --n 4 --quiet --db from.db --split gate --line main"):format(toy)).status)
    assert(fakes.sys.write_file(folder .. "/a.jsonl", han("corpus export --db from.db").out))
    local first, status, err = import "a.jsonl --db to.db"
    assert.equal(0, status, err)
    assert.same({ 12, 0, 0 }, { first.cells, first.known, first.own })
    assert.equal(first.attempts, one "select count(*) n from attempt")
    local again = import "a.jsonl --db to.db"
    assert.same({ 0, 12 }, { again.cells, again.known })
    assert.equal(12, one "select count(*) n from cell where source = 'a.jsonl' and imported is not null")
    assert.equal(0, one "select count(*) n from holdout_spend")
    assert.equal(0, one "select count(*) n from split_group")
    assert.equal(1, one "select count(*) n from bench where kind = 'import' and source like 'a.jsonl, run %'")
    assert.same({ 0, 12 }, { import("a.jsonl --db from.db").cells, import("a.jsonl --db from.db").own })
    -- the same vectors, outputs and traces as where they came from
    local sum = "select sum(length(content(output))) + sum(length(content(spans))) n from attempt"
    local there = han(("corpus query --json --db from.db %q"):format(sum))
    assert.equal(dkjson.decode(there.out).rows[1].n, one(sum))
    -- its arms are those of its cells, and it can be reported
    assert.equal(0, han("report --last -o page.html --db to.db").status)
    local page = fakes.sys.read_file(folder .. "/page.html")
    assert.equal("split: sample, refine, sample#aa", page:match("<title>([^<]*)"))
    assert.is_truthy(page:find("imported from a.jsonl, run ", 1, true))
    assert.is_truthy(page:find("4 tasks in 4 groups", 1, true))
    sum = "select sum(score_cheap) + sum(score_correct) n from cell"
    there = han(("corpus query --json --db from.db %q"):format(sum))
    assert.is_true(math.abs(dkjson.decode(there.out).rows[1].n - one(sum)) < 1e-9)
  end)

  case("knows a cell again that was imported and exported before", function()
    assert.equal(0, han(("bench %s --n 3 --quiet --db from.db"):format(toy)).status)
    assert(fakes.sys.write_file(folder .. "/a.jsonl", han("corpus export --db from.db").out))
    assert.equal(9, import("a.jsonl --db middle.db").cells)
    local there = han "corpus export --db middle.db"
    assert.equal(0, there.status, there.err)
    assert(fakes.sys.write_file(folder .. "/b.jsonl", there.out))
    -- where it was run it is its own, where it was imported it is known, elsewhere it comes with its way
    assert.same({ 0, 9 }, { import("b.jsonl --db from.db").cells, import("b.jsonl --db from.db").own })
    assert.same({ 0, 9 }, { import("b.jsonl --db middle.db").cells, import("b.jsonl --db middle.db").known })
    assert.equal(9, import("a.jsonl --db to.db").cells)
    assert.same({ 0, 9 }, { import("b.jsonl --db to.db").cells, import("b.jsonl --db to.db").known })
    os.remove(folder .. "/to.db")
    assert.equal(9, import("b.jsonl --db to.db").cells)
    assert.equal(9, one "select count(*) n from cell where source = 'b.jsonl, before that a.jsonl'")
    assert.same({ 0, 9 }, { import("a.jsonl --db to.db").cells, import("a.jsonl --db to.db").known })
  end)

  case("takes one row, and an empty file for nothing", function()
    fakes.write(folder, { ["one.jsonl"] = line(), ["empty.jsonl"] = "", ["blank.jsonl"] = "\n \n" })
    assert.equal(1, import("one.jsonl --db to.db").cells)
    assert.equal(0, import("empty.jsonl --db to.db").cells)
    assert.equal(0, import("blank.jsonl --db to.db").cells)
    assert.equal(1, one "select count(*) n from cell where score_correct = 1 and spend_evals = 3")
  end)

  case("changes nothing for a file that is wrong anywhere, and names the line", function()
    local good = line { cell = "toy/t0/sample/0" }
    local bad = {
      { "is no JSON", "{\"schema\":" }, { "is no JSON", ("["):rep(5000) }, { "is no JSON", "\0\1\255" },
      { "is not an object", "3\n" }, { "lacks the field 'run'", line({}, "run") },
      { "lacks the field 'ordinal'", line({}, "ordinal") }, { "unknown field 'frob'", line { frob = 1 } },
      { "unknown field 'score.extra'", line { score = { extra = 1 } } },
      { "'score.cheap'", line { score = { cheap = 2 } } }, { "'score.correct'", line { score = { correct = 1.5 } } },
      { "'spend.evals'", line { spend = { evals = -1 } } }, { "'spend.evals'", line { spend = { evals = 0.5 } } },
      { "'seed'", line { seed = 1.5 } }, { "'program'", line { program = "zz" } },
      { "'schema'", line { schema = 2 } }, { "'run'", line { run = ("x"):rep(2000) } },
      { "'score' that is no object", line { score = 1 } },
      { "differs in 'group'", line() .. line { ordinal = 2, group = "g2" } },
      { "repeats attempt 1", line() .. line() },
      { "repeats a cell", line() .. line { cell = "toy/t2/sample/0" } .. line { ordinal = 2 } },
      { "2:", (line():gsub('"wall_ms":[^,}]*,?', ""):gsub("^{", '{"wall_ms":1e999,')) },
    }
    for i, c in ipairs(bad) do
      fakes.write(folder, { ["bad.jsonl"] = good .. c[2] })
      local object, status = import "bad.jsonl --db to.db"
      assert.equal(2, status, i .. ": " .. c[1])
      assert.is_truthy(object.error.message:find(c[1], 1, true), i .. ": " .. object.error.message)
      assert.is_truthy(object.error.message:find("bad.jsonl:", 1, true))
    end
    assert.is_nil(fakes.sys.stat(folder .. "/to.db"))
    assert.equal(2, select(2, import "none.jsonl --db to.db"))
    assert.equal(2, select(2, import "--db to.db"))
  end)
end)
