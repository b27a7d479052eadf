-- Packs numbers with the widest padding.
-- candidate: runtime|limit:memory|limit:instructions|ok  script: SCRIPT|LIMIT|done
local out = {}
for i = 1, 1e6 do out[i] = string.pack("!16 Xi16 i16 z", i, ("p"):rep(1000)) end
return #out
