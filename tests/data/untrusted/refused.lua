-- Agents that ask for what is refused until they are stopped, and a parent that goes on.
local _, scope = ...
scope:spawn(function(_, s) while true do pcall(s.spawn, s, 7) end end)
local a = scope:next()
scope:spawn(function(_, s) while true do s:spawn("nosuch") end end)
local b = scope:next()
return { a.kind, a.reason, b.kind, b.reason, 5 }
