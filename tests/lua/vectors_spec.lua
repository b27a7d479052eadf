-- Vectors of a bench: means of what was measured, fronts, contrasts, and no collapse that nobody asked for. The
-- statistics are a stand-in with known answers; the real ones have tests of their own.

local fake_stats = {}
function fake_stats.mean_ci(args)
  local sum = 0.0
  for _, x in ipairs(args.x) do sum = sum + x end
  return { mean = sum / #args.x, ci = { sum / #args.x - 0.1, sum / #args.x + 0.1 } }
end
function fake_stats.paired(args)
  local sum = 0.0
  for i = 1, #args.a do sum = sum + args.a[i] - args.b[i] end
  return { mean = sum / #args.a, ci = { -1, 1 }, zero_width = false }
end
function fake_stats.sign() return { wins = 1, ties = 0, losses = 0, p = 0.02 } end
function fake_stats.mcnemar() return { p = 0.02 } end
function fake_stats.bh(args)
  local q = {}
  for i, p in ipairs(args.p) do q[i] = p * #args.p end
  return { q = q }
end
-- equal to the real one for these small sets: 1 for what nothing dominates, 2 for the rest
function fake_stats.pareto(args)
  local rank = {}
  for i, p in ipairs(args.points) do
    rank[i] = 1
    for _, q in ipairs(args.points) do
      local nowhere_worse, better = true, false
      for k = 1, #p do
        nowhere_worse, better = nowhere_worse and q[k] >= p[k], better or q[k] > p[k]
      end
      if nowhere_worse and better then rank[i] = 2 end
    end
  end
  return { rank = rank }
end

describe("han.vectors", function()
  local vectors
  local names = { "han.stats", "han.vectors", "han.contrast" }

  before_each(function()
    for _, name in ipairs(names) do package.loaded[name] = nil end
    package.loaded["han.stats"] = fake_stats
    vectors = require "han.vectors"
  end)
  after_each(function() for _, name in ipairs(names) do package.loaded[name] = nil end end)

  local function extend(scores, weights)
    local context = { by_arm = {}, tasks = {}, arms = { "sample", "refine", "sample#aa" }, seed = 1, control = "sample",
      replicate = "sample#aa", weights = weights }
    local object = { arms = {} }
    for i, arm in ipairs(context.arms) do
      object.arms[i] = { name = arm }
      context.by_arm[arm] = {}
      for t, score in ipairs(scores[arm] or scores.sample) do
        context.by_arm[arm]["t" .. t] = { group = "g" .. t, score = score }
        context.tasks[t] = "t" .. t
      end
    end
    return vectors.extend(object, context)
  end

  it("adds nothing where there is only correctness", function()
    local object = extend { sample = { { correct = 0.5 }, {} }, refine = { { correct = 1 }, false } }
    assert.same({ arms = { { name = "sample" }, { name = "refine" }, { name = "sample#aa" } } }, object)
  end)

  it("takes what is absent for absent, neither 0 nor 1", function()
    local object = extend { sample = { { correct = 0.5, fast = 0.5 }, { correct = 0.5 } },
      refine = { { correct = 1, fast = 1 }, { correct = 0, fast = 0.5 } } }
    assert.same({ mean = 0.5, ci = { 0.4, 0.6 }, n = 1 }, object.arms[1].vector.fast)
    assert.same({ mean = 0.75, ci = { 0.65, 0.85 }, n = 2 }, object.arms[2].vector.fast)
    assert.is_nil(object.arms[1].vector.secure)
    local row = object.objectives[1]
    assert.same({ "fast", "refine", "sample", 1, 0.5 }, { row.objective, row.arm, row.against, row.n, row.lift })
  end)

  it("ranks arms over the objectives that all have, without the replicate", function()
    local object = extend { sample = { { correct = 0.5, cheap = 0.9, fast = 1 } },
      refine = { { correct = 0.6, cheap = 0.1 } } }
    assert.same({ rank = 1, objectives = { "correct", "cheap" } }, object.arms[1].pareto)
    assert.equal(1, object.arms[2].pareto.rank)
    assert.is_nil(object.arms[3].pareto)
    object = extend { sample = { { correct = 0.5, cheap = 0.9 } }, refine = { { correct = 0.5, cheap = 0.1 } } }
    assert.same({ 1, 2 }, { object.arms[1].pareto.rank, object.arms[2].pareto.rank })
    object = extend { sample = { { cheap = 0.9 } }, refine = { { cheap = 0.1 } } }
    assert.is_nil(object.arms[1].pareto) -- one objective is no front
  end)

  it("corrects the contrasts of all objectives together, the diagnostic apart", function()
    local object = extend { sample = { { correct = 1, fast = 0.5, secure = 1, cheap = 0.25 } },
      refine = { { correct = 1, fast = 0.75, secure = 0.5, cheap = 0.25 } } }
    assert.equal(6, #object.objectives)
    for _, row in ipairs(object.objectives) do
      assert.equal(row.arm == "sample#aa" or nil, row.diagnostic)
      if row.diagnostic then assert.is_nil(row.q) else assert.equal(0.06, row.q) end
    end
    assert.same({ 0.25, -0.5, 0.0 },
      { object.objectives[1].lift, object.objectives[3].lift, object.objectives[5].lift })
    assert.is_nil(object.weighted)
  end)

  it("collapses by the user's weights only, and only what was measured", function()
    local weights = assert(vectors.read_weights "correct=1, fast=0.2,secure=0")
    assert.same({ correct = 1.0, fast = 0.2, secure = 0.0 }, weights)
    assert.is_true(math.abs(vectors.collapse({ correct = 0.5, fast = 1 }, weights) - 0.7 / 1.2) < 1e-12)
    assert.is_nil(vectors.collapse({ correct = 0.5 }, weights))
    assert.is_nil(vectors.collapse(nil, weights))
    local object = extend({ sample = { { correct = 0.5, fast = 0.5 }, { correct = 1 } },
      refine = { { correct = 1, fast = 1 }, { correct = 1, fast = 1 } } }, weights)
    assert.same(weights, object.weighted.weights)
    assert.same({ 1, 2 }, { object.weighted.arms[1].n, object.weighted.arms[2].n })
    assert.is_true(math.abs(object.weighted.arms[1].mean - 0.5) < 1e-12)
    local row = object.weighted.contrasts[1]
    assert.same({ "weighted", "refine", 1 }, { row.objective, row.arm, row.n })
    assert.is_true(math.abs(row.lift - 0.5) < 1e-12)
  end)

  it("refuses weights that say nothing", function()
    for text, why in pairs {
      ["correct"] = "is not OBJECTIVE=WEIGHT", ["corect=1"] = "no objective 'corect', did you mean 'correct'",
      ["fast=1,fast=2"] = "given twice", ["fast=-1"] = "must be a number", ["fast=nan"] = "must be a number",
      ["fast=0"] = "at least one weight", [""] = "is not OBJECTIVE=WEIGHT", ["fast=2e7"] = "must be a number",
      ["fast=9999999"] = "must be a number",
    } do
      local weights, message, code = vectors.read_weights(text)
      assert.is_nil(weights, text)
      assert.equal("INVALID", code)
      assert.is_truthy(message:find(why, 1, true), message)
    end
  end)
end)
