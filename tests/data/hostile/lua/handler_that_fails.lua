-- An error handler that raises, and its handler too.
-- candidate: ok|runtime  script: done|SCRIPT
local function h(e) error(e) end
return (select(2, xpcall(error, h, "x"))) ~= nil
