-- Doubles a string.
-- candidate: limit:memory  script: LIMIT
local s = "x"
while true do s = s .. s end
