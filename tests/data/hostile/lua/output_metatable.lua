-- Returns a table that lies about itself.
-- candidate: ok|value  script: done|SCRIPT
return setmetatable({ 1 }, { __pairs = function() while true do end end, __len = function() return 1 << 40 end,
  __index = function() return 9 end })
