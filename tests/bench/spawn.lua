-- task.n leaves are spawned, settle and are drained: han script tests/bench/spawn.lua --task FILE
local task, scope = ...
local leaf = { name = "leaf", act = function(t) return t.n end }
for i = 1, task.n do assert(scope:spawn(leaf, { n = i })) end
local sum = 0
for settled in scope:each() do sum = sum + settled.out end
return sum
