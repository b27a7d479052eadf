-- Raises what the kill is made of, as far as it can.
-- candidate: runtime|ok  script: done|SCRIPT
local ok, e = pcall(function() while true do coroutine.wrap(error)() end end)
error(e, 0)
