-- Comparisons of stored arms: pairs by full id, one family for a table, named refusals for what cannot be compared.

local build = os.getenv "HAN_BUILD" or "build"
local modules = { "han.stats", "han.contrast", "han.report", "han.compare" }

describe("han.compare", function()
  local compare
  setup(function()
    for _, name in ipairs(modules) do package.loaded[name] = nil end
    package.loaded["han.stats"] = assert(package.loadlib(build .. "/tests/han_stats.so", "luaopen_han_stats"))()
    compare = require "han.compare"
  end)
  teardown(function() for _, name in ipairs(modules) do package.loaded[name] = nil end end)

  local function arm(name, n, correct, more)
    local records = {}
    for i = 1, n do
      records[i] = { cell = "toy/t" .. i .. "/" .. name, task = "t" .. i, grp = "g" .. i, seed = 1,
        replicate = 0, infra = false, correct = correct(i), checks = "cc", budget = "[20]", spend = { evals = 3 } }
      for k, v in pairs(more or {}) do records[i][k] = v end
    end
    return { name = name, records = records }
  end
  local function low(i) return 0.3 + i % 3 / 100 end
  local function high(i) return 0.6 + i % 5 / 100 end

  it("pairs by id, whatever the order, and corrects the table as one family", function()
    local a, b, c = arm("a", 24, high), arm("b", 24, low), arm("c", 24, low)
    table.sort(a.records, function(x, y) return x.cell > y.cell end)
    local t = assert(compare.table_of({ { a, b }, { c, b } }, 1))
    assert.equal("bh", t.control)
    local better, same = t.contrasts[1], t.contrasts[2]
    assert.same({ 24, 0, 0, "permutation" }, { better.wins, better.ties, better.losses, better.test })
    assert.is_true(better.q >= better.p and better.q <= 0.05 and better.lift > 0.2)
    assert.matches("^a is better than b", better.claim)
    assert.matches("^no credible difference between c and b", same.claim)
    assert.same({ 1, { evals = 72 } }, { same.q, same.spend_a })
  end)

  it("takes the test for the data: sign for few groups, McNemar for solved or not", function()
    assert.equal("sign", compare.table_of({ { arm("a", 8, high), arm("b", 8, low) } }, 1).contrasts[1].test)
    local solved, not_solved = arm("a", 24, function() return 1 end), arm("b", 24, function(i) return i % 2 end)
    local row = compare.table_of({ { solved, not_solved } }, 1).contrasts[1]
    assert.equal("mcnemar", row.test)
    assert.is_true(math.abs(row.p - 2 ^ -11) < 1e-12)
  end)

  it("leaves infra pairs out for both, and claims nothing over different budgets", function()
    local a, b = arm("a", 8, high), arm("b", 8, low)
    a.records[2].infra, a.records[2].correct = true, nil
    local row = compare.table_of({ { a, b } }, 1).contrasts[1]
    assert.same({ 7, 1 }, { row.n, row.excluded })
    a.records[3].budget = "[40]"
    row = compare.table_of({ { a, b } }, 1).contrasts[1]
    assert.is_false(row.equal_budget)
    assert.matches("^no claim: a and b were run under different budgets", row.claim)
  end)

  it("says of each side what it reached, spent and lost, and under what it was judged", function()
    local a, b = arm("a", 8, high, { pass = true, trust = "split", sandbox = "strong" }), arm("b", 8, low)
    a.records[2].infra, a.records[2].correct = true, nil
    a.records[3].sandbox, a.records[4].over = "none", true
    local arms = compare.table_of({ { a, b } }, 1).arms
    local one, other = arms[1], arms[2]
    assert.same({ "a", 7, 7, 1, 1, "split", "strong, none", { evals = 24 } },
      { one.name, one.n, one.solved, one.excluded, one.over, one.trust, one.sandbox, one.spend })
    assert.same({ "b", 8, 0, 0, 0, "unknown", "unknown" },
      { other.name, other.n, other.solved, other.excluded, other.over, other.trust, other.sandbox })
    local sum = 0
    for _, record in ipairs(a.records) do sum = sum + (record.correct or 0) end
    assert.is_true(math.abs(one.score.mean - sum / 7) < 1e-12)
    assert.is_true(one.score.ci[1] < one.score.mean and one.score.mean < one.score.ci[2])
    assert.is_nil(compare.table_of({ { arm("a", 1, high), arm("b", 1, low) } }, 1).arms[1].score.ci) -- of one group
  end)

  it("refuses by name what cannot be compared", function()
    local function refused(change, word)
      local a, b = arm("a", 8, high), arm("b", 8, low)
      change(a.records, b.records)
      local t, why, code = compare.table_of({ { a, b } }, 1)
      assert.is_nil(t)
      assert.is_truthy(why:find(word, 1, true), why)
      assert.is_truthy(code == "REFUSED" or code == "UNKNOWN")
    end
    refused(function(a) table.remove(a) end, "a has no partner of the cell toy/t8/b")
    refused(function(_, b) table.remove(b) end, "b has no partner of the cell toy/t8/a")
    refused(function(a) a[1].seed = 2 end, "has no partner")
    refused(function(a) a[1].replicate = 1 end, "has no partner")
    refused(function(a) a[9] = a[1] end, "has the cell toy/t1/a twice")
    refused(function(a) a[1].grp = "other" end, "two groups")
    refused(function(a) a[1].checks = "dd" end, "other checks")
    refused(function(a) for i = 1, 8 do a[i] = nil end end, "a has no cells")
    for _, bad in ipairs { 0 / 0, math.huge, -1, "x" } do
      refused(function(a) a[1].correct = bad end, "the score of the cell toy/t1/a")
    end
  end)

  it("says of one row, and of constant ones, that nothing can be said", function()
    local row = compare.table_of({ { arm("a", 1, high), arm("b", 1, low) } }, 1).contrasts[1]
    assert.matches("fewer than 2 groups", row.claim)
    row = compare.table_of({ { arm("a", 30, function() return 0.5 end), arm("b", 30, function() return 0.25 end) } }, 1)
      .contrasts[1]
    assert.matches("^no credible difference", row.claim)
  end)
end)
