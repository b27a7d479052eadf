-- Returns a cycle.
-- candidate: value  script: SCRIPT
local t = {}
t[1] = t
return t
