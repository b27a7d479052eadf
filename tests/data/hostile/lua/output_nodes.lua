-- Returns more values than may cross.
-- candidate: value|limit:output  script: SCRIPT
local t = {}
for i = 1, 100001 do t[i] = 1 end
return t
