-- Recurses through a metamethod.
-- candidate: runtime  script: SCRIPT
local t = setmetatable({}, {})
getmetatable(t).__index = function(s, k) return s[k + 1] end
return t[1]
