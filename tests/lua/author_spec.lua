-- Authors: what they propose, what they learn, what they may not see.
local author = require "han.author"
local data = require "han.author.data"
local digest = require("han.worker").digest
local firewall = require "han.firewall"
local here = require "tests.lua.support.binpack_local"
local profile = require "han.author.profile"
local random = require "tests.lua.support.random_local"

local _, dir = here.adapter()
local program = dir "program"
local CHAMPION = "function(item, before, after)\n  return -after\nend\n"
local GAME = { params = { "item", "before", "after" }, leaves = { "item", "before", "after", "after" }, constant = 150 }

local function new(what, seed, more)
  local options = { what = what, backend = "search", random = random.new(seed), digest = digest }
  for key, item in pairs(more or {}) do options[key] = item end
  return author.new(options)
end

local function input(more)
  local given = { champion = { text = CHAMPION }, game = GAME }
  for key, item in pairs(more or {}) do given[key] = item end
  return given
end

-- A made-up measure: how far a program is from one that only a composed expression meets.
local function distance(text)
  local f, sum = load("return " .. text)(), 0.0
  for i = 1, 40 do
    local item, before = (i * 7) % 30 + 1.0, (i * 13) % 60 + 40.0
    local ok, value = pcall(f, item, before, before - item)
    if not ok or value ~= value or math.abs(value) > 1e9 then return nil end
    sum = sum + math.abs(value - (before - item < 20 and 100 - item * 3 or 2 * item + before / 3))
  end
  return sum / 40
end

local function evaluate(texts)
  local rows = {}
  for i, text in ipairs(texts) do
    local value = distance(text)
    rows[i] = value and { value = value, behaviour = { trait = math.min(0.99, value / 200) } }
      or { refused = "no number" }
  end
  return rows
end

local function texts_of(list)
  local texts = {}
  for i, one in ipairs(list) do texts[i] = one.text end
  return texts
end

local function outcomes(list)
  local out = {}
  for i, row in ipairs(evaluate(texts_of(list))) do
    out[i] = { candidate = list[i].digest, operator = list[i].operator, value = row.value, behaviour = row.behaviour,
      refused = row.refused }
  end
  return out
end

