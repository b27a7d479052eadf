-- Places a child that places a child, without end.
-- candidate: runtime  script: done
local _, scope = ...
local deepest = 0
local function dig(_, mine)
  deepest = deepest + 1
  local node, _, code = mine:spawn(dig)
  if not node then return code end
  return mine:next().out
end
scope:spawn(dig)
assert(scope:next().out == "DEPTH_EXCEEDED" and deepest < 100)
return 1
