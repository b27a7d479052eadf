-- A judge that is asked twice: what the two judgements differ by, how that is summed up and said, and that nothing
-- which a worker or a check changes in its task reaches another one.

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"
local noise = require "han.noise"

local case = cli.needs_program(it, pending)
local root = fakes.shell("pwd"):gsub("\n", "")

describe("han.noise", function()
  it("compares what the judge measures, and nothing else", function()
    assert.same({ same = true }, noise.compare({ pass = true, correct = 1, raw = { ms = 3 }, cheap = 0.1 },
      { pass = true, correct = 1.0, raw = { ms = 4 } }))
    assert.same({ same = false, by = { correct = 0.25 } }, noise.compare({ pass = false, correct = 0.5 },
      { pass = false, correct = 0.25 }))
    assert.same({ same = false, by = { pass = 1.0, fast = 1.0 } }, noise.compare({ pass = true, fast = 0.5 },
      { pass = false }))
  end)

  it("sums up over cells, and says it", function()
    local records = {
      { score = { correct = 1, again = { same = true } } }, { infra = true }, { score = false },
      { score = { correct = 0, again = { same = false, by = { correct = 0.25, pass = 1 } } } },
      { score = { correct = 0, again = { same = false, by = { correct = 0.125 } } } }, { score = { correct = 0 } },
      { score = { correct = 0, again = { same = false, reason = "it broke" } } },
    }
    local judge = noise.judge(records)
    assert.same({ outputs = 4, differ = 3, most = { correct = 0.25, pass = 1 } }, judge)
    assert.equal("the judge disagrees with itself: 3 of 4 outputs that it judged twice came out differently "
      .. "(pass or not, correct by up to 0.250)", noise.flag(judge))
    assert.is_nil(noise.praise(judge))
    assert.is_nil(noise.judge { records[2], records[6] })
    judge = noise.judge { records[1] }
    assert.is_nil(noise.flag(judge))
    assert.matches("asked twice about 1 outputs and agreed", noise.praise(judge))
    assert.is_nil(noise.flag(nil))
  end)
end)

describe("the border of a check", function()
  local folder, remove
  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  local function run(words)
    local r = cli.run(folder, words)
    return r, dkjson.decode(r.out)
  end
  local bench = ("bench %s/tests/data/adapters/shared.lua --arms refine --n 6 --quiet --seed 3 "):format(root)

  case("hands every worker, check and cell the task as it was made", function()
    local r, object = run(bench .. "--json")
    assert.equal(0, r.status, r.err)
    for _, arm in ipairs(object.arms) do assert.same({ 1, 6 }, { arm.score.mean, arm.solved }) end
    assert.same({ outputs = 18, differ = 0 }, object.judge)
    local _, rows = run [[corpus query --json "select distinct verdict_correct c from attempt"]]
    assert.same({ { c = 0.75 } }, rows.rows)
  end)

  case("flags a judge that disagrees with itself in every table", function()
    local r, object = run(bench .. "--set noisy=1 --json")
    assert.same({ 18, 18, 0.5 }, { object.judge.outputs, object.judge.differ, object.judge.most.correct }, r.err)
    r = run(bench .. "--set noisy=1")
    assert.matches("Warning: the judge disagrees with itself: 18 of 18 outputs", r.out)
    local id = r.err:match("run (%S+),")
    r = run(("compare %s:refine %s:sample"):format(id, id))
    assert.matches("Warning: the judge disagrees with itself: 12 of 12 outputs", r.out)
    r = run(("report %s -o page.html"):format(id))
    assert.equal(0, r.status, r.err)
    assert.matches("the judge disagrees with itself: 18 of 18 outputs",
      fakes.sys.read_file(folder .. "/page.html"))
  end)
end)
