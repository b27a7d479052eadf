-- Formats a text again and again into itself.
-- candidate: limit:memory|limit:instructions  script: LIMIT
local s = "x"
while true do s = ("%s%s%s%s"):format(s, s, s, s) end
