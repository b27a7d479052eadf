-- Looks a name up through a thousand metatables in one step.
-- candidate: limit:time|limit:instructions  script: LIMIT
local t = {}
for _ = 1, 1000 do t = setmetatable({}, { __index = t }) end
while true do local _ = t.nothing end
