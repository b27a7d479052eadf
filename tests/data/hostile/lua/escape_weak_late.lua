-- Makes a table weak after its metatable was attached, which can only tell when memory was collected.
-- candidate: ok  script: done
local mt = {}
local t = setmetatable({}, mt)
mt.__mode = "k"
for i = 1, 1000 do t[{}] = i end
local junk
for i = 1, 5000 do junk = { i } end
return junk and 1
