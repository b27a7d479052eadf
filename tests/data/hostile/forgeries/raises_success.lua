-- tries: an error that says that it passed
-- class: fail
local M = {}
local function f() error({ class = "pass", pass = true, message = "pass" }) end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
