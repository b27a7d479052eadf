-- Prints cases and what han.stats makes of them, one a line, for the peers in this folder to check:
-- a method, then lists of numbers with bars between them; the first list is what han said.
--   sign P | WINS LOSSES            mcnemar P | ONLY_A ONLY_B N
--   tango LOW HIGH | ONLY_A ONLY_B N ALPHA
--   clopper LOW HIGH | HITS N ALPHA      wilson the same
--   bh Q... | P...                  holm the same; ebh Q... | E...
--   permutation P | D...            exact, of paired differences
--   boot LOW HIGH SE | X...         percentile, of the mean, 95 %, 10,000 resamples; bca the same
--   groups LOW HIGH SE | X... | GROUP...      whole groups resampled, mean over rows
--   beta MEAN LOW MEDIAN HIGH | A B ALPHA
--   power POWER | N DELTA SD ALPHA  paired t; pairs POWER | N ONLY_A ONLY_B ALPHA, exact McNemar
--   cliff DELTA | A... | B...       rank R | D...      dz DZ | D...
--   strata LOW HIGH SE | X... | STRATUM...      whole rows resampled within their stratum
--   means LOW HIGH SE | X... | GROUP...         groups resampled, mean of the groups' means
--   drawn P MEAN | D...             permutation by 10,000 random patterns; clusters P | D... | GROUP... exact, by group
--   spend LEVEL | INDEX ALPHA       lord LEVEL | REJECTED... | ALPHA
--   pareto RANK... | POINTS BY OBJECTIVE...     crowding the same, 1e9 for the ends
--   greater P | A B C D             P(Beta(A, B) > Beta(C, D))
--   size N | DELTA SD ALPHA POWER   mde DELTA | N SD ALPHA POWER     paired t, solved
--   few N | ONLY_A ONLY_B ALPHA POWER           exact McNemar, the groups needed
--   eprocess E_GREATER E_LESS LOW HIGH | X... | NULL ALPHA      observations in [0, 1]
-- Usage: lua5.4 tests/peers/stats_cases.lua BUILD_DIR
local build = arg[1] or "build"
local stats = assert(package.loadlib(build .. "/tests/han_stats.so", "luaopen_han_stats"))()

local CASES = 200
local state = 12345
local function random() -- a plain linear generator, so that every run has the same cases
  state = (state * 6364136223846793005 + 1442695040888963407) & -1
  return (state >> 11) / (1 << 53)
