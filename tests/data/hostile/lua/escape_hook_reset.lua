-- Switches coroutines to get a fresh count.
-- candidate: limit:instructions  script: LIMIT
local function spin() for i = 1, 50 do local _ = i end end
while true do coroutine.wrap(spin)() end
