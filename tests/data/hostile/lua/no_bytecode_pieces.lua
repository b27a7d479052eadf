-- Loads through a function that gives pieces.
-- candidate: runtime  script: SCRIPT
local n = 0
return assert(load(function() n = n + 1 return n < 1e9 and "a=1 " or nil end))()
