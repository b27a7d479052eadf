-- Nests coroutines until the C stack is full.
-- candidate: runtime  script: SCRIPT
local function f() return coroutine.wrap(f)() end
return f()
