-- Prints without end.
-- candidate: limit:output  script: LIMIT
while true do print(("o"):rep(1000)) end
