-- The author's archive: the best of each kind of behaviour, islands, lineage, resumption.
local archive = require "han.author.archive"

local serial = 0
local function entry(value, trait, more)
  serial = serial + 1
  local one = { text = ("program %d"):format(serial), digest = ("d%d"):format(serial), value = value, size = 1,
    behaviour = { trait = trait }, parents = {}, operator = "point" }
  for key, item in pairs(more or {}) do one[key] = item end
  return one
end

describe("an archive", function()
  it("keeps the best of each cell and tells what became of a program", function()
    local a = archive.new()
    assert.equal("new", a:add(entry(0.5, 0.1)))
    assert.equal("dropped", a:add(entry(0.6, 0.1)))
    assert.equal("better", a:add(entry(0.4, 0.12)))
    assert.equal("new", a:add(entry(0.9, 0.9))) -- worse, but unlike
    assert.equal("dropped", a:add(entry(0.9, 0.9, { size = 2, text = "the same, only longer" })))
    assert.equal(2, #a:list())
    assert.equal(0.4, a:best(1)[1].value)
  end)

  it("does not collapse: a thousand copies of the best take one cell", function()
    local a = archive.new()
    for i = 1, 8 do a:add(entry(1.0, (i - 0.5) / 8)) end
    for i = 1, 1000 do a:add(entry(0.1 - i / 1e5, 0.3)) end
    assert.equal(8, #a:list())
  end)

  it("parts programs by every behaviour, whole numbers and texts as they are", function()
    assert.equal("from=4 kind=x nodes=2", archive.cell({ nodes = 2, from = 0.5, kind = "x" }, 3))
    assert.equal("size=3", archive.cell({}, 3)) -- nothing is known of what it does
    assert.equal("size=3", archive.cell(nil, 3))
    assert.not_equal(archive.cell({ nodes = 2 }, 1), archive.cell({ nodes = 3 }, 1))
    assert.equal(archive.cell({ t = 1.0 }, 1), archive.cell({ t = 0.99 }, 1))
  end)

  it("of equals holds the shorter, and puts what was not measured last", function()
    local a = archive.new()
    a:add(entry(0.5, 0.1, { text = "longer text" }))
    assert.equal("better", a:add(entry(0.5, 0.1, { text = "short" })))
    local unmeasured = entry(nil, 0.9)
    unmeasured.value = nil
    a:add(unmeasured)
    assert.equal("short", a:best(2)[1].text)
    assert.is_nil(a:best(2)[2].value)
  end)

  it("breeds islands apart until their best move on", function()
    local a = archive.new { islands = 3 }
    a:add(entry(0.5, 0.1, { island = 1 }))
    a:add(entry(0.4, 0.1, { island = 2 }))
    a:add(entry(0.3, 0.1, { island = 3 }))
    assert.equal(1, #a:list(2))
    assert.equal(3, #a:list())
    a:migrate()
    assert.equal(0.3, a:list(1)[1].value) -- from the third
    assert.equal(0.4, a:list(2)[1].value) -- its own is better than the first's
    assert.equal(0.3, a:list(3)[1].value)
  end)

  it("knows the ancestors of a program, of those it dropped too", function()
    local a = archive.new()
    a:add(entry(0.5, 0.1, { digest = "a" }))
    a:add(entry(0.9, 0.1, { digest = "b", parents = { "a" } })) -- dropped
    a:add(entry(0.2, 0.1, { digest = "c", parents = { "b", "a" }, operator = "crossover" }))
    local line = a:ancestry "c"
    assert.same({ "c", "b", "a" }, { line[1].digest, line[2].digest, line[3].digest })
    assert.equal("crossover", line[1].operator)
    assert.equal(0.9, a:find("b").value)
    assert.is_nil(a:find "unheard of")
  end)

  it("forgets the oldest lineage beyond its bound, never a program that it holds", function()
    local most = archive.LINEAGE
    finally(function() archive.LINEAGE = most end)
    archive.LINEAGE = 10
    local a = archive.new()
    a:add(entry(0.001, 0.9, { digest = "first" }))
    for i = 1, 30 do a:add(entry(i, 0.1)) end
    assert.is_nil(a:find "first")
    assert.equal("first", a:best(1)[1].digest)
    assert.equal(10, #a:state().lineage)
  end)

  it("comes back from its state as it was", function()
    local a = archive.new { islands = 2 }
    for i = 1, 40 do
      a:add(entry(1 / i, (i % 7) / 7, { island = i % 2 + 1, shape = "s" .. i % 5, parents = { "d1" } }))
    end
    local b = archive.restore(a:state())
    assert.same(a:state(), b:state())
    assert.same(a:counts(), b:counts())
    local one = entry(1e-9, 0.5)
    assert.equal(a:add(one), b:add(one))
    assert.same(a:best(5), b:best(5))
  end)

  it("counts cells, programs and shapes", function()
    local a = archive.new()
    a:add(entry(0.5, 0.1, { shape = "x" }))
    a:add(entry(0.5, 0.9, { shape = "x" }))
    a:add(entry(0.6, 0.9, { shape = "y" }))
    assert.same({ cells = 2, programs = 3, shapes = 1 }, a:counts())
  end)
end)
