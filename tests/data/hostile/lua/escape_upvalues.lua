-- Looks for the harness in the environment of its functions.
-- candidate: ok  script: done
local seen = {}
local function walk(v, depth)
  if type(v) ~= "table" or seen[v] or depth > 8 then return end
  seen[v] = true
  for k, x in next, v do
    assert(type(x) ~= "userdata" and type(k) ~= "userdata", "a userdata of the harness")
    assert(type(x) ~= "thread", "a thread of the harness")
    walk(x, depth + 1)
    local mt = getmetatable(x)
    if type(mt) == "table" then walk(mt, depth + 1) end
  end
end
walk(_G, 0)
return 1
