-- Prints cases and what han.stats makes of them, one a line, for the peers in this folder to check:
--   sign WINS LOSSES P | clopper HITS N ALPHA LOW HIGH | wilson HITS N ALPHA LOW HIGH
--   bh P... | Q... | holm P... | Q...
--   boot LOW HIGH SE | X...      percentile bootstrap of the mean of X, 95 %, 20,000 resamples
-- Usage: lua5.4 tests/peers/stats_cases.lua BUILD_DIR
local build = arg[1] or "build"
local stats = assert(package.loadlib(build .. "/tests/han_stats.so", "luaopen_han_stats"))()

local state = 12345
local function random() -- a plain linear generator, so that every run has the same cases
  state = (state * 6364136223846793005 + 1442695040888963407) & -1
  return (state >> 11) / (1 << 53)
end
local function below(n) return math.floor(random() * n) end
local function show(list)
  local out = {}
  for i, value in ipairs(list) do out[i] = ("%.17g"):format(value) end
  return table.concat(out, " ")
end

for _ = 1, 200 do
  local wins, losses = below(60), 1 + below(60)
  print(("sign %d %d %.17g"):format(wins, losses, stats.sign { wins = wins, losses = losses }.p))
end
for _, name in ipairs { "clopper", "wilson" } do
  for _ = 1, 200 do
    local n = 1 + below(300)
    local hits, alpha = below(n + 1), ({ 0.05, 0.01, 0.2 })[1 + below(3)]
    local ci = stats[name] { hits = hits, n = n, alpha = alpha }.ci
    print(("%s %d %d %g %.17g %.17g"):format(name, hits, n, alpha, ci[1], ci[2]))
  end
end
for _, name in ipairs { "bh", "holm" } do
  for _ = 1, 50 do
    local p = {}
    for i = 1, 1 + below(30) do p[i] = random() ^ 3 end
    print(("%s %s | %s"):format(name, show(p), show(stats[name] { p = p }.q)))
  end
end
for _ = 1, 20 do
  local x = {}
  for i = 1, 20 + below(80) do x[i] = random() ^ 2 - 0.2 end
  local r = stats.mean_ci { x = x, resamples = 20000, seed = below(1000), method = "percentile" }
  print(("boot %.17g %.17g %.17g | %s"):format(r.ci[1], r.ci[2], r.se, show(x)))
end
