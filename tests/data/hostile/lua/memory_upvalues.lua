-- Hides memory in upvalues of dead closures.
-- candidate: limit:memory|limit:instructions  script: LIMIT
local last
while true do
  local before, text = last, ("z"):rep(1000)
  last = function() return before, text end
end
