local ledger = dofile "ledger.lua"

assert(ledger.total { { amount = 3 }, { amount = 4 } } == 7, "expected 7")
assert(ledger.total { { amount = 3 }, {} } == 3)
assert(ledger.largest({ { amount = 3 }, { amount = 9 } }).amount == 9)
assert(ledger.label(99) == "small", ("expected 'small', got '%s'"):format(ledger.label(99)))
assert(ledger.label(100) == "large", ("expected 'large', got '%s'"):format(ledger.label(100)))
