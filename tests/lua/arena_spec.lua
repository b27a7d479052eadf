-- The arena family: rules, levels, views, what a bot may be, verifier, judge, worker. The C host plays by the same
-- rules: tests/lua/arena_host_spec.lua holds the two equal.
local eval = require "tests.lua.support.eval_local"
local engine = require "tests.lua.support.engine_local"
local random = require "tests.lua.support.random_local"
local expression = require "han.worker.expression"

local dir = require("tests.lua.support.dir_loader").new "scripts/adapters/arena"
local adapter = engine.with(function()
  local real = require "han.eval"
  package.loaded["han.eval"] = { lua = eval.lua }
  local made = dir "init"
  package.loaded["han.eval"] = real
  return made
end)
local rules, views, play, bots = dir "rules", dir "views", dir "play", dir "bots"
local levels, matches, program = dir "levels", dir "matches", dir "program"
local full = os.getenv "HAN_FULL" == "1"

local function level(rows)
  local list = {}
  for y = 1, rules.HEIGHT do list[y] = rows[y] or ("."):rep(rules.WIDTH) end
  return table.concat(list, "\n") .. "\n"
end

-- Three units of each team far from each other; `first` replaces the first row.
local function plain(first)
  return level { first or "1..............a", "2..............b", "3..............c" }
end

local function function_of(text)
  return assert(load("return " .. text, "=bot"))()
end

local function priority_of(text)
  return function_of(("function(%s) return %s end"):format(table.concat(bots.PARAMS, ", "), bots.expression(text)))
end

local function tasks(n, split, more)
  local options = random.options(900001)
  options.train, options.held = 2, 2
  for key, item in pairs(more or {}) do options[key] = item end
  return adapter.tasks(split or "dev", n, 900001, options)
end

