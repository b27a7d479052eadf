-- Breaks the string library and goes on with it.
-- candidate: ok|runtime  script: done|SCRIPT
string.rep, string.format, string.find = nil, error, nil
local ok = pcall(function() return ("x"):rep(3) end)
assert(not ok)
return 1
