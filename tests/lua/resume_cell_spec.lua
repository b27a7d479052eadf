--- han resume inside a cell: shots that had settled are not made again, the one that was under way is made again or,
-- where it may not be made twice, given up. Real processes, killed when their journal has come to some row.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)

-- The toy family with a backend that works for a while, so that there is an instant to kill it.
local function adapter(profile)
  return (fakes.sys.read_file("tests/data/adapters/toy.lua")
    :gsub("local function opaque", [[
local function slow(ctx)
  local x = 0
  for i = 1, ctx.public.long and ctx.public.long[ctx.profile.name or "any"] or 6000000 do x = x + i %% 3 end
  ctx.meter { evals = 1, tokens = 2 }
  ctx.span { kind = "sum", value = x }
  return tostring(ctx.random(100))
end

local function opaque]], 1)
    :gsub("backends = {", "backends = { slow = slow,", 1)
    :gsub("worker = %b{}", "worker = " .. profile, 1)
    :gsub("budget = %b{}", "budget = { shots = 12, evals = 60, tokens = 120 }", 1))
end

describe("han resume inside a cell", function()
  local folder, remove

  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function han(words) return cli.run(folder, words) end

  local function rows(sql, db)
    local r = han("corpus query " .. fakes.quote(sql) .. " --json --db " .. (db or "han.db"))
    assert.equal(0, r.status, r.err)
    return dkjson.decode(r.out).rows
  end

  -- Kills the command as soon as the store gives a row for the query.
  local function killed_when(words, sql)
    local status = select(3, os.execute(([[cd %s && { env -u HAN_PATH NO_COLOR=1 %s %s --quiet > out 2> err & } && pid=$! && while kill -0 $pid 2> /dev/null; do [ -e han.db ] && %s corpus query %s 2> /dev/null | grep -q yes && break; done; kill -KILL $pid 2> /dev/null; wait $pid 2> /dev/null]])
      :format(fakes.quote(folder), cli.han, words, cli.han, fakes.quote(sql))))
    assert.equal(137, status, fakes.sys.read_file(folder .. "/err"))
  end

  local many = [[
local han = require "han"
return han.strategy { name = "many", act = function(task, scope)
  for round = 1, 6 do
    local a = scope:spawn(task.worker, task, { label = "a" })
    local b = scope:spawn(task.worker, task, { label = "b" })
    scope:choose("pick", { "x", "y" })
    for settled in scope:each() do scope:observe(settled) end
  end
end }
]]

  case("takes settled shots from the journal", function()
    fakes.write(folder, { ["slow.lua"] = adapter [[{ backend = "slow", limits = { shots = 1, evals = 5, tokens = 10 } }]],
      ["many.lua"] = many })
    local words = "bench ./slow.lua --arms ./many.lua --n 1 --json"
    local whole = han(words .. " --db whole.db --quiet")
    assert.equal(0, whole.status, whole.err)
    -- at least five shots of the first cell have settled, and the cell has not ended
    killed_when(words, "SELECT 'yes' FROM (SELECT count(*) AS n FROM journal WHERE kind = 'finished') WHERE n >= 5")
    assert.same({ { cells = 0 } }, rows "SELECT count(*) AS cells FROM cell")
    local before = rows "SELECT hex(digest) AS digest, hex(said) AS said FROM answer ORDER BY digest"
    assert.is_true(#before >= 5)
    local shown = dkjson.decode(han("show --last --json").out)
    assert.equal(1, #shown.open)
    assert.is_true(shown.open[1].rows >= 15)
    local on = han("resume --last --json --quiet")
    assert.equal(0, on.status, on.err)
    assert.equal(whole.out, on.out)
    -- what was answered stands in the record with the times of the first life, and the shots say so
    local after = {}
    for _, row in ipairs(rows "SELECT hex(digest) AS digest, hex(said) AS said FROM answer") do after[row.digest] = row.said end
    for _, row in ipairs(before) do assert.equal(row.said, after[row.digest]) end
    assert.is_true(rows "SELECT json_extract(meta, '$.recalled') AS n FROM cell ORDER BY n DESC LIMIT 1"[1].n >= 5)
    local same = "SELECT cell, spend_evals, kept, score_correct, hex(output) AS output, hex(nodes) AS nodes, hex(decisions) AS decisions FROM cell ORDER BY cell"
    assert.same(rows(same, "whole.db"), rows(same))
    local attempts = "SELECT ordinal, node, hex(spans) AS spans, hex(output) AS output, spend_evals FROM attempt ORDER BY cell_id, ordinal"
    assert.same(rows(attempts, "whole.db"), rows(attempts))
    assert.same(rows("SELECT kind, node, clock, code, text FROM journal ORDER BY id", "whole.db"), rows "SELECT kind, node, clock, code, text FROM journal ORDER BY id")
  end)

  case("gives up a shot that may not be made twice", function()
    fakes.write(folder, { ["slow.lua"] = adapter [[{ backend = "slow", name = "once", idempotent = false, limits = { shots = 1, evals = 5, tokens = 10 } }]],
      ["keyed.lua"] = [[
local han = require "han"
return han.strategy { name = "keyed", act = function(task, scope)
  local long = { id = task.id, long = { once = 60000000 } }
  scope:spawn(task.worker, task, { key = "first" })
  local first = scope:next()
  scope:spawn(task.worker, long, { key = "k" })
  local second = scope:next()
  local said = { first.kind, second.kind, second.code or "-", second.spend.evals }
  scope:spawn(task.worker, task, { key = "first" }) -- done: its result again, at no cost
  local again = scope:next()
  said[#said + 1] = tostring(again.out == first.out and next(again.spend) == nil and again.verdict.correct == first.verdict.correct)
  said[#said + 1] = select(3, scope:spawn(task.worker, long, { key = "k" })) or "accepted"
  said[#said + 1] = select(3, scope:spawn(task.worker, task, { key = "k" })) or "accepted"
  if second.kind == "down" then
    scope:spawn(task.worker, long, { key = "k", idempotent = true })
    said[#said + 1] = scope:next().kind
  end
  error(table.concat(said, " "), 0)
end }
]] })
    killed_when("bench ./slow.lua --arms ./keyed.lua --n 1",
      "SELECT 'yes' FROM journal WHERE kind = 'spawned' AND node = 'root/2' AND id >> 32 = 2") -- arms: sample, keyed, sample#aa
    local on = han("resume --last --quiet")
    assert.equal(0, on.status, on.err)
    local cell = rows "SELECT reason FROM cell WHERE arm = 'keyed'"[1]
    assert.equal("done down IN_DOUBT 5 true IN_DOUBT KEY_CONFLICT done", cell.reason)
    local shown = han("show --last keyed").out
    assert.matches("root/2  down  1 shot, 5 evals, 10 tokens  the run was broken off during this shot", shown)
    assert.matches("root/4  done %(begun again%)", shown)
    -- it stays so for whoever resumes again, and is told the same
    assert.equal(han("resume --last --quiet").out, on.out)
  end)
end)
