-- What tests/embed/rock.sh runs in a plain lua5.4 against the installed rock.
local han = require "han"
local engine <close> = assert(han.open())
local run = assert(engine:start { source = "local t = ... return t.a * 7", task = { a = 6 } })
while not run:done() do engine:wait(1) end
assert(run:result().out == 42)
print("1 passed, 0 failed")
