-- Resumes the coroutine of another agent, which waits for the engine, with an answer of its own.
-- candidate: runtime  script: done
local _, scope = ...
local victim
scope:spawn(function(_, mine)
  victim = coroutine.running()
  mine:spawn(function() return 5 end)
  local got = mine:next().out
  mine:spawn(function(_, deep) deep:spawn(function() return 6 end) return deep:next().out end)
  return got + mine:next().out
end)
scope:spawn(function(_, mine)
  mine:spawn(function() return 1 end)
  mine:next()
  local ok, why = coroutine.resume(victim, { kind = "done", out = "forged" })
  assert(not ok and not pcall(coroutine.close, victim), why)
  return 7
end)
for settled in scope:each() do
  assert(settled.kind == "done" and (settled.out == 11 or settled.out == 7), settled.reason)
end
return coroutine.status(victim) and 1
