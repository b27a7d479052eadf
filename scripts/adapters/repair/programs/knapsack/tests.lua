local function items(rng, lo, hi) return rng.list(lo, hi, function() return { rng.int(1, 6), rng.int(1, 9) } end) end
local function coins(rng)
  return rng.shuffle(rng.pick { { 1, 2, 5 }, { 1, 5, 10 }, { 3, 4 }, { 2, 6 }, { 1, 3, 4 },
  { 5, 7 } }) end
local function numbers(rng, lo, hi) return rng.list(lo, hi, function() return rng.int(0, 9) end) end

local function weigh(list, chosen, k)
  local sum = 0
  for _, i in ipairs(chosen) do sum = sum + list[i][k] end
  return sum
end

local function sum(list)
  local s = 0
  for _, x in ipairs(list) do s = s + x end
  return s
end

return {
  job = "packs, pays and cuts by dynamic programming",
  brief = "Knapsack with items { weight, value }, coin change, subset sums, equal halves, rod cutting. "
    .. "Whole numbers only.",
  blocks = {
    { name = "best", signature = "best(items { weight, value }, capacity) -> value, chosen indices",
      pre = function(a) return a[2] >= 0 end,
      post = function(a, r) return weigh(a[1], r[2], 2) == r[1] and weigh(a[1], r[2], 1) <= a[2] end,
      hidden = function(rng, i) return { items(rng, 0, 5), i % 8 == 0 and -1 or rng.int(0, 12) } end,
      examples = {
        { args = { {}, 5 }, want = { 0, {} } },
        { args = { { { 2, 3 } }, 1 }, want = { 0, {} } },
        { args = { { { 2, 3 } }, 2 }, want = { 3, { 1 } } },
        { args = { { { 2, 3 }, { 3, 4 }, { 4, 5 } }, 5 }, want = { 7, { 1, 2 } } },
        { args = { { { 1, 1 }, { 1, 1 } }, 1 }, want = { 1, { 1 } } },
        { args = { { { 5, 9 }, { 3, 5 }, { 2, 4 } }, 5 }, want = { 9, { 1 } } },
        { args = { { { 1, 2 } }, -3 }, want_error = "negative capacity$" },
        { args = { { { 4, 4 }, { 3, 3 }, { 2, 2 }, { 1, 9 } }, 6 }, want = { 14, { 2, 3, 4 } } },
      } },
    { name = "coins", signature = "coins(kinds, amount) -> fewest coins, or nil",
      pre = function() return true end,
      post = function(a, r) return not r[1] or sum(r[1]) == a[2] end,
      hidden = function(rng) return { coins(rng), rng.int(0, 17) } end,
      examples = {
        { args = { { 1, 2, 5 }, 0 }, want = { {} } },
        { args = { { 1, 2, 5 }, 9 }, want = { { 5, 2, 2 } } },
        { args = { { 1, 3, 4 }, 6 }, want = { { 3, 3 } } },
        { args = { { 3, 4 }, 5 }, want = {} },
        { args = { { 2 }, 3 }, want = {} },
        { args = { { 5, 10 }, 30 }, want = { { 10, 10, 10 } } },
        { args = { { 4, 3, 1 }, 10 }, want = { { 4, 3, 3 } } },
        { args = { {}, 2 }, want = {} },
      } },
    { name = "ways", signature = "ways(kinds, amount) -> number of ways to pay, without order",
      pre = function(a)
        for _, coin in ipairs(a[1]) do if coin < 1 then return false end end
        return true
      end,
      post = function(_, r) return r[1] >= 0 end,
      hidden = function(rng, i)
        local kinds = coins(rng)
        if i % 4 == 0 then kinds[#kinds + 1] = kinds[1] end
        if i % 9 == 0 then kinds[1] = rng.int(-2, 0) end
        return { kinds, rng.int(0, 16) }
      end,
      examples = {
        { args = { { 1, 2 }, 0 }, want = { 1 } },
        { args = { { 1, 2 }, 4 }, want = { 3 } },
        { args = { { 1, 2, 5 }, 10 }, want = { 10 } },
        { args = { { 3 }, 4 }, want = { 0 } },
        { args = { { 2, 2 }, 4 }, want = { 1 } },
        { args = { {}, 3 }, want = { 0 } },
        { args = { { 0, 1 }, 3 }, want_error = "bad coin 0$" },
        { args = { { 5, 1 }, 11 }, want = { 3 } },
      } },
    { name = "sums", signature = "sums(numbers, low, high) -> reachable sums in the range, sorted",
      pre = function() return true end,
      post = function(a, r)
        for i, s in ipairs(r[1]) do if s < a[2] or s > a[3] or i > 1 and r[1][i - 1] >= s then return false end end
        return true
      end,
      hidden = function(rng)
        local low = rng.int(-4, 8)
        return { rng.list(0, 5, function() return rng.int(-4, 9) end), low, low + rng.int(0, 12) }
      end,
      examples = {
        { args = { {}, 0, 9 }, want = { { 0 } } },
        { args = { { 3 }, 0, 9 }, want = { { 0, 3 } } },
        { args = { { 3 }, 1, 9 }, want = { { 3 } } },
        { args = { { 1, 2, 4 }, 0, 7 }, want = { { 0, 1, 2, 3, 4, 5, 6, 7 } } },
        { args = { { 2, 2 }, 0, 9 }, want = { { 0, 2, 4 } } },
        { args = { { -1, 5 }, -5, 5 }, want = { { -1, 0, 4, 5 } } },
        { args = { { 5, 6 }, 5, 10 }, want = { { 5, 6 } } },
        { args = { { 1 }, 2, 1 }, want = { {} } },
      } },
    { name = "halves", signature = "halves(numbers) -> least difference between two heaps",
      pre = function(a)
        for _, x in ipairs(a[1]) do if x < 0 then return false end end
        return true
      end,
      post = function(a, r) return r[1] >= 0 and (sum(a[1]) - r[1]) % 2 == 0 end,
      hidden = function(rng, i)
        local list = numbers(rng, 0, 6)
        if i % 8 == 0 then list[#list + 1] = -2 end
        return { list }
      end,
      examples = {
        { args = { {} }, want = { 0 } },
        { args = { { 4 } }, want = { 4 } },
        { args = { { 4, 4 } }, want = { 0 } },
        { args = { { 1, 2, 3 } }, want = { 0 } },
        { args = { { 8, 1, 1 } }, want = { 6 } },
        { args = { { 3, 1, 4, 2, 2 } }, want = { 0 } },
        { args = { { 5, -1 } }, want_error = "negative weight$" },
        { args = { { 7, 5, 3 } }, want = { 1 } },
      } },
    { name = "cut", signature = "cut(prices by length, length) -> income, pieces longest first",
      pre = function() return true end,
      post = function(a, r)
        local s = 0
        for _, piece in ipairs(r[2]) do s = s + a[1][piece] end
        return s == r[1] and sum(r[2]) <= a[2]
      end,
      hidden = function(rng) return { numbers(rng, 0, 5), rng.int(0, 9) } end,
      examples = {
        { args = { { 1, 5, 8, 9 }, 4 }, want = { 10, { 2, 2 } } },
        { args = { { 1, 5, 8, 9 }, 0 }, want = { 0, {} } },
        { args = { { 2 }, 3 }, want = { 6, { 1, 1, 1 } } },
        { args = { { 1, 1, 1 }, 2 }, want = { 2, { 1, 1 } } },
        { args = { { 0, 3 }, 5 }, want = { 6, { 2, 2, 1 } } },
        { args = { {}, 4 }, want = { 0, {} } },
        { args = { { 1, 5, 8, 9 }, 7 }, want = { 18, { 3, 2, 2 } } },
        { args = { { 3, 4, 9 }, 5 }, want = { 15, { 1, 1, 1, 1, 1 } } },
      } },
  },
  integration = { name = "shop",
    signature = "shop(items, capacity, kinds) -> { value, weight, chosen, change, ways, carts }",
    pre = function(a)
      for _, coin in ipairs(a[3]) do if coin < 1 then return false end end
      return a[2] >= 0
    end,
    post = function(a, r) return weigh(a[1], r[1].chosen, 1) == r[1].weight and r[1].weight <= a[2] end,
    hidden = function(rng, i) return { items(rng, 0, 5), i % 9 == 0 and -2 or rng.int(0, 12), coins(rng) } end,
    examples = {
      { args = { {}, 3, { 1 } },
        want = { { carts = 0, change = "", chosen = {}, value = 0, ways = 1, weight = 0 } } },
      { args = { { { 2, 3 } }, 2, { 1, 2 } },
        want = { { carts = 2, change = "2+1", chosen = { 1 }, value = 3, ways = 2, weight = 2 } } },
      { args = { { { 2, 3 }, { 3, 4 }, { 4, 5 } }, 7, { 2, 5 } },
        want = { { carts = 1, change = "5+2+2", chosen = { 2, 3 }, value = 9, ways = 1, weight = 7 } } },
      { args = { { { 1, 7 } }, 1, { 2 } },
        want = { { carts = 1, change = "none", chosen = { 1 }, value = 7, ways = 0, weight = 1 } } },
      { args = { { { 3, 6 }, { 1, 6 }, { 2, 1 } }, 6, { 1, 3, 4 } },
        want = { { carts = 0, change = "4+4+4+1", chosen = { 1, 2, 3 }, value = 13, ways = 12, weight = 6 } } },
      { args = { { { 1, 1 } }, -1, { 1 } }, want_error = "negative capacity$" },
      { args = { { { 1, 1 } }, 1, { 0 } }, want_error = "bad coin 0$" },
      { args = { { { 2, 5 }, { 2, 5 }, { 3, 8 } }, 5, { 13, 1 } },
        want = { { carts = 1, change = "13", chosen = { 1, 3 }, value = 13, ways = 2, weight = 5 } } },
    } },
}
