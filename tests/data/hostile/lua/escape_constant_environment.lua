-- Compiles what some releases of Lua compile wrongly: a constant environment.
-- candidate: ok|runtime|crash  script: done|SCRIPT|PEER
local ok = pcall(function() return load("local function f() local _ENV <const> = 11; X = 'hi' end f()")() end)
return ok and 1
