-- tries: a table that has whatever is looked for
-- class: fail
local M = {}
local meta
meta = { __index = function() return setmetatable({}, meta) end, __len = function() return 3 end,
  __pairs = function() return function() end end, __tostring = function() return "3" end, __name = "3" }
local function f() return setmetatable({}, meta) end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
