-- Spreads more arguments than a stack holds.
-- candidate: runtime|limit:instructions  script: SCRIPT|LIMIT
local t = {}
for i = 1, 100 do t[i] = i end
return select("#", table.unpack(t, 1, 1 << 30))
