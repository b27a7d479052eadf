-- Makes every global a loop.
-- candidate: limit:instructions|ok  script: LIMIT|done
setmetatable(_G, { __index = function() while true do end end, __newindex = function() while true do end end })
return undefined_name
