-- The harness through the command: cells, budgets, faults of workers, determinism. Uses the toy family
-- of tests/data, whose workers need no evaluation service.

local json = require "dkjson"

local program = os.getenv("HAN_PROGRAM") or "build/han"
local toy = "tests/data/adapters/toy.lua"
local db = os.tmpname()

local function han(words)
  local errors = os.tmpname()
  local pipe = assert(io.popen(("%s %s 2>%s; echo \"|$?\""):format(program, words, errors)))
  local all = pipe:read("a")
  pipe:close()
  local file = assert(io.open(errors))
  local stderr = file:read("a")
  file:close()
  os.remove(errors)
  local out, code = all:match("^(.*)|(%d+)\n$")
  return out, tonumber(code), stderr
end

local function bench(words)
  local out, code, stderr = han(("bench %s --json --quiet --db %s %s"):format(toy, db, words))
  return json.decode(out), code, stderr, out
end

local function arm(object, name)
  for _, a in ipairs(object.arms) do if a.name == name then return a end end
  error("no arm " .. name)
end

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

local function query(sql)
  local out, code, stderr = han(("corpus query --db %s --json %q"):format(db, sql))
  assert.equal(0, code, stderr)
  return (json.decode(out))
end

describe("harness", function()
  if not exists(program) then
    pending("needs " .. program .. ": build first (cmake --preset release && cmake --build build)")
    return
  end

  teardown(function()
    for _, tail in ipairs { "", "-wal", "-shm" } do os.remove(db .. tail) end
  end)

  it("gives equal ceilings and the same result for any number of jobs", function()
    local first, code, stderr, text = bench "--arms refine --n 12 --seed 5 --jobs 1"
    assert.equal(0, code, stderr)
    for jobs = 2, 3 do
      local _, _, _, again = bench("--arms refine --n 12 --seed 5 --jobs " .. jobs)
      assert.equal(text, again)
    end
    for _, a in ipairs(first.arms) do
      assert.same(first.arms[1].budget, a.budget)
      assert.equal(12, a.n)
      for channel, ceiling in pairs(a.budget) do
        assert.is_true((a.spend_max[channel] or 0) <= ceiling, a.name .. " " .. channel)
      end
    end
    assert.equal("sample#aa", first.arms[#first.arms].name)
  end)

  it("gives the same bytes for any number of jobs when candidates are really run", function()
    local words = "bench repair --n 3 --seed 4 --budget shots=1,evals=250,tokens=4000 --json --quiet --db " .. db
    local first, code, stderr = han(words .. " --jobs 1")
    assert.equal(0, code, stderr)
    assert.equal(first, (han(words .. " --jobs 3")))
  end)

  it("differs by seed and between A/A copies", function()
    local a = bench "--n 12 --seed 5"
    local b = bench "--n 12 --seed 6"
    assert.not_same(arm(a, "sample").score, arm(b, "sample").score)
    assert.not_same(arm(a, "sample").spend, arm(a, "sample#aa").spend)
  end)

  it("scores a strategy that throws 0 and keeps it in the sample", function()
    local object, code, stderr = bench "--arms tests/data/strategies/throws.lua --n 4"
    assert.equal(0, code, stderr)
    local throws = arm(object, "throws")
    assert.equal(4, throws.n)
    assert.equal(0, throws.score.mean)
    local rows = query "select reason, where_ from cell where arm = 'throws' limit 1"
    local text = json.encode(rows)
    assert.truthy(text:find("throws.lua:9", 1, true), text)
  end)

  it("computes what was left of the budget itself, and keeps the vector", function()
    local object = bench "--arms refine --n 6 --seed 2 --budget shots=2,evals=10,tokens=40"
    local rows = query("select arm, score_cheap, verdict_cheap, spend_shots, spend_evals, spend_tokens from cell "
      .. "where bench_id = (select id from bench order by started_ms desc limit 1)").rows
    assert.equal(18, #rows)
    local sum = 0
    for _, row in ipairs(rows) do
      local most = math.max(row.spend_shots / 2, row.spend_evals / 10, row.spend_tokens / 40)
      assert.is_true(math.abs(row.score_cheap - (1 - most)) < 1e-12)
      assert.is_true(row.verdict_cheap >= row.score_cheap)
      if row.arm == "refine" then sum = sum + row.score_cheap end
    end
    local refine = arm(object, "refine")
    assert.is_true(math.abs(refine.vector.cheap.mean - sum / 6) < 1e-12)
    assert.equal(6, refine.vector.cheap.n)
    assert.same({ "correct", "cheap" }, refine.pareto.objectives)
    assert.same({ "cheap", "refine" }, { object.objectives[1].objective, object.objectives[1].arm })
    assert.is_nil(arm(object, "sample#aa").pareto)
    assert.is_nil(object.weighted)
    local shown = han(("show --db %s --last t1/refine --json"):format(db))
    assert.equal(rows[1].score_cheap ~= nil, json.decode(shown).cells[1].score.cheap ~= nil)
    assert.is_number(json.decode(shown).cells[1].attempts[1].verdict.cheap)
    assert.matches("score %d%.%d+[^\n]*, cheap %d%.%d+", (han(("show --db %s --last t1/refine"):format(db))))
    local export = han(("corpus export --db %s --run %s"):format(db, json.decode(shown).run)):match("^[^\n]+")
    assert.is_number(json.decode(export).verdict.cheap)
    local weighted = bench("--arms refine --n 6 --seed 2 --budget shots=2,evals=10,tokens=40 "
      .. "--weights correct=1,cheap=1")
    assert.equal(6, weighted.weighted.arms[1].n)
    weighted.weighted = nil
    assert.same(object, weighted)
    local _, code, stderr = bench "--weights speed=1"
    assert.equal(2, code)
    assert.matches("%-%-weights: there is no objective 'speed'", stderr)
  end)

  it("does not call cheap what nobody could see", function()
    bench "--arms tests/data/strategies/unseen.lua --n 3"
    local rows = query("select score_cheap c, score_correct s, spend_evals e, spend_tokens t from cell "
      .. "where arm = 'unseen'").rows
    assert.equal(3, #rows)
    for _, row in ipairs(rows) do
      assert.is_number(row.s)
      assert.is_true(row.c == nil or row.c == json.null)
      assert.is_true(row.e == nil or row.e == json.null) -- not measured
      assert.equal(0, row.t)                             -- measured: none
    end
  end)

  it("commits an opaque overspend, flags it and shows it", function()
    local object, code, stderr = bench "--arms tests/data/strategies/opaque.lua --n 3"
    assert.equal(0, code, stderr)
    local opaque = arm(object, "opaque")
    assert.equal(50, opaque.spend_max.evals)
    assert.equal(150, opaque.spend.evals)
    assert.equal(3, query("select count(*) n from cell where arm = 'opaque' and over = 1").rows[1].n)
    assert.equal(0, query("select max(score_cheap) c from cell where arm = 'opaque'").rows[1].c)
  end)

  it("ends an endless strategy with a class and its line, and the others are unaffected", function()
    local object, code, stderr = bench "--arms tests/data/strategies/loops.lua --n 2"
    assert.equal(0, code, stderr)
    assert.equal(0, arm(object, "loops").score.mean)
    assert.is_true(arm(object, "sample").score.mean > 0)
    local text = json.encode(query "select reason, where_ from cell where arm = 'loops' limit 1")
    assert.truthy(text:find("loops.lua:[67]"), text) -- the loop, wherever the hook met it
  end)

  it("runs a cell that infra struck once more, then excludes its task for all arms", function()
    local object = bench "--arms tests/data/strategies/lost.lua --n 3"
    assert.equal(1, #object.excluded)
    assert.truthy(object.excluded[1].cell:find("toy/t1/lost/0", 1, true))
    assert.truthy(object.excluded[1].reason:find("the machine is gone", 1, true), object.excluded[1].reason)
    for _, a in ipairs(object.arms) do assert.equal(2, a.n) end
  end)

  it("settles a shot whose check returned no measure, with the cause, and loses no cell", function()
    local text = assert(io.open(toy)):read("a")
    local family = os.tmpname() .. ".lua"
    for result, cause in pairs { ["{ pass = true, correct = 0/0 }"] = "correct must be a number from 0 to 1, got",
      ["{ pass = true, correct = 2 }"] = "correct must be a number from 0 to 1, got 2",
      ["{ correct = 0.5 }"] = "pass must be true or false" } do
      local file = assert(io.open(family, "w"))
      file:write((text:gsub("return score%(artifact, public.hint%)", "return " .. result)))
      file:close()
      local out, code, stderr = han(("bench %s --json --quiet --db %s --arms sample --n 1"):format(family, db))
      local object = json.decode(out)
      -- Every verdict failed, so there is nothing to show but that; all cells are in the store.
      assert.same({ 1, "SCRIPT" }, { code, object.error.code })
      assert.truthy(object.error.message:find("(8 times), nothing was measured: verdict." .. cause, 1, true), stderr)
      local cells = query(("SELECT count(*) AS n, sum(infra) AS lost, sum(score_pass) AS solved FROM cell "
        .. "WHERE bench_id = '%s' AND status = 'done'"):format(object.error.message:match "stored as (%S+)%)"))
      assert.same({ n = 2, lost = 0, solved = 0 }, cells.rows[1])
      local rows = query(("SELECT count(*) AS n FROM attempt WHERE reason LIKE '%%verdict.%s%%'"):format(cause))
      assert.is_true(rows.rows[1].n > 0, cause)
    end
    os.remove(family)
  end)

  it("never lets a judge's finding steer", function()
    local _, code, stderr = bench "--arms tests/data/strategies/judge_steer.lua --n 1"
    assert.equal(0, code, stderr)
    local text = json.encode(query
      "select attempt.reason from attempt join cell on cell.id = attempt.cell_id where arm = 'judge_steer' limit 1")
    assert.truthy(text:find("FIREWALL", 1, true), text)
  end)

  it("settles a run that spawns without end, and loses nothing of the store", function()
    local path = os.tmpname() .. ".lua"
    local file = assert(io.open(path, "w"))
    file:write("local t, s = ...\nlocal code\nfor i = 1, 200000 do\n",
      "  local id, why, c = s:spawn(print)\n  code = code or c\nend\nreturn code\n")
    file:close()
    local out, code, stderr = han(("script %s --json --db %s"):format(path, db))
    os.remove(path)
    assert.equal(0, code, stderr)
    assert.equal("MAX_LIVE", json.decode(out).result)
    local shown = json.decode((han("show --last --json --db " .. db)))
    assert.truthy(shown)
  end)

  it("spends a held-out split once on a line, before anything runs", function()
    local held = os.tmpname()
    local adapter = "tests/data/adapters/split.lua"
    local function look(words)
      local out, code, stderr = han(("bench %s --n 8 --quiet --json --db %s %s"):format(adapter, held, words))
      return code, stderr, json.decode(out)
    end
    local function count(table_name)
      return json.decode((han(("corpus query --json --db %s 'select count(*) n from %s'"):format(held, table_name))))
        .rows[1].n
    end
    for _, split in ipairs { "gate", "final" } do
      local code, stderr = look("--split " .. split)
      assert.equal(1, code)
      assert.truthy(stderr:find("name the line with --line", 1, true), stderr)
    end
    assert.equal(0, (look "--split gate --line main"))
    local cells = count "cell"
    local code, stderr, object = look "--split gate --line main --arms refine"
    assert.equal(1, code)
    assert.equal("REFUSED", object.error.code)
    assert.truthy(stderr:find("spent on line main before", 1, true), stderr)
    assert.equal(cells, count "cell")
    assert.equal(1, (look "--split gate --line main --n 3"))        -- a part of it is spent too
    assert.equal(0, (look "--split gate --line main --seed 2"))     -- other groups
    assert.equal(0, (look "--split gate --line side"))
    assert.equal(0, (look "--split final --line main"))
    assert.equal(1, (look "--split final --line main --seed 2"))    -- final is one slice
    assert.equal(0, (look "--split dev"))
    local rows = json.decode((han("holdout --json --db " .. held))).holdout
    assert.same({ "gate", 16, "final", 16 }, { rows[1].split, rows[1].groups, rows[2].split, rows[2].groups })
    assert.same({ { line = "main", spends = 2, spent = 16, left = 0 },
      { line = "side", spends = 1, spent = 8, left = 8 } }, rows[1].lines)
    for _, tail in ipairs { "", "-wal", "-shm" } do os.remove(held .. tail) end
  end)

  it("refuses a group in two splits before anything runs", function()
    assert.equal(0, select(2, bench "--n 2"))
    local cells = query("select count(*) n from cell").rows[1].n
    local object, code = bench "--n 2 --split train"
    assert.equal(1, code)
    assert.truthy(object.error.message:find("is in split dev and may not be in train", 1, true), object.error.message)
    assert.equal(cells, query("select count(*) n from cell").rows[1].n)
  end)

  it("compares stored arms pair by pair, and stops at a missing partner", function()
    local _, _, first = bench "--n 12 --seed 3"
    local _, _, second = bench "--n 12 --seed 4"
    local a, b = first:match "run ([%w-]+)", second:match "run ([%w-]+)"
    local function compare(words)
      local out, code = han(("compare %s --json --db %s"):format(words, db))
      return json.decode(out), code
    end
    local object, code = compare(("%s:refine %s:sample"):format(a, a))
    assert.equal(0, code)
    assert.same({ "bh", 1, 12, 8, true }, { object.control, #object.contrasts, object.contrasts[1].n,
      object.contrasts[1].groups, object.contrasts[1].equal_budget })
    object, code = compare(("%s %s"):format(a, b))
    assert.same({ 1, "REFUSED" }, { code, object.error.code })
    assert.truthy(object.error.message:find("has no partner of the cell toy/t1", 1, true), object.error.message)
    assert.equal(1, select(2, compare(("%s:sample %s:sample#aa"):format(a, a))))
    for _, words in ipairs { "none none", a .. ":frob " .. a .. ":sample", a .. ":sample " .. a .. ":sample" } do
      assert.equal(2, select(2, compare(words)), words)
    end
  end)

  it("holds a bench to the rule that was registered before it", function()
    local rule = os.tmpname() .. ".lua"
    local file = assert(io.open(rule, "w"))
    file:write('local han = require "han" return han.experiment { primary = "correct", arms = { "sample", "refine" }, '
      .. 'n = 8, seed = 1 }')
    file:close()
    local object, code, stderr = bench("--n 12 --experiment " .. rule)
    assert.equal(0, code, stderr)
    assert.is_nil(object.experiment.mismatch)
    assert.equal("bh", object.experiment.control)
    local row = query("select e.digest = e.digest as ok, e.registered_ms <= b.ended_ms as before from experiment e "
      .. "join bench b on b.experiment = e.id where e.id = '" .. object.experiment.id .. "'").rows[1]
    assert.same({ ok = 1, before = 1 }, row)
    local cells = query("select count(*) as n from cell").rows[1].n
    for words, why in pairs { ["--n 12 --seed 2"] = "seed: registered 1, asked for 2", ["--n 4"] = "n: registered 8",
      ["--n 12 --arms sample"] = "arms: registered sample, refine, asked for sample" } do
      local refused, status = bench(words .. " --experiment " .. rule)
      assert.same({ 1, "REFUSED" }, { status, refused.error.code })
      assert.truthy(refused.error.message:find(why, 1, true), refused.error.message)
    end
    assert.equal(cells, query("select count(*) as n from cell").rows[1].n) -- refused before the first of them
    os.remove(rule)
  end)

  it("gates nothing that ran without a sandbox, and spends nothing for it", function()
    local held = os.tmpname()
    local function gate(words)
      local out, code = han(("gate %s --adapter tests/data/adapters/split.lua --json --quiet --sandbox none "
        .. "--db %s"):format(words, held))
      return json.decode(out), code
    end
    local object, code = gate "refine --against sample"
    assert.equal(1, code)
    assert.equal("refused", object.decision)
    assert.truthy(object.reason:find("sandbox none", 1, true), object.reason)
    object, code = gate "sample --against sample"
    assert.same({ 1, "refused" }, { code, object.decision })
    assert.truthy(object.reason:find("byte-identical", 1, true), object.reason)
    for _, words in ipairs { "refine", "refine --against sample --split dev", "refine --against sample --alpha x",
      "refine --against sample --margin speed=1", "refine --against nobody" } do
      assert.equal(2, select(2, gate(words)), words)
    end
    local rows = json.decode((han("corpus query --json --db " .. held
      .. " 'select (select count(*) from holdout_spend) spends, (select count(*) from experiment) rules'"))).rows
    assert.same({ spends = 0, rules = 1 }, rows[1])
    for _, tail in ipairs { "", "-wal", "-shm" } do os.remove(held .. tail) end
  end)
end)
