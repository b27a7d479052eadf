-- Does "blocks before the assembly" grow? From a stored run of `han improve tests/bench/zoom_head.lua ...`: heads are
-- learnt from the first 0, 8, 16 ... of its train episodes, in the order of the run, and each is asked, at every step
-- of the untrained runs on dev, how much of its probability it would give to blocks: by quarter of a run's steps, with
-- 95 % intervals by group, and the trained minus the untrained head. The states are those that the untrained head came
-- to; what a trained head did in runs of its own is shown by `han show RUN --zoom`. Deterministic.
-- Usage: lua5.4 tests/bench/zoom_emergence.lua STORE [BUILD_DIR]      from the root of the tree

package.path = "./?.lua;engine/lua/?.lua;" .. package.path
table.insert(package.searchers, 2, function(name)
  local file = name:match "^han%.(.+)$"
  return file and loadfile("engine/lua/" .. file:gsub("%.", "/") .. ".lua") or nil
end)
local store, build = assert(arg[1], "which store?"), arg[2] or "build"
package.preload["han.stats"] = assert(package.loadlib(build .. "/tests/han_stats.so", "luaopen_han_stats"))
local dkjson = require "dkjson"
package.loaded["han.json"] = { encode = dkjson.encode, decode = dkjson.decode, array = function(list) return list end }
local credit = require "han.zoom.credit"
local figures = require "han.zoom.figures"
local stats = require "han.stats"
local train = require "han.zoom.train"

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

-- What a command of han prints with --json.
local function han(words)
  local pipe <close> = assert(io.popen(("%s/han %s --db %s --json"):format(build, words, quote(store))))
  return assert(dkjson.decode(pipe:read "a", 1, nil), words)
end

-- The cells of an arm in a phase, with their decisions, in the order of the run.
local function cells(phase, arm)
  local list = {}
  for _, row in ipairs(han("corpus query " .. quote(("SELECT c.bench_id, c.cell FROM cell c JOIN bench b ON b.id = "
    .. "c.bench_id WHERE b.id LIKE '%%/%s' AND c.arm = '%s' ORDER BY b.started_ms, c.id"):format(phase, arm))).rows) do
    list[#list + 1] = han(("show %s %s"):format(quote(row.bench_id), quote(row.cell))).cells[1]
  end
  return list
end

local episodes = {}
for _, cell in ipairs(cells("learn", "deployed")) do
  episodes[#episodes + 1] = credit.episode(cell.decisions, cell.verdict ~= nil and cell.verdict.pass == true)
end
local runs = {}
for _, cell in ipairs(cells("dev", "deployed-champion")) do
  local steps = credit.episode(cell.decisions, false)
  if steps then runs[#runs + 1] = { group = cell.group, steps = steps } end
end
assert(#episodes > 0 and #runs > 0, "there is no run of zoom_head in this store")

-- The probability that a head gives to blocks in a quarter of a run's steps; nil where the run has none there.
local function share(policy, run, quarter)
  local sum, n = 0.0, 0
  for k, step in ipairs(run.steps) do
    if figures.quarter_of(k, #run.steps) == quarter then
      for i, p in ipairs(policy:propensities(step.targets)) do
        if step.targets[i].level == "block" then sum = sum + p end
      end
      n = n + 1
    end
  end
  return n > 0 and sum / n or nil
end

local function mean(number_of)
  local x, groups = {}, {}
  for _, run in ipairs(runs) do
    local value = number_of(run)
    if value then x[#x + 1], groups[#groups + 1] = value, run.group end
  end
  local found = stats.mean_ci { x = x, groups = groups, seed = 0 }
  return ("%+.2f [%+.2f, %+.2f]"):format(found.mean, found.ci[1], found.ci[2])
end

local function heads()
  local list, n = { { n = 0, policy = train.policy() } }, 8
  while n < 2 * #episodes do
    local k = math.min(n, #episodes)
    list[#list + 1] = { n = k, policy = train.policy(train.learn(nil, table.move(episodes, 1, k, 1, {}))) }
    n = n * 2
  end
  return list
end

print(("# probability of blocks by quarter of a run's steps, %d untrained runs on dev; then minus the untrained head's")
  :format(#runs))
local untrained
for _, head in ipairs(heads()) do
  untrained = untrained or head.policy
  local words, apart = {}, {}
  for quarter = 1, figures.QUARTERS do
    words[quarter] = mean(function(run) return share(head.policy, run, quarter) end)
    apart[quarter] = mean(function(run)
      local a, b = share(head.policy, run, quarter), share(untrained, run, quarter)
      return a and a - b
    end)
  end
  print(("| %d | %s |"):format(head.n, table.concat(words, " | ")))
  if head.n > 0 then print(("| %d - 0 | %s |"):format(head.n, table.concat(apart, " | "))) end
end
