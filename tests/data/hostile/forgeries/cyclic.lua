-- tries: a value that contains itself
-- class: fail
local M = {}
local function f() local t = {} t.t = t return t end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
