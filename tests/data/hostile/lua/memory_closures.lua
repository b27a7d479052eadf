-- Keeps closures.
-- candidate: limit:memory|limit:instructions  script: LIMIT
local keep = {}
while true do
  local n = #keep
  keep[n + 1] = function() return n end
end
