-- Two arms that do not differ, as records of cells, judged by han.gate itself: everything that is between a record and
-- a decision is in it (pairs, floors, the level of the first test on a line). Prints rows of the bench.
-- Usage: lua5.4 tests/bench/gate_aa.lua BUILD_DIR [SIMULATIONS]      deterministic

local build, simulations = arg[1] or "build", tonumber(arg[2]) or 400
package.path = "engine/lua/?.lua;" .. package.path
table.insert(package.searchers, 2, function(name)
  local file = name:match "^han%.(.+)$"
  return file and loadfile("engine/lua/" .. file:gsub("%.", "/") .. ".lua") or nil
end)
package.preload["han.stats"] = assert(package.loadlib(build .. "/tests/han_stats.so", "luaopen_han_stats"))
local gate = require "han.gate"
local stats = require "han.stats"

local ALPHA = 0.05
local LEVEL = stats.spend { index = 1, alpha = ALPHA }.level
local state = 2026
local function random() -- xorshift64*, so that every run has the same arms
  state = state ~ (state >> 12)
  state = state ~ (state << 25)
  state = state ~ (state >> 27)
  return ((state * 0x2545F4914F6CDD1D) >> 11) / (1 << 53)
end

-- One score of one arm on a task of this difficulty; `shared` is what the arm has in common within the group.
local outcomes = {
  { "two-valued", 1, function(task) return random() < task and 1 or 0 end },
  { "tie-heavy", 1, function() return random() < 0.7 and 0.5 or math.floor(5 * random()) / 4 end },
  { "smooth", 1, function(task) return (task + random() + random()) / 3 end },
  { "skewed", 1, function(task) return task * random() ^ 4 end },
  { "grouped", 4, function(task, shared) return (task + shared + random()) / 3 end },
}

local function records_of(outcome, groups)
  local records = {}
  local _, rows, score = table.unpack(outcome)
  for g = 1, groups do
    local task, shared = random(), { old = random(), new = random() }
    for r = 1, rows do
      for _, arm in ipairs { "old", "new" } do
        records[#records + 1] = { cell = arm .. g .. "/" .. r, task = g .. "/" .. r, group = "g" .. g, arm = arm,
          seed = 1, replicate = 0, status = "done", infra = false, over = false, trust = "split", sandbox = "strong",
          split = "gate", budget = { evals = 9 }, score = { correct = score(task, shared[arm]) },
          digests = { program = arm } }
      end
    end
  end
  return records, rows
end

-- Promoted at the first look that decides; a look is the end of a group.
local function sequential(records, rows, groups)
  for g = gate.GROUPS_MIN, groups do
    local seen = table.move(records, 1, 2 * rows * g, 1, {})
    local d = gate.decide(seen, { candidate = "new", champion = "old", level = LEVEL, sequential = true,
      groups_max = groups, last = g == groups })
    if d.decision ~= "need-more" then return d.decision == "promote" end
  end
  return false
end

local function fixed(records)
  return gate.decide(records, { candidate = "new", champion = "old", level = LEVEL }).decision == "promote"
end

local function row(name, n, count, tries)
  local rate, most = count / tries, ALPHA + 3 * math.sqrt(ALPHA * (1 - ALPHA) / tries)
  print(('row=%s-n%d ours=%.4f limit=%.4f unit=share ratio=%.2f goal="false promotions <= 0.05 + 3 se" met=%s'):format(
    name, n, rate, most, rate / most, rate <= most and "yes" or "no"))
end

for _, outcome in ipairs(outcomes) do
  for _, n in ipairs { 6, 10, 20, 40, 100 } do
    local count = 0
    for _ = 1, simulations do
      if fixed((records_of(outcome, n))) then count = count + 1 end
    end
    row("gate-aa-" .. outcome[1], n, count, simulations)
  end
  local tries, count = math.max(20, simulations // 8), 0
  for _ = 1, tries do
    local records, rows = records_of(outcome, 30)
    if sequential(records, rows, 30) then count = count + 1 end
  end
  row("gate-aa-sequential-" .. outcome[1], 30, count, tries)
end
