-- han gate on cells that really run, at the level that a gate accepts: a better strategy is promoted, an equal one is
-- not, and a line of candidates spends its groups. The family is the one that `han new adapter` writes.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)

describe("han gate on real cells", function()
  local folder, remove
  before_each(function()
    folder, remove = fakes.folder()
    cli.run(folder, "new adapter toy")
  end)
  after_each(function() remove() end)

  local function gate(words)
    local r = cli.run(folder, "gate " .. words .. " --adapter ./toy.lua --quiet --json", { seconds = 120 })
    local object = dkjson.decode(r.out, 1, "null") or error(r.err)
    if object.error then error(r.out) end
    return object, r.status
  end

  -- false where this machine has no boxes: then a gate refuses, which sandbox_spec sees to
  local function is_boxed()
    local r = cli.run(folder, "bench ./toy.lua --arms sample --n 2 --quiet --json")
    local object = dkjson.decode(r.out)
    if object and (object.sandbox == "strong" or object.sandbox == "landlock") then return true end
    pending "no box on this machine; han doctor says why"
    return false
  end

  case("promotes the better one, refuses its equal, and spends fresh groups each time", function()
    if not is_boxed() then return end
    local d, status = gate "refine --against hand_in --groups 12 --margin cheap=1"
    assert.same({ "promote", 0, 12, "sign" }, { d.decision, status, d.groups, d.method })
    for _, field in ipairs { "decision", "reason", "groups", "groups_needed", "lift", "ci", "slice" } do
      assert.is_not_nil(d[field], field)
    end
    assert.equal("null", d.groups_needed)
    assert.is_true(d.lift > 0.5 and d.ci[1] > 0 and d.ci[1] <= d.lift and d.lift <= d.ci[2])
    assert.is_true(d.p <= d.level and d.wins >= 10 and d.losses == 0)
    assert.matches("^gate%-%x+$", d.slice)
    assert.same({ differ = 0, outputs = 48 }, d.judge)
    assert.same({ "hand_in", "refine" }, { d.arms[1].name, d.arms[2].name })
    assert.same({ "cheap", 1 }, { d.objectives[1].name, d.objectives[1].margin })
    assert.is_true(d.objectives[1].lift < 0 and not d.objectives[1].worse)
    -- what the same candidate costs is held against it when nothing else was said
    d, status = gate "refine --against hand_in --groups 12"
    assert.same({ "hold", 1, "credibly worse on cheap" }, { d.decision, status, d.reason })
    assert.is_true(d.level < 0.01 and d.position == 2)
    d, status = gate "refine --against sample --groups 12"
    assert.same({ "hold", 1 }, { d.decision, status })
    d, status = gate "refine --against sample --groups 5"
    assert.same({ "refused", 1, "null", "null" }, { d.decision, status, d.lift, d.slice })
    assert.matches("^%-%-groups 5: test 4 on line main", d.reason)
    local left = dkjson.decode(cli.run(folder, "holdout --json").out)
    assert.same({ 3, 36 }, { left.holdout[1].lines[1].spends, left.holdout[1].lines[1].spent })
  end)

  case("stops a sequential test as soon as its interval lies above 0", function()
    if not is_boxed() then return end
    local d, status = gate "refine --against hand_in --groups 40 --margin cheap=1 --sequential"
    assert.same({ "promote", 0, "eprocess", "eprocess" }, { d.decision, status, d.method, d.control })
    assert.is_true(d.groups < 40 and d.ci[1] > 0 and d.p <= d.level, d.groups)
    local cells = dkjson.decode(cli.run(folder, "corpus query --json 'SELECT count(*) AS n FROM cell'").out).rows[1].n
    assert.is_true(cells >= 4 * d.groups and cells <= 4 * d.groups + 8, cells)
  end)
end)
