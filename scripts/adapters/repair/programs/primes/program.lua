-- Number theory with plain integers: sieve, factors, divisors, powers and inverses by a modulus, and congruences.
local M = {}

-- All primes up to a limit.
function M.sieve(limit)
  local crossed, list = {}, {}
  for n = 2, limit do
    if not crossed[n] then
      list[#list + 1] = n
      for multiple = n * n, limit, n do
        crossed[multiple] = true
      end
    end
  end
  return list
end

-- Prime factors as { prime, exponent }, smallest first.
function M.factors(n)
  if n < 1 then
    error("no factors of " .. n, 0)
  end
  local list, p = {}, 2
  while n > 1 do
    if p * p > n then
      p = n
    end
    local exponent = 0
    while n % p == 0 do
      n = n // p
      exponent = exponent + 1
    end
    if exponent > 0 then
      list[#list + 1] = { p, exponent }
    end
    p = p + 1
  end
  return list
end

-- Divisors in order, from the factors.
function M.divisors(n)
  local list = { 1 }
  for _, factor in ipairs(M.factors(n)) do
    local known, power = #list, 1
    for _ = 1, factor[2] do
      power = power * factor[1]
      for i = 1, known do
        list[#list + 1] = list[i] * power
      end
    end
  end
  table.sort(list)
  return list
end

-- How many numbers up to n share no factor with it.
function M.totient(n)
  local count = n
  for _, factor in ipairs(M.factors(n)) do
    count = count // factor[1] * (factor[1] - 1)
  end
  return count
end

-- The x with a * x = 1 modulo m, by Euclid.
function M.inverse(a, m)
  local old, new, x, next_x = a % m, m, 1, 0
  while new ~= 0 do
    local q = old // new
    old, new = new, old - q * new
    x, next_x = next_x, x - q * next_x
  end
  if old ~= 1 then
    error(a .. " has no inverse modulo " .. m, 0)
  end
  return x % m
end

-- The smallest number with given rests { rest, modulus }, and the modulus of all; moduli without common factors.
function M.congruence(pairs_of)
  local number, modulus = 0, 1
  for _, pair in ipairs(pairs_of) do
    local step = (pair[1] - number) * M.inverse(modulus, pair[2]) % pair[2]
    number = number + modulus * step
    modulus = modulus * pair[2]
  end
  return number, modulus
end

-- "perfect", "abundant" or "deficient" by the sum of the divisors below n; primes are told apart.
function M.classify(n)
  local list, sum = M.divisors(n), -n
  for _, divisor in ipairs(list) do
    sum = sum + divisor
  end
  local kind = "deficient"
  if #list == 2 then
    kind = "prime"
  elseif sum == n then
    kind = "perfect"
  elseif sum > n then
    kind = "abundant"
  end
  return kind, M.totient(n), sum
end

return M
