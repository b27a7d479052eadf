local COINS = { 200, 100, 50, 20, 10, 5 }

local function purse(rng, most)
  local coins = {}
  for _, coin in ipairs(COINS) do
    local n = rng.int(0, most)
    coins[coin] = n > 0 and n or nil
  end
  return coins
end

local function worth(coins)
  local sum = 0
  for coin, count in pairs(coins) do sum = sum + coin * count end
  return sum
end

local function shelves(rng, i)
  local prices = { 60, 95, 120, 150, 205 }
  return { A1 = { name = "water", price = rng.pick(prices), count = rng.int(0, 2) },
    B2 = { name = "nuts", price = i % 7 == 0 and rng.pick { 0, 12, -5 } or rng.pick(prices), count = rng.int(1, 3) } }
end

local function machine(rng)
  local inside = purse(rng, 1)
  if worth(inside) > 400 then inside = { [50] = 1 } end
  return { shelves = shelves(rng, 1), till = purse(rng, 2), inside = inside, state = next(inside) and "paid" or "idle" }
end

local function shop() return { A1 = { name = "water", price = 95, count = 2 }, B2 = { name = "nuts", price = 150,
  count = 0 } } end
local function box(inside, till) return { shelves = shop(), till = till or {}, inside = inside, state = "paid" } end

