-- Is killed, and loops again in what closes then.
-- candidate: limit:instructions  script: LIMIT
local t <close> = setmetatable({}, { __close = function() while true do end end })
while true do end
