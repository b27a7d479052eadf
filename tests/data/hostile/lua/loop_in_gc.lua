-- Would loop in a finalizer.
-- candidate: runtime  script: SCRIPT
setmetatable({}, { __gc = function() while true do end end })
return 1
