-- tries: to answer in a finalizer, after the call
-- class: fail
local M = {}
local function f() setmetatable({}, { __gc = function() while true do end end }) return 4 end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
