-- tries: to leave with status 0 when it is asked
-- class: fail
local M = {}
local function f() os.exit(0, true) end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
