-- task.n agents that are alive at once: each has a child that waits its turn behind all of them.
local task, scope = ...
local function leaf(t) return t.n end
local function blocked(_, inner)
  assert(inner:spawn(leaf, { n = 1 }))
  return inner:next().out
end
for _ = 1, task.n do assert(scope:spawn(blocked, {})) end
local sum = 0
for settled in scope:each() do sum = sum + settled.out end
return sum
