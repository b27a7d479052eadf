-- tries: to put a function that is content with everything in the place of assertions
-- class: fail
local assertions = require "luassert.namespaces"
for _, one in pairs(assertions.assertion) do one.callback = function() return true end end
return { add = function() return 0 end }
