-- Sets a finalizer after the metatable was attached.
-- candidate: ok  script: done
local mt = {}
local t = setmetatable({}, mt)
mt.__gc = function() while true do end end
t = nil
local junk
for i = 1, 2000 do junk = { i } end
return junk and 1
