-- Counts to the largest integer.
-- candidate: limit:instructions  script: LIMIT
local n = 0
for i = 1, math.maxinteger do n = n ~ i end
return n
