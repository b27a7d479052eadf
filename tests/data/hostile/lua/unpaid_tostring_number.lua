-- Makes text of the longest numbers.
-- candidate: limit:instructions|limit:memory|limit:time  script: LIMIT
while true do local _ = ("%.99f"):format(-1.7e308) end
