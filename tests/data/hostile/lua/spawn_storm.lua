-- Places children without end.
-- candidate: runtime  script: LIMIT|done|SCRIPT
local _, scope = ...
while true do
  local node, why, code = scope:spawn(function() return 1 end)
  if not node then error(code .. ": " .. why, 0) end
  scope:next()
end
