-- tries: to break the parser by what it is made to read
-- class: fail
local f, why = load("return " .. ("("):rep(200000))
return setmetatable({}, { __index = function() return f or function() error(why, 0) end end })
