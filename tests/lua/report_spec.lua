-- The report of a bench: from records to the object of --json. The statistics are a stand-in with known answers;
-- the real ones have tests of their own.
-- luacheck: no max line length

local calls
local fake_stats = {
  mean_ci = function(args)
    calls[#calls + 1] = args
    local seen, groups, sum = {}, 0, 0.0
    for i, group in ipairs(args.groups) do
      if not seen[group] then groups = groups + 1 end
      seen[group] = true
      sum = sum + args.x[i]
    end
    if groups < 2 then return nil, "fewer than two groups", "INVALID" end
    return { mean = sum / #args.x, ci = { sum / #args.x - 0.1, sum / #args.x + 0.1 } }
  end,
  bh = function(args)
    local q = {}
    for i, p in ipairs(args.p) do q[i] = math.min(1.0, p * #args.p) end
    return { q = q }
  end,
}
function fake_stats.sign() return { p = fake_stats.sign_p or 0.01, wins = 0, ties = 0, losses = 0 } end
function fake_stats.mcnemar() return { p = fake_stats.sign_p or 0.01 } end
function fake_stats.permutation() return { p = fake_stats.p or 0.01 } end
function fake_stats.paired(args)
  local x = {}
  for i = 1, #args.a do x[i] = args.a[i] - args.b[i] end
  local result = fake_stats.mean_ci { x = x, groups = args.groups, seed = args.seed }
  if result then result.p = 0.0 end -- the bootstrap's own p decides nothing
  return result
end

describe("han.report", function()
  local report

  before_each(function()
    calls, fake_stats.p, fake_stats.sign_p = {}, nil, nil
    package.loaded["han.stats"], package.loaded["han.report"], package.loaded["han.contrast"] = fake_stats, nil, nil
    report = require "han.report"
  end)
  after_each(function()
    for _, name in ipairs { "han.stats", "han.report", "han.contrast" } do package.loaded[name] = nil end
  end)

  local function record(task, arm, correct, more)
    local r = {
      cell = ("toy/%s/%s/%d"):format(task, arm, arm == "sample#aa" and 1 or 0), task = task, group = "g" .. task, arm = arm,
      status = "done", infra = false, over = false, score = { correct = correct, pass = correct == 1 },
      spend = { evals = 10, shots = 1 },
    }
    for k, v in pairs(more or {}) do r[k] = v end
    return r
  end

  local info = { adapter = "toy", trust = "split", sandbox = "none", budget = { evals = 20 } }
  local spec = { arms = { "sample", "refine", "sample#aa" }, seed = 7, split = "dev" }

  it("gives the raw measures that the adapter's reference names, over the tasks that have them", function()
    local records = {}
    for i = 1, 3 do
      for _, arm in ipairs(spec.arms) do
        local raw = i < 3 and { excess = i / 10 } or {}
        records[#records + 1] = record(tostring(i), arm, 0.5, { score = { correct = 0.5, pass = false, raw = raw } })
      end
    end
    local known = { adapter = "toy", reference = { measures = { "excess", "absent" }, lines = { "published: 3" } } }
    local object = report.bench(records, spec, known)
    local excess, absent = table.unpack(object.arms[2].measures)
    assert.equal("excess", excess.name)
    assert.equal(2, excess.n)
    assert.is_true(math.abs(excess.mean - 0.15) < 1e-12)
    assert.same({ name = "absent", n = 0 }, absent)
    local one = report.bench({ records[1], records[2], records[3] }, spec, known).arms[1].measures[1]
    assert.same({ 0.1, 1 }, { one.mean, one.n })
    assert.is_nil(one.ci)
    assert.equal(known.reference, object.reference)
    assert.is_nil(report.bench(records, spec, info).reference)
    assert.is_nil(report.bench(records, spec, info).arms[1].measures)
  end)

  local function eight(lift)
    local records = {}
    for i = 1, 8 do
      local task = tostring(i)
      records[#records + 1] = record(task, "sample", 0.25)
      records[#records + 1] = record(task, "refine", 0.25 + lift, { spend = { evals = 10 + i, shots = 1 } })
      records[#records + 1] = record(task, "sample#aa", i == 1 and 1 or 0.25)
    end
    return records
  end

  it("gives the object key by key", function()
    local object, counts = report.bench(eight(0.5), spec, info)
    assert.same({ tasks = 8, unfinished = 0 }, counts)
    local keys = {}
    for key in pairs(object) do keys[#keys + 1] = key end
    table.sort(keys)
    assert.same({ "adapter", "arms", "contrasts", "excluded", "sandbox", "schema", "seed", "split", "trust" }, keys)
    assert.same({ 1, "toy", 7, "dev", "split", "none" },
      { object.schema, object.adapter, object.seed, object.split, object.trust, object.sandbox })
    assert.same({
      name = "refine", n = 8, groups = 8, solved = 0, score = { mean = 0.75, ci = { 0.65, 0.85 } }, budget = { evals = 20 },
      spend = { evals = 116, shots = 8 }, spend_max = { evals = 18, shots = 1 }, over = 0,
    }, object.arms[2])
    assert.same({ "sample", "refine", "sample#aa" }, { object.arms[1].name, object.arms[2].name, object.arms[3].name })
    assert.equal(1, object.arms[3].solved)
    local row = object.contrasts[1]
    assert.same({ "refine", "sample", 8, 8, 8, 0, 0 }, { row.arm, row.against, row.n, row.groups, row.wins, row.ties, row.losses })
    assert.same({ 0.5, { 0.4, 0.6 }, 0.01, 0.01, "sign" }, { row.lift, row.ci, row.p, row.q, row.test })
    assert.equal("refine is better than sample (lift +0.500, 95 % CI [+0.400, +0.600], 8 tasks in 8 groups)", row.claim)
    assert.same({ "sample#aa", true }, { object.contrasts[2].arm, object.contrasts[2].diagnostic })
    assert.is_nil(object.contrasts[2].claim)
    assert.is_nil(object.contrasts[2].q)
    assert.same({}, object.excluded)
    for _, args in ipairs(calls) do assert.equal(7, args.seed) end
  end)

  it("claims nothing without evidence", function()
    local function claim(records) return report.bench(records, spec, info).contrasts[1].claim end
    assert.matches("^no credible difference between refine and sample %(lift %+0.000", claim(eight(0)))
    assert.matches("^refine is worse than sample %(lift %-0.250", claim(eight(-0.25)))
    fake_stats.sign_p = 0.3 -- few groups: the sign test decides, whatever the interval says
    assert.matches("^no credible difference .*; q = 0.300 by the sign test%)$", claim(eight(0.5)))
    fake_stats.sign_p = nil
    local many = {}
    for i = 1, 20 do
      for _, arm in ipairs(spec.arms) do many[#many + 1] = record(tostring(i), arm, arm == "refine" and 0.75 or 0.25) end
    end
    fake_stats.p, fake_stats.sign_p = 0.2, 0.0001 -- many: the permutation test does
    assert.matches("q = 0.200 by the permutation test%)$", claim(many))
    fake_stats.p, fake_stats.sign_p = nil, nil
    local five = {}
    for _, r in ipairs(eight(0.5)) do if tonumber(r.task) <= 5 then five[#five + 1] = r end end
    assert.matches("^no claim: refine against sample has fewer than 6 groups", claim(five))
    local one = {}
    for _, r in ipairs(eight(0.5)) do if r.task == "1" then one[#one + 1] = r end end
    assert.matches("^no claim: refine against sample has fewer than 2 groups", claim(one))
    assert.is_nil(report.bench(one, spec, info).arms[1].score.ci)
    assert.equal(0.25, report.bench(one, spec, info).arms[1].score.mean)
  end)

  it("excludes a task for all arms alike when one cell failed by infra", function()
    local records = eight(0.5)
    records[5] = record("2", "refine", 0, { infra = true, reason = "job: died", score = false, status = "down" })
    local object, counts = report.bench(records, spec, info)
    assert.equal(7, counts.tasks)
    for _, arm in ipairs(object.arms) do assert.equal(7, arm.n) end
    assert.same({ { cell = "toy/2/refine/0", reason = "job: died" } }, object.excluded)
  end)

  it("keeps a strategy that threw, at 0, and counts cells that overspent", function()
    local records = eight(0.5)
    records[2] = record("1", "refine", 0, { status = "down", score = false, over = true })
    local object = report.bench(records, spec, info)
    assert.equal(8, object.arms[2].n)
    assert.equal(1, object.arms[2].over)
    assert.same({ 7, 0, 1 }, { object.contrasts[1].wins, object.contrasts[1].ties, object.contrasts[1].losses })
  end)

  it("leaves out tasks that an interrupt cut off, and survives having none", function()
    local records = eight(0.5)
    records[#records] = nil
    local object, counts = report.bench(records, spec, info)
    assert.same({ tasks = 7, unfinished = 1 }, counts)
    assert.equal(7, object.arms[1].n)
    object, counts = report.bench({}, spec, info)
    assert.same({ tasks = 0, unfinished = 0 }, counts)
    assert.same({}, object.contrasts)
    assert.is_nil(object.arms[1].score.mean)
  end)
end)
