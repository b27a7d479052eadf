-- Leaves a closing that loops to a coroutine that failed, and lets another close it.
-- candidate: limit:instructions  script: LIMIT
local failed = coroutine.create(function()
  local t <close> = setmetatable({}, { __close = function() while true do end end })
  error("on purpose")
end)
coroutine.resume(failed)
coroutine.wrap(function() coroutine.close(failed) end)()
