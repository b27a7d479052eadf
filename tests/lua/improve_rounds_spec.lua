-- The rounds of han improve, without the program: cells, gate records and authors are played, statistics are real.
-- luacheck: no max line length

local build = os.getenv "HAN_BUILD" or "build"
local stats = assert(package.loadlib(build .. "/tests/han_stats.so", "luaopen_han_stats"))()

local MINE = { "han.stats", "han.contrast", "han.gate", "han.improve", "han.improve.slope", "han.improve.summary", "han.improve.learner", "han.improve.arms", "han.improve.plan" }

local stream = require("tests.lua.support.random_local").new

-- FNV-1a in place of SHA-256: the spec digests thousands of texts.
local function digest(text)
  local h = 0xcbf29ce484222325
  for i = 1, #text do h = (h ~ text:byte(i)) * 0x100000001b3 end
  return ("%016x"):format(h):rep(4)
end

local START = "function(x)\n  return x\nend\n"
local function plus(k) return ("function(x)\n  return (x + %d)\nend\n"):format(k) end
local function worth(text) return tonumber(text:match "x %+ (%d+)") or 0 end

describe("han.improve", function()
  local improve, slope, plan_of, firewall, lineage
  setup(function()
    for _, name in ipairs(MINE) do package.loaded[name] = nil end
    package.loaded["han.stats"] = stats
    improve, slope, plan_of = require "han.improve", require "han.improve.slope", require "han.improve.plan"
    firewall, lineage = require "han.firewall", require "han.improve.lineage"
  end)
  teardown(function() for _, name in ipairs(MINE) do package.loaded[name] = nil end end)

  local adapter = { name = "played", budget = { evals = 4 }, worker = { backend = "guess" },
    improve = { what = "artifact", start = START, strategy = "sample", random = { proposals = "random" }, candidates = 4,
      game = function() return {} end, lines = { { name = "a", options = { kind = "a" } }, { name = "b", options = { kind = "b" } } },
      learn = { groups = 2 }, dev = { groups = 4 }, gate = { groups = 12 }, score = { groups = 8 } } }

  local function plan(more)
    local spec = { adapter = "played", seed = 3, rounds = 3 }
    for key, item in pairs(more or {}) do spec[key] = item end
    local made = assert(plan_of.of(adapter, spec))
    for i, line in ipairs(made.lines) do made.lines[i] = { name = line.name, options = line.options, start = START, game = {} } end
    return made
  end

  -- An author whose k-th round proposes x + 2k when it searches, and nothing of use when it is blind.
  local function played_author(told, sane)
    return {
      evidence = firewall.evidence, shape = function(_, text) return text:gsub("%d+", "0") end,
      new = function(options)
        local round, a = 0, {}
        function a.propose(_, input, n)
          firewall.check_author(input)
          told[#told + 1] = input
          round = round + 1
          local list = {}
          for i = 1, n do
            local text = options.backend == "search" and plus(math.min(9, 2 * round) + i // 3) .. (" "):rep(i) or plus(0) .. (" "):rep(10 * round + i)
            list[i] = { text = sane and text or "bad", digest = digest(text), operator = "constant", parents = {}, shape = "s", novel = i % 2 == 0 }
          end
          return list
        end
        function a.harvest(_, evidence) told[#told + 1] = evidence return 0 end
        function a.learn(_, outcomes) told[#told + 1] = outcomes end
        function a.best() return {} end
        return a
      end,
    }
  end

  -- Cells as records: what a text is worth, with noise by group and a canary in all that gate and final hold.
  local function measured(phases, phase)
    phases[#phases + 1] = phase
    local records, tasks = {}, {}
    for g = 1, phase.groups do
      local group = ("%s-%s-%d-%d"):format(phase.options.kind, phase.split, phase.seed, g)
      tasks[g] = { id = group, group = group }
      local level = stream(group)()
      for _, arm in ipairs(phase.arms) do
        local canary = (phase.split == "gate" or phase.split == "final") and "CANARY" or ""
        local own = stream(group .. arm.start .. (arm.replicate or 0))()
        local correct = 0.3 + 0.05 * worth(arm.start) + 0.1 * level + 0.02 * own
        records[#records + 1] = { cell = ("played/%s/%s/%d"):format(group, arm.name, arm.replicate), task = group, group = group, arm = arm.name,
          split = phase.split, seed = phase.seed, replicate = 0, status = "done", infra = false, over = false, trust = "split", sandbox = "strong",
          score = { correct = correct, pass = false, raw = { said = canary } }, verdict = { correct = correct, pass = false },
          output = arm.start .. canary, spend = { evals = 4, shots = 1 }, budget = { evals = 4 },
          attempts = { { spans = { { kind = "settle", text = canary } }, output = canary, spend = {} } },
          digests = { program = digest(arm.start), profile = "p", checks = "c", engine = "e" } }
      end
    end
    return records, { trust = "split", sandbox = "strong", tasks = tasks, slice = "s", level = 0.03, position = 1 }
  end

  local function run(made, options)
    options = options or {}
    local seen = { phases = {}, told = {}, kept = {}, crowned = {}, rounds = {}, said = {} }
    local env = {
      author = options.author or played_author(seen.told, true), digest = digest,
      measure = function(phase) return (options.measure or measured)(seen.phases, phase) end,
      pipeline = function(_, champion)
        return { filter = function(_, list)
          local good, bad = {}, {}
          for _, candidate in ipairs(list) do
            candidate.spend = { evals = 1 }
            if candidate.text == "bad" or candidate.text == champion then
              candidate.refused, candidate.stage = "no good", "parse"
              bad[#bad + 1] = candidate
            else good[#good + 1] = candidate end
          end
          return good, bad
        end }
      end,
      random = function(label) return stream(made.seed .. label) end,
      keep = function(row) seen.kept[#seen.kept + 1] = row end, crown = function(row) seen.crowned[#seen.crowned + 1] = row end,
      round = function(n, row) seen.rounds[n + 1] = row end, say = function(words) seen.said[#seen.said + 1] = words end,
    }
    return improve.run(made, env), seen
  end

  local function holds(value, word, visited)
    visited = visited or {}
    if type(value) == "string" then return value:find(word, 1, true) ~= nil end
    if type(value) ~= "table" or visited[value] then return false end
    visited[value] = true
    for key, item in next, value do
      if holds(key, word, visited) or holds(item, word, visited) then return true end
    end
    return false
  end

  it("finds what is learnt, and says so", function()
    local object, seen = run(plan())
    assert.is_true(object.success)
    assert.is_true(object.final_lift.ci[1] > 0 and object.final_lift.mean > 0.2)
    assert.is_true(object.slope.ci[1] > 0 and object.deployed_slope.ci[1] > 0)
    assert.is_true(object.frozen_slope.ci[1] <= 0 and object.frozen_slope.ci[2] >= 0)
    assert.matches("^learning helps: after 3 rounds .* ahead of the blind learner", object.claim)
    assert.equal(4, #object.rounds)
    assert.same({ "deployed", "frozen", "blind", "frozen#aa" }, { object.rounds[2].scores[1].arm, object.rounds[2].scores[2].arm, object.rounds[2].scores[3].arm, object.rounds[2].scores[4].arm })
    assert.equal(16, object.rounds[4].scores[1].groups)
    local promoted = { deployed = 0, blind = 0 }
    for _, row in ipairs(object.promotions) do promoted[row.learner] = promoted[row.learner] + 1 end
    assert.is_true(promoted.deployed >= 4)
    assert.equal(0, promoted.blind)
    assert.equal(promoted.deployed, #seen.crowned)
    assert.same({ "played/a", "artifact" }, { seen.crowned[1].line, seen.crowned[1].kind })
    local count, sum = object.candidates.deployed, 0
    for _, n in pairs(count.refusals) do sum = sum + n end
    assert.equal(count.candidates, sum + promoted.deployed) -- each went somewhere
    assert.equal(count.gated - promoted.deployed, count.refusals.gate or 0)
    assert.equal("parse 1, known already 2, dev 3", lineage.refusals { dev = 3, parse = 1, identical = 2 })
    assert.is_nil(lineage.refusals {} or lineage.refusals(nil))
    assert.is_true(object.false_promotions.rate <= 0.1)
    for i = 1, 3 do assert.is_number(object.contrasts[i].q) end
    assert.is_true(object.contrasts[4].diagnostic)
  end)

  it("uses a group for one purpose in one round", function()
    local _, seen = run(plan())
    local by_group, splits = {}, { learn = "train", dev = "dev", gate = "gate", score = "final" }
    for _, phase in ipairs(seen.phases) do
      assert.equal(splits[phase.phase], phase.split)
      assert.equal(3000 + phase.round, phase.seed)
      assert.equal(phase.line, phase.options.kind)
      local key = table.concat({ phase.line, phase.split, phase.seed }, "/")
      assert.is_true(by_group[key] == nil or by_group[key] == phase.phase)
      by_group[key] = phase.phase
    end
  end)

  it("gives every scored arm the same cells under the same budget, and the blind learner the same chances", function()
    local object, seen = run(plan())
    assert.is_true(object.parity.equal_budget)
    for _, row in ipairs(object.parity.arms) do
      assert.same({ 64, { evals = 256, shots = 64 }, { evals = 256 } }, { row.cells, row.spend, row.budget })
      assert.same({ evals = 0, shots = 0 }, row.apart)
    end
    assert.same(object.learning.deployed.learn, object.learning.blind.learn)
    assert.equal(object.learning.deployed.dry.candidates, object.learning.blind.dry.candidates)
    for _, phase in ipairs(seen.phases) do
      if phase.phase == "learn" then
        assert.same({ "deployed", "blind" }, { phase.arms[1].name, phase.arms[2].name })
        assert.is_nil(phase.arms[1].worker)
        assert.equal("random", phase.arms[2].worker.proposals)
      end
      if phase.phase == "score" then assert.equal(1, phase.arms[4].replicate) end
    end
  end)

  it("shows no learner and no author what gate and score tasks hold", function()
    local _, seen = run(plan())
    assert.is_true(#seen.told > 20)
    assert.is_false(holds(seen.told, "CANARY"))
    assert.is_false(holds(seen.kept, "CANARY"))
    for _, phase in ipairs(seen.phases) do assert.is_false(holds(phase.arms, "CANARY")) end
    assert.is_true(holds((measured({}, { phase = "gate", groups = 1, split = "gate", seed = 1, options = {}, arms = seen.phases[1].arms })), "CANARY"))
  end)

  it("mines weights and templates from all rounds so far, and programs from the archive", function()
    for what, rows in pairs { profile = { 2, 4, 6 }, artifact = { 2, 2, 2 } } do
      local made = plan()
      made.what, made.read_profile, made.worker = what, function() return {} end, {}
      made.lines = { made.lines[1] }
      local told = {}
      local _, seen = run(made, { author = played_author(told, false), measure = function(phases, phase)
        for _, arm in ipairs(phase.arms) do arm.start = arm.start or START end
        return measured(phases, phase)
      end })
      local counts = {}
      for _, input in ipairs(told) do -- of the deployed learner and the blind one in turn
        if input.champion then counts[#counts + 1] = #input.evidence.rows end
      end
      assert.same({ rows[1], rows[1], rows[2], rows[2], rows[3], rows[3] }, counts, what)
      assert.is_true(#seen.phases > 0)
    end
  end)

  it("stops at a record of another split that comes as evidence", function()
    local ok, why = pcall(run, plan(), { measure = function(phases, phase)
      local records, info = measured(phases, phase)
      if phase.phase == "learn" then records[1].split = "final" end
      return records, info
    end })
    assert.is_false(ok)
    assert.equal("FIREWALL", why.code)
  end)

  it("keeps every candidate with its parents and the reason why it went no further", function()
    local object, seen = run(plan())
    local last, status = {}, {}
    for _, row in ipairs(seen.kept) do last[row.line .. row.learner .. row.digest] = row end
    for _, row in pairs(last) do status[row.status] = (status[row.status] or 0) + 1 end
    assert.equal(4, status.start)
    assert.is_nil(status.candidate) -- every one met an end
    assert.equal(object.candidates.deployed.gated + object.candidates.blind.gated, (status.gated or 0) + status.promoted)
    for _, row in pairs(last) do
      if row.status == "refused" then assert.is_string(row.reason) end
    end
    assert.is_true(object.candidates.deployed.novel > 0 and object.candidates.deployed.novel <= object.candidates.deployed.candidates)
  end)

  it("prints a null as a null when candidates are no good", function()
    local object, seen = run(plan { rounds = 2 }, { author = played_author({}, false) })
    assert.is_false(object.success)
    assert.equal("a null: no candidate of the deployed learner passed a gate in 2 rounds, so what is deployed is the frozen controller", object.claim)
    assert.same({}, object.promotions)
    assert.same({ parse = object.candidates.deployed.candidates }, object.candidates.deployed.refusals)
    assert.equal(0, object.candidates.deployed.gated)
    assert.is_true(object.candidates.deployed.refused > 0)
    assert.equal(0, object.slope.mean) -- deployed is frozen, cell for cell
    assert.is_truthy(table.concat(seen.said, "\n"):find("no candidate was measured", 1, true))
    for _, row in ipairs(seen.kept) do
      if row.status == "refused" then assert.equal("parse: no good", row.reason) end
    end
  end)

  it("claims nothing of few groups, and nothing of rounds that rise by themselves", function()
    assert.matches("^no claim: 4 groups were scored", run(plan { rounds = 1, n = 2 }).claim)
    local object = run(plan(), { measure = function(phases, phase)
      local records, info = measured(phases, phase)
      for _, record in ipairs(records) do record.score.correct = record.score.correct + 0.05 * phase.round end
      return records, info
    end })
    assert.is_false(object.success)
    assert.matches("and not flat", object.claim)
  end)

  it("claims nothing where the corrected exact test does not carry the interval", function()
    local object = run(plan { rounds = 1, n = 3 }, { measure = function(phases, phase)
      local records, info = measured(phases, phase)
      if phase.phase ~= "score" then return records, info end
      for _, record in ipairs(records) do -- five groups of six in favour: the bootstrap says yes, the sign test q = 0.33
        local lost = phase.line == "a" and record.group:find "%-1$"
        record.score.correct = 0.5 + (record.arm == "deployed" and phase.round == 1 and (lost and -0.01 or 0.2) or 0)
      end
      return records, info
    end })
    assert.is_true(object.final_lift.ci[1] > 0 and object.contrasts[1].q > 0.05)
    assert.matches("^no claim yet: the interval of the lift lies above 0 .* the sign test over the groups has q = 0%.%d+", object.claim)
  end)

  it("measures once more what was learnt on the field's own instances", function()
    local made = plan { rounds = 2 }
    made.field = { groups = 5, per = 1, options = { held = "published" }, measure = "excess", instances = { a = "20 of 500" },
      others = { a = { { name = "best fit", raw = "usual" }, { name = "someone", value = 0.2 } } } }
    local object, seen = run(made, { measure = function(phases, phase)
      local records, info = measured(phases, phase)
      for _, record in ipairs(records) do
        local own = stream(record.group)()
        record.score.raw = { excess = (worth(record.arm == "deployed" and plus(9) or plus(0)) > 0 and 0.1 or 0.3) + own / 100, usual = 0.4 }
      end
      return records, info
    end })
    local fields = {}
    for _, phase in ipairs(seen.phases) do
      if phase.phase == "field" then
        fields[#fields + 1] = phase
        assert.same({ "final", 3003, 5, "published", "field/" .. phase.line }, { phase.split, phase.seed, phase.groups, phase.options.held, phase.key })
        for _, arm in ipairs(phase.arms) do assert.equal("hand_in", arm.strategy) end
      end
    end
    assert.equal(2, #fields)
    local row = object.field[1]
    assert.same({ "a", "deployed", "excess", "20 of 500", "below", 5, "someone" }, { row.line, row.arm, row.measure, row.instances, row.verdict, row.n, row.published.name })
    assert.same({ "blind", "above" }, { object.field[2].arm, object.field[2].verdict })
    assert.same({ "best fit", 0.4 }, { object.field[3].arm, object.field[3].mean })
    assert.is_nil(object.field[3].published)
    assert.equal(5, #object.field) -- nothing is published of line b
    assert.same({}, run(plan { rounds = 1 }).field)
  end)

  it("leaves a task with an infra failure out for all arms, and says which", function()
    local object = run(plan(), { measure = function(phases, phase)
      local records, info = measured(phases, phase)
      if phase.phase == "score" and phase.round == 3 then records[1].infra, records[1].reason, records[1].score = true, "gone", nil end
      return records, info
    end })
    assert.equal(14, object.rounds[4].scores[1].n)
    assert.same({ 2, "gone" }, { #object.excluded, object.excluded[1].reason })
  end)

  it("lets no learner learn from a task that another one lost, and makes nothing of one lost on dev", function()
    local task
    local object, seen = run(plan { rounds = 1 }, { measure = function(phases, phase)
      local records, info = measured(phases, phase)
      if phase.line == "a" and phase.phase == "learn" then
        for _, record in ipairs(records) do
          if record.arm == "blind" and not task then record.infra, record.reason, record.score, task = true, "gone", nil, record.task end
        end
      elseif phase.line == "a" and phase.phase == "dev" then
        records[2].infra, records[2].score = true, nil -- of one candidate: it would look like the worst
      end
      return records, info
    end })
    local rows = { [task] = 0 }
    for _, told in ipairs(seen.told) do
      for _, row in ipairs(told.rows or {}) do rows[row.task] = (rows[row.task] or 0) + 1 end
    end
    assert.equal(0, rows[task])
    assert.equal(2, rows[task:gsub("1$", "2")])
    assert.same({ "r1/a/learn", "r1/a/dev" }, { object.excluded[1].phase, object.excluded[2].phase })
    assert.same({ 2, 2 }, { object.learning.blind.learn.cells // 2, object.learning.deployed.learn.cells // 2 }) -- what it cost is told all the same
    local lost = require "han.improve.lost"
    local lines = lost.lines(object.excluded)
    assert.equal("1 cell of r1/a/learn, the first " .. object.excluded[1].cell .. " (gone)", lines[1])
    assert.is_nil(lost.fault { { task = "1", infra = true }, { task = "2" } })
    assert.matches("^2 of 3 cells .* 2 of 3 tasks %(the first: x%)", lost.fault { { task = "1", infra = true, reason = "x" }, { task = "2", infra = true }, { task = "3" } })
  end)

  it("is the same whenever it is run", function()
    assert.same(run(plan()), run(plan()))
  end)

  it("refuses to learn an artifact where the adapter has no game", function()
    local made, why, code = plan_of.of({ name = "plain", worker = {} }, { seed = 1, what = "artifact" })
    assert.is_nil(made)
    assert.matches("declares no improve.game", why)
    assert.equal("INVALID", code)
    made = plan_of.of({ name = "plain", worker = {}, budget = { evals = 3 } }, { seed = 1, budget = { evals = 9 } })
    assert.same({ "strategy", { evals = 9 }, "plain" }, { made.what, made.score.budget, plan_of.line_name(made, made.lines[1]) })
  end)

  it("gives another kind than the adapter's own the budgets of any run, and refuses a profile that nobody knows", function()
    local own = { name = "bin", worker = { backend = "decision" }, budget = { shots = 8 }, improve = { what = "artifact", start = START, strategy = "sample",
      game = function() return {} end, learn = { groups = 3, strategy = "breed", budget = { shots = 12 } },
      score = { groups = 7, budget = { shots = 1 }, worker = { limits = { shots = 1 } } }, profile = { rounds = 9 } } }
    local made = assert(plan_of.of(own, { seed = 1 }))
    assert.same({ { shots = 1 }, "breed", 1 }, { made.score.budget, made.learn.strategy, made.score.worker.limits.shots })
    made = assert(plan_of.of(own, { seed = 1, what = "strategy" }))
    assert.same({ { shots = 8 }, { shots = 8 }, 7, 3, "sample" }, { made.score.budget, made.learn.budget, made.score.groups, made.learn.groups, made.strategy })
    assert.is_nil(made.learn.strategy)
    assert.is_nil(made.score.worker)
    assert.equal(9, assert(plan_of.of(own, { seed = 1, what = "profile" })).rounds)
    assert.same({ shots = 1 }, assert(plan_of.of(own, { seed = 1 })).score.budget) -- what the adapter says stays as it was
    own.worker.backend = "guess"
    local none, why, code = plan_of.of(own, { seed = 1, what = "profile" })
    assert.same({ nil, "INVALID" }, { none, code })
    assert.matches("the worker 'guess' of bin has no profile that can be learnt", why)
  end)

  it("refuses a plan whose rounds cannot each have groups of their own", function()
    local made = plan { rounds = 3, n = 5 }
    assert.is_nil(plan_of.lacks(made)) -- nobody said how many there are
    made.has = { train = 6, dev = 12, gate = 36, final = 20 }
    assert.is_nil(plan_of.lacks(made))
    made.has.final = 19
    assert.equal("3 rounds of played take 20 groups of split final, each once, and there are 19; use fewer --rounds or a smaller --n", plan_of.lacks(made))
    made.has.train = 5
    assert.matches("take 6 groups of split train, each once, and there are 5; use fewer %-%-rounds$", plan_of.lacks(made))
  end)

  -- ---- slopes ----

  local function rows(f, groups)
    local list = {}
    for round = 0, 4 do
      for g = 1, groups do list[#list + 1] = { round = round, group = "g" .. g, scores = { x = f(round, g), y = 0.5 } } end
    end
    return list
  end

  it("fits a line through the rounds and resamples groups", function()
    local exact = slope.slope(rows(function(round) return 0.1 + 0.02 * round end, 5), slope.of_arm "x", stream "s")
    assert.is_true(math.abs(exact.mean - 0.02) < 1e-12 and math.abs(exact.ci[1] - 0.02) < 1e-12)
    local noise = stream "noise"
    local flat = slope.slope(rows(function() return noise() end, 20), slope.between("x", "y"), stream "s")
    assert.is_true(flat.ci[1] < 0 and flat.ci[2] > 0 and flat.ci[1] < flat.mean and flat.mean < flat.ci[2])
    assert.is_nil(slope.slope({ { round = 0, group = "g", scores = { x = 1 } } }, slope.of_arm "x", stream "s"))
  end)

  it("covers the true slope as often as it says", function()
    local inside, n = 0, 120
    for i = 1, n do
      local noise = stream("cover" .. i)
      local found = slope.slope(rows(function(round) return 0.01 * round + (noise() + noise() + noise()) / 10 end, 12), slope.of_arm "x", stream("b" .. i))
      if found.ci[1] <= 0.01 and found.ci[2] >= 0.01 then inside = inside + 1 end
    end
    assert.is_true(inside >= 104, inside .. " of " .. n) -- 95 % is 114; fewer than 104 have p below 1e-3 at 93 %
  end)

  it("promotes equal arms as rarely as the level says", function()
    local noise, list = stream "aa", {}
    for g = 1, 24 do list[g] = { round = 0, group = "g" .. g, scores = { x = noise(), y = noise() } } end
    local found = slope.false_promotions(list, { arm = "x", against = "y", groups = 20, level = 0.05, random = stream "r", seed = 1 })
    assert.equal(200, found.simulations)
    assert.is_true(found.rate <= 0.075, tostring(found.rate)) -- two-sided 0.05: 0.025 on this side
  end)
end)
