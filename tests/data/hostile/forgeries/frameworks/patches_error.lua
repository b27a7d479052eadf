-- tries: to take away what tells a failure
-- class: fail
error = function() end
return { add = function() return 0 end }
