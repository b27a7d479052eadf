-- Yields what a verb might yield.
-- candidate: runtime  script: SCRIPT
coroutine.yield("RETURN", 42)
return 1
