-- Sorts by a comparison that contradicts itself.
-- candidate: runtime|limit:instructions|ok  script: SCRIPT|LIMIT|done
local t = {}
for i = 1, 20000 do t[i] = i % 7 end
table.sort(t, function() return true end)
return 1
