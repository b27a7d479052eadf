-- Resumes and closes the coroutine it runs in.
-- candidate: ok  script: done
local co = coroutine.running()
assert(not coroutine.resume(co))
assert(not pcall(coroutine.close, co))
local inner = coroutine.wrap(function()
  assert(not coroutine.resume(co))
  assert(not pcall(coroutine.close, co))
  return 1
end)
return inner()
