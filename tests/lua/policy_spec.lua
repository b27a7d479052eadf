-- han.policy: propensities, gradients held against finite differences, and training that ends at what is known to be
-- best.
-- luacheck: no max line length

local policy = require "han.policy"
local random = require "tests.lua.support.random_local"

local ENTROPY = { block = { from = 0.4, to = 0.1, over = 10 }, assembly = { from = 0.3, to = 0.0, over = 4 } }

-- A random episode over sets of targets of different sizes.
local function episode(roll, length)
  local steps = {}
  for t = 1, length do
    local targets = {}
    for i = 1, 1 + roll(5) do
      targets[i] = { level = i == 1 and "assembly" or "block", features = { pass = roll(), delta = 2 * roll() - 1, other = i == 2 and roll() or nil } }
    end
    steps[t] = { targets = targets, chosen = roll(#targets), reward = 4 * roll() - 2, state = { left = roll() } }
  end
  return steps
end

local function make(roll, more)
  local options = { features = { "pass", "delta", "other" }, state = { "left" }, floor = 0.07, entropy = ENTROPY,
    weights = { pass = roll() - 0.5, delta = 3 * roll(), other = -roll() }, value = { constant = roll(), left = roll() }, episodes = 3 }
  for key, value in pairs(more or {}) do options[key] = value end
  return policy.new(options)
end

describe("han.policy", function()
  it("gives every target its share, whatever the set", function()
    local roll = random.new "shares"
    for _ = 1, 200 do
      local p, targets = make(roll), episode(roll, 1)[1].targets
      local sum, list = 0, p:propensities(targets)
      for _, share in ipairs(list) do
        assert.is_true(share >= 0.07 / #targets - 1e-15)
        sum = sum + share
      end
      assert.is_true(math.abs(sum - 1) < 1e-12)
    end
    local same = policy.new { features = { "x" } }:propensities { { features = {} }, { features = {} }, { features = { y = 9 } } }
    for _, share in ipairs(same) do assert.is_true(math.abs(share - 1 / 3) < 1e-12) end
    local far = policy.new { features = { "x" }, weights = { x = 1e4 }, floor = 0 } -- no overflow
    assert.same({ 1.0, 0.0 }, far:propensities { { features = { x = 1 } }, { features = { x = -1 } } })
  end)

  it("draws by its propensities and says them", function()
    local p, roll, count = policy.new { features = { "x" }, weights = { x = 1 }, floor = 0.1 }, random.new "draw", { 0, 0, 0 }
    local targets = { { features = { x = 0 } }, { features = { x = 1 } }, { features = { x = 2 } } }
    local shares = p:propensities(targets)
    for _ = 1, 20000 do
      local i, share = p:choose(targets, roll)
      assert.equal(shares[i], share)
      count[i] = count[i] + 1
    end
    for i, n in ipairs(count) do assert.is_true(math.abs(n / 20000 - shares[i]) < 4 * math.sqrt(shares[i] / 20000)) end
  end)

  -- The largest difference between a gradient and central differences, relative to the larger of 1 and its size.
  local function worst(gradient, names, weights, objective)
    local most, h = 0, 1e-5
    for _, name in ipairs(names) do
      local at = weights[name]
      weights[name] = at + h
      local up = objective()
      weights[name] = at - h
      local down = objective()
      weights[name] = at
      most = math.max(most, math.abs((up - down) / (2 * h) - gradient[name]) / math.max(1, math.abs(gradient[name])))
    end
    return most
  end

  it("has gradients that agree with finite differences to 1e-6", function()
    local roll, most = random.new "gradient", 0
    for i = 1, 300 do
      local p = make(roll, i % 3 == 0 and { floor = 0 } or i % 3 == 1 and { entropy = {} } or nil)
      local steps = episode(roll, 1 + roll(6))
      local advantages = p:advantages(steps)
      most = math.max(most, worst(p:gradient(steps, advantages), p.features, p.weights, function() return p:objective(steps, advantages) end))
      local _, gradient = p:miss(steps)
      most = math.max(most, worst(gradient, p.states, p.value, function() return (p:miss(steps)) end))
    end
    assert.is_true(most < 1e-6, most)
  end)

  it("counts what comes later, and takes an advantage that is brought along", function()
    local p = policy.new { features = {}, state = { "left" }, discount = 0.5, value = { constant = 1, left = 2 } }
    local steps = { { reward = 1, state = { left = 1 } }, { reward = 2 }, { reward = 4, advantage = 7 } }
    assert.same({ 3.0, 4.0, 4.0 }, p:returns(steps))
    assert.same({ 0.0, 3.0, 7 }, p:advantages(steps))
  end)

  it("values entropy by level, and less as it goes on", function()
    local p = policy.new { features = {}, entropy = ENTROPY }
    local function worth() return { p:entropy_worth "block", p:entropy_worth "assembly", p:entropy_worth "other" } end
    assert.same({ 0.4, 0.3, 0.0 }, worth())
    p.episodes = 4
    assert.is_true(p:entropy_worth "assembly" == 0 and math.abs(p:entropy_worth "block" - 0.28) < 1e-12)
    p.episodes = 99
    assert.same({ 0.1, 0.0, 0.0 }, worth())
  end)

  -- Each target is worth what its features say, in weights that the policy does not know: the best target is known.
  it("learns a choice whose best answer is known", function()
    local truth = { need = 2.0, cost = -1.0, noise = 0.0 }
    local roll = random.new "bandit"
    local p = policy.new { features = { "need", "cost", "noise" }, rate = 0.5, value_rate = 0.2, floor = 0.02 }
    local function play(learn)
      local targets, worth, best = {}, {}, 1
      for i = 1, 2 + roll(4) do
        local f = { need = roll(), cost = roll(), noise = roll() }
        targets[i] = { level = "block", features = f }
        worth[i] = truth.need * f.need + truth.cost * f.cost
        if worth[i] > worth[best] then best = i end
      end
      local i = p:choose(targets, roll)
      if learn then p:learn { { targets = targets, chosen = i, reward = worth[i] + (roll() - 0.5) } } end
      return i == best, worth[i], worth[best]
    end
    local function rate(n)
      local hits, got, most = 0, 0, 0
      for _ = 1, n do
        local hit, worth, best = play(false)
        hits, got, most = hits + (hit and 1 or 0), got + worth, most + best
      end
      return hits / n, got / most
    end
    local before = rate(2000)
    for _ = 1, 6000 do play(true) end
    local after, share = rate(2000)
    assert.is_true(before < 0.4, before)
    assert.is_true(after > 0.85 and share > 0.95, after .. " " .. share)
    assert.is_true(p.weights.need > 0 and p.weights.cost < 0 and math.abs(p.weights.noise) < 0.2 * p.weights.need)
    assert.is_true(math.abs(p.weights.need / p.weights.cost + 2) < 0.5) -- the ratio of the truth
  end)

  -- Three parts to bring up and a whole that only counts once they are up: first the parts, then the whole. The best
  -- return is that of the order which is known to be best.
  it("learns an order over several steps whose best return is known", function()
    local roll = random.new "order"
    local p = policy.new { features = { "rest", "whole", "ready" }, state = { "ready", "left" }, rate = 0.4, value_rate = 0.1, floor = 0.02 }
    local function play(q, learn)
      local parts, steps, done, total = { 0, 0, 0 }, {}, false, 0
      for t = 1, 4 do
        local ready = (parts[1] + parts[2] + parts[3]) / 3
        local targets = { { level = "assembly", features = { whole = 1, ready = ready } } }
        for i = 1, 3 do targets[i + 1] = { level = "block", features = { rest = 1 - parts[i] } } end
        local chosen, reward = q:choose(targets, roll), 0
        if chosen > 1 then
          reward, parts[chosen - 1] = 0.2 * (1 - parts[chosen - 1]), 1
        elseif not done then
          reward, done = ready == 1 and 1 or 0, ready == 1
        end
        total = total + reward
        steps[t] = { targets = targets, chosen = chosen, reward = reward, state = { ready = ready, left = (4 - t) / 4 } }
      end
      if learn then q:learn(steps) end
      return total
    end
    local function mean(q, n)
      local sum = 0
      for _ = 1, n do sum = sum + play(q, false) end
      return sum / n
    end
    local best = 3 * 0.2 + 1
    local untrained = mean(p, 2000)
    for _ = 1, 5000 do play(p, true) end
    local trained = mean(p, 2000)
    assert.is_true(untrained < 0.5 * best, untrained)
    assert.is_true(trained > 0.9 * best, trained .. " of " .. best)
  end)

  it("goes on from its state as if nothing had been between, and learns the same from the same", function()
    local function train(p, from, to)
      for i = from, to do p:learn(episode(random.new("episode " .. i), 4)) end
      return p
    end
    local whole = train(make(random.new "a"), 1, 20)
    local parted = train(policy.restore(train(make(random.new "a"), 1, 8):state()), 9, 20)
    assert.same(whole:state(), parted:state())
    assert.equal(23, whole.episodes)
  end)

  it("holds its weights within bounds, and refuses what is no episode", function()
    local p = policy.new { features = { "x" }, rate = 1e6, limit = 5 }
    local targets = { { features = { x = 1 } }, { features = { x = 0 } } }
    p:learn { { targets = targets, chosen = 1, reward = 9 } }
    assert.equal(5, p.weights.x)
    assert.same({}, p:learn {})
    for _, bad in ipairs { { targets = {}, chosen = 1, reward = 0 }, { targets = targets, chosen = 3, reward = 0 },
      { targets = targets, chosen = 1, reward = 0 / 0 }, { targets = targets, chosen = 1, reward = math.huge }, { targets = targets, chosen = 1 } } do
      assert.has_error(function() p:learn { bad } end)
    end
    assert.has_error(function() p:propensities {} end)
    assert.has_error(function() policy.new { features = { "a", "a" } } end)
    assert.has_error(function() policy.new { features = "a" } end)
  end)
end)
