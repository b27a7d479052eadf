-- tries: to go on for ever where a variable is closed, after an answer was made
-- class: limit:instructions
local function f(...)
  local _ <close> = setmetatable({}, { __close = function() while true do end end })
  return ...
end
return setmetatable({}, { __index = function() return f end })
