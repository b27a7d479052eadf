-- Asks the engine from inside a metamethod, a comparison and a closing.
-- candidate: ok|runtime  script: done|SCRIPT
local _, scope = ...
local t = setmetatable({}, { __index = function() return scope:clock() end })
local ok = pcall(function() return t.x end)
local sorted = pcall(table.sort, { 3, 2, 1 }, function(a, b) scope:clock() return a < b end)
assert(not sorted)
return ok and 1 or 2
