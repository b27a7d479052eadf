-- Every name there is; the same in this process and in a runner.
local out = {}
local function add(...) local t = table.pack(...) for i = 1, t.n do out[#out+1] = tostring(t[i]) end out[#out+1] = "|" end
local names = {}
local function walk(t, p) for k, v in pairs(t) do if v ~= _G then names[#names+1] = p .. tostring(k) .. ":" .. type(v) if type(v) == "table" then walk(v, p .. tostring(k) .. ".") end end end end
walk(_G, "")
table.sort(names)
return names