end
local function below(n) return math.floor(random() * n) end
local function one_of(list) return list[1 + below(#list)] end
local function normal() return math.sqrt(-2 * math.log(1 - random())) * math.cos(2 * math.pi * random()) end
local function list(n, fn)
  local out = {}
  for i = 1, n do out[i] = fn(i) end
  return out
end

local function show(numbers)
  local out = {}
  for i, value in ipairs(numbers) do out[i] = ("%.17g"):format(value) end
  return table.concat(out, " ")
end
local function case(name, ...)
  local parts = table.pack(...)
  for i = 1, parts.n do parts[i] = show(parts[i]) end
  print(name .. " " .. table.concat(parts, " | "))
end

-- Samples of many shapes: smooth, skewed, in steps (ties), two-valued.
local shapes = {
  function() return normal() + 0.3 end,
  function() return random() ^ 2 - 0.2 end,
  function() return (below(7) - 2) / 4 end,
  function() return math.exp(normal()) - 1.3 end,
  function() return below(2) * 2 - 1 end,
}

for _ = 1, CASES do
  local wins, losses = below(60), 1 + below(60)
  case("sign", { stats.sign { wins = wins, losses = losses }.p }, { wins, losses })
  local n = wins + losses + below(50)
  case("mcnemar", { stats.mcnemar { only_a = wins, only_b = losses, n = n }.p }, { wins, losses, n })
end
for _ = 1, CASES do
  local n, alpha = 1 + below(120), one_of { 0.05, 0.01, 0.2 }
  local a = below(n + 1)
  local b = below(n - a + 1) // 2
  case("tango", stats.tango { only_a = a, only_b = b, n = n, alpha = alpha }.ci, { a, b, n, alpha })
end
for _, name in ipairs { "clopper", "wilson" } do
  for _ = 1, CASES do
    local n, alpha = 1 + below(300), one_of { 0.05, 0.01, 0.2 }
    local hits = below(n + 1)
    case(name, stats[name] { hits = hits, n = n, alpha = alpha }.ci, { hits, n, alpha })
  end
end
for _ = 1, CASES do
  local p = list(1 + below(30), function() return random() ^ 3 end)
  case("bh", stats.bh { p = p }.q, p)
  case("holm", stats.holm { p = p }.q, p)
  local e = list(#p, function() return math.exp(3 * normal()) end)
  case("ebh", stats.ebh { e = e }.q, e)
end
for _ = 1, CASES do
  local d = list(2 + below(10), one_of(shapes))
  case("permutation", { stats.permutation { x = d }.p }, d)
end
for _ = 1, CASES do
  local shape = one_of { shapes[1], shapes[2], shapes[3], shapes[4] }
  local x = list(20 + below(80), shape)
  for name, method in pairs { boot = "percentile", bca = "bca" } do
    local r = stats.mean_ci { x = x, method = method, seed = below(1000) }
    case(name, { r.ci[1], r.ci[2], r.se }, x)
  end
end
for _ = 1, CASES do
  local x, groups = {}, {}
  for g = 1, 20 + below(20) do
    local shared = normal()
    for _ = 1, 1 + below(4) do
      x[#x + 1], groups[#groups + 1] = shared + normal(), g
    end
  end
  local r = stats.mean_ci { x = x, groups = groups, seed = below(1000) }
  case("groups", { r.ci[1], r.ci[2], r.se }, x, groups)
end
for _ = 1, CASES do
  local wins, losses, alpha = below(80), below(80), one_of { 0.05, 0.2 }
  local r = stats.beta { wins = wins, losses = losses, prior_a = 0.5, prior_b = 0.5, alpha = alpha }
  case("beta", { r.mean, r.ci[1], r.median, r.ci[2] }, { wins + 0.5, losses + 0.5, alpha })
end
for _ = 1, CASES do
  local n, delta, sd, alpha = 3 + below(120), random() + 0.01, 0.5 + random(), one_of { 0.05, 0.01 }
  case("power", { stats.power { n = n, delta = delta, sd = sd, alpha = alpha }.power }, { n, delta, sd, alpha })
  local a, b, few = random() * 0.6, random() * 0.4, 1 + below(40)
  local power = stats.power { kind = "mcnemar", n = few, only_a = a, only_b = b, alpha = alpha }.power
  case("pairs", { power }, { few, a, b, alpha })
end
for _ = 1, CASES do
  local a, b = list(3 + below(20), one_of(shapes)), {}
  for i = 1, #a do b[i] = below(7) / 4 - 0.5 end
  case("cliff", { stats.effect { a = a, b = b }.cliff }, a, b)
  local d = list(3 + below(40), one_of { shapes[1], shapes[2], shapes[4] })
  for i = 1, #d, 3 do d[i] = below(5) - 2 + (i == 1 and 0.25 or 0) end -- ties and zeros among them
  local r = stats.effect { x = d }
  case("rank", { r.rank_biserial }, d)
  case("dz", { r.dz }, d)
end
for _ = 1, CASES do
  local null, alpha = 0.1 + 0.8 * random(), one_of { 0.05, 0.2 }
  local bias = random()
  local x = list(1 + below(60), function() return random() < 0.5 and random() or (random() < bias and 1 or 0) end)
  local r = stats.eprocess { x = x, low = 0, high = 1, null = null, alpha = alpha }
  case("eprocess", { r.e_greater, r.e_less, r.ci[1], r.ci[2] }, x, { null, alpha })
end
for _ = 1, CASES do
  local x, strata = {}, {}
  for s = 1, 2 + below(3) do
    local shared = 3 * normal()
    for _ = 1, 10 + below(15) do
      x[#x + 1], strata[#strata + 1] = shared + normal(), s
    end
  end
  local r = stats.mean_ci { x = x, strata = strata, seed = below(1000) }
  case("strata", { r.ci[1], r.ci[2], r.se }, x, strata)
  local y, groups = {}, {}
  for g = 1, 20 + below(20) do
    local shared = normal()
    for _ = 1, 1 + below(6) do
      y[#y + 1], groups[#groups + 1] = shared + normal(), g
    end
  end
  r = stats.mean_ci { x = y, groups = groups, weight = "groups", seed = below(1000) }
  case("means", { r.ci[1], r.ci[2], r.se }, y, groups)
  local d, clusters = {}, {}
  for g = 1, 2 + below(8) do
    for _ = 1, 1 + below(3) do
      d[#d + 1], clusters[#clusters + 1] = one_of(shapes)(), g
    end
  end
  case("clusters", { stats.permutation { x = d, groups = clusters }.p }, d, clusters)
end
for _ = 1, CASES do
  local d = list(21 + below(60), one_of { shapes[1], shapes[2], shapes[4] })
  local r = stats.permutation { x = d, seed = below(1000) }
  case("drawn", { r.p, r.mean }, d)
end
for _ = 1, CASES do
  local index, alpha = 1 + below(5000), one_of { 0.05, 0.01, 0.2 }
  case("spend", { stats.spend { index = index, alpha = alpha }.level }, { index, alpha })
  local rejected, flags = {}, {}
  for i = 1, below(60) do
    rejected[i] = random() < 0.2
    flags[i] = rejected[i] and 1 or 0
  end
  case("lord", { stats.lord { rejected = rejected, alpha = alpha }.level }, #flags > 0 and flags or { -1 }, { alpha })
end
for _ = 1, CASES do
  local n, m = 1 + below(40), 1 + below(4)
  local points, columns = {}, {}
  for k = 1, m do columns[k] = {} end
  for i = 1, n do
    points[i] = {}
    for k = 1, m do
      points[i][k] = below(8) / 4 -- ties and equal points among them
      columns[k][i] = points[i][k]
    end
  end
  local r = stats.pareto { points = points }
  case("pareto", r.rank, table.unpack(columns))
  local crowding = list(n, function(i) return math.min(1e9, r.crowding[i]) end)
  case("crowding", crowding, r.rank, table.unpack(columns))
end
for _ = 1, CASES do
  local w = list(4, function() return below(60) end)
  local r = stats.beta { wins = w[1], losses = w[2], other_wins = w[3], other_losses = w[4] }
  case("greater", { r.greater }, { w[1] + 1, w[2] + 1, w[3] + 1, w[4] + 1 })
  local delta, sd, alpha, power = 0.15 + random(), 0.5 + random(), one_of { 0.05, 0.01 }, one_of { 0.8, 0.9 }
  case("size", { stats.power { delta = delta, sd = sd, alpha = alpha, power = power }.n }, { delta, sd, alpha, power })
  local n = 5 + below(100)
  case("mde", { stats.power { n = n, sd = sd, alpha = alpha, power = power }.mde }, { n, sd, alpha, power })
  local a, b = 0.4 + random() * 0.3, random() * 0.15
  case("few", { stats.power { kind = "mcnemar", only_a = a, only_b = b, alpha = alpha, power = power }.n },
    { a, b, alpha, power })
end
