describe("progress", function()
  package.loaded["han.cli.budget"] = nil
  local progress = require "han.cli.progress"

  it("words any duration", function()
    local cases = { [0.2] = "1 s", [59.5] = "1 min 00 s", [61.7] = "1 min 02 s", [3725.2] = "1 h 02 min" }
    for seconds, words in pairs(cases) do
      assert.equal(words, progress.duration(seconds))
    end
  end)

  it("words a state that is slower than a cell a minute", function()
    local line = progress.words({ done = 1, total = 120, elapsed = 70.3, spend = { evals = 2000 } }, { evals = 2000 })
    assert.truthy(line:find("ETA 2 h 19 min", 1, true), line)
  end)
end)
