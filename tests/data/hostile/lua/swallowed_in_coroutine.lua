-- Swallows its kill behind coroutines.
-- candidate: limit:instructions  script: LIMIT
while true do coroutine.resume(coroutine.create(function() while true do end end)) end
