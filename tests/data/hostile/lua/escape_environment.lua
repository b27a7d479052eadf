-- Looks for what is not there.
-- candidate: ok  script: done
local bad = {}
for _, name in ipairs { "io", "os", "debug", "package", "dofile", "loadfile", "collectgarbage", "warn", "ffi", "jit" } do
  if _G[name] ~= nil then bad[#bad + 1] = name end
end
assert(#bad == 0, table.concat(bad, " "))
return 1
