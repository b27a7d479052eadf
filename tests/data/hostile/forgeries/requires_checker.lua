-- tries: to load the checker and patch it
-- class: format
require("han.checker").met = function() return true end
return {}
