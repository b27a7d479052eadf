-- The shipped strategies against a scope that plays the engine: what they spawn, and when they stop.
-- luacheck: no max line length
local function load_strategy(name)
  local before = package.loaded.han
  package.loaded.han = { strategy = function(t) return t end }
  local strategy = dofile("scripts/strategies/" .. name .. ".lua")
  package.loaded.han = before
  return strategy
end

-- outcomes: what each shot settles as; after them the budget is spent.
local function scope_of(outcomes)
  local scope = { spawns = {}, observed = 0, at = 0 }
  function scope:spawn(agent, task, options)
    if math.max(self.at, #self.spawns) >= #outcomes then return nil, "the budget is spent", self.refusal or "BUDGET_EXHAUSTED" end
    self.spawns[#self.spawns + 1] = { agent = agent, task = task, steer = options and options.steer,
      from = options and options.from }
    return "root/" .. #self.spawns
  end
  function scope:next()
    self.at = self.at + 1
    return outcomes[self.at]
  end
  function scope:observe()
    self.observed = self.observed + 1
    return { { origin = "trace", lens = "x", text = "finding " .. self.observed } }
  end
  function scope:best() return self.at > 0 and "best of " .. self.at or nil end
  return scope
end

local function done(pass) return { kind = "done", verdict = { pass = pass } } end
local TASK = { id = "t", worker = { backend = "search" } }

for _, name in ipairs { "sample", "refine" } do
  describe(name, function()
    local strategy = load_strategy(name)

    it("declares its name and intent", function()
      assert.equal(name, strategy.name)
      assert.equal("string", type(strategy.intent))
    end)

    it("goes on until the budget is spent", function()
      local scope = scope_of { done(false), done(false), done(false) }
      assert.equal("best of 3", strategy.act(TASK, scope))
      assert.equal(3, #scope.spawns)
      assert.equal(TASK.worker, scope.spawns[1].agent)
    end)

    it("stops at the first passing verdict", function()
      local scope = scope_of { done(false), done(true), done(false) }
      strategy.act(TASK, scope)
      assert.equal(2, #scope.spawns)
    end)

    it("goes on after a shot that went down, and after one without a verdict", function()
      local scope = scope_of { { kind = "down", reason = "x" }, { kind = "done" }, done(true) }
      strategy.act(TASK, scope)
      assert.equal(3, #scope.spawns)
    end)

    it("returns nothing when nothing could be bought", function()
      assert.is_nil(strategy.act(TASK, scope_of {}))
    end)

    it("fails loudly at any other refusal", function()
      local scope = scope_of {}
      scope.refusal = "UNKNOWN_AGENT"
      assert.has_error(function() strategy.act(TASK, scope) end)
    end)
  end)
end

describe("what parts them", function()
  it("sample carries nothing over", function()
    local scope = scope_of { done(false), done(false) }
    load_strategy("sample").act(TASK, scope)
    for _, spawn in ipairs(scope.spawns) do
      assert.is_nil(spawn.steer)
      assert.is_nil(spawn.from)
    end
    assert.equal(0, scope.observed)
  end)

  it("refine starts from the best and is told what was seen", function()
    local scope = scope_of { done(false), done(false), done(false) }
    load_strategy("refine").act(TASK, scope)
    assert.is_nil(scope.spawns[1].steer)
    assert.is_nil(scope.spawns[1].from)
    assert.equal("best of 2", scope.spawns[3].from)
    assert.equal("finding 2", scope.spawns[3].steer[1].text)
  end)

  it("breed is told of the known programs first, then goes on as refine", function()
    local scope = scope_of { done(false), done(false) }
    load_strategy("breed").act({ id = "t", worker = {}, known = { "one", "two" } }, scope)
    assert.same({ { origin = "agent", lens = "elites", text = "one", weight = 1 },
      { origin = "agent", lens = "elites", text = "two", weight = 1 / 2 } }, scope.spawns[1].steer)
    assert.equal("finding 1", scope.spawns[2].steer[1].text)
    assert.equal("best of 1", scope.spawns[2].from)
    scope = scope_of { done(false) }
    load_strategy("breed").act({ id = "t", worker = {} }, scope)
    assert.is_nil(scope.spawns[1].steer)
  end)

  it("hand_in submits what it was given and spawns nothing", function()
    local scope = scope_of {}
    function scope:submit(text) self.at, self.submitted = 1, text end
    local strategy = load_strategy("hand_in")
    assert.equal("hand_in", strategy.name)
    assert.equal("best of 1", strategy.act({ id = "t", artifact = "text", worker = {} }, scope))
    assert.equal("text", scope.submitted)
    assert.equal(0, #scope.spawns)
  end)
end)

describe("the zooming arms", function()
  local TESTS = { { fn = "a", args = { 1 } }, { fn = "b", args = { 2 } }, { fn = "b", args = { 3 } }, { fn = "all", args = { 4 } } }
  local task = { id = "t", artifact = "start", tests = TESTS, worker = { backend = "search", limits = { shots = 1, evals = 250, tokens = 9 } },
    blocks = { { name = "a" }, { name = "b" }, { name = "all", assembly = true } } }

  local function verdict(a, b, all)
    return { pass = a + b + all == 4, correct = (a + b + all) / 4, raw = { blocks = { a = { passed = a, total = 1 },
      b = { passed = b, total = 2 }, all = { passed = all, total = 1 } } } }
  end

  -- A scope whose first text has this verdict; every shot then settles with the next of the list.
  local function world(start, outcomes, options)
    local scope = scope_of(outcomes)
    function scope:submit(text)
      self.submitted, self.best_text = text, text
      return start
    end
    function scope:best() return self.at > 0 and "best of " .. self.at or self.best_text end
    function scope:budget() return self.left and { evals = { total = 500, left = self.left } } or {} end
    function scope:choose(point, names, features)
      if point == "zoom_end" then self.ended = features return names[1], 1, 1.0 end
      self.choices = self.choices or {}
      table.insert(self.choices, { point = point, names = names, features = features })
      local index = (options and options.order or {})[#self.spawns + 1] or 1
      return names[index], index, 1 / #names
    end
    return scope
  end

  local function settled(...) return { kind = "done", verdict = verdict(...) } end

  -- The functions whose tests each shot was given.
  local function targets(scope)
    local list = {}
    for i, spawn in ipairs(scope.spawns) do
      local seen = {}
      local tests = spawn.task.tests
      if spawn.task.focus then
        tests = {}
        for k, at in ipairs(spawn.task.focus) do tests[k] = TESTS[at] end
      end
      for _, test in ipairs(tests) do if seen[#seen] ~= test.fn then seen[#seen + 1] = test.fn end end
      list[i] = table.concat(seen, "+")
    end
    return table.concat(list, " ")
  end

  it("begin with what the first text shows, and give each shot the tests of its target", function()
    local scope = world(verdict(1, 0, 0), { settled(1, 1, 0), settled(1, 2, 0), settled(1, 2, 1) })
    assert.equal("best of 3", load_strategy("zoom_local_first").act(task, scope))
    assert.equal("start", scope.submitted)
    assert.equal("b b all", targets(scope)) -- the worst block until it passes, then the assembly
    assert.same({ "start", "best of 1", "best of 2" }, { scope.spawns[1].from, scope.spawns[2].from, scope.spawns[3].from })
    assert.same({ backend = "search", limits = { shots = 1, evals = 125, tokens = 9 } }, scope.spawns[1].agent)
    assert.same({ shots = 1, evals = 250, tokens = 9 }, task.worker.limits) -- its own copy
  end)

  it("spend nothing on a text that passes, and end with the budget", function()
    local scope = world(verdict(1, 2, 1), { settled(0, 0, 0) })
    assert.equal("start", load_strategy("zoom_uniform").act(task, scope))
    assert.equal(0, #scope.spawns)
    scope = world(verdict(0, 0, 0), { settled(0, 0, 0), { kind = "down", reason = "x" } })
    load_strategy("zoom_uniform").act(task, scope)
    assert.equal(2, #scope.spawns)
    scope.refusal, scope.at = "UNKNOWN_AGENT", 2
    assert.has_error(function() load_strategy("zoom_uniform").act(task, scope) end)
  end)

  it("leave a target on a plateau, and come back when all are on one", function()
    local nothing = {}
    for i = 1, 8 do nothing[i] = settled(0, 1, 0) end
    local scope = world(verdict(0, 1, 0), nothing)
    load_strategy("zoom_local_first").act(task, scope)
    assert.equal("a a b b all all a b", targets(scope))
  end)

  it("give the last shot what is left, and put a scripted order on record too", function()
    for _, name in ipairs { "flat", "zoom_local_first" } do
      local scope = world(verdict(1, 0, 0), { settled(1, 1, 0) })
      scope.left = 40
      load_strategy(name).act(task, scope)
      assert.equal(40, scope.spawns[1].agent.limits.evals)
    end
    local scope = world(verdict(1, 0, 0), { settled(1, 1, 0) })
    function scope:choose(point, names, features, weights)
      if point == "zoom" then self.said = { names, weights, features.b.fails } end
    end
    load_strategy("zoom_local_first").act(task, scope)
    assert.same({ { "b", "all" }, { 1, 0 }, 0.5 }, scope.said) -- a passes, so a shot at it would find nothing to do
  end)

  it("draw evenly, and put on record what was known", function()
    local scope = world(verdict(0, 1, 0), { settled(0, 1, 0), settled(0, 2, 1) }, { order = { 2, 3 } })
    load_strategy("zoom_uniform").act(task, scope)
    assert.equal("b all", targets(scope))
    local second = scope.choices[2]
    assert.same({ "zoom", { "a", "b", "all" } }, { second.point, second.names })
    assert.same({ "a", "b" }, scope.choices[3].names) -- side by side, for the first shot brought nothing
    local f = second.features
    assert.same({ 1.0, 0.5, 1.0 }, { f.a.fails, f.b.fails, f.all.fails }) -- the first shot's text was no better
    assert.same({ 0, 0, 1 }, { f.a.assembly, f.b.assembly, f.all.assembly })
    assert.same({ 0.0, 1.0, 0.0 }, { f.a.tried, f.b.tried, f.all.tried })
    assert.equal(0.25, f["*"].correct)
    assert.same({ "b", "all" }, { scope.ended.rows[1].name, scope.ended.rows[2].name })
  end)

  it("say what they need", function()
    for _, name in ipairs { "zoom_uniform", "zoom_local_first" } do
      local ok, why = pcall(load_strategy(name).act, { id = "t", worker = {} }, world(verdict(0, 0, 0), {}))
      assert.is_false(ok)
      assert.matches("works on blocks: the task has none", why)
      ok, why = pcall(load_strategy(name).act, task, world({ correct = 0.0 }, {}))
      assert.is_false(ok)
      assert.matches("reads raw.blocks of a verdict", why)
    end
  end)

  it("have a control without levels in steps of the same size", function()
    local scope = world(verdict(0, 0, 0), { settled(0, 1, 0), settled(0, 2, 0) })
    load_strategy("flat").act(task, scope)
    assert.equal("a+b+all a+b+all", targets(scope))
    assert.equal(125, scope.spawns[1].agent.limits.evals)
    assert.equal("best of 1", scope.spawns[2].from)
    assert.is_nil(scope.spawns[2].steer)
    assert.equal("flat", load_strategy("flat").name)
  end)
end)

describe("patch and regenerate", function()
  local task = { id = "t", artifact = "start", worker = { backend = "search", limits = { shots = 1 } } }

  local function verdict(class, failing, passed)
    return { pass = #failing == 0, correct = passed / 10, raw = { passed = passed, total = 10,
      failure = #failing > 0 and { class = class, failing = failing, votes = { "f", "g" } } or nil } }
  end

  local function world(start, outcomes)
    local scope = scope_of(outcomes)
    local spawn = scope.spawn
    function scope:submit(text) self.submitted = text return start end
    function scope:best() return self.at > 0 and "best of " .. self.at or self.submitted end
    function scope:spawn(agent, given, options)
      local node, why, code = spawn(self, agent, given, options)
      if node then self.spawns[#self.spawns].label = options and options.label end
      return node, why, code
    end
    return scope
  end

  local function settled(...) return { kind = "done", verdict = verdict(...), out = "text" } end

  local function labels(scope)
    local list = {}
    for i, spawn in ipairs(scope.spawns) do list[i] = spawn.label end
    return table.concat(list, " ")
  end

  it("patch gives each shot its rung, its class and its scope, and leaves the task's profile alone", function()
    local same = settled("LOGIC", { 1, 2 }, 8)
    local scope = world(verdict("LOGIC", { 1, 2 }, 8), { same, same, same, same, same, same, same, settled("LOGIC", {}, 10) })
    load_strategy("patch").act(task, scope)
    assert.equal("patch tight patch tight regenerate regenerate regenerate_all regenerate_all", labels(scope))
    assert.same({ "LOGIC", { "f" }, false, "start" }, { scope.spawns[1].agent.patch.class, scope.spawns[1].agent.patch.scope,
      scope.spawns[1].agent.patch.tight, scope.spawns[1].agent.patch.before })
    assert.same({ "g" }, scope.spawns[3].agent.patch.scope)
    assert.is_true(scope.spawns[5].agent.patch.whole)
    assert.equal(scope.spawns[1].agent, scope.spawns[1].task.worker)
    assert.is_nil(task.worker.patch)
    assert.same({ "start", "best of 6" }, { scope.spawns[8].from, scope.spawns[7].from == "start" and "best of 6" })
    assert.is_nil(scope.spawns[7].steer)
    assert.truthy(scope.spawns[2].steer)
  end)

  it("patch climbs down when something is won, and follows the class", function()
    local scope = world(verdict("RUNTIME", { 1, 2 }, 8), { { kind = "down", reason = "x" }, settled("LOGIC", { 2 }, 9), settled("LOGIC", { 2 }, 9) })
    load_strategy("patch").act(task, scope)
    assert.equal("patch tight reclassify", labels(scope))
    assert.equal("LOGIC", scope.spawns[3].agent.patch.class)
  end)

  it("patch spends nothing on what passes, and says what it needs", function()
    local scope = world(verdict("LOGIC", {}, 10), {})
    load_strategy("patch").act(task, scope)
    assert.equal(0, #scope.spawns)
    local ok, why = pcall(load_strategy("patch").act, task, world({ pass = false, correct = 0 }, {}))
    assert.is_false(ok)
    assert.truthy(tostring(why):find("raw.failure", 1, true))
  end)

  it("regenerate begins anew in every shot and is told of the last", function()
    local scope = world(nil, { settled("LOGIC", { 1 }, 9), settled("LOGIC", { 1 }, 9) })
    load_strategy("regenerate").act(task, scope)
    assert.same({ 2, 2 }, { #scope.spawns, scope.observed })
    for _, spawn in ipairs(scope.spawns) do assert.is_nil(spawn.from) end
    assert.is_nil(scope.spawns[1].steer)
    assert.same("finding 1", scope.spawns[2].steer[1].text)
  end)
end)
