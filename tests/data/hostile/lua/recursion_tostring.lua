-- Recurses through tostring.
-- candidate: runtime  script: SCRIPT
local t
t = setmetatable({}, { __tostring = function() return tostring(t) end })
return tostring(t)
