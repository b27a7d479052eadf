-- Recurses through pcall.
-- candidate: ok|runtime|limit:instructions  script: done|SCRIPT|LIMIT
local function f() return pcall(f) end
return (f())
