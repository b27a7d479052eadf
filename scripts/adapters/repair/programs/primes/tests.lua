local function is_prime(n)
  if n < 2 then return false end
  for d = 2, n - 1 do if n % d == 0 then return false end end
  return true
end
local function gcd(a, b) while b ~= 0 do a, b = b, a % b end return a end
local function number(rng, i) return i % 8 == 0 and -rng.int(0, 4) or rng.pick { 1, 2, 36, 49, 97, 120, rng.int(2, 40),
  rng.int(2, 400) } end
local function positive(a) return a[1] >= 1 end

return {
  job = "number theory: sieve, factors, divisors, totients, inverses and congruences",
  brief = "All numbers are integers. factors gives { prime, exponent } with the smallest prime first; a congruence "
    .. "is a "
    .. "list of { rest, modulus }.",
  blocks = {
    { name = "sieve", signature = "sieve(limit) -> primes up to it",
      pre = function() return true end,
      post = function(_, r)
        for _, p in ipairs(r[1]) do if not is_prime(p) then return false end end
        return true
      end,
      hidden = function(rng) return { rng.pick { 0, 1, 2, 3, 4, 9, 25, rng.int(5, 90) } } end,
      examples = {
        { args = { 10 }, want = { { 2, 3, 5, 7 } } },
        { args = { 1 }, want = { {} } },
        { args = { 2 }, want = { { 2 } } },
        { args = { 0 }, want = { {} } },
        { args = { -5 }, want = { {} } },
        { args = { 11 }, want = { { 2, 3, 5, 7, 11 } } },
        { args = { 4 }, want = { { 2, 3 } } },
        { args = { 30 }, want = { { 2, 3, 5, 7, 11, 13, 17, 19, 23, 29 } } },
      } },
    { name = "factors", signature = "factors(n) -> list of { prime, exponent }",
      pre = positive,
      post = function(a, r)
        local n = 1
        for _, f in ipairs(r[1]) do
          if not is_prime(f[1]) then return false end
          n = n * math.tointeger(f[1] ^ f[2])
        end
        return n == a[1]
      end,
      hidden = function(rng, i) return { number(rng, i) } end,
      examples = {
        { args = { 12 }, want = { { { 2, 2 }, { 3, 1 } } } },
        { args = { 1 }, want = { {} } },
        { args = { 2 }, want = { { { 2, 1 } } } },
        { args = { 97 }, want = { { { 97, 1 } } } },
        { args = { 49 }, want = { { { 7, 2 } } } },
        { args = { 360 }, want = { { { 2, 3 }, { 3, 2 }, { 5, 1 } } } },
        { args = { 22 }, want = { { { 2, 1 }, { 11, 1 } } } },
        { args = { 0 }, want_error = "no factors of 0$" },
        { args = { -4 }, want_error = "no factors of %-4$" },
      } },
    { name = "divisors", signature = "divisors(n) -> sorted list",
      pre = positive,
      post = function(a, r)
        for d = 1, #r[1] do if a[1] % r[1][d] ~= 0 then return false end end
        return r[1][#r[1]] == a[1]
      end,
      hidden = function(rng, i) return { number(rng, i) } end,
      examples = {
        { args = { 1 }, want = { { 1 } } },
        { args = { 7 }, want = { { 1, 7 } } },
        { args = { 12 }, want = { { 1, 2, 3, 4, 6, 12 } } },
        { args = { 16 }, want = { { 1, 2, 4, 8, 16 } } },
        { args = { 9 }, want = { { 1, 3, 9 } } },
        { args = { 30 }, want = { { 1, 2, 3, 5, 6, 10, 15, 30 } } },
        { args = { 49 }, want = { { 1, 7, 49 } } },
        { args = { -1 }, want_error = "no factors of %-1$" },
      } },
    { name = "totient", signature = "totient(n) -> how many numbers up to n share no factor with it",
      pre = positive,
      post = function(a, r)
        local n = 0
        for k = 1, a[1] do if gcd(k, a[1]) == 1 then n = n + 1 end end
        return n == r[1]
      end,
      hidden = function(rng, i) return { number(rng, i) } end,
      examples = {
        { args = { 1 }, want = { 1 } },
        { args = { 2 }, want = { 1 } },
        { args = { 9 }, want = { 6 } },
        { args = { 10 }, want = { 4 } },
        { args = { 97 }, want = { 96 } },
        { args = { 36 }, want = { 12 } },
        { args = { 30 }, want = { 8 } },
        { args = { 0 }, want_error = "no factors of 0$" },
      } },
    { name = "inverse", signature = "inverse(a, m) -> x with a * x = 1 modulo m",
      pre = function(a) return gcd(a[1] % a[2], a[2]) == 1 end,
      post = function(a, r) return a[1] * r[1] % a[2] == 1 % a[2] end,
      hidden = function(rng) return { rng.int(-20, 60), rng.int(1, 40) } end,
      examples = {
        { args = { 3, 7 }, want = { 5 } },
        { args = { 1, 9 }, want = { 1 } },
        { args = { 10, 7 }, want = { 5 } },
        { args = { -1, 5 }, want = { 4 } },
        { args = { 7, 40 }, want = { 23 } },
        { args = { 5, 1 }, want = { 0 } },
        { args = { 4, 6 }, want_error = "4 has no inverse modulo 6$" },
        { args = { 0, 5 }, want_error = "0 has no inverse modulo 5$" },
      } },
    { name = "congruence", signature = "congruence(list of { rest, modulus }) -> smallest number, modulus of all",
      pre = function(a)
        for i, p in ipairs(a[1]) do for k = 1, i - 1 do if gcd(p[2], a[1][k][2]) ~= 1 then return false end end end
        return true
      end,
      post = function(a, r)
        for _, p in ipairs(a[1]) do if (r[1] - p[1]) % p[2] ~= 0 then return false end end
        return r[1] >= 0 and r[1] < r[2]
      end,
      hidden = function(rng)
        return { rng.list(0, 3, function() return { rng.int(-3, 20), rng.pick { 3, 5, 7, 8, 11, 13, 4 } } end) }
      end,
      examples = {
        { args = { {} }, want = { 0, 1 } },
        { args = { { { 2, 3 } } }, want = { 2, 3 } },
        { args = { { { 2, 3 }, { 3, 5 }, { 2, 7 } } }, want = { 23, 105 } },
        { args = { { { 9, 4 } } }, want = { 1, 4 } },
        { args = { { { 1, 2 }, { 2, 3 } } }, want = { 5, 6 } },
        { args = { { { 0, 5 }, { 0, 7 } } }, want = { 0, 35 } },
        { args = { { { -1, 4 }, { -1, 9 } } }, want = { 35, 36 } },
        { args = { { { 1, 4 }, { 1, 6 } } }, want_error = "4 has no inverse modulo 6$" },
      } },
  },
  integration = { name = "classify", signature = "classify(n) -> kind, totient, sum of the smaller divisors",
    pre = positive,
    post = function(a, r) return r[2] <= a[1] and (r[1] == "prime") == is_prime(a[1]) end,
    hidden = function(rng, i) return { i % 5 == 0 and rng.pick { 6, 28, 1, 2 } or number(rng, i) } end,
    examples = {
      { args = { 6 }, want = { "perfect", 2, 6 } },
      { args = { 28 }, want = { "perfect", 12, 28 } },
      { args = { 12 }, want = { "abundant", 4, 16 } },
      { args = { 8 }, want = { "deficient", 4, 7 } },
      { args = { 7 }, want = { "prime", 6, 1 } },
      { args = { 2 }, want = { "prime", 1, 1 } },
      { args = { 1 }, want = { "deficient", 1, 0 } },
      { args = { 0 }, want_error = "no factors of 0$" },
    } },
}
