-- tries: more output than anybody reads
-- class: limit:output
local M = {}
local function f() for _ = 1, 1e6 do print(("pass "):rep(1000)) end end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
