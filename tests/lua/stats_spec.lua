-- han.stats: the tables that it takes and gives, what throws at the caller, what is refused.
local build = os.getenv "HAN_BUILD" or "build"
local stats = assert(package.loadlib(build .. "/tests/han_stats.so", "luaopen_han_stats"))()

local function near(want, got, tolerance)
  assert.is_true(math.abs(want - got) <= (tolerance or 1e-12), ("want %.17g, got %.17g"):format(want, got))
end

-- The call returns nil, a message with `text` in it, and the code.
local function refuses(text, code, f, arguments)
  local result, message, got = f(arguments)
  assert.is_nil(result)
  assert.is_truthy(message:find(text, 1, true), message)
  assert.equal(code or "INVALID", got)
end

-- The call throws with this file's place in front.
local function throws(text, f, arguments)
  local ok, message = pcall(function() f(arguments) return true end)
  assert.is_false(ok)
  assert.is_truthy(message:find("stats_spec.lua:", 1, true), message)
  assert.is_truthy(message:find(text, 1, true), message)
end

describe("han.stats counts", function()
  it("sign takes counts or rows", function()
    near(0.109375, stats.sign { wins = 8, losses = 2 }.p)
    near(0.109375, stats.sign { wins = 8.0, losses = 2, ties = 30 }.p)
    local r = stats.sign { a = { 1, 1, 1, 0, 5 }, b = { 0, 0, 0, 1, 5 }, groups = { "x", "x", 7, 8, 9 } }
    assert.same({ wins = 2, losses = 1, ties = 1, n = 4, p = 1.0 }, r)
    assert.equal(2, stats.sign { x = { 0.5, -1, 3 } }.wins)
  end)

  it("mcnemar and tango take counts or outcomes", function()
    local a, b = { true, true, 0, 1, 1 }, { false, true, 1, 0, 0 }
    local counted = stats.mcnemar { a = a, b = b }
    near(0.625, counted.p)
    assert.same({ 3, 1, 5 }, { counted.only_a, counted.only_b, counted.n })
    near(0.625, stats.mcnemar { only_a = 3, only_b = 1 }.p)
    local t = stats.tango { only_a = 7, only_b = 2, n = 20 }
    near(-0.0486348015614082, t.ci[1], 1e-11)
    near(0.5070543266587747, t.ci[2], 1e-11)
    near(0.25, t.mean)
    assert.equal(2, stats.tango { a = a, b = b, alpha = 0.1 }.mean * 5)
  end)

  it("one proportion", function()
    near(0.4439045376923585, stats.clopper { hits = 8, n = 10 }.ci[1])
    near(0.4901624715366418, stats.wilson { hits = 8, n = 10 }.ci[1])
  end)

  it("refuses data", function()
    refuses("whole number", nil, stats.sign, { wins = -1, losses = 2 })
    refuses("whole number", nil, stats.sign, { wins = 1.5, losses = 2 })
    refuses("empty", nil, stats.sign, { wins = 0, losses = 0 })
    refuses("empty", nil, stats.sign, { a = {}, b = {} })
    refuses("unpaired", nil, stats.sign, { a = { 1, 2 }, b = { 1 } })
    refuses("not 0 or 1", nil, stats.mcnemar, { a = { 0.5 }, b = { 1 } })
    refuses("not two-valued", nil, stats.tango, { a = { 1, 0 }, b = { 0, 0 }, groups = { 1, 1 } })
    refuses("2^40", nil, stats.mcnemar, { only_a = 1 << 62, only_b = 1 << 62 })
    refuses("alpha", nil, stats.tango, { only_a = 1, only_b = 0, n = 3, alpha = 2 })
  end)

  it("throws at the caller", function()
    throws("table expected", stats.sign, 7)
    throws("field 'wins' must be a count, it is nil", stats.sign, { losses = 1 })
    throws("field 'losses' must be a count, it is string", stats.sign, { wins = 1, losses = "2" })
    throws("field 'b' must be a list", stats.sign, { a = { 1 } })
    throws("value 2 is a string", stats.sign, { a = { 1, "2" }, b = { 1, 2 } })
    throws("value 1 is not a label", stats.sign, { a = { 1 }, b = { 1 }, groups = { {} } })
    throws("field 'n' must be a count", stats.tango, { only_a = 1, only_b = 0 })
  end)
end)

