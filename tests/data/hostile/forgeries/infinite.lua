-- tries: an infinity
-- class: fail
local M = {}
local function f() return math.huge end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
