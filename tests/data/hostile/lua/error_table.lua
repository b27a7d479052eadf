-- Raises a table that cannot be told.
-- candidate: runtime  script: SCRIPT
error(setmetatable({}, { __tostring = function() while true do end end, __name = 7 }))
