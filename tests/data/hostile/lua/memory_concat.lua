-- Concatenates with a huge separator.
-- candidate: limit:memory|limit:instructions  script: LIMIT
local t = {}
for i = 1, 10000 do t[i] = "x" end
return #table.concat(t, ("s"):rep(1000000))
