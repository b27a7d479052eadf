-- Compiles a function with more constants than an instruction can name.
-- candidate: ok|limit:instructions|limit:memory  script: done|LIMIT
local parts = { "local t = {} " }
for i = 1, 40000 do parts[#parts + 1] = ("t[%d.5] = 'k%d' "):format(i % 7, i) end
parts[#parts + 1] = " return t"
return #load(table.concat(parts))() * 0
