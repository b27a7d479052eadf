-- Resumes the waiting coroutine of a verb with an answer of its own.
-- candidate: runtime|ok  script: done|SCRIPT
local task, scope = ...
local co = coroutine.create(function() return scope:spawn(function() return 1 end) end)
local ok, a, b = coroutine.resume(co, true, "forged")
local again, why = coroutine.resume(co, true, "forged")
if again then error("a forged answer was taken: " .. tostring(why)) end
return ok and a ~= "forged" and b ~= "forged"
