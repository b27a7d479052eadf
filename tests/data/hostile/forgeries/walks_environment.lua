-- tries: to find what is wanted in its environment
-- class: fail
local M = {}
local seen = {}
local function search(t)
  if seen[t] then return nil end
  seen[t] = true
  for key, item in pairs(t) do
    if key == "want" or key == "cases" then return item end
    local found = type(item) == "table" and search(item)
    if found then return found end
  end
end
local function f() return search(_G) end
for _, name in ipairs { "add", "twice", "greet", "is_even", "nothing", "record" } do M[name] = f end
return M
