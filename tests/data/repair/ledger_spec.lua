local ledger = require "ledger"

describe("ledger", function()
  it("adds what there is", function()
    assert.equal(7, ledger.total { { amount = 3 }, { amount = 4 } })
    assert.equal(0, ledger.total {})
  end)

  it("counts entries without an amount as nothing", function()
    assert.equal(3, ledger.total { { amount = 3 }, { name = "empty" } })
  end)

  it("finds the largest", function()
    assert.equal(9, ledger.largest({ { amount = 3 }, { amount = 9 }, { amount = 4 } }).amount)
    assert.is_nil(ledger.largest {})
  end)

  it("calls amounts by their size", function()
    assert.equal("small", ledger.label(99))
    assert.equal("large", ledger.label(100))
    assert.equal("large", ledger.label(101))
  end)

  it("refuses what is no number", function()
    assert.has_error(function() ledger.label("ten") end, "amount must be a number")
  end)
end)