describe("han.stats means", function()
  local a, b, groups, strata = {}, {}, {}, {}
  for i = 1, 60 do
    a[i], b[i] = math.sin(i) + 0.4, math.cos(3 * i) * 0.5
    groups[i], strata[i] = "g" .. (i - 1) // 3, (i - 1) // 30
  end

  it("paired gives mean, interval and p", function()
    local r = stats.paired { a = a, b = b, groups = groups, strata = strata, seed = 7, resamples = 2000 }
    local sum = 0
    for i = 1, 60 do sum = sum + a[i] - b[i] end
    near(sum / 60, r.mean)
    assert.is_true(r.ci[1] < r.mean and r.mean < r.ci[2])
    assert.is_true(r.p > 0 and r.p <= 1 and r.se > 0)
    assert.same({ 60, 20, 2000, "percentile", 0.05, 7, false },
      { r.n, r.groups, r.resamples, r.method, r.alpha, r.seed, r.zero_width })
    assert.same(r, stats.paired { a = a, b = b, groups = groups, strata = strata, seed = 7, resamples = 2000 })
    local bca = stats.paired { a = a, b = b, method = "bca", alpha = 0.1 }
    assert.equal("bca", bca.method)
    assert.equal(60, bca.groups)
    assert.equal(10000, bca.resamples)
  end)

  it("mean_ci gives no p", function()
    local r = stats.mean_ci { x = a, groups = groups, weight = "groups" }
    assert.is_nil(r.p)
    assert.is_true(r.ci[1] < r.mean and r.mean < r.ci[2])
  end)

  it("zero width is said", function()
    local r = stats.paired { a = { 2, 3, 4 }, b = { 1, 2, 3 } }
    assert.is_true(r.zero_width)
    assert.same({ 1.0, 1.0 }, r.ci)
    assert.equal(1.0, r.p)
  end)

  it("refuses data", function()
    refuses("unpaired", nil, stats.paired, { a = a, b = { 1 } })
    refuses("b[2] is not a number", nil, stats.paired, { a = { 1, 2 }, b = { 1, 0 / 0 } })
    refuses("a[1] is infinite", nil, stats.paired, { a = { 1 / 0, 2 }, b = { 1, 0 } })
    refuses("one group", nil, stats.paired, { a = { 1 }, b = { 2 } })
    refuses("empty", nil, stats.mean_ci, { x = {} })
    refuses("labels for", nil, stats.paired, { a = a, b = b, groups = { 1 } })
    refuses("resamples", nil, stats.paired, { a = a, b = b, resamples = 3 })
    refuses("resamples", nil, stats.paired, { a = a, b = b, resamples = 1 << 40 })
    refuses("alpha", nil, stats.paired, { a = a, b = b, alpha = 0 })
    refuses("bca is not defined", nil, stats.paired, { a = { 1, 1 }, b = { 0, 0 }, method = "bca" })
    throws("none of its words", stats.paired, { a = a, b = b, method = "magic" })
    throws("must be an integer", stats.paired, { a = a, b = b, seed = 1.5 })
  end)
end)

