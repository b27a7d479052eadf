-- han gate from options to exit status, with cells that are made up: today's cells run without a sandbox, which no gate
-- accepts, so what happens to accepted ones is seen here. The ledger's rows are kept in tables; that they are
-- constraints is tested in tests/c/test_ledger.c, and the command as a user meets it in harness_spec.
-- luacheck: no max line length

local build = os.getenv "HAN_BUILD" or "build"
local dkjson = require "dkjson"
local fakes = dofile "tests/lua/support/fakes.lua"

describe("han gate", function()
  local gate, ledger, experiment, world
  local replaced = { "han.stats", "han.contrast", "han.gate", "han.ledger", "han.json", "han.registry", "han.cli.bench", "han.cli.args", "han.cli.gate", "han.cli.stored",
    "han.experiment", "argparse", "han.sys", "han.host" }

  local function store_of()
    return { id = "r1", experiment = "r1", db = {}, finish = function(_, out) world.finished = out end }
  end

  -- The cells of the tasks that on_ready chose, until on_record has enough.
  local function measure(spec, about)
    local store = store_of()
    world.rule, world.kind = about.rule, about.kind
    local indices, why, code = spec.on_ready(spec, store, world.ready)
    if not indices then require("han.cli.problem").raise(code, why) end
    local records = {}
    for _, t in ipairs(indices) do
      local task = world.ready.tasks[t]
      for a, arm in ipairs(spec.arms) do
        local record = { cell = task.id .. arm.name, task = task.id, group = task.group, arm = arm.name, seed = 1, replicate = 0,
          status = "done", infra = false, over = false, trust = "split", sandbox = "strong", split = spec.split, budget = {},
          score = { correct = a == 1 and 0.3 or 0.3 + world.lift(t) }, digests = { program = arm.name } }
        records[#records + 1] = record
        if spec.on_record and spec.on_record(record, #records) == "enough" then return records, {}, store end
      end
    end
    return records, {}, store
  end

  before_each(function()
    fakes.install(table.unpack(replaced))
    fakes.install()
    package.loaded["han.stats"] = assert(package.loadlib(build .. "/tests/han_stats.so", "luaopen_han_stats"))()
    package.loaded["han.json"] = { encode = dkjson.encode, decode = dkjson.decode, array = function(t) return t end }
    package.loaded["han.registry"] = {
      load = function() return { name = "toy" } end,
      read = function(_, word) return { digest = "digest of " .. word } end,
    }
    package.loaded["han.cli.bench"] = {
      read_arm = function(word) return { name = word, strategy = word, replicate = 0 } end,
      read_budget = function() return nil, nil end, read_options = function() return {} end, measure = measure,
    }
    package.loaded["han.cli.stored"] = { plan_of = function() return {} end }
    ledger, experiment, gate = require "han.ledger", require "han.experiment", require "han.cli.gate"
    world = { spends = {}, lift = function(i) return 0.2 + i / 1000 end,
      ready = { adapter = "toy", trust = "split", sandbox = "strong", tasks = {} } }
    for i = 1, 60 do world.ready.tasks[i] = { id = "t" .. i, group = "g" .. (i - 1) % 30 } end
    ledger.spent_by = function() return nil end
    ledger.position = function() return #world.spends + 1 end
    ledger.assign = function(_, _, split) world.assigned = split return true end
    ledger.spent = function()
      local set = {}
      for _, spend in ipairs(world.spends) do
        for _, group in ipairs(spend.groups) do set[group] = true end
      end
      return set
    end
    ledger.spend = function(_, spend)
      world.spends[#world.spends + 1] = spend
      return "slice " .. #world.spends
    end
    ledger.registered = function() return dkjson.decode(dkjson.encode(world.registered or world.rule)) end
  end)
  after_each(function() for _, name in ipairs(replaced) do package.loaded[name] = nil end end)

  local function run(options)
    local printed
    local ui = { json = true, out = function() end, safe = tostring, paint = function(_, _, text) return text end, object = function(_, o) printed = o end }
    local given = { candidate = "new", against = "old", adapter = "toy", line = "main", split = "gate", primary = "correct" }
    for k, v in pairs(options or {}) do given[k] = v end
    local status = gate.run(given, ui)
    return printed, status
  end

  it("registers, spends, runs the slice and promotes", function()
    local d, status = run { groups = "10" }
    assert.same({ "promote", 0, 10, "slice 1" }, { d.decision, status, d.groups, d.slice })
    assert.same({ "gate", "gate", "spend" }, { world.kind, world.assigned, d.control })
    assert.same({ "old", "new" }, world.rule.arms)
    assert.equal(10, world.rule.n)
    assert.same({ correct = 0, fast = 0.05, secure = 0, cheap = 0.1 }, world.rule.margins)
    assert.equal(d, world.finished)
    local spend = world.spends[1]
    assert.same({ "main", "toy", "gate", "r1", "gate", "r1", 10 },
      { spend.line, spend.adapter, spend.split, spend.bench, spend.kind, spend.experiment, #spend.groups })
    assert.equal(20, d.n) -- both tasks of each group
  end)

  it("takes fresh groups each time, at a lower level, until none are left", function()
    local first = run { groups = "10" }
    local second = run { groups = "10" }
    assert.is_true(second.level < first.level and first.level < 0.05)
    local seen = {}
    for _, spend in ipairs(world.spends) do
      for _, group in ipairs(spend.groups) do
        assert.is_nil(seen[group])
        seen[group] = true
      end
    end
    run { groups = "10" }
    local none, status = run { groups = "10" }
    assert.same({ "refused", 1, 3 }, { none.decision, status, #world.spends })
    assert.matches("^0 unspent groups of split gate are left on line main", none.reason)
  end)

  it("spends nothing on what could not be decided", function()
    for _, case in ipairs { { "sandbox", "none", "sandbox none" }, { "trust", "weak", "trust weak" } } do
      local before = world.ready[case[1]]
      world.ready[case[1]] = case[2]
      local d, status = run()
      assert.same({ "refused", 1 }, { d.decision, status })
      assert.matches(case[3], d.reason)
      world.ready[case[1]] = before
    end
    world.ready.tasks = { table.unpack(world.ready.tasks, 1, 5) }
    assert.matches("^5 unspent groups.* 7 are needed", run({ groups = "5" }).reason)
    for i = 1, 7 do world.ready.tasks[i] = { id = "t" .. i, group = "g" .. i } end
    assert.matches("^%-%-groups 5: test 1 on line main is made at level 0.0304, which 7 groups", run({ groups = "5" }).reason)
    assert.same({}, world.spends)
  end)

  it("ends 1 for hold and need-more", function()
    world.lift = function(i) return (i % 2 == 0 and 0.2 or -0.2) end
    local d, status = run()
    assert.same({ "hold", 1 }, { d.decision, status })
    world.lift = function(i) return 0.03 + ((i - 1) % 30 % 3 - 1) * 0.1 end
    d, status = run { groups = "10" }
    assert.same({ "need-more", 1 }, { d.decision, status })
    assert.is_true(d.groups_needed > 10)
  end)

  it("stops as soon as a sequential test is decided, at the end of a group", function()
    world.lift = function(i) return 0.6 + i / 1000 end
    local d, status = run { groups = "30", sequential = true }
    assert.same({ "promote", 0, "eprocess", "eprocess" }, { d.decision, status, d.method, d.control })
    assert.is_true(d.groups >= 7 and d.groups < 25, tostring(d.groups))
    assert.equal(2 * d.groups, d.n)
    assert.equal(30, #world.spends[1].groups) -- all of the pool is spent by looking at a part
    world.spends, world.lift = {}, function() return 0 end
    d, status = run { groups = "30", sequential = true }
    assert.same({ "hold", 1, 30 }, { d.decision, status, d.groups })
  end)

  it("refuses what is not what was registered", function()
    run()
    world.spends = {}
    local changed = {}
    for k, v in pairs(world.rule) do changed[k] = v end
    changed.alpha = 0.5
    world.registered = changed
    local d, status = run()
    assert.same({ "refused", 1 }, { d.decision, status })
    assert.matches("alpha: registered 0.5, ran 0.05", d.reason)
    changed.alpha, world.spends = 0.05, {}
    changed.margins = { fast = 0.3 }
    assert.matches("margin of fast: registered 0.3, ran 0.05", run().reason)
  end)

  it("an experiment is checked, and compared field by field", function()
    local rule = experiment.new { primary = "correct", arms = { "a", "b", "c" }, n = 8 }
    assert.same({ 2, 0.05, "dev", "bh" }, { rule.family, rule.alpha, rule.holdout, rule.control })
    local ran = { primary = "correct", arms = { "a", "b", "c" }, n = 8, family = 2, alpha = 0.05, holdout = "dev", control = "bh" }
    assert.is_nil(experiment.mismatch(rule, ran))
    for field, value in pairs { primary = "fast", n = 9, alpha = 0.1, family = 1, holdout = "gate", control = "spend" } do
      local kept = ran[field]
      ran[field] = value
      assert.matches("^" .. field .. ": registered ", experiment.mismatch(rule, ran))
      ran[field] = kept
    end
    ran.arms = { "a", "c", "b" }
    assert.matches("^arms: ", experiment.mismatch(rule, ran))
    for _, bad in ipairs { { n = 0 }, { n = 1.5 }, { alpha = 0 }, { alpha = 1 }, { arms = {} }, { arms = { "a", "a" } }, { control = "none" },
      { holdout = "test" }, { family = 0 }, { frob = 1 } } do
      local fields = { primary = "correct", arms = { "a", "b" }, n = 8 }
      for k, v in pairs(bad) do fields[k] = v end
      assert.has_error(function() experiment.new(fields) end)
    end
  end)
end)
