-- tries: nothing; it is right and prints a lot
-- class: pass
local M = {}
for i = 1, 2000 do print("loading", i, "pass 7 of 7 cases") end
function M.add(a, b) for i = 1, 500 do print("adding", i) end return a + b end
function M.twice(list)
  local result = {}
  for i, x in ipairs(list) do result[i] = 2 * x end
  return result
end
function M.greet(name) return "hello, " .. name end
function M.is_even(n) return n % 2 == 0 end
function M.nothing() return nil end
function M.record(n)
  local list = {}
  for i = 1, n do list[i] = i end
  return { name = "n" .. n, list = list, big = 9007199254740993 }
end
function M.refuse(n) error("n must not be " .. n) end
return M
