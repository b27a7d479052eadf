-- Takes the string metatable for its own.
-- candidate: runtime  script: SCRIPT
getmetatable("").__index = function() return error end
return 1
