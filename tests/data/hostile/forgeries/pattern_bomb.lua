-- tries: one pattern match without an end
-- class: limit:instructions
local M = {}
local function f() return (("a"):rep(3000)):find((".-"):rep(30) .. "b") end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