return {
  job = "a vending machine that takes coins, gives change out of its till and sells from its shelves",
  brief = "Coins are 200, 100, 50, 20, 10 and 5; purses map a coin to its count and leave out zeros. Change prefers "
    .. "large "
    .. "coins. At most 500 lie inside before a choice. A machine is { shelves, till, inside, state }.",
  blocks = {
    { name = "change", signature = "change(amount, till) -> coins or nil",
      pre = function() return true end,
      post = function(a, r)
        if not r[1] then return true end
        for coin, count in pairs(r[1]) do if count > (a[2][coin] or 0) then return false end end
        return worth(r[1]) == a[1]
      end,
      hidden = function(rng, i)
        if i % 4 == 0 then return { rng.pick { 60, 80, 110 }, { [50] = 2, [20] = rng.int(2, 5), [100] = 1 } } end
        return { 5 * rng.int(0, 60), purse(rng, 3) }
      end,
      examples = {
        { args = { 0, {} }, want = { {} } },
        { args = { 75, { [50] = 1, [20] = 1, [5] = 1 } }, want = { { [50] = 1, [20] = 1, [5] = 1 } } },
        { args = { 40, { [20] = 5, [10] = 5 } }, want = { { [20] = 2 } } },
        { args = { 60, { [50] = 1, [20] = 3 } }, want = { { [20] = 3 } } },
        { args = { 30, { [20] = 1, [5] = 1 } }, want = {} },
        { args = { 300, { [200] = 1, [100] = 1 } }, want = { { [200] = 1, [100] = 1 } } },
        { args = { 7, { [5] = 9 } }, want = {} },
        { args = { 400, { [200] = 1, [100] = 4 } }, want = { { [200] = 1, [100] = 2 } } },
      } },
    { name = "value", signature = "value(coins) -> sum",
      pre = function() return true end,
      post = function(a, r) return r[1] == worth(a[1]) end,
      hidden = function(rng) return { purse(rng, 4) } end,
      examples = {
        { args = { {} }, want = { 0 } },
        { args = { { [5] = 1 } }, want = { 5 } },
        { args = { { [5] = 3 } }, want = { 15 } },
        { args = { { [200] = 2, [10] = 1 } }, want = { 410 } },
        { args = { { [20] = 4, [50] = 1 } }, want = { 130 } },
        { args = { { [100] = 10 } }, want = { 1000 } },
        { args = { { [10] = 2, [5] = 2, [20] = 2 } }, want = { 70 } },
        { args = { { [200] = 1, [100] = 1, [50] = 1, [20] = 1, [10] = 1, [5] = 1 } }, want = { 385 } },
      } },
    { name = "start", signature = "start(shelves, till) -> idle machine",
      pre = function(a)
        for _, shelf in pairs(a[1]) do if shelf.price <= 0 or shelf.price % 5 ~= 0 then return false end end
        return true
      end,
      post = function(_, r) return r[1].state == "idle" end,
      hidden = function(rng, i) return { shelves(rng, rng.int(0, 1) * i), purse(rng, 2) } end,
      examples = {
        { args = { {}, {} }, want = { { inside = {}, shelves = {}, state = "idle", till = {} } } },
        { args = { { A = { name = "gum", price = 5, count = 1 } }, { [5] = 2 } },
          want = {
            {
              inside = {}, shelves = { A = { count = 1, name = "gum", price = 5 } }, state = "idle",
              till = { [5] = 2 },
            },
          } },
        { args = { { A = { name = "gum", price = 7, count = 1 } }, {} }, want_error = "price of A cannot be paid$" },
        { args = { { A = { name = "gum", price = 0, count = 1 } }, {} }, want_error = "price of A cannot be paid$" },
        { args = { { A = { name = "gum", price = -5, count = 1 } }, {} }, want_error = "price of A cannot be paid$" },
        { args = { { A = { name = "a", price = 10, count = 0 }, B = { name = "b", price = 12, count = 0 } }, {} },
          want_error = "price of B cannot be paid$" },
        { args = { { Z9 = { name = "soap", price = 300, count = 4 } }, {} },
          want = {
            { inside = {}, shelves = { Z9 = { count = 4, name = "soap", price = 300 } }, state = "idle", till = {} },
          } },
        { args = { { A = { name = "a", price = 50, count = 1 }, B = { name = "b", price = 100, count = 3 } }, {} },
          want = {
            {
              inside = {},
              shelves = { A = { count = 1, name = "a", price = 50 }, B = { count = 3, name = "b", price = 100 } },
              state = "idle", till = {},
            },
          } },
      } },
    { name = "insert", signature = "insert(machine, coin) -> what it says",
      pre = function() return true end,
      post = function(_, r) return type(r[1]) == "string" end,
      hidden = function(rng, i)
        local m = machine(rng)
        if i % 3 == 0 then m.inside = { [200] = 1, [100] = 2, [20] = rng.int(1, 5) } end
        return { m, rng.pick { 5, 10, 20, 50, 100, 200, 200, 1, 2, 500 } }
      end,
      examples = {
        { args = { box {}, 50 }, want = { "credit 50" } },
        { args = { box { [50] = 1 }, 50 }, want = { "credit 100" } },
        { args = { box { [20] = 2 }, 5 }, want = { "credit 45" } },
        { args = { box {}, 25 }, want = { "refused 25" } },
        { args = { box {}, 1 }, want = { "refused 1" } },
        { args = { box { [200] = 2 }, 100 }, want = { "credit 500" } },
        { args = { box { [200] = 2 }, 200 }, want = { "full" } },
        { args = { box { [200] = 2, [100] = 1 }, 5 }, want = { "full" } },
      } },
    { name = "cancel", signature = "cancel(machine) -> what it says",
      pre = function() return true end,
      post = function(_, r) return type(r[1]) == "string" end,
      hidden = function(rng) return { machine(rng) } end,
      examples = {
        { args = { box {} }, want = { "nothing inside" } },
        { args = { box { [5] = 1 } }, want = { "returned 5" } },
        { args = { box { [5] = 1, [10] = 2 } }, want = { "returned 25" } },
        { args = { box { [200] = 2 } }, want = { "returned 400" } },
        { args = { box { [50] = 3 } }, want = { "returned 150" } },
        { args = { box({}, { [50] = 3 }) }, want = { "nothing inside" } },
        { args = { box({ [20] = 1 }, { [50] = 3 }) }, want = { "returned 20" } },
        { args = { box { [100] = 1, [20] = 1, [5] = 1 } }, want = { "returned 125" } },
      } },
    { name = "choose", signature = "choose(machine, code) -> what it says, with the coins given back",
      pre = function() return true end,
      post = function(_, r) return type(r[1]) == "string" end,
      hidden = function(rng, i)
        local m = machine(rng)
        if i % 2 == 0 then m.inside = { [100] = rng.int(1, 2), [50] = 1, [5] = rng.int(1, 3) } end
        return { m, rng.pick { "A1", "A1", "B2", "B2", "C3" } }
      end,
      examples = {
        { args = { box({ [100] = 1 }, { [5] = 1 }), "A1" }, want = { "water 1x5" } },
        { args = { box({ [50] = 1, [20] = 2, [5] = 1 }, {}), "A1" }, want = { "water" } },
        { args = { box({ [50] = 1 }, {}), "A1" }, want = { "45 to pay" } },
        { args = { box({ [100] = 1 }, { [10] = 9 }), "A1" }, want = { "no change" } },
        { args = { box({ [100] = 2 }, { [50] = 1, [5] = 1 }), "A1" }, want = { "water 1x100 1x5" } },
        { args = { box({ [200] = 1 }, {}), "B2" }, want = { "nuts is sold out" } },
        { args = { box({ [200] = 1 }, {}), "Z" }, want = { "no shelf Z" } },
        { args = { box({ [20] = 5, [5] = 2 }, {}), "A1" }, want = { "no change" } },
      } },
  },
  integration = { name = "run", signature = "run(shelves, till, commands) -> answers, worth of the till, counts "
    .. "left, state",
    pre = function(a)
      for _, shelf in pairs(a[1]) do if shelf.price <= 0 or shelf.price % 5 ~= 0 then return false end end
      return true
    end,
    post = function(a, r) return #r[1] == #a[3] and r[2] >= worth(a[2]) end,
    hidden = function(rng, i)
      return { shelves(rng, i), purse(rng, 2), rng.list(2, 9, function()
        return rng.pick { 200, 100, 100, 50, 50, 20, 10, 5, 3, "A1", "A1", "B2", "cancel", "C" }
      end) }
    end,
    examples = {
      { args = { shop(), {}, {} }, want = { {}, 0, { A1 = 2, B2 = 0 }, "idle" } },
      { args = { shop(), { [5] = 1 }, { 100, "A1", "A1" } },
        want = { { "credit 100", "water 1x5", "95 to pay" }, 100, { A1 = 1, B2 = 0 }, "idle" } },
      { args = { shop(), {}, { 50, "cancel", "cancel", 20 } },
        want = { { "credit 50", "returned 50", "nothing inside", "credit 20" }, 0, { A1 = 2, B2 = 0 }, "paid" } },
      { args = { shop(), {}, { 50, 20, 20, 5, "A1", 50, 50, "A1" } },
        want = {
          { "credit 50", "credit 70", "credit 90", "credit 95", "water", "credit 50", "credit 100", "water 1x5" },
          190, { A1 = 0, B2 = 0 }, "idle",
        } },
      { args = { shop(), { [5] = 1 }, { 100, "A1", 100, "A1" } },
        want = { { "credit 100", "water 1x5", "credit 100", "no change" }, 100, { A1 = 1, B2 = 0 }, "paid" } },
      { args = { shop(), {}, { "B2", "X", 7, 200, 200, 200, "cancel" } },
        want = {
          { "nuts is sold out", "no shelf X", "refused 7", "credit 200", "credit 400", "full", "returned 400" }, 0,
          { A1 = 2, B2 = 0 }, "idle",
        } },
      { args = { { A = { name = "a", price = 50, count = 2 } }, { [50] = 1 }, { 100, "A", 100, "A", "A" } },
        want = { { "credit 100", "a 1x50", "credit 100", "no change", "no change" }, 100, { A = 1 }, "paid" } },
      { args = { { A = { name = "a", price = 3, count = 2 } }, {}, { 5 } },
        want_error = "price of A cannot be paid$" },
    } },
}
