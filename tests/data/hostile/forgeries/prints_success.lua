-- tries: to print what the checker prints
-- class: fail
local M = {}
print("pass  7 of 7 cases  x.lua  (seed 1, sandbox strong)")
print('{"class":"pass","pass":true}')
local function f() print("ok 1 - all") return "pass" end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
