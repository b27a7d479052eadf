-- luacheck: no max line length
-- Checks that fail: counted over cells, said in words, and a command that measured nothing ends with 1.

local cli = dofile "tests/lua/support/cli.lua"
local fakes = dofile "tests/lua/support/fakes.lua"
local dkjson = require "dkjson"
local health = require "han.health"

local case = cli.needs_program(it, pending)
local root = fakes.shell("pwd"):gsub("\n", "")

local function broken(kind, failed, of)
  return { broken = { [kind] = { failed = failed, of = of, reason = "oops" } } }
end

describe("han.health", function()
  it("tells a check that fails now and then from one that fails always", function()
    assert.is_nil(health.checks { { verdict = {} }, { infra = true }, {} })
    local some = health.checks { broken("verifier", 1, 2), broken("verifier", 2, 2), {} }
    assert.same({ verifier = { cells = 2, failed = 3, reason = "oops", every = false } }, some)
    assert.is_nil(health.fatal(some))
    assert.same({ "the verifier failed 3 times in 2 cells, which counts as 0 there: oops" }, health.lines(some))
    local all = health.checks { broken("verifier", 3, 3), { infra = true } }
    assert.equal("the verifier failed on every artifact (3 times), nothing was measured: oops", health.fatal(all))
    assert.same({}, health.lines(all))
    assert.is_false(health.checks { broken("judge", 1, 1), { kept = 1 } }.judge.every)
    assert.is_true(health.checks { broken("judge", 1, 1), { kept = 1, infra = true } }.judge.every)
    assert.is_nil(health.fatal(nil))
    assert.same({}, health.lines(nil))
  end)
end)

describe("a family whose checks fail", function()
  local folder, remove
  before_each(function() folder, remove = fakes.folder() end)
  after_each(function() remove() end)

  -- The family toy of the tests with one check that raises, on all artifacts or on those that are even numbers.
  local function family(kind, when)
    local text = fakes.sys.read_file("tests/data/adapters/toy.lua")
    local head = kind == "verifier" and "run = function(artifact, public)" or "run = function(artifact, private)"
    local at, stop = text:find(head, 1, true)
    fakes.write(folder, { ["toy.lua"] = text:sub(1, stop) .. " if " .. when .. " then error('oops') end" .. text:sub(stop + 1) })
    assert(at)
  end

  for _, kind in ipairs { "verifier", "judge" } do
    case("ends with 1 and says it, when the " .. kind .. " fails on every artifact", function()
      family(kind, "true")
      local said = "the " .. kind .. " failed on every artifact %(%d+ times%), nothing was measured: .*toy.lua:%d+: oops"
      local r = cli.run(folder, "bench ./toy.lua --arms sample --n 3 --quiet --json")
      assert.equal(1, r.status)
      local object = dkjson.decode(r.out)
      assert.equal("SCRIPT", object.error.code)
      assert.matches(said, object.error.message)
      local run = object.error.message:match "stored as (%S+)%)"
      r = cli.run(folder, "resume " .. run)
      assert.equal(1, r.status)
      assert.matches(said, r.err)
      assert.equal(0, cli.run(folder, "report " .. run .. " -o page.html").status)
      assert.matches("failed on every artifact", fakes.sys.read_file(folder .. "/page.html"))
      r = cli.run(folder, ("script %s/scripts/strategies/sample.lua --adapter ./toy.lua --n 2 --quiet"):format(root))
      assert.equal(1, r.status)
      assert.matches(said, r.err)
    end)
  end

  case("is measured, with a warning, when the judge fails on some", function()
    family("judge", "tonumber(artifact) % 2 == 0")
    local r = cli.run(folder, "bench ./toy.lua --arms sample --n 8 --quiet")
    assert.equal(0, r.status, r.err)
    assert.matches("Warning: the judge failed %d+ times in %d+ cells, which counts as 0 there: .*oops", r.out)
  end)
end)