describe("an author of artifacts", function()
  it("proposes programs of the family that parse, differ in text, and mostly in shape", function()
    local a, seen, novel = new("artifact", "form"), { [CHAMPION] = true }, 0
    a:evolve { input = input(), evaluate = evaluate, evals = 200, batch = 20 }
    local list = a:propose(input(), 200)
    assert.equal(200, #list)
    for _, one in ipairs(list) do
      assert.equal(3, program.check(one.text, "elementwise"), one.text)
      assert.is_nil(seen[one.text])
      seen[one.text] = true
      assert.equal(digest(one.text), one.digest)
      assert.equal(author.shape("artifact", one.text), one.shape)
      assert.equal(one.shape ~= author.shape("artifact", CHAMPION), one.novel)
      if one.novel then novel = novel + 1 end
    end
    assert.is_true(novel >= 180, ("%d of 200 differ from the champion in shape"):format(novel))
  end)

  it("tells a moved constant from a new shape", function()
    local a = "function(item, before, after) return after * 3 end"
    assert.equal(author.shape("artifact", a), author.shape("artifact", (a:gsub("3", "77"))))
    assert.not_equal(author.shape("artifact", a), author.shape("artifact", (a:gsub("after %*", "after -"))))
  end)

  it("proposes the same with the same seed and another thing with another", function()
    local function run(seed)
      local a = new("artifact", seed)
      a:evolve { input = input(), evaluate = evaluate, evals = 100, batch = 10 }
      return texts_of(a:propose(input(), 20))
    end
    assert.same(run "one", run "one")
    assert.not_same(run "one", run "two")
  end)

  it("goes on from its state as if nothing had been between", function()
    local a = new("artifact", "first")
    a:evolve { input = input(), evaluate = evaluate, evals = 60, batch = 10 }
    local pending = a:propose(input(), 10) -- and stops before it learns
    local state = data.read(data.print(a:state())) or a:state()
    local b = assert(author.restore(a:state(), { digest = digest, random = random.new "other" }))
    assert.equal(#a:state().seen, #state.seen)
    for _, one in ipairs { a, b } do one:learn(outcomes(pending)) end
    local x = a:propose(input { random = random.new "again" }, 30)
    assert.same(x, b:propose(input { random = random.new "again" }, 30))
    assert.same(a:state(), b:state())
    local none, message, code = author.restore({ version = 99 }, {})
    assert.is_nil(none)
    assert.matches("version 99", message)
    assert.equal("VERSION", code)
  end)

  it("does better than the blind one with as many evaluations", function()
    local sum = { search = 0.0, random = 0.0 }
    for seed = 1, 4 do
      for backend in pairs(sum) do
        local a = new("artifact", "blind" .. seed, { backend = backend })
        local result = a:evolve { input = input(), evaluate = evaluate, evals = 400, batch = 20 }
        assert.equal(400, result.evals)
        sum[backend] = sum[backend] + result.best[1].value
      end
    end
    assert.is_true(sum.search < sum.random, ("%g against %g"):format(sum.search, sum.random))
  end)

  it("is blind in the blind arm: neither champion nor archive nor evidence moves its proposals", function()
    local a, b = new("artifact", "same", { backend = "random" }), new("artifact", "same", { backend = "random" })
    b:learn { { candidate = "x", operator = "crossover", gain = 5, promoted = true } }
    b:harvest { rows = { { attempts = { { elites = { { text = CHAMPION, value = 0.1 } } } } } } }
    local other = input { champion = { text = "function(item, before, after)\n  return item * 2\nend\n" } }
    assert.same(texts_of(a:propose(input(), 30)), texts_of(b:propose(other, 30)))
    assert.same(texts_of(a:propose(input(), 10)), texts_of(b:propose(other, 10)))
  end)

  it("gives an operator that wins more of the proposals, and never all", function()
    local a = new("artifact", "weights")
    local before = a.policy:weights()
    for _ = 1, 40 do
      a:learn { { candidate = "x", operator = "wrap", gain = 1 }, { candidate = "y", operator = "point", gain = -1 },
        { candidate = "z", operator = "constant", refused = "no number" } }
    end
    local after, sum, n = a.policy:weights(), 0.0, 0
    for _, weight in pairs(after) do sum, n = sum + weight, n + 1 end
    assert.is_true(after.wrap > 2 * before.wrap)
    assert.is_true(after.point < before.point)
    for _, weight in pairs(after) do assert.is_true(weight >= author.SETTINGS.floor / n - 1e-12) end
    assert.is_true(math.abs(sum - 1) < 1e-9)
  end)

  it("hands its lesson to another author, who begins where it ended", function()
    local a = new("artifact", "lesson", { settings = { tournament = 3 } })
    for _ = 1, 60 do a:learn { { candidate = "x", operator = "branch", promoted = true }, { candidate = "y",
      operator = "constant", gain = -1 } } end
    local b = new("artifact", "next", { settings = a:lesson() })
    assert.equal(3, b.settings.tournament)
    local old, fresh = new("artifact", "none").policy:weights(), b.policy:weights()
    assert.is_true(fresh.branch > 2 * old.branch)
    assert.is_true(fresh.constant < old.constant)
    for name, share in pairs(a.policy:weights()) do assert.is_true(math.abs(share - fresh[name]) < 0.02, name) end
  end)

  it("learns its own parameters, when told to: what promoted programs were made with is drawn more often", function()
    local a = new("artifact", "knobs", { settings = { learns = "all" } })
    local first = a.knobs.policies.edits:weights()
    for _ = 1, 30 do
      local told = {}
      for i, one in ipairs(a:propose(input(), 10)) do
        local good = one.knobs.edits == "3"
        told[i] = { candidate = one.digest, promoted = good or nil, refused = not good and "no" or nil }
      end
      a:learn(told)
    end
    local last = a.knobs.policies.edits:weights()
    assert.is_true(last["3"] > 2 * first["3"], last["3"])
    assert.is_true(last["1.4"] < first["1.4"])
    local heir = new("artifact", "heir", { settings = a:lesson() }).knobs.policies.edits:weights()
    for value, share in pairs(last) do assert.is_true(math.abs(share - heir[value]) < 0.02, value) end
    local c = assert(author.restore(a:state(), { random = random.new "go on", digest = a.digest }))
    assert.same(a.knobs:state(), c.knobs:state())
    a.random = random.new "go on"
    assert.same(texts_of(a:propose(input(), 10)), texts_of(c:propose(input(), 10)))
  end)

  it("learns nothing of itself when told so, and proposes as ever while its parameters are not learnt", function()
    local a, b = new("artifact", "still", { settings = { learns = "nothing" } }), new("artifact", "still")
    assert.is_nil(a.knobs)
    assert.is_nil(b.knobs)
    assert.same(texts_of(a:propose(input(), 20)), texts_of(b:propose(input(), 20)))
    local before = a.policy:weights()
    for _ = 1, 20 do a:learn { { candidate = "x", operator = "branch", promoted = true } } end
    assert.same(before, a.policy:weights())
    assert.has_error(function() new("artifact", "x", { settings = { learns = "much" } }) end)
  end)

  it("proposes again what attempts on train tasks found, of every task its best first", function()
    local a = new("artifact", "harvest")
    local function body(text) return ("function(item, before, after)\n  return %s\nend\n"):format(text) end
    local function row(...)
      local elites = {}
      for i, text in ipairs { ... } do elites[i] = { text = body(text), value = i / 10 } end
      return { attempts = { { verdict = { raw = { best_fit = 0.5 } }, elites = elites } } }
    end
    assert.equal(4, a:harvest { rows = { row("item", "before"), row("(-item)", "(-before)") } })
    local list = a:propose(input(), 5)
    assert.same({ body "item", body "(-item)", body "before", body "(-before)" },
      table.move(texts_of(list), 1, 4, 1, {}))
    assert.equal("harvest", list[1].operator)
    assert.not_equal("harvest", list[5].operator)
  end)

  it("gives fewer candidates when nothing new comes up, and an evaluation that fails is told", function()
    local a = new("artifact", "small", { settings = { fresh = 0.0 } })
    local none, message, code = a:evolve { input = input(), evals = 10,
      evaluate = function() return nil, "gone", "PEER" end }
    assert.is_nil(none)
    assert.equal("gone", message)
    assert.equal("PEER", code)
    assert.has_error(function() author.new { what = "poem", backend = "search" } end)
    assert.has_error(function() author.new { what = "artifact", backend = "oracle" } end)
    assert.has_error(function() new("artifact", "x", { settings = { florr = 1 } }) end)
  end)
end)

describe("an author of profiles", function()
  it("proposes profiles that a worker can read, and others than the champion", function()
    local champion = data.print(require("han.author.space").defaults "search")
    local a, seen = new("profile", "profiles"), {}
    for _, one in ipairs(a:propose({ champion = { text = champion }, game = { backend = "search" } }, 60)) do
      local table_of, why = profile.load(one.text, "search")
      assert(table_of, tostring(why) .. "\n" .. one.text)
      assert.is_nil(seen[one.text])
      assert.not_equal(champion, one.text)
      seen[one.text] = true
    end
  end)

  it("knows the worker of decision programs too", function()
    local a = new("profile", "decision")
    for _, backend in ipairs { "search", "random" } do
      a.backend = backend
      for _, one in ipairs(a:propose({ game = { backend = "decision" } }, 20)) do
        assert(profile.load(one.text, "decision"))
      end
    end
  end)

  it("refuses what a worker must not be told", function()
    local function why(text, backend)
      local _, message = profile.load(text, backend or "search")
      return message
    end
    assert.matches("no 'judge'", why "return { judge = 1 }")
    assert.matches("loyalty is not between", why "return { loyalty = 7 }")
    assert.matches("no whole number", why "return { probe = 2.5 }")
    assert.matches("one 'return", why "return 7")
    assert.matches("no 'weights.LOGIC.magic'", why "return { weights = { LOGIC = { magic = 1.0 } } }")
    assert.matches("is no table", why "return { mix = 3 }")
    assert.matches("a template needs", why "return { templates = { { kind = 'if' } } }")
    assert.matches("no 'templates'", why("return { templates = {} }", "decision"))
    assert(profile.load "return { weights = { LOGIC = { template = 4.0 } }, patience = false }")
  end)

  it("writes equal tables as equal texts", function()
    assert.equal(data.print { b = 1, a = { 2, 3.0, "x\n" }, ["end"] = false },
      data.print { ["end"] = false, a = { 2, 3.0, "x\n" }, b = 1 })
    local back = data.read(data.print { a = { 2, 3.0, -1.5, "x\n\"" }, ["end"] = false, [7] = true })
    assert.same({ a = { 2, 3.0, -1.5, "x\n\"" }, ["end"] = false, [7] = true }, back)
    assert.equal("float", math.type(back.a[2]))
  end)
end)

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

local REFINE = read_file "scripts/strategies/refine.lua"

-- Rounds of proposals with made-up outcomes; the last ones.
local function rounds(a, champion, n)
  local list
  for round = 1, n do
    list = a:propose({ champion = { text = champion } }, 30)
    local told = {}
    for i, one in ipairs(list) do
      told[i] = { candidate = one.digest, value = ((i * 7 + round) % 13) / 13, behaviour = { from = (i % 8) / 8 } }
    end
    if round < n then a:learn(told) end
  end
  return list
end

describe("an author of strategies", function()
  local audit = require "han.author.audit"
  local mutate = require "han.author.mutate"
  local parts = require "han.author.parts"
  local strategy = require "han.author.strategy"
  local syntax = require "han.syntax"
  local lint = require "han.lint"

  it("proposes files that parse, lint, pass the audit and mostly differ in shape, whatever the champion", function()
    for _, champion in ipairs { REFINE, parts.compose { steer = "lens", topology = "best", stop = "never",
      act = "serial" } } do
      local a, novel, operators, n = new("strategy", "files"), 0, {}, 0
      for _, one in ipairs(rounds(a, champion, 3)) do
        local tree = assert(syntax.parse(one.text))
        assert.same({}, lint.check(one.text))
        assert.is_nil((audit.check("strategy", tree)), one.text)
        if one.novel then novel = novel + 1 end
        if not operators[one.operator] then operators[one.operator], n = true, n + 1 end
      end
      assert.is_true(novel >= 27, novel .. " of 30 differ from the champion in shape")
      assert.is_true(n >= 8, n .. " operators")
    end
  end)

  it("is deterministic by seed, and the blind one knows no champion", function()
    assert.same(texts_of(rounds(new("strategy", "s"), REFINE, 2)), texts_of(rounds(new("strategy", "s"), REFINE, 2)))
    local a, b = new("strategy", "b", { backend = "random" }), new("strategy", "b", { backend = "random" })
    assert.same(texts_of(rounds(a, REFINE, 2)), texts_of(rounds(b, parts.compose { steer = "none",
      topology = "line", stop = "luby", act = "batch" }, 2)))
  end)

  it("has menus whose every combination is a sound file that says what it is", function()
    local n = 0
    for _, steer in ipairs(parts.menu "steer") do
      for _, topology in ipairs(parts.menu "topology") do
        for _, stop in ipairs(parts.menu "stop") do
          for _, act in ipairs(parts.menu "act") do
            local text = parts.compose { steer = steer, topology = topology, stop = stop, act = act }
            local tree = assert(syntax.parse(text))
            local stage, found = audit.check("strategy", tree)
            assert.is_nil(stage, found and found.reason)
            assert.equal(("steer %s, topology %s, stop %s, act %s"):format(steer, topology, stop, act),
              parts.describe(tree))
            n = n + 1
          end
        end
      end
    end
    assert.equal(300, n)
    assert.same({ "driver", "fixed", "lens", "none", "report" }, parts.menu "steer")
  end)

  it("swaps one part and leaves the others to the letter", function()
    local one = strategy.read(parts.compose { steer = "lens", topology = "best", stop = "patience", act = "serial" })
    local desk = { random = random.new "swap", pool = {} }
    local new_one = strategy.apply(desk, "topology governor", one)
    for _, part in ipairs(parts.ORDER) do
      assert.equal(part ~= "topology", one.functions[part] == new_one.functions[part], part)
    end
    assert.same({ patience = 2, reward = 1.0, skill_best = 1.0, skill_line = 1.0, skill_fresh = 1.0 }, new_one.params)
    assert.is_nil(strategy.apply(desk, "steer lens", one)) -- the same: nothing came of it
    local ours = strategy.apply({ random = random.new "x", pool = { { tree = new_one, entry = { digest = "d" } } } },
      "cross", one)
    assert(ours == nil or ours.functions)
  end)

  it("takes statements over from another program with their names put right", function()
    local donor = syntax.parse("local function f(list)\n  local count = 1\n"
      .. "  if list then count = count + #list end\nend\n")
    local tree = syntax.parse("local function g(memory)\n  memory.x = 1\nend\n")
    local made = 0
    for i = 1, 40 do
      local text = mutate.splice(tree, { syntax.function_named(tree, "g") }, donor,
        { syntax.function_named(donor, "f") }, random.new("splice" .. i))
      if text then
        made = made + 1
        local after = assert(syntax.parse(text), text)
        assert.same({}, syntax.globals(after), text)
      end
    end
    assert.is_true(made > 20)
  end)

  it("puts conditions around statements, of names that are there", function()
    local one = strategy.read(parts.compose { steer = "lens", topology = "explore", stop = "decline", act = "serial" })
    local desk, made = { random = random.new "guards", pool = {} }, 0
    local ifs = #syntax.find(one.tree, "if")
    for _ = 1, 60 do
      local new_one = strategy.apply(desk, "guard", one)
      if new_one then
        made = made + 1
        assert.equal(ifs + 1, #syntax.find(new_one.tree, "if"))
      end
    end
    assert.is_true(made >= 40, made)
  end)

  it("is caught when it does not do what it says", function()
    local text = parts.compose { steer = "lens", topology = "best", stop = "never", act = "serial" }
    local lie = text:gsub('intent = "steer lens', 'intent = "steer none')
    local stage, found = audit.check("strategy", assert(syntax.parse(lie)))
    assert.equal("audit", stage)
    assert.matches("declares 'steer none, .* and is 'steer lens, ", found.reason)
    assert.is_true(found.line > 20)
  end)
end)

describe("an author's input", function()
  local CANARY = "canary-5be1"

  local function record(more)
    local one = { cell = "c", task = "t", group = "g", arm = "a", split = "train", status = "done",
      spend = { evals = 3 }, output = "program", score = { correct = 0.25, pass = false, raw = { hidden = CANARY } },
      verdict = { correct = 0.5, pass = false, raw = { passed = 1 }, trust = "split" }, meta = { fault = CANARY },
      attempts = { { node = "root/1", output = "program", spans = { { kind = "edit", op = "wrap" } },
        verdict = { correct = 0.5, pass = false } } } }
    for key, item in pairs(more or {}) do one[key] = item end
    return one
  end

  local function holds(value, text, seen)
    seen = seen or {}
    if type(value) == "string" then return value:find(text, 1, true) ~= nil end
    if type(value) ~= "table" or seen[value] then return false end
    seen[value] = true
    for key, item in pairs(value) do
      if holds(key, text, seen) or holds(item, text, seen) then return true end
    end
    return false
  end

  local function refusal(fn)
    local ok, err = pcall(fn)
    assert.is_false(ok)
    assert.equal("FIREWALL", err.code)
    return err.message
  end

  it("is made of train rows, without what judges and holdouts hold", function()
    local evidence = firewall.evidence { record(), record { infra = true } }
    assert.equal(1, #evidence.rows)
    assert.equal(0.75, evidence.rows[1].loss)
    assert.is_false(holds(evidence, CANARY))
    for _, split in ipairs { "dev", "gate", "final" } do
      assert.matches("of split " .. split, refusal(function()
        firewall.evidence { record(), record { split = split } }
      end))
    end
    assert.matches("origin judge", refusal(function()
      firewall.evidence { record { attempts = { { findings = { { origin = "judge", text = CANARY } } } } } }
    end))
  end)

  it("passes one door, which a row of a holdout, a judge's finding and a score do not pass", function()
    local a = new("artifact", "door")
    for _, bad in ipairs {
      { evidence = { rows = { { split = "gate", loss = 1 } } } },
      { champion = { text = CHAMPION, score = { correct = 1 } } },
      { evidence = { rows = { { attempts = { { findings = { { origin = "holdout" } } } } } } } },
      { game = { params = GAME.params, constant = 1, held = { CANARY } } },
      { evidence = { tasks = { { private = CANARY } } } },
    } do
      refusal(function() a:propose(input(bad), 1) end)
    end
    refusal(function() a:learn { { candidate = "x", score = { correct = 1 } } } end)
    refusal(function() a:harvest { rows = { { split = "dev", attempts = {} } } } end)
  end)

  it("is all there is: a planted canary is in no input of any author, over a whole round", function()
    local inputs, door = {}, firewall.check_author
    finally(function() firewall.check_author = door end)
    firewall.check_author = function(given)
      inputs[#inputs + 1] = given
      return door(given)
    end
    local evidence = firewall.evidence { record { score = { correct = 0, pass = true, raw = { CANARY } } } }
    local games = { artifact = GAME, profile = { backend = "search" } }
    for _, what in ipairs { "artifact", "profile", "strategy" } do
      local a = new(what, "canary")
      a:harvest(evidence)
      local list = a:propose({ evidence = evidence, game = games[what] }, 5)
      a:learn { { candidate = list[1].digest, value = 0.5 } }
    end
    assert.is_true(#inputs >= 9)
    assert.is_false(holds(inputs, CANARY))
  end)
end)
