local function loan(rng) return rng.pick { rng.int(100, 9000), rng.int(10000, 500000) } end
local function rate(rng) return rng.pick { 0, 1, 350, 499, 600, 1200, 2400, rng.int(0, 1999) } end

local function month_interest(balance, percent) return (balance * percent * 2 + 120000) // 240000 end

local function plan(balance, percent, pay)
  local rows = {}
  while balance > 0 do
    local due = month_interest(balance, percent)
    local paid = math.min(pay, balance + due)
    balance = balance + due - paid
    rows[#rows + 1] = { month = #rows + 1, payment = paid, interest = due, repaid = paid - due, balance = balance }
  end
  return rows
end

local SHORT = plan(10000, 1200, 4000)
local LONG = plan(120000, 600, 9000)

return {
  job = "computes loan payments, payment plans, settlements and compares offers in whole cents",
  brief = "Money is in cents, rates are yearly in hundredths of a percent (600 is 6 %), a month's interest is a "
    .. "twelfth of "
    .. "the year's, rounded half up. A plan has a row for each month; the last payment is what is left.",
  blocks = {
    { name = "interest", signature = "interest(balance, rate) -> cents",
      pre = function(a) return a[2] >= 0 end,
      post = function(a, r) return r[1] == month_interest(a[1], a[2]) end,
      hidden = function(rng, i) return { rng.pick { 0, loan(rng) }, i % 6 == 0 and -rng.int(1, 9) or rate(rng) } end,
      examples = {
        { args = { 100000, 1200 }, want = { 1000 } },
        { args = { 100000, 600 }, want = { 500 } },
        { args = { 100, 600 }, want = { 1 } },
        { args = { 99, 600 }, want = { 0 } },
        { args = { 12345, 499 }, want = { 51 } },
        { args = { 5000, 0 }, want = { 0 } },
        { args = { 0, 500 }, want = { 0 } },
        { args = { 5000, -1 }, want_error = "negative rate$" },
      } },
    { name = "remaining", signature = "remaining(balance, rate, payment, months) -> cents still owed",
      pre = function(a) return a[2] >= 0 or a[4] < 1 end,
      post = function(_, r) return r[1] >= 0 end,
      hidden = function(rng, i)
        local balance = loan(rng)
        return { balance, i % 9 == 0 and -5 or rate(rng), balance // rng.int(4, 15), rng.int(0, 10) }
      end,
      examples = {
        { args = { 10000, 1200, 4000, 1 }, want = { 6100 } },
        { args = { 10000, 1200, 4000, 2 }, want = { 2161 } },
        { args = { 10000, 1200, 4000, 3 }, want = { 0 } },
        { args = { 10000, 1200, 4000, 0 }, want = { 10000 } },
        { args = { 10000, 0, 1000, 9 }, want = { 1000 } },
        { args = { 10000, 2400, 100, 2 }, want = { 10202 } },
        { args = { 500, 600, 9000, 1 }, want = { 0 } },
        { args = { 500, -1, 90, 1 }, want_error = "negative rate$" },
      } },
    { name = "payment", signature = "payment(balance, rate, months) -> least level payment",
      pre = function(a) return a[3] >= 1 and a[2] >= 0 end,
      post = function(a, r)
        local left = a[1]
        for _ = 1, a[3] do left = math.max(0, left + month_interest(left, a[2]) - r[1]) end
        return left == 0
      end,
      hidden = function(rng, i)
        return { loan(rng), i % 11 == 0 and -1 or rate(rng), i % 7 == 0 and rng.int(-1, 0) or rng.int(1, 14) }
      end,
      examples = {
        { args = { 12000, 0, 12 }, want = { 1000 } },
        { args = { 12000, 0, 7 }, want = { 1715 } },
        { args = { 10000, 1200, 1 }, want = { 10100 } },
        { args = { 10000, 1200, 3 }, want = { 3401 } },
        { args = { 100000, 600, 12 }, want = { 8607 } },
        { args = { 1, 600, 5 }, want = { 1 } },
        { args = { 10000, 600, 0 }, want_error = "no months to pay in$" },
        { args = { 10000, -600, 3 }, want_error = "negative rate$" },
      } },
    { name = "plan", signature = "plan(balance, rate, payment, extra) -> rows { month, payment, interest, repaid, "
      .. "balance }",
      pre = function(a)
        local balance, month = a[1], 0
        while balance > 0 do
          month = month + 1
          if a[2] < 0 then return false end
          local due = month_interest(balance, a[2])
          if a[3] <= due then return false end
          balance = balance + due - a[3] - (a[4][month] or 0)
        end
        return true
      end,
      post = function(a, r)
        local sum = 0
        for _, row in ipairs(r[1]) do sum = sum + row.repaid end
        return sum == a[1]
      end,
      hidden = function(rng, i)
        local balance, percent, extra = loan(rng), rate(rng), {}
        for month = 1, 4 do if rng.chance(0.4) then extra[month] = rng.int(1, balance // 4 + 1) end end
        if i % 6 == 0 then return { balance, 1200, balance // 100, {} } end
        return { balance, percent, balance // rng.int(2, 6) + 5, extra }
      end,
      examples = {
        { args = { 10000, 1200, 4000, {} },
          want = {
            {
              { balance = 6100, interest = 100, month = 1, payment = 4000, repaid = 3900 },
              { balance = 2161, interest = 61, month = 2, payment = 4000, repaid = 3939 },
              { balance = 0, interest = 22, month = 3, payment = 2183, repaid = 2161 },
            },
          } },
        { args = { 9000, 0, 3000, {} },
          want = {
            {
              { balance = 6000, interest = 0, month = 1, payment = 3000, repaid = 3000 },
              { balance = 3000, interest = 0, month = 2, payment = 3000, repaid = 3000 },
              { balance = 0, interest = 0, month = 3, payment = 3000, repaid = 3000 },
            },
          } },
        { args = { 9000, 0, 3000, { 3000 } },
          want = {
            {
              { balance = 3000, interest = 0, month = 1, payment = 6000, repaid = 6000 },
              { balance = 0, interest = 0, month = 2, payment = 3000, repaid = 3000 },
            },
          } },
        { args = { 10000, 1200, 4000, { [2] = 9999 } },
          want = {
            {
              { balance = 6100, interest = 100, month = 1, payment = 4000, repaid = 3900 },
              { balance = 0, interest = 61, month = 2, payment = 6161, repaid = 6100 },
            },
          } },
        { args = { 100, 600, 1000, {} },
          want = { { { balance = 0, interest = 1, month = 1, payment = 101, repaid = 100 } } } },
        { args = { 0, 600, 1000, {} }, want = { {} } },
        { args = { 10000, 1200, 100, {} }, want_error = "payment of 100 does not cover interest of 100$" },
        { args = { 10000, 1200, 90, { 5000 } }, want_error = "payment of 90 does not cover interest of 100$" },
        { args = { 10000, -1, 90, {} }, want_error = "negative rate$" },
      } },
    { name = "by_year", signature = "by_year(rows) -> list of { year, interest, repaid, owed }",
      pre = function() return true end,
      post = function(a, r) return #a[1] == 0 or r[1][#r[1]].owed == a[1][#a[1]].balance end,
      hidden = function(rng)
        local balance = rng.int(1000, 30000)
        return { plan(balance, rate(rng), balance // rng.int(2, 28) + 20 + balance // 40) }
      end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { SHORT }, want = { { { interest = 183, owed = 0, repaid = 10000, year = 1 } } } },
        { args = { LONG },
          want = {
            {
              { interest = 4381, owed = 16381, repaid = 103619, year = 1 },
              { interest = 119, owed = 0, repaid = 16381, year = 2 },
            },
          } },
        { args = { plan(25000, 0, 1000) },
          want = {
            {
              { interest = 0, owed = 13000, repaid = 12000, year = 1 },
              { interest = 0, owed = 1000, repaid = 12000, year = 2 },
              { interest = 0, owed = 0, repaid = 1000, year = 3 },
            },
          } },
        { args = { plan(12000, 0, 1000) }, want = { { { interest = 0, owed = 0, repaid = 12000, year = 1 } } } },
        { args = { plan(13000, 0, 1000) },
          want = {
            {
              { interest = 0, owed = 1000, repaid = 12000, year = 1 },
              { interest = 0, owed = 0, repaid = 1000, year = 2 },
            },
          } },
        { args = { plan(500, 600, 900) }, want = { { { interest = 3, owed = 0, repaid = 500, year = 1 } } } },
        { args = { { { month = 12, payment = 5, interest = 2, repaid = 3, balance = 9 },
          { month = 13, payment = 5, interest = 1, repaid = 4, balance = 5 } } },
          want = { { { interest = 2, owed = 9, repaid = 3, year = 1 }, { interest = 1, owed = 5, repaid = 4,
            year = 2 } } } },
      } },
    { name = "settle", signature = "settle(rows, month, fee) -> cents to pay, cents of interest saved",
      pre = function(a) return a[1][a[2]] ~= nil end,
      post = function(a, r) return r[1] >= a[1][a[2]].balance and r[2] >= 0 end,
      hidden = function(rng, i)
        local balance = loan(rng)
        local rows = plan(balance, rate(rng), balance // rng.int(3, 9) + balance // 30 + 5)
        return { rows, i % 8 == 0 and #rows + 1 or rng(#rows), rng.pick { 0, 25, 50, 100, 200 } }
      end,
      examples = {
        { args = { SHORT, 1, 100 }, want = { 6161, 22 } },
        { args = { SHORT, 1, 0 }, want = { 6100, 83 } },
        { args = { SHORT, 2, 500 }, want = { 2183, 0 } },
        { args = { SHORT, 3, 100 }, want = { 0, 0 } },
        { args = { LONG, 6, 50 }, want = { 69311, 1189 } },
        { args = { LONG, 12, 300 }, want = { 16500, 0 } },
        { args = { SHORT, 4, 100 }, want_error = "no month 4$" },
        { args = { {}, 1, 100 }, want_error = "no month 1$" },
      } },
  },
  integration = { name = "compare", signature = "compare(balance, offers) -> index of the best, payment and cost of "
    .. "each",
    pre = function(a)
      if a[1] <= 0 then return false end
      for _, offer in ipairs(a[2]) do if offer.months < 1 or offer.rate < 0 then return false end end
      return true
    end,
    post = function(a, r)
      if #a[2] == 0 then return r[1] == nil end
      for _, entry in ipairs(r[2]) do if entry.cost < r[2][r[1]].cost then return false end end
      return #a[2] == #r[2]
    end,
    hidden = function(rng, i)
      local offers = rng.list(1, 3, function()
        return { rate = rate(rng), months = rng.int(1, 14), fee = rng.chance(0.5) and rng.int(0, 900) or nil }
      end)
      if i % 4 == 0 then offers[2] = { rate = 0, months = rng(9) } offers[1] = { rate = 0, months = rng(9) } end
      if i % 9 == 0 then offers[1].months = 0 end
      return { i % 13 == 0 and 0 or loan(rng), offers }
    end,
    examples = {
      { args = { 10000, { { rate = 1200, months = 3 } } }, want = { 1, { { cost = 201, payment = 3401 } } } },
      { args = { 10000, { { rate = 1200, months = 3 }, { rate = 600, months = 3 } } },
        want = { 2, { { cost = 201, payment = 3401 }, { cost = 100, payment = 3367 } } } },
      { args = { 10000, { { rate = 1200, months = 3 }, { rate = 600, months = 3, fee = 200 } } },
        want = { 1, { { cost = 201, payment = 3401 }, { cost = 300, payment = 3367 } } } },
      { args = { 12000, { { rate = 0, months = 3 }, { rate = 0, months = 6 } } },
        want = { 2, { { cost = 0, payment = 4000 }, { cost = 0, payment = 2000 } } } },
      { args = { 12000, { { rate = 0, months = 6 }, { rate = 0, months = 3, fee = 1 } } },
        want = { 1, { { cost = 0, payment = 2000 }, { cost = 1, payment = 4000 } } } },
      { args = { 50000, { { rate = 450, months = 14 }, { rate = 900, months = 6 } } },
        want = { 2, { { cost = 1418, payment = 3673 }, { cost = 1322, payment = 8554 } } } },
      { args = { 0, { { rate = 450, months = 14 } } }, want_error = "nothing to borrow$" },
      { args = { 500, { { rate = 450, months = 0 } } }, want_error = "no months to pay in$" },
      { args = { 500, { { rate = 450, months = 3 }, { rate = -1, months = 3 } } }, want_error = "negative rate$" },
      { args = { 500, {} }, want = { [2] = {} } },
    } },
}
