-- tries: to use up everything while it is being loaded
-- class: limit:memory
local t = {}
for i = 1, 60 do t[i] = ("x"):rep(1 << 22) .. i end
return { add = function(a, b) return a + b end }
