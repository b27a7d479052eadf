-- task.n leaves, a bare function as in limit_scope, are spawned, settle and are drained.
local task, scope = ...
local function leaf(t) return t.n end
for i = 1, task.n do assert(scope:spawn(leaf, { n = i })) end
local sum = 0
for settled in scope:each() do sum = sum + settled.out end
return sum
