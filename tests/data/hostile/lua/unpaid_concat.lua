-- Concatenates what a metatable pretends.
-- candidate: limit:time|limit:instructions|limit:memory  script: LIMIT
return #table.concat(setmetatable({}, { __len = function() return 1 << 40 end, __index = function() return "" end }))
