--- han.checker.order: the order in which n cases are asked, a permutation that a seed decides. order(n, seed) -> list.

-- A number in 0..2^64-1 that depends on every bit of both (the finalizer of splitmix64).
local function mixed(seed, i)
  local z = seed + i * 0x9e3779b97f4a7c15
  z = (z ~ (z >> 30)) * 0xbf58476d1ce4e5b9
  z = (z ~ (z >> 27)) * 0x94d049bb133111eb
  return z ~ (z >> 31)
end

return function(n, seed)
  local order, key = {}, {}
  for i = 1, n do order[i], key[i] = i, mixed(seed, i) end
  table.sort(order, function(a, b)
    if key[a] ~= key[b] then return math.ult(key[a], key[b]) end
    return a < b
  end)
  return order
end
