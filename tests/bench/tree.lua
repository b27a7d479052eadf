-- A binary tree of task.depth: every node above the leaves spawns two and adds what they return.
local task, scope = ...
local function grow(t, inner)
  if t.depth == 0 then return 1 end
  assert(inner:spawn(grow, { depth = t.depth - 1 }))
  assert(inner:spawn(grow, { depth = t.depth - 1 }))
  return inner:next().out + inner:next().out
end
return grow(task, scope)
