-- tries: to load a chunk of byte code
-- class: fail
local M = {}
local function f() return load("\27Lua\x54\0\x19\x93", "x", "b")() end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
