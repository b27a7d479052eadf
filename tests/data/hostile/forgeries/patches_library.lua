-- tries: to replace what a comparison might use
-- class: fail
local M = {}
rawequal = function() return true end -- luacheck: ignore
type = function() return "number" end -- luacheck: ignore
tostring = function() return "3" end -- luacheck: ignore
math.type = function() return "integer" end -- luacheck: ignore
string.format = function() return "pass" end -- luacheck: ignore
local function f() return 4 end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
