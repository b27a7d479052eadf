-- Loops for ever.
-- candidate: limit:instructions  script: LIMIT
while true do end
