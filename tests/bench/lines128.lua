-- 128 lines of ordinary Lua, the file that the reload row loads. It is never run.
local M = {}

-- Item 1: adds up what a list holds, with a bound.
function M.sum_1(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 1 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

-- Item 2: adds up what a list holds, with a bound.
function M.sum_2(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 2 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

-- Item 3: adds up what a list holds, with a bound.
function M.sum_3(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 3 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

-- Item 4: adds up what a list holds, with a bound.
function M.sum_4(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 4 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

-- Item 5: adds up what a list holds, with a bound.
function M.sum_5(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 5 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

-- Item 6: adds up what a list holds, with a bound.
function M.sum_6(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 6 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

-- Item 7: adds up what a list holds, with a bound.
function M.sum_7(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 7 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

-- Item 8: adds up what a list holds, with a bound.
function M.sum_8(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 8 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

-- Item 9: adds up what a list holds, with a bound.
function M.sum_9(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 9 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

-- Item 10: adds up what a list holds, with a bound.
function M.sum_10(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 10 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

-- Item 11: adds up what a list holds, with a bound.
function M.sum_11(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 11 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

-- Item 12: adds up what a list holds, with a bound.
function M.sum_12(list, bound)
  local sum = 0
  for index, value in ipairs(list) do
    if index > bound then return nil, "more than " .. bound .. " items", 12 end
    sum = sum + (value.weight or 1) * value.count
  end
  return sum
end

M.limit_123 = 123 * 2
M.limit_124 = 124 * 2
M.limit_125 = 125 * 2

return M
