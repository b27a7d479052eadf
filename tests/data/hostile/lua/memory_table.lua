-- Fills a table.
-- candidate: limit:memory|limit:instructions  script: LIMIT
local t = {}
for i = 1, math.maxinteger do t[i] = i end
