-- usage: lua5.4 tests/bench/repair_rates.lua [--split train] [--n 200] [--seed 1] [--difficulty 1] [--shots 8]
--   [--evals 250] [--tokens 4000] [--source injected|hand|pair] [--arms sample,refine] [--verbose 1]
-- Solve rates of the built-in worker on the repair family, in plain Lua without the engine: solved means
-- that the text kept (most public tests, then least spend, then first) passes all hidden tests. Rates come
-- with Wilson intervals (Wilson, 1927), the mean score with a bootstrap over groups. Only train and dev:
-- gate and final are spent through han, once.
package.path = "./?.lua;" .. package.path
dofile "tests/lua/helper.lua"
local engine = require "tests.lua.support.engine_local"
local random = require "tests.lua.support.random_local"
local eval = require "tests.lua.support.eval_local"
local worker = require "han.worker"

local options = { split = "train", n = "200", seed = "1", difficulty = "1", shots = "8", evals = "250", tokens = "4000",
  arms = "sample" }
for i = 1, #arg, 2 do options[arg[i]:sub(3)] = arg[i + 1] end
assert(options.split == "train" or options.split == "dev", "only train and dev")
for _, name in ipairs { "n", "seed", "difficulty", "shots", "evals", "tokens" } do
  options[name] = math.tointeger(tonumber(options[name]))
end

io.stdout:setvbuf "line"
local adapter = engine.adapter()

-- One shot under a meter of its own: text kept, spans, spend.
local function shot(task, from, steer, label)
  local spans, spend = {}, { evals = 0, tokens = 0 }
  local text = worker.run { artifact = from, public = task.public, steer = steer, random = random.new(label),
    profile = { trials = options.evals }, eval = eval.lua, yield = function() end,
    span = function(span) spans[#spans + 1] = span end,
    meter = function(cost)
      if spend.evals + cost.evals > options.evals or spend.tokens + cost.tokens > options.tokens then
        return nil, "spent", "BUDGET_EXHAUSTED"
      end
      spend.evals, spend.tokens = spend.evals + cost.evals, spend.tokens + cost.tokens
      return true
    end }
  return text, spans, spend
end

local function observe(spans)
  local findings = {}
  for _, name in ipairs { "failing", "localize", "progress" } do
    for _, finding in ipairs(adapter.lenses[name].run(spans)) do findings[#findings + 1] = finding end
  end
  return findings
end

local operators, stops = {}, {}

local function run(task, arm)
  local best, best_verdict, steer
  local evals, tokens, shots = 0, 0, 0
  for i = 1, options.shots do
    local from = arm == "refine" and best or task.public.artifact
    local text, spans, spend = shot(task, from, steer, ("%d/%s/root/%d"):format(options.seed, task.id, i))
    local verdict = adapter.verify.run(text, task.public)
    shots, evals, tokens = shots + 1, evals + spend.evals, tokens + spend.tokens
    if not best or verdict.correct > best_verdict.correct then best, best_verdict = text, verdict end
    local settle = spans[#spans]
    stops[settle.stopped] = (stops[settle.stopped] or 0) + 1
    for _, span in ipairs(spans) do
      if span.outcome == "solved" then operators[span.op] = (operators[span.op] or 0) + 1 end
    end
    if verdict.pass then break end
    if arm == "refine" then steer = observe(spans) end
  end
  local score = adapter.judge.run(best, task.private)
  return { solved = score.pass, correct = score.correct, public = best_verdict.pass, evals = evals, tokens = tokens,
    shots = shots, task = task, text = best }
end

local function wilson(k, n)
  local z = 1.959964
  local p, d = k / n, 1 + z * z / n
  local middle, half = (p + z * z / (2 * n)) / d, z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / d
  return middle - half, middle + half
end

local function rate(name, rows)
  if #rows == 0 then return end
  local k, public, wrong, evals, tokens, correct = 0, 0, 0, 0, 0, 0
  for _, row in ipairs(rows) do
    if row.solved then k = k + 1 end
    if row.public then public = public + 1 end
    if row.public and not row.solved then wrong = wrong + 1 end
    evals, tokens, correct = evals + row.evals, tokens + row.tokens, correct + row.correct
  end
  local low, high = wilson(k, #rows)
  local shape = "  %-28s solved %3d of %3d = %5.1f %% [%4.1f, %4.1f]  plausible but wrong %2d of %3d  correct %.3f  "
    .. "evals %4.0f  tokens %5.0f"
  print(shape:format(name, k, #rows, 100 * k / #rows, 100 * low, 100 * high, wrong, public,
    correct / #rows, evals / #rows, tokens / #rows))
end

local function by(rows, field)
  local groups, names = {}, {}
  for _, row in ipairs(rows) do
    local name = field(row.task)
    if not groups[name] then groups[name] = {} names[#names + 1] = name end
    groups[name][#groups[name] + 1] = row
  end
  table.sort(names)
  for _, name in ipairs(names) do rate(name, groups[name]) end
end

local function group_interval(rows)
  local groups, list = {}, {}
  for _, row in ipairs(rows) do
    local g = groups[row.task.group]
    if not g then g = { 0, 0 } groups[row.task.group] = g list[#list + 1] = g end
    g[1], g[2] = g[1] + (row.solved and 1 or 0), g[2] + 1
  end
  local draw, means = random.new "bootstrap", {}
  for i = 1, 2000 do
    local sum, n = 0, 0
    for _ = 1, #list do
      local g = list[draw(#list)]
      sum, n = sum + g[1], n + g[2]
    end
    means[i] = sum / n
  end
  table.sort(means)
  print(("  over %d groups: solved [%.1f, %.1f] %% (bootstrap of groups, 95 %%)"):format(#list, 100 * means[50],
    100 * means[1950]))
end

local function sorted_counts(map)
  local list = {}
  for name, count in pairs(map) do list[#list + 1] = { name, count } end
  table.sort(list, function(a, b) return a[2] > b[2] or (a[2] == b[2] and a[1] < b[1]) end)
  local parts = {}
  for i, row in ipairs(list) do parts[i] = row[1] .. " " .. row[2] end
  return table.concat(parts, ", ")
end

local made = random.options(options.seed)
made.difficulty, made.source = options.difficulty, options.source
local tasks = assert(adapter.tasks(options.split, options.n, options.seed, made))
local clock = os.clock()
for arm in options.arms:gmatch "[^,]+" do
  operators, stops = {}, {}
  local rows = {}
  for i, task in ipairs(tasks) do
    rows[i] = run(task, arm)
    if options.verbose then
      print(task.id, task.meta.kind, task.meta.site, rows[i].solved and "solved" or rows[i].public and "PLAUSIBLE"
        or "-",
        rows[i].evals, ("%.2f"):format(rows[i].correct))
    end
  end
  print(("%s: %s, seed %d, difficulty %d, %d tasks, %d shots of %d evals"):format(arm, options.split, options.seed,
    options.difficulty, #tasks, options.shots, options.evals))
  rate("all", rows)
  group_interval(rows)
  by(rows, function(task) return "source " .. task.meta.source end)
  if options.difficulty == 1 then by(rows, function(task) return task.meta.kind end) end
  by(rows, function(task) return "group " .. task.group end)
  print("  solved by: " .. sorted_counts(operators))
  print("  shots ended: " .. sorted_counts(stops))
end
print(("%.0f evaluations a second"):format(eval.evaluations / (os.clock() - clock)))
