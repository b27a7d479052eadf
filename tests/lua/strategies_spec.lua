-- The shipped strategies against a scope that plays the engine: what they spawn, and when they stop.
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
    if self.at >= #outcomes then return nil, "the budget is spent", self.refusal or "BUDGET_EXHAUSTED" end
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
