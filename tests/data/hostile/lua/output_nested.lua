-- Returns what is nested without end.
-- candidate: value  script: SCRIPT
local t = {}
local top = t
for i = 1, 100 do t[1] = {} t = t[1] end
return top
