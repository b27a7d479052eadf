-- What tells decision programs apart: the probes of the families and the cells of the author's archive, through the
-- pipeline as a learner uses it.
local author = require "han.author"
local archive = require "han.author.archive"
local dry = require "han.author.dry_artifact"
local engine = require "tests.lua.support.engine_local"
local eval = require "tests.lua.support.eval_local"
local loader = require "tests.lua.support.dir_loader"
local pipeline = require "han.author.pipeline"
local probe = require "han.author.probe"
local random = require "tests.lua.support.random_local"

local function family(name)
  local dir = loader.new("scripts/adapters/" .. name)
  return engine.with(function() return dir "init" end), dir
end
local binpack, binpack_dir = family "binpack"
local arena, arena_dir = family "arena"

local function f(body, more) return ("function(item, before, after%s) return %s end"):format(more or "", body) end

local function behaviour(game, text)
  local said = dry.run(text, { game = game, eval = eval.lua })
  assert.is_true(said.ok, said.reason)
  return said.behaviour
end

local function cell(game, text) return archive.cell(behaviour(game, text)) end

-- The programs that an author's archive holds after a learner's way: dry run, then a loss on dev.
local function kept(game, values)
  local texts = {}
  for text in pairs(values) do texts[#texts + 1] = text end
  table.sort(texts)
  local a = author.new { what = "artifact", backend = "search", random = random.new "probe",
    digest = function(text) return text end }
  local start = binpack_dir "baselines".TEXT.first_fit
  local p, list = pipeline.new { what = "artifact", champion = start, game = game, eval = eval.lua }, {}
  for i, text in ipairs(texts) do
    list[i] = { text = text, digest = text, operator = "point", parents = {}, island = 1 }
    a.pending[text] = list[i]
  end
  local passed, failed = p:filter(list)
  assert.equal(0, #failed, failed[1] and failed[1].refused)
  local outcomes = {}
  for i, one in ipairs(passed) do
    outcomes[i] = { candidate = one.digest, operator = one.operator, value = values[one.text],
      behaviour = one.behaviour }
  end
  a:learn(outcomes)
  local found = {}
  for i, entry in ipairs(a:best(9)) do found[i] = entry.text end
  return found
end

describe("the archive of artifacts", function()
  local game = binpack.improve.game { kind = "uniform" }

  it("parts two programs of equal size that choose differently", function()
    local tight, wide = f "0 - after", f "0 + after"
    assert.same({ tight, wide }, kept(game, { [tight] = 0.2, [wide] = 0.9 }))
  end)

  it("holds one of two that choose alike, however long they are", function()
    local short, long = f "0 - after", f "(item - before) * 2 + (3 - 3) * item - (after - after)"
    assert.same({ short }, kept(game, { [short] = 0.2, [long] = 0.3 }))
    assert.same({ long }, kept(game, { [short] = 0.3, [long] = 0.2 })) -- the better one, not the shorter
  end)

  it("does so in every league and kind", function()
    for _, options in ipairs { { kind = "weibull" }, { kind = "uniform", league = "state" } } do
      local one = binpack.improve.game(options)
      assert.equal(cell(one, f "-after"), cell(one, f "item - before"))
      assert.not_equal(cell(one, f "-after"), cell(one, f "after"))
    end
    local state = binpack.improve.game { kind = "uniform", league = "state" }
    assert.not_equal(cell(state, f("count_before", ", count_before, count_after")),
      cell(state, f("count_after", ", count_before, count_after")))
  end)
end)

describe("what authors propose for a decision program", function()
  for _, one in ipairs { { "binpack", binpack.improve.game { kind = "uniform" },
    binpack_dir "baselines".TEXT.best_fit }, { "arena", arena.improve.game {}, arena.improve.start } } do
    local name, game, start = table.unpack(one)
    for _, backend in ipairs { "search", "random" } do
      it(("comes through the pipeline: %s, %s"):format(name, backend), function()
        local a = author.new { what = "artifact", backend = backend, random = random.new "proposals",
          digest = function(text) return text end }
        local list = a:propose({ champion = { text = start, value = 0.5 }, game = game, budget = {} }, 12)
        assert.equal(12, #list)
        local p = pipeline.new { what = "artifact", champion = start, game = game, eval = eval.lua }
        local passed, failed = p:filter(list)
        assert.is_true(#passed >= 8, failed[1] and failed[1].refused)
        for _, refused in ipairs(failed) do assert.not_equal("audit", refused.stage, refused.refused) end
      end)
    end
  end
end)

describe("the states of binpack", function()
  it("are packings as they may come up: floats, bins that fit, an empty one, and say where a choice lies", function()
    for kind, capacity in pairs { uniform = 150, weibull = 100 } do
      local game = binpack.improve.game { kind = kind }
      assert.equal(144, #game.samples)
      for i, args in ipairs(game.samples) do
        local item, before, after, as_before = table.unpack(args)
        assert.equal(5, #args)
        for _, x in ipairs(args) do assert.equal("float", math.type(x)) end
        assert.equal(before, item + after)
        assert.is_true(after >= 0 and before <= capacity)
        assert.equal(i % 6 == 0, before == capacity)
        assert.equal(before == capacity, as_before == 0)
      end
      assert.same({ close = 0, gap = 0, room = 0 }, behaviour(game, f "-after"))
      assert.same({ close = 1, gap = 1, room = 1 }, behaviour(game, f "after"))
      local careful = behaviour(game, f(("(after > %d and after <= %d) and 0 - 200 or 0 - after"):format(
        capacity // 50, capacity * 3 // 20)))
      assert.equal(0, careful.close)
      assert.equal(0, careful.room)
      assert.is_true(careful.gap > 0 and careful.gap < 1)
    end
  end)

  it("are the same at every call, and tell the baselines apart", function()
    assert.same(binpack.improve.game { kind = "uniform" }.samples, binpack.improve.game { kind = "uniform" }.samples)
    local game, seen = binpack.improve.game { kind = "uniform" }, {}
    for _, text in pairs(binpack_dir "baselines".TEXT) do
      local name = cell(game, text)
      assert.is_nil(seen[name])
      seen[name] = true
    end
  end)

  it("leave out a state in which a program gives no number", function()
    local game = binpack.improve.game { kind = "uniform" }
    assert.same({ close = "none", gap = "none", room = "none" },
      behaviour(game, f "before < 150 and 0 - after or 0 / 0"))
    local some = behaviour(game, f "item < 60 and 0 - after or 0 / 0") -- no item of a wide state is that small
    assert.same({ 0, 0 }, { some.close, some.gap })
    local failing = behaviour(game, "function(a, b, c) if a > 60 then return nil + 1 end return -c end")
    assert.same(some, failing)
  end)
end)

describe("the views of the arena", function()
  local game, bots = arena.improve.game {}, arena_dir "bots"

  it("tell bots apart by where they go, and no longer bot from a shorter one that goes there, too", function()
    local nearer, away = bots.bot "(0 - enemy)", bots.bot "(0 + enemy)"
    assert.not_equal(cell(game, nearer), cell(game, away))
    assert.equal(cell(game, nearer), cell(game, bots.bot "((0 - enemy) * 2 - (tick - tick))"))
    assert.is_true(behaviour(game, nearer).foe > behaviour(game, away).foe)
    assert.is_true(behaviour(game, bots.bot "(0 - pack)").pack > behaviour(game, bots.bot "pack").pack)
    assert.is_true(behaviour(game, bots.bot "(0 - middle)").calm > behaviour(game, bots.bot "middle").calm)
    assert.same({ foe = 0.5, pack = 0.5, calm = 0.5 }, behaviour(game, "function() return 'wait' end"))
  end)

  it("let a bot of the frame through, and refuse what an author wrote into it at its line", function()
    local p = pipeline.new { what = "artifact", champion = bots.BASELINES.hunter, game = game, eval = eval.lua }
    local found = p:check(bots.bot "(0 - enemy - friend * math.min(hp, 3.0))")
    assert.is_true(found.ok, found.reason)
    local _, lines = bots.FRAME.head:gsub("\n", "")
    for text, why in pairs {
      ["(os.clock() - enemy)"] = "uses the global 'os': that would be a clock",
      ["#name"] = "", -- the frame's own locals may be read
      ["#\"north\""] = "holds a text",
      ["0\nwhile true do end\nlocal q = 0"] = "holds a loop without an end",
      ["(function() return 0 end)()"] = "holds a function",
    } do
      found = p:check(bots.bot(text))
      if why == "" then
        assert.is_true(found.ok, found.reason)
      else
        assert.equal("audit", found.stage, text)
        assert.matches(why, found.reason, 1, true)
        assert.equal(lines + (why:find "loop" and 2 or 1), found.where.line)
      end
    end
  end)

  it("hold a bot without the frame by the globals that a bot has", function()
    local p = pipeline.new { what = "artifact", champion = bots.BASELINES.hunter, game = game, eval = eval.lua }
    local found = p:check "function(view, memory)\n  for i = 1, 3 do memory[i] = 'x' end\n  return 'wait', memory\nend"
    assert.is_true(found.ok, found.reason)
    found = p:check "function(view, memory)\n  return os.time() > 0 and 'wait' or 'north', memory\nend"
    assert.same({ "audit", 2 }, { found.stage, found.where.line })
    assert.matches("uses the global 'os': that would be a clock", found.reason, 1, true)
  end)

  it("are plain values of every situation, the same at every call", function()
    local again = arena.improve.game {}
    assert.same(again.samples, game.samples)
    local calm = behaviour(game, "function() return 'north' end")
    for _, trait in ipairs { "foe", "pack", "calm" } do assert.equal("number", type(calm[trait])) end
  end)
end)

describe("a program of which no family says what it does", function()
  it("is known by how it ranks the samples", function()
    local game = { params = { "a", "b" }, constant = 10 }
    local function order(body) return cell(game, "function(a, b) return " .. body .. " end") end
    assert.equal(order "a - b", order "3 * a - 3 * b + 7")
    assert.not_equal(order "a - b", order "b - a")
    assert.equal("order=<=>?/=", archive.cell(probe.order { 1, 2, 2, 1, 0 / 0, "x", "x" }))
  end)
end)
