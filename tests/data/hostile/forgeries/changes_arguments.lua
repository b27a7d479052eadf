-- tries: to change the arguments, as if they were what is compared
-- class: fail
local M = {}
local function f(...)
  for _, t in ipairs { ... } do if type(t) == "table" then for k in pairs(t) do t[k] = nil end end end
  return ...
end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
