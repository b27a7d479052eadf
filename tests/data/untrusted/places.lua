-- Where each way to fail is said to be; the same in this process and in a runner.
local _, scope = ...
local function f() error({}, 0) end
scope:spawn(function() f() end) local a = scope:next()
scope:spawn(function() error("plain", 0) end) local b = scope:next()
scope:spawn(function() while true do end end) local c = scope:next()
scope:spawn(function() local x = nil + 1 end) local d = scope:next()
scope:spawn(function() load("error('q', 0)", "=chunk")() end) local e = scope:next()
return { a.reason, b.reason, c.reason, d.reason, e.reason, a.where, b.where, c.where, d.where, e.where }
