-- Allocates and drops without end.
-- candidate: limit:instructions|limit:memory  script: LIMIT
while true do local _ = ("x"):rep(100000) .. "y" end