describe("han.stats families", function()
  it("gives adjusted values in the order given", function()
    assert.same({ 0.03, 0.06, 0.06, 0.03 },
      { table.unpack(stats.bh { p = { 0.01, 0.04, 0.03, 0.005, 0.5, 0.5 } }.q, 1, 4) })
    near(0.12, stats.holm { p = { 0.01, 0.04, 0.03, 0.005, 0.5, 0.5 } }.q[2])
    assert.same({ q = { 1.0, 0.0, 0.5 } }, stats.ebh { e = { 0, math.huge, 3 } })
  end)

  it("gives online levels", function()
    near(0.0303963550927013, stats.spend { alpha = 0.05, index = 1 }.level)
    assert.is_true(stats.lord { rejected = { true } }.level > stats.lord { rejected = { false } }.level)
    refuses("index", nil, stats.spend, { index = 0 })
  end)

  it("refuses what is no family", function()
    refuses("empty", nil, stats.bh, { p = {} })
    refuses("out of its range", nil, stats.holm, { p = { 2 } })
    throws("field 'p' must be a list", stats.bh, {})
  end)
end)

describe("han.stats permutation and effect", function()
  local a, b = { 1.2, 3.4, 2.2, 5.1, 0.3, 4.4, 2.9 }, { 1.0, 2.1, 2.9, 3.3, 0.1, 3.9, 1.0 }

  it("is exact for few groups and says so", function()
    local r = stats.permutation { a = a, b = b }
    near(0.125, r.p)
    assert.same({ true, 128, 7, 7, 0 }, { r.exact, r.resamples, r.n, r.groups, r.seed })
    local x = {}
    for i = 1, 40 do x[i] = math.sin(i * i) + 0.2 end
    local many = stats.permutation { x = x, resamples = 500, seed = 3 }
    assert.is_false(many.exact)
    assert.equal(500, many.resamples)
    assert.is_true(many.p >= 1 / 501)
    refuses("resamples", nil, stats.permutation, { x = x, resamples = 1 })
    refuses("unpaired", nil, stats.permutation, { a = a, b = { 1 } })
  end)

  it("gives the effects that are defined", function()
    local r = stats.effect { a = a, b = b }
    assert.is_true(r.dz > 0 and r.cliff > 0 and r.rank_biserial > 0)
    assert.same({ cliff = 0.0 }, stats.effect { a = { 1, 2 }, b = { 1, 2 } })
    assert.is_nil(stats.effect { x = { 1, 2 } }.cliff)
    refuses("empty", nil, stats.effect, { x = {} })
  end)
end)

describe("han.stats power", function()
  it("solves for what is not given", function()
    near(0.753964715743852, stats.power { n = 30, delta = 0.5 }.power, 1e-8)
    assert.equal(119, stats.power { delta = 0.3, power = 0.9 }.n)
    near(0.660441654622837, stats.power { n = 20, power = 0.8 }.mde, 1e-6)
    local grouped = stats.power { n = 20, delta = 0.5, rows = 4, icc = 0.5 }.power
    assert.is_true(grouped > stats.power { n = 20, delta = 0.5 }.power)
    assert.is_true(grouped < stats.power { n = 80, delta = 0.5 }.power)
  end)

  it("knows pairs", function()
    local r = stats.power { kind = "mcnemar", only_a = 0.3, only_b = 0.1, power = 0.8 }
    near(r.power, 0.8)
    assert.is_true(stats.power { kind = "sign", only_a = 0.3, only_b = 0.1, n = r.n }.power >= 0.8)
    assert.is_true(stats.power { kind = "sign", discordant = 0.5, n = 100 }.mde < 0.3)
    refuses("no difference", nil, stats.power, { kind = "sign", only_a = 0.1, only_b = 0.1 })
    refuses("power needs", nil, stats.power, {})
    refuses("largest", "LIMIT", stats.power, { kind = "sign", discordant = 0.5, n = 4 })
    throws("field 'only_a' must be a number", stats.power, { kind = "sign", n = 4 })
  end)
end)

