-- Has a large table put in order again and again.
-- candidate: limit:time|limit:instructions|limit:memory  script: LIMIT
local t = {}
for i = 1, 20000 do t["k" .. (i * 7919) % 20011] = i end
while true do pairs(t) end
