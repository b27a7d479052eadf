-- tries: all the memory there is
-- class: limit:memory
local M = {}
local function f() local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1e6) .. i end end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
