-- Compares two long texts again and again.
-- candidate: limit:time|limit:instructions  script: LIMIT
local a, b = ("x"):rep(3 << 20), ("x"):rep((3 << 20) - 1) .. "x"
local n = 0
while true do n = n + (a == b and 1 or 0) + (a < b and 1 or 0) end
