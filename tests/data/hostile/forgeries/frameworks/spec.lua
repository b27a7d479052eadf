-- The tests of every Lua candidate of this folder: two.
local candidate = require "candidate"
it("adds", function() assert.equal(3, candidate.add(1, 2)) end)
it("adds negative numbers", function() assert.same({ -3 }, { candidate.add(-1, -2) }) end)
