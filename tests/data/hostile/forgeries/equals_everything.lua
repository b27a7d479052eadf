-- tries: a table that calls itself equal to everything
-- class: fail
local M = {}
local meta = { __eq = function() return true end, __lt = function() return true end, __le = function() return true end }
local function f() return setmetatable({}, meta) end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
