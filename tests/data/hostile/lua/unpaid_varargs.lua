-- Passes hundreds of thousands of arguments on in each step.
-- candidate: limit:time|limit:instructions|limit:memory  script: LIMIT
local t = {}
for i = 1, 100 do t[i] = i end
local function count(...) return select("#", ...) end
local function spin(...) while true do count(...) end end
return spin(table.unpack(t, 1, 200000))
