-- han.zoom: what a shot is worth, what is known of targets, splits and merges, credit, and a head that learns.
-- luacheck: no max line length

local credit = require "han.zoom.credit"
local random = require "tests.lua.support.random_local"
local reshape = require "han.zoom.reshape"
local state_of = require "han.zoom.state"
local train = require "han.zoom.train"
local zoom = require "han.zoom"

local function copy(from, more)
  local out = {}
  for key, item in pairs(from) do out[key] = item end
  for key, item in pairs(more or {}) do out[key] = item end
  return out
end

local TESTS = {}
for _, fn in ipairs { "a", "b" } do
  for k = 1, 4 do TESTS[#TESTS + 1] = { fn = fn, args = { k }, want = k < 3 and { k } or nil, want_error = k > 2 and "x" or nil } end
end
TESTS[9], TESTS[10] = { fn = "all", args = { 1 }, want = { 1 } }, { fn = "all", args = { 2 }, want = { 1 } }
local TASK = { tests = TESTS, blocks = { { name = "a", calls = { "b" } }, { name = "b", calls = {} }, { name = "all", assembly = true, calls = { "a" } } } }

-- A verdict from the indices of the tests that fail.
local function verdict(failing)
  local blocks = {}
  for _, test in ipairs(TESTS) do
    blocks[test.fn] = blocks[test.fn] or { passed = 0, total = 0 }
    blocks[test.fn].total, blocks[test.fn].passed = blocks[test.fn].total + 1, blocks[test.fn].passed + 1
  end
  for _, i in ipairs(failing) do blocks[TESTS[i].fn].passed = blocks[TESTS[i].fn].passed - 1 end
  return { pass = #failing == 0, correct = 1 - #failing / #TESTS, raw = { blocks = blocks, failing = failing } }
end

local function state(failing, params)
  local s = state_of.new(TASK, copy(zoom.DEFAULTS, params))
  s:see(verdict(failing))
  return s
end

local function shot(s, target, failing, more)
  return s:after(target, { kind = "done", verdict = failing and verdict(failing) }, copy({ decision = 1, version = s.version, cost = 0 }, more))
end

local function near(a, b) assert.is_true(math.abs(a - b) < 1e-12, ("%s is not %s"):format(a, b)) end

describe("the reward", function()
  it("counts what blocks and the assembly gain, passing, tokens and repeats, with its coefficients", function()
    local s = state { 1, 2, 3, 4, 9 }
    assert.is_true(shot(s, s.targets[1], { 1, 2, 9 })) -- a gains 2 of 4: half of it, by two blocks
    near(s.rows[1].reward, 0.25)
    assert.is_false(shot(s, s.targets[1], { 1, 2, 9 }, { cost = 0.5 })) -- nothing kept, on a text that it was not tried on
    near(s.rows[2].reward, -0.05)
    shot(s, s.targets[1], nil) -- once more on the same text
    near(s.rows[3].reward, -0.1 / 14)
    shot(s, s.targets[3], { 1, 2 }) -- blocks pass 3 of 4 in the mean: the assembly counts little
    near(s.rows[4].reward, 0.2 * 0.5)
    s = state({ 9, 10 }, { alpha = 5, gamma_late = 0.6 })
    shot(s, s.targets[3], {}) -- all blocks pass: it counts more, and the text passes
    near(s.rows[1].reward, 5 + 0.6)
    s = state({ 1, 9 }, { beta = 3, lambda = 2, rho = 7, steps = 10 })
    s.targets[1].seen = s.version
    shot(s, s.targets[1], { 9 }, { cost = 0.25 })
    near(s.rows[1].reward, 3 * 0.25 / 2 - 2 * 0.25 - 7 / 10)
  end)

  it("has the defaults of the design", function()
    local d = state_of.DEFAULTS
    assert.same({ 1.0, 1.0, 0.2, 0.6, 0.8, 0.1, 0.1, 0.01, 2, 14, 192, 2 }, { d.alpha, d.beta, d.gamma, d.gamma_late, d.competent,
      d.lambda, d.rho, d.epsilon, d.plateau, d.steps, d.tokens, d.fanout })
    local file = assert(io.open "scripts/strategies/zoom.lua"):read "a"
    for name, default in pairs(d) do
      assert.equal(default, tonumber(file:match("[{%s]" .. name .. " = ([%d.]+)")), name) -- all of them are params
    end
  end)
end)

describe("what is known of targets", function()
  it("marks a plateau after two steps without a gain, and lifts it when its tests change", function()
    local s = state { 1, 5, 9 }
    local a, b = s.targets[1], s.targets[2]
    shot(s, a, nil)
    assert.is_false(s:is_plateau(a))
    shot(s, a, { 1, 5, 9 })
    assert.is_true(s:is_plateau(a))
    assert.equal(1, s:features(a).plateau)
    shot(s, b, { 1, 9 })
    assert.is_true(s:is_plateau(a)) -- nothing of a moved
    shot(s, s.targets[3], {})
    assert.is_false(s:is_plateau(a)) -- the assembly moved it
  end)

  it("says level, coupling, repeats and the budget", function()
    local s = state { 1, 9 }
    s.left = 0.25
    local f = s:all_features()
    assert.same({ 1.0, 0.5, 0.5 }, { f.a.coupling, f.b.coupling, f.all.coupling })
    assert.same({ 0, 0.875, 0.75 }, { f.a.late, f.all.ready, f.all.late })
    assert.equal(0, f.a.again)
    shot(s, s.targets[1], nil)
    assert.same({ 1, 0 }, { s:all_features().a.again, s:all_features().b.again })
    assert.same({ 0.25, 0.8, 0.875, 0.5, 1 }, { f["*"].left, f["*"].correct, f["*"].locals, f["*"].assembly, f["*"].version })
    for _, name in ipairs(state_of.FEATURES) do assert.is_number(f.a[name]) end
  end)
end)

describe("other targets", function()
  it("come by splitting what stands still, along its contract", function()
    local s = state { 1, 3, 9 }
    assert.is_nil(reshape.propose(s))
    for _ = 1, 4 do shot(s, s.targets[1], nil) end
    local found = reshape.propose(s)
    assert.same({ "split", "split a" }, { found.how, found.words })
    assert.same({ "a/1", "a/2", "b", "all" }, s:names(found.targets))
    assert.same({ 3, 4 }, found.targets[1].tests) -- those that want an error
    assert.same({ 0.5, 0.5 }, { found.targets[1].rate, found.targets[2].rate })
    assert.is_nil(reshape.propose(s)) -- once
    s.targets = found.targets
    shot(s, found.try, { 1, 9 })
    assert.same({ 1.0, 0.5 }, { found.targets[1].rate, found.targets[2].rate }) -- by test
  end)

  it("do not come where one half passes", function()
    local s = state { 1, 2, 9 }
    for _ = 1, 6 do shot(s, s.targets[1], nil) end
    assert.is_nil(reshape.propose(s))
  end)

  it("come by merging two that undo each other", function()
    local s = state { 1, 2, 3, 9, 10 }
    local function kept(target, failing)
      local before = {}
      for _, one in ipairs(s.targets) do before[one.name] = one.rate end
      assert.is_true(shot(s, target, failing))
      reshape.watch(s, target, before)
    end
    kept(s.targets[3], { 1, 2, 3, 9 })
    assert.is_nil(reshape.propose(s))
    kept(s.targets[1], { 5, 9 }) -- a is well, and b broke
    local found = reshape.propose(s)
    assert.same({ "merge a and b", { "a+b", "all" } }, { found.words, s:names(found.targets) })
    assert.equal(8, #found.try.tests)
    near(found.try.rate, 7 / 8)
    assert.is_nil(reshape.propose(s))
  end)
end)

-- A scope whose shots settle with what `play(n, task)` says.
local function world(start, play, options)
  local scope = { spawns = {}, live = {}, decisions = {}, kept = "start", best_correct = start.correct }
  function scope.submit() return start end
  function scope:best() return self.kept end
  function scope.budget() return {} end
  function scope:spawn(_, task, more)
    table.insert(self.spawns, { task = task, label = more.label })
    self.live[#self.live + 1] = #self.spawns
    return "root/" .. #self.spawns
  end
  function scope:next()
    local n = table.remove(self.live, 1)
    return { kind = "done", node = "root/" .. n, verdict = play(n, self.spawns[n].task) }
  end
  function scope:choose(point, names, features, weights)
    local index = options and options.choose and options.choose(point, names) or 1
    table.insert(self.decisions, { point = point, options = names, chosen = index, features = features, propensity = 1 / #names, weights = weights })
    return names[index], index, 1 / #names
  end
  return scope
end

local WORKER = { backend = "search", limits = { shots = 1, evals = 250, tokens = 4000 } }

describe("a run that zooms", function()
  local task = copy(TASK, { artifact = "start", worker = WORKER })

  local function labels(scope)
    local list = {}
    for i, spawn in ipairs(scope.spawns) do list[i] = spawn.label end
    return table.concat(list, " ")
  end

  it("ends after its steps, and its last shot has the worker's own ceilings", function()
    local scope, limits = world(verdict { 1, 9 }, function() return verdict { 1, 9 } end), {}
    local spawn = scope.spawn
    function scope:spawn(worker, ...)
      limits[#limits + 1] = worker.limits
      return spawn(self, worker, ...)
    end
    zoom.run(scope, task, { steps = 5, fanout = 1, reshape = 0 }, function() return 1 end)
    assert.equal(5, #scope.spawns)
    assert.same({ shots = 1, evals = 125, tokens = 192 }, limits[4])
    assert.same(WORKER.limits, limits[5])
    assert.equal("zoom_end", scope.decisions[#scope.decisions].point)
    assert.equal(5, #scope.decisions[#scope.decisions].features.rows)
  end)

  it("makes two shots at unlike targets side by side when the last brought nothing", function()
    local scope = world(verdict { 1, 9 }, function() return verdict { 1, 9 } end)
    zoom.run(scope, task, { steps = 5, reshape = 0 }, function() return 1 end)
    assert.equal("a a all a all", labels(scope)) -- b passes: no choice
    scope = world(verdict { 1, 9 }, function() return verdict { 1, 9 } end)
    zoom.run(scope, task, { steps = 3, reshape = 0, fanout = 1 }, function() return 1 end)
    assert.equal("a a a", labels(scope))
  end)

  local function split_choice(point) return point == zoom.RESHAPE and 2 or 1 end

  it("tries a split where there is reason, keeps it when the next shot was better, and takes it back when not", function()
    local function play(better)
      return function(n) return verdict(better and n > 4 and { 1, 9 } or { 1, 3, 9 }) end
    end
    for _, better in ipairs { true, false } do
      local scope = world(verdict { 1, 3, 9 }, play(better), { choose = split_choice })
      zoom.run(scope, task, { steps = 7, fanout = 1, reshape = 1 }, function() return 1 end)
      assert.equal(better and "a a a a a/1 a/2 a/2" or "a a a a a/1 a a", labels(scope))
      local rows = scope.decisions[#scope.decisions].features.rows
      assert.equal(better and "split a" or "split a: not kept", rows[5].reshape)
      assert.equal(0, rows[5].decision) -- it was no choice of the head
    end
    local scope = world(verdict { 1, 3, 9 }, play(true))
    zoom.run(scope, task, { steps = 7, fanout = 1, reshape = 0 }, function() return 1 end)
    assert.equal("a a a a a a a", labels(scope))
  end)
end)

describe("credit", function()
  local function row(name, version, correct, kept, reward)
    return { name = name, level = "block", version = version, correct = correct, kept = kept or false, reward = reward or 0.0, decision = 0 }
  end

  it("is what the best draft without a block lacks", function()
    local rows = { row("a", 1, 0.6, true), row("b", 2, 0.7, true), row("c", 2, 0.65), row("b", 3, 1.0, true) }
    local c = credit.leave_one_out(rows, 0.5)
    near(c.a, 0.5) -- nothing was tried without it
    near(c.b, 0.35) -- what c reached from the text before b's first
    assert.is_nil(c.c)
  end)

  local function decision(name, version, features)
    local f = { a = { assembly = 0, fails = 1 }, all = { assembly = 1, fails = 0 }, ["*"] = { version = version, correct = 0.5 } }
    for key, item in pairs(features or {}) do f[key] = item end
    return { point = "zoom", options = { "a", "all" }, chosen = name == "a" and 1 or 2, propensity = 0.5, features = f }
  end

  local function run(list)
    local decisions, rows = {}, {}
    for i, one in ipairs(list) do
      decisions[i] = decision(one.name, one.version)
      rows[i] = copy(one, { decision = i })
    end
    decisions[#decisions + 1] = { point = "zoom_end", options = { "end" }, chosen = 1, propensity = 1, features = { rows = rows } }
    return decisions
  end

  it("gives what passing was worth to the blocks that it took", function()
    local list = { row("a", 1, 0.7, true, 0.1), row("a", 2, 0.7, false, -0.1), row("all", 2, 1.0, true, 1.05) }
    local steps = credit.episode(run(list), true, 1.0)
    near(steps[1].reward, 0.1 + 0.5 / (0.5 + 0.3))
    near(steps[2].reward, -0.1)
    near(steps[3].reward, 0.05 + 0.3 / (0.5 + 0.3))
    local plain = credit.episode(run(list), false, 1.0)
    near(plain[1].reward, 0.1)
    assert.is_nil(credit.episode({ decision("a", 1) }, true)) -- broken off: no last decision
    assert.is_nil(credit.episode(nil, true))
  end)

  it("replays a step with the other target where its outcome on that text is known", function()
    local list = { row("a", 1, 0.5, false, -0.1), row("all", 1, 0.6, true, 0.3), row("a", 2, 0.6, false, -0.2) }
    local steps = credit.episode(run(list), false)
    local p = train.policy()
    assert.equal(2, credit.advantages(p, steps, 1.0))
    near(steps[1].advantage, -0.1 - 0.3)
    near(steps[2].advantage, 0.3 + 0.1)
    near(steps[3].advantage, -0.2) -- nothing else was tried on that text: its return
    credit.advantages(p, steps, 0.0)
    near(steps[1].advantage, 0.0)
  end)
end)

describe("the head", function()
  -- Blocks pay at once, the assembly only when they are up. Which feature is worth what, the head is not told.
  local function episodes(head, n, roll)
    local list, total = {}, 0.0
    for _ = 1, n do
      local rates, steps, done = { 0, 0 }, {}, false
      for t = 1, 4 do
        local up = (rates[1] + rates[2]) / 2
        local targets = { { level = "assembly", name = "all", features = { assembly = 1, fails = done and 0 or 1, ready = up } } }
        for i = 1, 2 do targets[i + 1] = { level = "block", name = "b" .. i, features = { fails = 1 - rates[i] } } end
        local chosen, share = train.policy(head):choose(targets, roll)
        local reward = 0.0
        if chosen == 1 and up == 1 and not done then reward, done = 1.0, true end
        if chosen > 1 and rates[chosen - 1] == 0 then reward, rates[chosen - 1] = 0.5, 1 end
        total = total + reward
        steps[t] = { targets = targets, chosen = chosen, name = targets[chosen].name, propensity = share, reward = reward, state = { left = 1 - t / 4, version = t } }
      end
      list[#list + 1] = steps
    end
    return list, total / n
  end

  it("learns from runs of other heads, in rounds, and from the same runs the same", function()
    local roll, head = random.new "head", nil
    local _, untrained = episodes(nil, 400, roll)
    for _ = 1, 6 do head = train.learn(head, (episodes(head, 60, roll))) end
    local _, trained = episodes(head, 400, roll)
    assert.is_true(trained > untrained + 0.3, untrained .. " " .. trained)
    assert.equal(360, head.episodes)
    assert.is_nil(train.fault(head))
    local same = episodes(nil, 20, random.new "same")
    assert.same(train.learn(nil, same), train.learn(nil, (episodes(nil, 20, random.new "same"))))
    assert.same({ weights = train.head(train.policy()).weights, value = train.head(train.policy()).value, episodes = 0 }, train.learn(nil, {}))
  end)

  it("is refused when it is none", function()
    for words, bad in pairs {
      ["no table"] = 3, ["no zoom.x"] = { x = {} }, ["no zoom.weights.score"] = { weights = { score = 1 } },
      ["no number within"] = { value = { left = "1" } }, ["not within 8"] = { weights = { fails = 9 } },
      ["no count"] = { episodes = -1 }, ["is no number"] = { weights = { fails = 0 / 0 } },
    } do
      assert.is_truthy(train.fault(bad):find(words, 1, true), train.fault(bad))
    end
  end)
end)
