-- Recurses without end.
-- candidate: runtime|limit:memory  script: SCRIPT|LIMIT
local function f() return 1 + f() end
return f()
