-- Asks for what is refused, for ever.
-- candidate: runtime  script: LIMIT
local _, scope = ...
while true do pcall(scope.spawn, scope, 7) end
