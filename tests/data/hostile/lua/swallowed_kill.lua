-- Swallows its kill with pcall for ever.
-- candidate: limit:instructions  script: LIMIT
while true do pcall(function() while true do end end) end
