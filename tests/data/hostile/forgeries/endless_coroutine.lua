-- tries: a generator without an end
-- class: limit:instructions
local M = {}
local next_one = coroutine.wrap(function() while true do coroutine.yield(1) end end)
local function f() while true do next_one() end end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
