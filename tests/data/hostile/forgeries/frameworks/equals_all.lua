-- tries: a value that says it equals everything; against a number that is of no use, in a list neither
-- class: fail
local all = setmetatable({}, { __eq = function() return true end })
return { add = function() return all end }
