-- Swallows its kill once and says it is well.
-- candidate: limit:instructions  script: LIMIT
pcall(function() while true do end end)
return "well"
