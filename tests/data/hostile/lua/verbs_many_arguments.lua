-- Calls a verb with thousands of arguments.
-- candidate: runtime  script: SCRIPT
local _, scope = ...
local t = {}
for i = 1, 5000 do t[i] = i end
return scope:view(table.unpack(t))
