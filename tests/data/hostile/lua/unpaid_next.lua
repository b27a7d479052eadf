-- Asks for the first entry of a large table that has none.
-- candidate: limit:time|limit:instructions|limit:memory  script: LIMIT
local t = {}
for i = 1, 20000 do t["k" .. i] = i end
for i = 1, 20000 do t["k" .. i] = nil end
while next(t) == nil do end
