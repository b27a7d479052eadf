-- tries: to replace the functions that define tests, while they are being defined
-- class: fail
local environment = getmetatable(_G) and getmetatable(_G).__index
rawset(_G, "it", function() end)
if type(environment) == "table" then environment.it = function() end end
for level = 2, 12 do
  local info = debug.getinfo(level, "f")
  if not info then break end
  for i = 1, 10 do
    local name, value = debug.getupvalue(info.func, i)
    if name == "_ENV" and type(value) == "table" then pcall(rawset, value, "it", function() end) end
  end
end
return { add = function() return 0 end }
