-- A head as a part of a worker's profile: an author trains it from train evidence, a pipeline refuses what is none, and
-- luacheck: no max line length
-- improve and han show go all the way with it.

local author = require "han.author"
local data = require "han.author.data"
local pipeline = require "han.author.pipeline"
local profile = require "han.author.profile"
local random = require "tests.lua.support.random_local"
local space = require "han.author.space"

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

-- Records of train runs in which blocks that fail gain, and those that pass cost.
local function records(n, split)
  local roll, list = random.new "records", {}
  for i = 1, n do
    local decisions, rows = {}, {}
    for k = 1, 4 do
      local chosen = roll(2)
      decisions[k] = { node = "root", point = "zoom", options = { "x", "y" }, chosen = chosen, propensity = 0.5,
        features = { x = { assembly = 0, fails = 0.5 }, y = { assembly = 0, fails = 0 },
          ["*"] = { version = k, correct = 0.1, left = 1 - k / 4 } } }
      rows[k] = { name = chosen == 1 and "x" or "y", level = "block", decision = k, version = k, kept = chosen == 1,
        correct = 0.2, reward = chosen == 1 and 0.2 or -0.1 }
    end
    decisions[5] = { node = "root", point = "zoom_end", options = { "end" }, chosen = 1, propensity = 1,
      features = { rows = rows } }
    list[i] = { cell = "c" .. i, task = "t" .. i, group = "g" .. i % 4, arm = "deployed", split = split or "train",
      status = "done", spend = {}, attempts = {}, decisions = decisions, score = { correct = 0.0, pass = false } }
  end
  return list
end

local GAME = { backend = "search", zoom = true }

local function new_author(backend)
  return author.new { what = "profile", backend = backend or "search", random = random.new "author",
    digest = function(text) return ("%d-%s"):format(#text, text:sub(-12)) end }
end

describe("a head in a profile", function()
  it("is trained from evidence of train runs and proposed first", function()
    local evidence, a = author.evidence(records(20)), new_author()
    assert.equal(1, a:harvest(evidence))
    local list = a:propose({ champion = { text = data.print(space.defaults "search") }, evidence = evidence, game = GAME,
      random = random.new "p" }, 3)
    local head = profile.load(list[1].text, "search").zoom
    assert.is_true(head.weights.fails > 0.1)
    assert.equal(20, head.episodes)
    assert.is_true(pipeline.new({ what = "profile", profile = "search" }):check(list[1]).ok)
    assert.equal(0, new_author "random":harvest(evidence)) -- the blind one learns nothing
    assert.has_error(function() author.evidence(records(1, "gate")) end)
  end)

  it("is moved and trained on by operators only where runs zoom, and refused when it is none", function()
    local evidence = author.evidence(records(8))
    local function desk(game) return { game = game, random = random.new "desk", evidence = evidence, pool = {} } end
    local one = profile.apply(desk(GAME), "head_train", space.defaults "search")
    assert.is_true(one.zoom.weights.fails > 0)
    local two = profile.apply(desk(GAME), "head_move", one)
    assert.not_same(one.zoom, two.zoom)
    assert.is_nil(profile.fault(require("han.syntax").parse(data.print(two)), "search"))
    assert.is_nil(profile.apply(desk { backend = "search" }, "head_train", space.defaults "search"))
    assert.is_nil(profile.apply(desk { backend = "search" }, "head_move", space.defaults "search"))
    assert.is_table(profile.fresh(desk(GAME)).zoom)
    assert.is_nil(profile.fresh(desk { backend = "search" }).zoom)
    local why = pipeline.new({ what = "profile", profile = "search" }):check("return { zoom = { weights = { x = 1 } } }")
    assert.same({ false, "lint" }, { why.ok, why.stage })
    assert.matches("no zoom.weights.x", why.reason)
    assert.matches("there is no 'zoom'", profile.table_fault({ zoom = {} }, "decision"))
  end)

  -- An improve run of repair makes many tasks: in the long form.
  local long = os.getenv "HAN_FULL" == "1" and cli.needs_program(it, pending) or function(name)
    return pending(name .. " (HAN_FULL=1)")
  end
  long("is a versioned text of improve, and its runs are drawn by han show --zoom", function()
    local folder, remove = fakes.folder()
    finally(remove)
    local r = cli.run(folder, "improve repair --what profile --strategy zoom --rounds 1 --n 1 --candidates 1 --set upto=2 "
      .. "--budget shots=4,evals=60,tokens=4000 --seed 900200 --jobs 2 --quiet --json")
    assert.equal(0, r.status, r.err)
    r = cli.run(folder, "corpus query 'SELECT id FROM bench WHERE parent IS NULL' --json")
    local id = dkjson.decode(r.out).rows[1].id
    r = cli.run(folder, ("show %s --zoom --json"):format(id))
    assert.equal(0, r.status, r.err)
    local object = dkjson.decode(r.out)
    assert.is_true(#object.parts >= 3) -- scored, learnt, dev
    for _, part in ipairs(object.parts) do
      for _, arm in ipairs(part.arms) do assert.is_true(arm.runs > 0 and arm.saved.calls < arm.saved.all) end
    end
    r = cli.run(folder, "lineage repair --all --json")
    assert.is_truthy(r.out:find("zoom", 1, true), r.out)
    assert.equal(2, cli.run(folder, ("show %s --against zoom"):format(id)).status)
  end)
end)
