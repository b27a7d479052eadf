-- Asks the engine for the time, for ever.
-- candidate: runtime  script: LIMIT
local _, scope = ...
while true do scope:clock() end
