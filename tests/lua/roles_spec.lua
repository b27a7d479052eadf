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
  local function tell(name)
    local r = cli.run(folder, ("script %s/tests/data/strategies/%s.lua --adapter %s/tests/data/adapters/canary.lua --n 1 "
      .. "--budget shots=20,evals=100,tokens=200 --json --quiet"):format(root, name, root))
    return (dkjson.decode(r.out) or error(r.err)).error.message
  end

  case("a run reaches no module of the harness, no door out of its state, nothing that the judge knows", function()
    assert.equal("modules[] paths[] doors[] leak[] metatable[string] binary[nil] looked[well]", tell "thief")
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

  case("a strategy does not choose the split it is run on", function()
    for _, split in ipairs { "gate", "final" } do
      local r = cli.run(folder, ("script %s/tests/data/strategies/thief.lua --adapter %s/tests/data/adapters/canary.lua "
        .. "--n 1 --split %s --json"):format(root, root, split))
      assert.equal("REFUSED", dkjson.decode(r.out).error.code)
    end
  end)
end)
