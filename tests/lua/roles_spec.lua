-- The four roles: judge, private parts and holdout are out of reach of a run, by Lua, by a steer, by what comes back
-- from its workers. Each try is made by a strategy of tests/data and fails: with FIREWALL where it is a finding, else
-- because there is nothing to reach.
-- luacheck: no max line length

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"

local case = cli.needs_program(it, pending)
local root = fakes.shell("pwd"):gsub("\n", "")

describe("the four roles", function()
  local folder, remove
  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  -- What a strategy of tests/data told in its last error, on one task of the family canary.
  local function tell(name, words)
    local r = cli.run(folder, ("script %s/tests/data/strategies/%s.lua --adapter %s/tests/data/adapters/canary.lua --n 1 "
      .. "--budget shots=20,evals=100,tokens=200 --json --quiet %s"):format(root, name, root, words or ""))
    return (dkjson.decode(r.out) or error(r.err)).error.message
  end

  case("a run reaches no module of the harness, no door out of its state, nothing that the judge knows", function()
    assert.equal("walls[13 of 13] modules[] paths[] doors[] leak[] metatable[boolean] binary[nil] looked[well]", tell "thief")
    assert.equal("walls[13 of 13] modules[] paths[] doors[] leak[] metatable[boolean] binary[nil] looked[well]",
      tell("thief", "--untrusted"))
    -- and it was there to be found: with a run that ends well, the judge's score holds it
    local r = cli.run(folder, ("script %s/scripts/strategies/sample.lua --adapter %s/tests/data/adapters/canary.lua --n 1 --json --quiet"):format(root, root))
    assert.is_truthy(r.out:find("CANARY-JUDGECANARY-PRIVATE", 1, true), r.out)
  end)

  case("no shape of a steer carries what a judge or a holdout said", function()
    local got = tell "smuggler"
    for i = 1, 9 do assert.is_truthy(got:find(i .. ":FIREWALL", 1, true), got) end
    local query = [[corpus query --json "select count(*) n from attempt where output is not null"]]
    assert.equal(0, dkjson.decode(cli.run(folder, query).out).rows[1].n) -- no worker began
  end)

  it("no author is told what a judge, a gate or a task's private part holds", function()
    local author, firewall = require "han.author", require "han.firewall"
    local function one()
      return author.new { what = "artifact", backend = "search", random = function(n) return n or 0.5 end,
        digest = function(text) return text end }
    end
    local function train()
      return firewall.evidence { { cell = "c", task = "t", group = "g", arm = "a", split = "train", status = "done",
        score = { correct = 0.5, pass = false, raw = { said = "CANARY" } }, reason = "CANARY", meta = { key = "CANARY" },
        attempts = { { node = "root/1", reason = "CANARY", spans = {} } } } }
    end
    local function later(change)
      local evidence = train()
      change(evidence)
      return evidence
    end
    local tries = {
      { evidence = { rows = { { split = "dev" } } } }, { evidence = { rows = { { split = "gate" } } } },
      { evidence = { rows = { { split = "final" } } } }, { champion = { text = "x", score = { correct = 1 } } },
      { champion = { text = "x", private = { key = "CANARY" } } }, { notes = { { origin = "judge", text = "CANARY" } } },
      { notes = { { origin = "holdout", text = "CANARY" } } }, { notes = { origin = "Judge" } }, { gate = { lift = 0.2 } },
      { evidence = later(function(e) e.rows[2] = { split = "gate", loss = 0 } end) },
      { evidence = later(function(e) e.rows[1].score = { correct = 1 } end) },
      { evidence = later(function(e) e.judge = "CANARY" end) },
    }
    for i, input in ipairs(tries) do
      for _, door in ipairs { "propose", "learn", "harvest" } do
        local ok, why = pcall(function() return one()[door](one(), input, 1) end)
        assert.is_false(ok, i .. " " .. door)
        assert.equal("FIREWALL", type(why) == "table" and why.code or tostring(why), i .. " " .. door)
      end
    end
    assert.is_nil(dkjson.encode(train()):find("CANARY", 1, true))
    firewall.check_author { evidence = train() } -- as it was made it passes
  end)

  case("a strategy does not choose the split it is run on", function()
    for _, split in ipairs { "gate", "final" } do
      local r = cli.run(folder, ("script %s/tests/data/strategies/thief.lua --adapter %s/tests/data/adapters/canary.lua "
        .. "--n 1 --split %s --json"):format(root, root, split))
      assert.equal("REFUSED", dkjson.decode(r.out).error.code)
    end
  end)
end)
