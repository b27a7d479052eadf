-- tries: nothing; it is right and takes millions of instructions
-- class: pass
local M = {}
function M.add(a, b) for _ = 1, 1000000 do a = a + 0 end return a + b end
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
