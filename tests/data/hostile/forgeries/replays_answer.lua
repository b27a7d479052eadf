-- tries: to give the right answer of one case to the next
-- class: fail
local M = {}
local function f() return 3 end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
