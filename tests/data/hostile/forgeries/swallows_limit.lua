-- tries: to live on after its limit by pcall
-- class: limit:instructions
local M = {}
local function f() while true do pcall(function() while true do end end) end end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
