describe("screen", function()
  package.preload["han.stats"] = package.preload["han.stats"] or function()
    return { wilson = function(t) return { ci = { t.hits / t.n, t.hits / t.n } } end }
  end
  local screen = require "han.screen"

  local function record(group, difficulty, public, hidden)
    return { group = group, meta = { difficulty = difficulty, source = "hand" },
      verdict = { pass = public }, score = { pass = hidden } }
  end

  it("counts what passes in public and fails hidden", function()
    local tables = screen.tables {
      record("a", 1, true, true), record("a", 1, true, false), record("b", 2, false, false),
      { group = "b", infra = true, meta = { difficulty = 2, source = "hand" } },
    }
    assert.equal(3, tables.all.n)
    assert.equal(1, tables.excluded)
    assert.equal(2, tables.all.plausible)
    assert.equal(0.5, tables.all.wrong_share)
    assert.same({ 1, 2 }, { tables.difficulty[1].key, tables.difficulty[2].key })
    assert.equal(0.5, tables.difficulty[1].rate)
    assert.equal(0, tables.group[2].solved)
    assert.is_nil(tables.group[2].wrong_share)
  end)
end)
