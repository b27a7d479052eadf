-- han.worker.outcome: what breaks, of two verdicts on tests that are a program of their own.

local outcome = require "han.worker.outcome"

describe("han.worker.outcome", function()
  it("names the first test that passed and does not any more", function()
    local base = { passed = 2, passing = { "a", "b" } }
    assert.is_nil(outcome.broken(base, { passed = 2, passing = { "b", "a" } }))
    assert.is_nil(outcome.broken(base, { passed = 3, passing = { "a", "b", "c" } }))
    assert.equal("it breaks b, which passed", outcome.broken(base, { passed = 3, passing = { "a", "c", "d" } }))
    assert.equal("it breaks a, which passed", outcome.broken(base, {}))
  end)

  it("holds a script to how far it came", function()
    assert.equal("fewer tests pass", outcome.broken({ passed = 6, passing = {} }, { passed = 5 }))
    assert.is_nil(outcome.broken({ passed = 6, passing = {} }, { passed = 6 }))
  end)

  it("tells a verdict as a span", function()
    local spans = {}
    local ctx = { span = function(span) spans[#spans + 1] = span end }
    outcome.tell(ctx, { raw = { passed = 1, total = 2, message = ("x"):rep(500),
      failure = { class = "LOGIC", votes = { "f" }, failing = { "t" } } } })
    assert.same({ { kind = "tests", passed = 1, total = 2, class = "LOGIC", votes = { "f" }, failing = { "t" },
      message = ("x"):rep(400) } }, spans)
  end)
end)
