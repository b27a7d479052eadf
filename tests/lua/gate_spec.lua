-- The gate: which records are evidence, what they decide, and that the rule is the one whose calibration is measured.
-- luacheck: no max line length

local build = os.getenv "HAN_BUILD" or "build"
local fakes = dofile "tests/lua/support/fakes.lua"
local stats = assert(package.loadlib(build .. "/tests/han_stats.so", "luaopen_han_stats"))()

describe("han.gate", function()
  local gate
  setup(function()
    package.loaded["han.stats"] = stats
    package.loaded["han.contrast"], package.loaded["han.gate"] = nil, nil
    gate = require "han.gate"
  end)
  teardown(function()
    package.loaded["han.stats"], package.loaded["han.contrast"], package.loaded["han.gate"] = nil, nil, nil
  end)

  local function record(task, arm, correct, more)
    local r = {
      cell = ("toy/%s/%s/0"):format(task, arm), task = "t" .. task, group = "g" .. task, arm = arm, seed = 1, replicate = 0,
      split = "gate", status = "done", infra = false, over = false, trust = "split", sandbox = "strong",
      score = { correct = correct, pass = correct == 1 }, budget = { evals = 20 },
      digests = { program = arm == "new" and "aa" or "bb", profile = "pp", checks = "cc", engine = "ee" },
    }
    for k, v in pairs(more or {}) do r[k] = v end
    return r
  end

  -- n pairs; lift(i) is the candidate's score minus 0.3.
  local function pairs_of(n, lift, more)
    local records = {}
    for i = 1, n do
      records[#records + 1] = record(i, "old", 0.3, more)
      records[#records + 1] = record(i, "new", 0.3 + lift(i), more)
    end
    return records
  end

  local function decide(records, more)
    local spec = { candidate = "new", champion = "old", slice = "s1" }
    for k, v in pairs(more or {}) do spec[k] = v end
    return gate.decide(records, spec)
  end

  local function refused(records, word, more)
    local d = decide(records, more)
    assert.equal("refused", d.decision, d.reason)
    assert.is_truthy(d.reason:find(word, 1, true), d.reason)
    assert.is_nil(d.groups_needed)
    return d
  end

  local function up(i) return 0.2 + i / 1000 end
  local function noise(i) return (i % 2 == 0 and 0.2 or -0.2) + i / 1000 end

  it("promotes what is better in every group, by the test for so many groups", function()
    local d = decide(pairs_of(8, up))
    assert.same({ "promote", "sign", 8, 8, 0, "s1" }, { d.decision, d.method, d.groups, d.wins, d.losses, d.slice })
    assert.is_true(d.ci[1] > 0.2 and d.lift < 0.21 and math.abs(d.p - 2 ^ -7) < 1e-12)
    d = decide(pairs_of(30, up))
    assert.same({ "promote", "bootstrap+permutation", 30 }, { d.decision, d.method, d.groups })
    local solved = {}
    for i = 1, 12 do
      solved[#solved + 1] = record(i, "old", i <= 2 and 1 or 0)
      solved[#solved + 1] = record(i, "new", 1)
    end
    d = decide(solved)
    assert.same({ "promote", "tango+mcnemar" }, { d.decision, d.method })
    assert.is_true(d.ci[1] > 0.3 and d.ci[2] < 1)
  end)

  it("holds what does not differ, is worse, or differs by the same everywhere", function()
    assert.equal("hold", decide(pairs_of(30, function() return 0 end)).decision)
    local flat = decide(pairs_of(30, function() return 0.25 end))
    assert.equal("hold", flat.decision)
    assert.matches("zero width", flat.reason)
    assert.equal("hold", decide(pairs_of(10, function() return 0.25 end)).decision)
    assert.matches("credibly worse on correct", decide(pairs_of(30, function(i) return -up(i) end)).reason)
    -- many small wins and a large loss: the sign test would, the mean does not
    local skewed = decide(pairs_of(12, function(i) return i == 1 and -0.3 or 0.01 + i / 10000 end))
    assert.same({ "hold", 11, 1 }, { skewed.decision, skewed.wins, skewed.losses })
  end)

  it("takes no four wins of twenty groups for a lift, though the bootstrap does", function()
    local d = decide(pairs_of(20, function(i) return i <= 4 and 0.3 or 0 end), { level = 0.0304 })
    assert.is_true(d.ci[1] > 0)
    assert.same({ 4, 16, 0.125 }, { d.wins, d.ties, d.p })
    assert.equal("need-more", d.decision)
    assert.equal("promote", decide(pairs_of(20, function(i) return i <= 7 and 0.3 or 0 end), { level = 0.0304 }).decision)
  end)

  it("says that a judge disagrees with itself, whatever it decides", function()
    local records = pairs_of(30, up)
    for i, r in ipairs(records) do r.score.again = { same = true, by = nil } r.score.n = i end
    local d = decide(records)
    assert.same({ outputs = 60, differ = 0 }, d.judge)
    assert.is_nil(d.reason:find("judge", 1, true))
    records[3].score.again = { same = false, by = { correct = 0.25 } }
    d = decide(records)
    assert.equal("promote", d.decision)
    assert.matches("; the judge disagrees with itself: 1 of 60 outputs .* %(correct by up to 0.250%)$", d.reason)
    assert.is_nil(decide(pairs_of(30, up)).judge)
  end)

  it("says how many groups would decide", function()
    local few = decide(pairs_of(5, up))
    assert.same({ "need-more", 6, 5 }, { few.decision, few.groups_needed, few.groups })
    assert.equal(7, decide(pairs_of(6, up), { level = 0.0304 }).groups_needed)
    assert.equal(8, decide(pairs_of(6, up), { family = 5 }).groups_needed)
    local d = decide(pairs_of(24, function(i) return 0.03 + noise(i) end))
    assert.equal("need-more", d.decision)
    assert.is_true(d.groups_needed > 24 and d.groups_needed < 2000, tostring(d.groups_needed))
    local bounded = decide(pairs_of(24, function(i) return 0.03 + noise(i) end), { groups_max = 30 })
    assert.equal("hold", bounded.decision)
    assert.matches("the holdout has 30", bounded.reason)
  end)

  it("counts groups, not tasks", function()
    local records = {}
    for _, r in ipairs(pairs_of(40, up)) do
      r.group = "one of " .. tonumber(r.task:sub(2)) % 4
      records[#records + 1] = r
    end
    local d = decide(records)
    assert.same({ "need-more", 4, 40 }, { d.decision, d.groups, d.n })
  end)

  it("stops at a cell without its partner, a task that was not run, a cell that is there twice", function()
    local records = pairs_of(8, up)
    local last = table.remove(records)
    refused(records, "coverage: task t8 has no cell of new")
    records[#records + 1] = last
    refused(records, "coverage: task t9", { tasks = { { id = "t1" }, { id = "t9" } } })
    records[#records + 1] = last
    refused(records, "is there twice")
    refused({}, "no cells of new and old")
    refused({ record(1, "other", 1) }, "no cells")
    refused({ { arm = "new" } }, "no task or no group")
  end)

  it("judges one row, and refuses NaN, infinite and missing scores by name", function()
    assert.equal("need-more", decide(pairs_of(1, up)).decision)
    for _, bad in ipairs { 0 / 0, math.huge, -math.huge, 1.5, "1" } do
      local records = pairs_of(8, up)
      records[4].score = { correct = bad }
      refused(records, "toy/2/new/0")
    end
    local records = pairs_of(8, up)
    records[4].score = {}
    refused(records, "has no score 'correct'")
    records[4].status = "down" -- a run that failed scores 0
    assert.is_not.equal("refused", decide(records).decision)
  end)

  it("leaves infra failures out for both arms, up to a ceiling, and not when one arm makes them", function()
    local records = pairs_of(40, up)
    records[2].infra, records[2].score = true, nil
    records[3].infra, records[3].score = true, nil
    local d = decide(records)
    assert.same({ "promote", 38, { candidate = 1, champion = 1, pairs = 2 } }, { d.decision, d.groups, d.infra })
    records[5].infra = true
    refused(records, "3 of 40 pairs")
    records = pairs_of(100, up)
    for i = 1, 3 do records[2 * i].infra = true end
    refused(records, "unbalanced: 3 by the candidate's cells, 0 by the champion's")
    records = pairs_of(1, up)
    records[1].infra = true
    refused(records, "1 of 1 pairs")
  end)

  it("refuses records that are no evidence", function()
    refused(pairs_of(8, up, { sandbox = "none" }), "sandbox none")
    refused(pairs_of(8, up, { trust = "weak" }), "trust weak")
    refused(pairs_of(8, up, { split = "dev" }), "split dev")
    refused(pairs_of(8, up, { imported = true }), "imported")
    refused(pairs_of(8, up, { over = true }), "above its ceiling")
    assert.equal("promote", decide(pairs_of(8, up, { sandbox = "landlock" })).decision)
    local unboxed = pairs_of(8, up)
    unboxed[7].sandbox = nil
    refused(unboxed, "sandbox unknown")
    local mixed = pairs_of(8, up)
    mixed[3].digests = { program = "bb", profile = "pp", checks = "dd", engine = "ee" }
    refused(mixed, "two different sets of checks")
    mixed = pairs_of(8, up)
    mixed[3].budget = { evals = 40 }
    refused(mixed, "two different budgets")
    mixed = pairs_of(8, up)
    mixed[3].group = "elsewhere"
    refused(mixed, "two groups")
  end)

  it("recognises a byte-identical candidate, whatever its records say", function()
    local records = pairs_of(8, up)
    for _, r in ipairs(records) do r.digests.program = "aa" end
    refused(records, "byte-identical")
    records[2].digests.profile = "other"
    assert.equal("promote", decide(records).decision)
  end)

  it("holds a candidate that is credibly worse on another objective, beyond its margin", function()
    local function with(n, fast)
      local records = pairs_of(n, up)
      for i, r in ipairs(records) do r.score.fast = r.arm == "old" and 0.9 or fast(i) end
      return records
    end
    local function slower(i) return 0.7 + (i % 5) / 100 end
    for _, n in ipairs { 8, 30 } do
      local d = decide(with(n, slower))
      assert.equal("hold", d.decision)
      assert.matches("credibly worse on fast", d.reason)
      assert.equal("promote", decide(with(n, slower), { margins = { fast = 0.25 } }).decision)
      assert.equal("promote", decide(with(n, function(i) return 0.9 + (i % 3 - 1) / 100 end)).decision)
      -- a twentieth slower is allowed when nothing is said, and nothing when that is said
      local function little(i) return 0.87 + (i % 5) / 1000 end
      assert.equal("promote", decide(with(n, little)).decision)
      assert.equal("hold", decide(with(n, little), { margins = { fast = 0 } }).decision)
      assert.equal("hold", decide(with(n, function(i) return 0.84 + (i % 5) / 1000 end)).decision)
      -- a candidate that is not measured where the champion is gains nothing by it
      assert.equal("hold", decide(with(n, function() return nil end)).decision)
    end
  end)

  it("has a contrast for each objective with q over them, and both arms' vectors and ranks", function()
    local records = pairs_of(24, up)
    for i, r in ipairs(records) do
      r.score.fast = r.arm == "old" and 0.9 or 0.88 + (i % 5) / 1000
      r.score.cheap = r.arm == "old" and 0.5 or 0.6 + (i % 7) / 1000
    end
    local d = decide(records)
    assert.equal("promote", d.decision)
    assert.same({ "fast", "cheap" }, { d.objectives[1].name, d.objectives[2].name })
    for _, row in ipairs(d.objectives) do
      assert.same({ 24, 2, false }, { row.groups, row.family, row.worse })
      assert.is_true(row.q >= row.p and row.q <= 0.05 and row.ci[1] <= row.lift and row.lift <= row.ci[2])
    end
    assert.same({ 0.05, 0.1 }, { d.objectives[1].margin, d.objectives[2].margin })
    assert.is_true(d.objectives[1].lift < 0 and d.objectives[2].lift > 0.1)
    assert.same({ "old", "new" }, { d.arms[1].name, d.arms[2].name })
    assert.same({ 1, 1 }, { d.arms[1].pareto.rank, d.arms[2].pareto.rank }) -- one is faster, the other cheaper
    assert.same({ "correct", "fast", "cheap" }, d.arms[1].pareto.objectives)
    assert.is_true(math.abs(d.arms[1].vector.fast.mean - 0.9) < 1e-12)
    assert.is_nil(decide(pairs_of(24, up)).arms[1].vector) -- nothing beside correct
    assert.is_nil(decide({}).arms)
  end)

  it("may look after each task in sequential mode", function()
    local records, at = pairs_of(60, function(i) return 0.6 + i / 1000 end), nil
    for i = 1, 60 do
      local d = decide({ table.unpack(records, 1, 2 * i) }, { sequential = true, groups_max = 60, last = i == 60 })
      if d.decision ~= "need-more" then
        at = d
        break
      end
      assert.equal(math.max(6, i + 1), d.groups_needed)
    end
    assert.same({ "promote", "eprocess" }, { at.decision, at.method })
    assert.is_true(at.groups >= 6 and at.groups < 20, tostring(at.groups))
    local flat = decide(pairs_of(60, noise), { sequential = true, groups_max = 60, last = true })
    assert.equal("hold", flat.decision)
    assert.matches("all 60 groups", flat.reason)
    refused(pairs_of(8, up, { sandbox = "none" }), "sandbox none", { sequential = true })
  end)

  it("promotes by a threshold, and at the level of its place on the line", function()
    assert.equal("promote", decide(pairs_of(30, up), { threshold = 0.1 }).decision)
    local d = decide(pairs_of(30, up), { threshold = 0.3 })
    assert.is_not.equal("promote", d.decision)
    assert.is_true(d.lift > 0.2 and d.ci[1] > 0.2)
    assert.equal("promote", decide(pairs_of(8, up), { level = 0.01 }).decision)
    assert.equal("need-more", decide(pairs_of(8, up), { level = 0.001 }).decision)
    assert.has_error(function() decide(pairs_of(8, up), { level = 2 }) end)
  end)

  it("has the rule whose calibration is measured", function()
    local lines, want, state = {}, {}, 7
    local function draw(n)
      state = (state * 1103515245 + 12345) % 2147483648
      return (state >> 8) % n
    end
    for set = 1, 150 do
      local n, kind, rows = ({ 6, 10, 20, 40 })[1 + set % 4], set % 5, set % 3 == 0 and 2 or 1
      local a, b, groups, lift = {}, {}, {}, (set % 7) / 12
      lines[#lines + 1] = tostring(n * rows)
      for i = 1, n * rows do
        groups[i] = (i - 1) // rows
        if kind == 0 then
          a[i], b[i] = draw(10) < 3 + 8 * lift and 1 or 0, draw(10) < 3 and 1 or 0
        elseif kind == 1 then
          a[i], b[i] = 0.5, set % 2 == 0 and 0.25 or 0.5 -- constant differences
        elseif kind == 2 then
          a[i], b[i] = 0.5 + (draw(10) < 3 and lift + draw(100) / 1000 or 0), 0.5 -- few wins, no losses
        else
          a[i], b[i] = draw(1000) / 1024 + lift, draw(1000) / 1024
        end
        lines[#lines + 1] = ("%d %.17g %.17g"):format(groups[i], a[i], b[i])
      end
      want[set] = gate.rule(a, b, groups) and "1" or "0"
    end
    local path = os.tmpname()
    assert(fakes.sys.write_file(path, table.concat(lines, "\n") .. "\n"))
    local got = {}
    for word in fakes.shell(build .. "/bench/calibration --decide < " .. path):gmatch("%d") do got[#got + 1] = word end
    os.remove(path)
    assert.same(want, got)
    local promoted = table.concat(want):gsub("0", "")
    assert.is_true(#promoted > 20 and #promoted < 130, #promoted .. " of 150")
  end)
end)
