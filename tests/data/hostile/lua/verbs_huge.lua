-- Sends the engine more than a frame holds.
-- candidate: runtime  script: SCRIPT|LIMIT
local _, scope = ...
local t = {}
for i = 1, 60 do t[i] = ("x"):rep(200000) .. i end
return scope:spawn(function() end, t)
