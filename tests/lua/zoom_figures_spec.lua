-- han.zoom.figures: shares of local targets by quarter, what follows a wiring change, calls saved, arm against arms.
-- luacheck: no max line length

-- The statistics are a stand-in with known answers; the real ones have tests of their own.
local fake = {}
function fake.mean_ci(args)
  local seen, groups, sum = {}, 0, 0.0
  for i, group in ipairs(args.groups) do
    if not seen[group] then groups, seen[group] = groups + 1, true end
    sum = sum + args.x[i]
  end
  if groups < 2 then return nil end
  return { mean = sum / #args.x, ci = { sum / #args.x - 0.1, sum / #args.x + 0.1 } }
end
function fake.bh(args)
  local q = {}
  for i, p in ipairs(args.p) do q[i] = math.min(1.0, p * #args.p) end
  return { q = q }
end
function fake.sign(args)
  local out = { wins = 0, ties = 0, losses = 0, p = 0.004 }
  for i, a in ipairs(args.a) do
    local field = a > args.b[i] and "wins" or a < args.b[i] and "losses" or "ties"
    out[field] = out[field] + 1
  end
  return out
end
function fake.mcnemar() return { p = 0.004 } end
function fake.paired(args)
  local x = {}
  for i, a in ipairs(args.a) do x[i] = a - args.b[i] end
  return fake.mean_ci { x = x, groups = args.groups }
end

local figures
setup(function()
  local known, contrast = package.loaded["han.stats"], package.loaded["han.contrast"]
  package.loaded["han.stats"], package.loaded["han.contrast"] = fake, nil
  figures = dofile "engine/lua/zoom/figures.lua"
  package.loaded["han.stats"], package.loaded["han.contrast"] = known, contrast
end)

-- A run whose steps are given as a word: l (a block), L (a block, kept), a (the assembly), A (the assembly, kept).
local function decisions_of(word)
  local decisions, rows = {}, {}
  for k = 1, #word do
    local c = word:sub(k, k)
    local level = c:lower() == "a" and "assembly" or "block"
    decisions[k] = { point = "zoom", options = { "x", "all" }, chosen = level == "block" and 1 or 2, propensity = 0.5,
      features = { x = { assembly = 0 }, all = { assembly = 1 }, ["*"] = { version = k, correct = 0.1 } } }
    rows[k] = { name = level == "block" and "x" or "all", level = level, decision = k, version = k, kept = c ~= c:lower(),
      correct = 0.2, reward = 0.0 }
  end
  decisions[#decisions + 1] = { point = "zoom_end", options = { "end" }, chosen = 1, propensity = 1,
    features = { rows = rows } }
  return decisions
end

local function cell(task, word, more)
  local out = { arm = "zoom", task = task, group = task, correct = 0.5, solved = false, decisions = decisions_of(word),
    spans = { { { kind = "edit" }, { kind = "retest", calls = 2, all = 10 } }, { { kind = "retest", calls = 3, all = 10 } } } }
  for key, value in pairs(more or {}) do out[key] = value end
  return figures.read(out)
end

describe("han.zoom.figures", function()
  it("counts local steps by quarter of a run, each run for itself", function()
    local row = cell("t", "llallaaa")
    local shares = {}
    for quarter = 1, 4 do shares[quarter] = figures.quarter_share(row, quarter) end
    assert.same({ 1.0, 0.5, 0.5, 0.0 }, shares)
    assert.is_nil(figures.quarter_share(cell("t", "l"), 2)) -- a run of one step has one quarter
    local arm = figures.arm { cell("a", "llll"), cell("b", "aaaa"), cell("c", "aaaa"), cell("d", "aall") }
    assert.equal(0.25, arm.quarters[1].mean)
    assert.equal(0.5, arm.quarters[4].mean)
    assert.is_true(arm.quarters[1].ci[1] <= 0.25 and arm.quarters[1].ci[2] >= 0.25)
  end)

  it("says what follows a kept change of the wiring, beside what follows other steps", function()
    local arm = figures.arm { cell("a", "aAlaA"), cell("b", "aala"), cell("c", "lAala") }
    assert.equal(0.5, arm.back.after.mean) -- run a: l; run c: a; after the last step nothing follows
    assert.equal(2, arm.back.after.n)
    assert.equal(2, arm.back.difference.n)
  end)

  it("adds up what re-testing cost", function()
    local arm = figures.arm { cell("a", "ll"), cell("b", "ll", { spans = { { { kind = "retest", calls = 10, all = 10 } } } }) }
    assert.same({ 15, 30 }, { arm.saved.calls, arm.saved.all })
    assert.equal((0.75 + 0) / 2, arm.saved.share.mean)
    assert.is_nil(figures.arm({ cell("a", "ll", { spans = {} }) }).saved)
  end)

  it("holds one arm to the others on the same tasks, score and solved in one family", function()
    local arms = { zoom = {}, flat = {}, other = {} }
    for i = 1, 8 do
      arms.zoom[i] = cell("t" .. i, "llaa", { correct = 0.8, solved = true })
      arms.flat[i] = cell("t" .. i, "", { arm = "flat", correct = 0.3, decisions = false })
      arms.other[i] = cell("t" .. i, "aall", { arm = "other", correct = 0.8, solved = true })
    end
    local outcomes, shares = figures.against(arms, { "flat", "other", "zoom" }, "zoom")
    assert.equal(4, #outcomes)
    assert.same({ "score", "flat", 8 }, { outcomes[1].measure, outcomes[1].against, outcomes[1].wins })
    assert.is_true(math.abs(outcomes[1].lift - 0.5) < 1e-12 and outcomes[1].q < 0.05 and outcomes[1].q > outcomes[1].p)
    assert.same({ "solved", 8, 0 }, { outcomes[2].measure, outcomes[2].wins, outcomes[2].losses })
    assert.same({ 0.0, 8 }, { outcomes[3].lift, outcomes[3].ties })
    assert.equal(4, #shares) -- flat has no targets
    assert.same({ 1.0, -1.0 }, { shares[1].lift, shares[4].lift })
  end)
end)
