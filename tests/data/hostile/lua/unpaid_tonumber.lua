-- Reads a number of a million digits.
-- candidate: limit:time|limit:instructions  script: LIMIT
local s = ("1"):rep(1 << 20)
while true do local _ = tonumber(s), tonumber(s, 10) end
