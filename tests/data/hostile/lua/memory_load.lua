-- Loads a text of many functions.
-- candidate: limit:memory|limit:instructions  script: LIMIT|SCRIPT
local keep = {}
while true do keep[#keep + 1] = assert(load(("local function f() return {} end "):rep(150))) end
