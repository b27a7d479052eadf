-- luacheck: no max line length
-- A model call whose engine is killed between the question and the answer: it may have been paid for, so it is charged its
-- ceiling and never asked again. The endpoint is tests/endpoint; nothing here goes by the clock.

local cli = dofile "tests/lua/support/cli.lua"
local dkjson = require "dkjson"
local endpoints = dofile "tests/lua/support/endpoint.lua"
local fakes = dofile "tests/lua/support/fakes.lua"

local case = cli.needs_program(it, pending)
local DATA, SCRIPTS = endpoints.DATA, endpoints.SCRIPTS

describe("a model call in doubt", function()
  local folder, remove, endpoint
  before_each(function()
    folder, remove = fakes.folder()
    endpoint = endpoints.start(folder)
  end)
  after_each(function()
    endpoint.stop()
    remove()
  end)

  case("is charged its ceiling, once, and not asked again", function()
    local env = ("env HAN_MODEL=%s HAN_PATH=%s:%s"):format(fakes.quote(endpoint.url("chat", "never")), fakes.quote(DATA), fakes.quote(SCRIPTS))
    endpoint.killed(env, "bench asked --n 1 --arms sample --profile model --k 1 --quiet", 1)
    local first
    for _ = 1, 2 do -- a second resume prints the same and asks as little
      local r = cli.run(folder, "resume --last --json --quiet", { before = env })
      assert.equal(0, r.status, r.err)
      local arm = dkjson.decode(r.out).arms[1]
      assert.same({ 1, 0, 1 }, { arm.n, arm.right, arm.spend.shots })
      assert.is_true(arm.spend.tokens >= 4096)
      assert.equal(first or r.out, r.out)
      first = r.out
    end
    assert.equal(1, dkjson.decode(endpoint.ask "/").total)
    local q = cli.run(folder, "corpus query 'SELECT status, reason FROM attempt' --json")
    local row = dkjson.decode(q.out).rows[1]
    assert.equal("down", row.status)
    assert.matches("it may not be made twice; it is charged its ceiling", row.reason, 1, true)
  end)
end)
