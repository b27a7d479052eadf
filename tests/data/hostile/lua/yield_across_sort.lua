-- Yields from inside a comparison.
-- candidate: runtime  script: SCRIPT
coroutine.wrap(function() table.sort({ 3, 2, 1 }, function() coroutine.yield() end) end)()
