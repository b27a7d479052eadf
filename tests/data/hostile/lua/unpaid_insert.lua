-- Has the C library move what a metatable pretends.
-- candidate: limit:time|limit:instructions  script: LIMIT
return table.insert(setmetatable({}, { __len = function() return 1 << 40 end }), 1, 1)