describe("the rules of the arena", function()
  it("move units, and stop them at walls and edges", function()
    local world = rules.new(plain "1#.............a")
    rules.step(world, { 4, 2, 3, 5, 5, 5 })
    assert.same({ 1, 1 }, { world.units[1].x, world.units[1].y })
    assert.same({ 1, 2 }, { world.units[2].x, world.units[2].y }) -- unit 3 stood there when it was its turn
    assert.same({ 1, 3 }, { world.units[3].x, world.units[3].y })
    rules.step(world, { 1, 4 })
    assert.same({ 2, 2 }, { world.units[2].x, world.units[2].y })
    assert.equal(0, world.violations[1] - 1) -- unit 2 struck its ally in the first tick
    assert.equal(rules.HP - rules.STRIKE, world.units[3].hp)
  end)

  it("strike enemies, heal at packs once, burn in hazards", function()
    local world = rules.new(plain "1a+~............")
    rules.step(world, { [4] = 4 })
    assert.same({ rules.HP, rules.HP }, { world.units[1].hp, world.units[4].hp })
    assert.equal(3, world.units[4].x)
    assert.equal(0, #world.packs)
    rules.step(world, { [1] = 4, [4] = 4 })
    assert.equal(4, world.units[4].x)
    assert.equal(rules.HP - rules.BURN, world.units[4].hp)
    assert.equal(1, world.violations[2])
    rules.step(world, { [1] = 4 })
    rules.step(world, { [1] = 4 })
    assert.equal(rules.HP - rules.BURN - rules.STRIKE, world.units[4].hp)
  end)

  it("end when a team is gone or time is up", function()
    local world = rules.new(plain())
    for number = 4, 6 do world.units[number].hp = 0 end
    assert.is_true(rules.over(world))
    assert.equal(1, rules.score(world))
    local long = rules.new(plain())
    for _ = 1, rules.TICKS do
      assert.is_false(rules.over(long))
      rules.step(long, {})
    end
    assert.is_true(rules.over(long))
    assert.equal(0.5, rules.score(long))
  end)

  it("keep every unit on a cell of its own", function()
    local roll = random.new "rules"
    for i = 1, full and 2000 or 100 do
      local world = rules.new(levels.draw(levels.ORDER[i % 3 + 1], roll))
      while not rules.over(world) do
        local actions = {}
        for number = 1, 6 do actions[number] = roll(5) end
        rules.step(world, actions)
        local stood = {}
        for number, unit in ipairs(world.units) do
          local at = (unit.y - 1) * rules.WIDTH + unit.x
          assert.is_true(unit.hp >= 0 and unit.hp <= rules.HP)
          if unit.hp > 0 then
            assert.is_nil(stood[at])
            stood[at] = number
            assert.equal(number, world.at[at])
            assert.not_equal(35, rules.look(world, unit.x, unit.y))
          end
        end
      end
    end
  end)
end)

describe("levels", function()
  it("are the same for both teams, whole, and in one piece", function()
    local roll = random.new "levels"
    for i = 1, 200 do
      local text = levels.draw(levels.ORDER[i % 3 + 1], roll)
      assert.equal(rules.HEIGHT * (rules.WIDTH + 1), #text)
      local flat = text:gsub("\n", "")
      local other = { ["1"] = "a", ["2"] = "b", ["3"] = "c", a = "1", b = "2", c = "3" }
      local turned = flat:reverse():gsub("[123abc]", other)
      assert.equal(flat, turned)
      for _, unit in ipairs { "1", "2", "3", "a", "b", "c" } do
        assert.equal(1, select(2, flat:gsub(unit, "")))
      end
    end
  end)

  it("of splits share no group and no level, and follow from seed and split", function()
    local seen, groups = {}, {}
    for _, split in ipairs { "train", "dev", "gate", "final" } do
      for _, task in ipairs(tasks(6, split)) do
        assert.is_nil(groups[task.group])
        groups[task.group] = true
        for _, part in ipairs { task.public.levels, task.private.levels } do
          for _, text in ipairs(part) do
            assert.is_nil(seen[text])
            seen[text] = true
          end
        end
      end
    end
    assert.same(tasks(3), tasks(3))
    assert.has_error(function() tasks(1, "dev", { kind = "swamp" }) end)
  end)
end)

describe("views", function()
  it("show what is near and nothing else", function()
    local world = rules.new(plain "1....a..........")
    local view = views.view(world, 1)
    assert.equal(2 * rules.SIGHT + 1, #view.map)
    assert.equal("######", view.map[rules.SIGHT + 1]:sub(1, 5) .. "#")
    assert.same({ { dx = 0, dy = 1, hp = 10, ally = true }, { dx = 0, dy = 2, hp = 10, ally = true },
      { dx = 5, dy = 0, hp = 10, ally = false } }, view.units)
    world.units[4].x = 7
    assert.equal(2, #views.view(world, 1).units)
  end)

  it("give a bot of the frame what its priority gets from the world", function()
    local roll = random.new "equal"
    local grammar = { params = bots.PARAMS, constant = 20 }
    local hunter = matches.hunter
    for i = 1, full and 400 or 25 do
      local text = expression.print(expression.grow(grammar, "num", 4, roll), bots.PARAMS, bots.FRAME)
      local map = levels.draw(levels.ORDER[i % 3 + 1], roll)
      local plays, _, fast = pcall(play.fast, map, hunter, priority_of(text))
      local also, _, slow = pcall(play.literal, map, hunter, function_of(text))
      assert.equal(also, plays, bots.expression(text)) -- 1 % 0 is an error in both
      assert.equal(slow, fast, bots.expression(text))
    end
  end)
end)

describe("bots of the frame", function()
  it("are read back from their text", function()
    local tree = assert(expression.parse(bots.BASELINES.hunter, bots.PARAMS, bots.FRAME))
    assert.equal(bots.bot(expression.text(tree)), expression.print(tree, bots.PARAMS, bots.FRAME))
    assert.is_nil(expression.parse("function(view, memory) return 'wait' end", bots.PARAMS, bots.FRAME))
    assert.is_nil(expression.parse(bots.bot "os.exit()", bots.PARAMS, bots.FRAME))
    assert.is_nil(expression.parse(bots.bot "1 end return nil do local x = 1", bots.PARAMS, bots.FRAME))
  end)

  it("are bots, and the hunter is as good as itself", function()
    local roll, sum, n = random.new "mirror", 0, full and 600 or 60
    for name, text in pairs(bots.BASELINES) do assert(program.check(text), name) end
    for i = 1, n do
      sum = sum + rules.score((play.fast(levels.draw(levels.ORDER[i % 3 + 1], roll), matches.hunter, matches.hunter)))
    end
    assert.is_true(math.abs(sum / n - 0.5) < (full and 0.05 or 0.15), "mean " .. sum / n)
  end)
end)

describe("what a bot may be", function()
  it("is refused with the reason", function()
    local wrong = {
      ["os.exit"] = "function(view) return os.exit() end",
      ["the global x"] = "function(view) x = 1 return 'wait' end",
      ["one function"] = "42",
      ["a view and a memory"] = "function(a, b, c) end",
      ["takes a view"] = "function(...) end",
      ["global setmetatable"] = "function(v) return setmetatable({}, {}) end",
      ["global load"] = "function(v) return load('x') end",
    }
    for part, text in pairs(wrong) do
      local ok, why = program.check(text)
      assert.is_nil(ok)
      assert.truthy(part == "os.exit" and why:find("global os", 1, true) or why:find(part, 1, true), why)
    end
    assert.is_nil(program.check "function(")
    assert.is_nil(program.check(42))
    assert.is_nil(program.check("function(v) return '" .. ("x"):rep(program.MAX_BYTES) .. "' end"))
  end)

  local function verdict(text)
    local task = tasks(1, "dev", { train = 12, held = 12 })[1]
    return adapter.verify.run(text, task.public, adapter.verify.spec), adapter.judge.run(text, task.private,
      adapter.judge.spec)
  end

  it("ends where it ends, has no chance to share, and is one program in both ways to play", function()
    assert.equal("ok", verdict("function(view, memory) return 'wait' end -- a remark").raw.class)
    local seeds = verdict "function(view) math.randomseed(view.tick) return 'wait' end"
    assert.equal("runtime", seeds.raw.class)
    assert.equal("runtime", verdict("function(view) return math['ran' .. 'dom'](5) end").raw.class)
    assert.equal("ok", verdict(bots.bot "0 local q = 1").raw.class)
    local two = verdict(bots.bot "0 end ; best = 5 ; chosen = function(p)") -- it only waits; the priority would be 0
    assert.equal("ok", two.raw.class)
    assert.equal(verdict("function() return 'wait' end").correct, two.correct)
  end)

  it("is judged by what its units do", function()
    local good, score = verdict(bots.BASELINES.hunter)
    assert.equal("ok", good.raw.class)
    assert.equal(12, good.raw.wins + good.raw.draws + good.raw.losses)
    assert.is_true(score.correct > 0 and score.correct < 1)
    local idle = verdict "function(view, memory) return 'wait' end"
    assert.is_true(idle.correct < 0.5) -- it strikes nobody back
    assert.equal(1, idle.secure)
    local mad = verdict(bots.bot "(0 - ally)")
    assert.is_true(mad.secure < 1 and mad.raw.violations > 0)
  end)

  it("does nothing with an action that is none, and fails by what it raises", function()
    local wait = verdict "function() return 'wait' end"
    for _, text in ipairs { "function() return 7 end", "function() return nil, 3 end", "function() end",
      "function() return 0/0, 'x' end" } do
      assert.same(wait.correct, verdict(text).correct)
    end
    local failed = verdict "function(view) return view.nothing.x end"
    assert.equal(0, failed.correct)
    assert.equal("runtime", failed.raw.class)
    assert.equal("format", verdict("nonsense").raw.class)
  end)

  it("cannot leave anything in the libraries for another unit", function()
    local score = verdict "function(view) math.seen = true return 'wait' end"
    assert.equal(0, score.correct)
    assert.truthy(score.raw.message:find("cannot be changed", 1, true))
    score = verdict "function(view) string.rep = nil return 'wait' end"
    assert.equal(0, score.correct)
    -- its own memory is its own: a unit that finds another's number there would strike its ally
    local own = verdict [[function(view, memory)
      memory.x, memory.y = memory.x or view.x, memory.y or view.y
      if view.tick == 0 and (memory.x ~= view.x or memory.y ~= view.y) then error "not mine" end
      return "wait", memory
    end]]
    assert.equal("ok", own.raw.class)
  end)

  it("gets no better score by telling another match", function()
    local map = plain()
    local _, log = play.literal(map, matches.hunter, function() return "wait" end)
    assert.truthy(play.again(map, matches.hunter, log))
    assert.is_nil(play.again(map, matches.hunter, log .. "5"))
    assert.is_nil(play.again(map, matches.hunter, log:sub(2)))
    assert.is_nil(play.again(map, matches.hunter, (log:gsub("^.", "9"))))
    assert.is_nil(play.again(map, matches.hunter, ""))
  end)

  it("gives no verdict when nothing could be evaluated", function()
    local real = eval.lua
    eval.lua = function() return nil, "the fork server died", "PEER" end
    local own = require("tests.lua.support.dir_loader").new "scripts/adapters/arena"
    local other = engine.with(function()
      local kept = require "han.eval"
      package.loaded["han.eval"] = { lua = eval.lua }
      local made = own "init"
      package.loaded["han.eval"] = kept
      return made
    end)
    local none, why, code = other.verify.run(bots.BASELINES.hunter, tasks(1)[1].public, {})
    eval.lua = real
    assert.is_nil(none)
    assert.same({ "the fork server died", "PEER" }, { why, code })
  end)
end)

describe("the worker", function()
  it("finds a better bot than the one it was given, by its budget and seed alone", function()
    local function shot()
      local task, spent, spans = tasks(1, "train")[1], 0, {}
      local best = adapter.backends.decision { artifact = task.public.artifact, public = task.public, profile = {},
        random = random.new "worker", eval = eval.lua, span = function(span) spans[#spans + 1] = span end,
        yield = function() end,
        meter = function(cost)
          if spent + cost.evals > 40 then return nil, "evals are spent", "BUDGET_EXHAUSTED" end
          spent = spent + cost.evals
          return true
        end }
      return best, spans[#spans], spent, task
    end
    local best, settle, spent, task = shot()
    assert.equal(40, spent)
    assert.equal(40, settle.trials)
    assert(program.check(best))
    assert.truthy(bots.expression(best))
    local before = adapter.verify.run(task.public.artifact, task.public, {}).correct
    local after = adapter.verify.run(best, task.public, {}).correct
    assert.is_true(after > before, ("%g is not above %g"):format(after, before))
    assert.is_true(math.abs(1 - after - settle.value) < 1e-12) -- what the search saw is what the verifier says
    assert.equal(best, (shot()))
  end)

  it("is what han improve learns by default: its authors give bots, and a dry run knows one", function()
    local author, dry = require "han.author", require "han.author.dry_artifact"
    assert.equal("artifact", adapter.improve.what)
    local game, roll = adapter.improve.game {}, random.new "author"
    local start = adapter.improve.start
    assert.is_true(#game.samples >= 6)
    local a = author.new { what = "artifact", backend = "search", random = roll,
      digest = function(text) return text end }
    local list = a:propose({ champion = { text = start }, game = game, random = roll }, 12)
    assert.equal(12, #list)
    list[#list + 1] = { text = start }
    for _, candidate in ipairs(list) do
      assert(game.check(candidate.text))
      local said = dry.run(candidate.text, { game = game, eval = eval.lua })
      assert.is_true(said.ok, said.reason)
    end
    for text, why in pairs { ["function() return 1 end"] = "gives a number, not a string",
      ["function() while true do end end"] = "^limit",
      ["function(view) return view.nothing.x end"] = "gives no string on any sample" } do
      local said = dry.run(text, { game = game, eval = eval.lua })
      assert.is_false(said.ok)
      assert.matches(why, said.reason)
    end
  end)
end)
