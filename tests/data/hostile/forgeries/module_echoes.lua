-- tries: a module that has every function, each giving back what it got
-- class: fail
return setmetatable({}, { __index = function() return function(...) return ... end end })
