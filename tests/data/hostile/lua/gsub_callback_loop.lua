-- Loops in the callback of a replacement.
-- candidate: limit:instructions  script: LIMIT
return ("abc"):gsub(".", function() while true do end end)
