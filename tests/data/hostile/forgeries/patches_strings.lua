-- tries: to make all strings equal by their metatable
-- class: format
getmetatable("").__eq = function() return true end
return {}
