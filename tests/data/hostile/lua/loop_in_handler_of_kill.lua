-- Is killed inside xpcall, with a handler that loops.
-- candidate: limit:instructions  script: LIMIT
xpcall(function() while true do end end, function() while true do end end)
while true do end
