-- Quotes a text of control bytes.
-- candidate: limit:time|limit:instructions|limit:memory  script: LIMIT
local s = ("\1"):rep(1 << 20)
while true do local _ = ("%q"):format(s) end
