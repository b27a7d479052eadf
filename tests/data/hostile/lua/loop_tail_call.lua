-- Calls itself for ever without growing the stack.
-- candidate: limit:instructions  script: LIMIT
local function f() return f() end
return f()
