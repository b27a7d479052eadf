-- Loops in the handler of an error.
-- candidate: limit:instructions  script: LIMIT
xpcall(error, function() while true do end end)
return 1
