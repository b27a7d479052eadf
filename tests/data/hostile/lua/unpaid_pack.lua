-- Takes a text of a megabyte apart in one step.
-- candidate: limit:time|limit:instructions|limit:memory  script: LIMIT
local s = ("x"):rep(1 << 20)
while true do local _ = string.unpack("s4", string.pack("s4", s)) end
