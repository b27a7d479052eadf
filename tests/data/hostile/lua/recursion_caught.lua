-- Catches the overflow of its stack, and goes on.
-- candidate: limit:instructions|limit:memory  script: LIMIT
local function f() return 1 + f() end
while true do pcall(f) end