describe("han.stats eprocess", function()
  it("takes observations in order", function()
    local x = {}
    for i = 1, 10 do x[i] = 1 end
    local r = stats.eprocess { x = x }
    assert.is_true(r.e_greater > 20 and r.p_greater < 0.05 and r.p_less == 1)
    assert.is_true(r.ci[1] > 0 and r.ci[2] == 1)
    assert.equal(10, r.n)
    local grouped = stats.eprocess { a = { 1, 0, 1 }, b = { 0, 1, 0 }, groups = { 1, 1, 2 } }
    assert.equal(2, grouped.n)
    assert.equal(1, stats.eprocess { x = { 0.5 }, low = 0, high = 1, null = 0.5 }.e)
    refuses("outside", nil, stats.eprocess, { x = { 2 } })
    refuses("null mean", nil, stats.eprocess, { x = { 1 }, null = 3 })
    refuses("no strata", nil, stats.eprocess, { x = { 1 }, strata = { 1 } })
    refuses("empty", nil, stats.eprocess, { x = {} })
  end)
end)

describe("han.stats beta and pareto", function()
  it("gives a posterior", function()
    local r = stats.beta { wins = 8, losses = 3, prior_a = 0.5, prior_b = 0.5 }
    near(0.4349045194982143, r.ci[1])
    near(8.5 / 12, r.mean)
    near(0.5, stats.beta { wins = 4, losses = 2, other_wins = 4, other_losses = 2 }.greater, 1e-7)
    refuses("successes", nil, stats.beta, { wins = -1, losses = 0 })
  end)

  it("gives fronts", function()
    local r = stats.pareto { points = { { 0, 10 }, { 1, 6 }, { 10, 0 }, { 1, 1 } } }
    assert.same({ 1, 1, 1, 2 }, r.rank)
    assert.same({ 1, 2, 3 }, r.front)
    near(2, r.crowding[2])
    assert.is_true(r.crowding[1] > 1e300 and r.crowding[1] < math.huge)
    assert.equal(4, #stats.pareto { points = { { 1 }, { 1 }, { 1 }, { 1 } } }.front)
    assert.same({ 2, 1 }, stats.pareto { points = { { 1, 2 }, { 2, 1 } }, minimize = { false, true } }.rank)
    refuses("another number", nil, stats.pareto, { points = { { 1 }, { 1, 2 } } })
    refuses("no points", nil, stats.pareto, { points = {} })
    refuses("not a finite", nil, stats.pareto, { points = { { 0 / 0 } } })
    refuses("minimize has", nil, stats.pareto, { points = { { 1 } }, minimize = { true, true } })
    throws("not a list", stats.pareto, { points = { 3 } })
    throws("not a number", stats.pareto, { points = { { "x" } } })
  end)
end)

describe("han.stats at size", function()
  it("takes a million rows", function()
    local a, b, groups = {}, {}, {}
    for i = 1, 1000000 do
      a[i], b[i], groups[i] = i % 3, (i * 7) % 3, i // 10
    end
    local sign = stats.sign { a = a, b = b }
    assert.equal(1000000, sign.n)
    local r = stats.paired { a = a, b = b, groups = groups, resamples = 100 }
    assert.equal(100001, r.groups)
    assert.is_true(math.abs(r.mean) < 0.01 and r.ci[1] <= r.ci[2])
    assert.equal(1000000, #stats.bh { p = (function()
      local p = {}
      for i = 1, 1000000 do p[i] = (i % 997) / 997 end
      return p
    end)() }.q)
    refuses("lower resamples", "LIMIT", stats.paired, { a = a, b = b, resamples = 100000 })
  end)
end)

describe("han.stats documents", function()
  local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("a")
    file:close()
    return text
  end

  it("name exactly what is bound", function()
    local bound, typed, told = {}, {}, {}
    for name in pairs(stats) do bound[name] = true end
    for name in read("docs/types/stats.lua"):gmatch("\nfunction stats%.([%l_]+)") do typed[name] = true end
    local section = read("docs/statistics.md"):match("## Functions(.-)\n## ")
    for cell in section:gmatch("\n| (`[^|]+) |") do
      for name in cell:gmatch("`([%l_]+)`") do told[name] = true end
    end
    assert.same(bound, typed)
    assert.same(bound, told)
  end)
end)
