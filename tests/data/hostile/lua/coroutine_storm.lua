-- Makes coroutines without end and keeps them.
-- candidate: limit:memory|limit:instructions  script: LIMIT
local keep = {}
while true do
  local co = coroutine.create(function() coroutine.yield() end)
  coroutine.resume(co)
  keep[#keep + 1] = co
end
