-- tries: an answer whose fields are made up when they are looked at
-- class: fail
local answer = setmetatable({}, {
  __index = function(_, key) return key end, __len = function() return 3 end, __eq = function() return true end,
  __pairs = function() return next, { 1, 2, 3 } end, __tostring = function() return "3" end,
})
return setmetatable({}, { __index = function() return function() return answer end end })
