local function two(n) return ("%02d"):format(n) end
local function span(rng)
  local from = rng.int(6, 22)
  return two(from) .. ":" .. rng.pick { "00", "30", "15" } .. "-" .. two((from + rng.int(1, 10)) % 24) .. ":"
    .. rng.pick { "00", "45" }
end
local BAD = { "8:00-9:00", "08:00", "08:60-09:00", "24:00-02:00", "08:00-25:00", "08:00-24:01", "" }
local function span_ok(text)
  local a, b, c, d = text:match "^(%d%d):(%d%d)%-(%d%d):(%d%d)$"
  if not a then return false end
  return tonumber(b) < 60 and tonumber(d) < 60 and tonumber(a) < 24 and (tonumber(c) < 24 or c .. d == "2400")
end
local function days(rng, n) return rng.list(n, 7, function() return rng.list(0, 2, function()
  return span(rng) end) end) end
local function days_ok(list)
  for _, spans in ipairs(list) do for _, s in ipairs(spans) do if not span_ok(s) then return false end end end
  return true
end
local STEPS = { { 100000, 0 }, { 300000, 20 }, { nil, 40 } }
local TWO = { { 50000, 10 }, { 90000, 30 } }
local LATE = { { 5000, 10 }, { 5000, 20 } }
local function in_order(brackets)
  local floor = 0
  for _, b in ipairs(brackets) do
    if b[1] and b[1] <= floor then return false end
    floor = b[1] or floor
  end
  return true
end
local FULL = { { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" } }
local function wk(n, o, s) return { normal = n, overtime = o, sunday = s } end

return {
  job = "computes pay from clock times: overtime, tax brackets, deductions and slips",
  brief = "Money is in cents, time in minutes. Above 2400 minutes a week is overtime (125 percent); day 7 is Sunday "
    .. "(150 "
    .. "percent) and does not count for overtime. A bracket is { up to, percent }.",
  blocks = {
    { name = "span", signature = "span(text) -> minutes",
      pre = function(a) return span_ok(a[1]) end,
      post = function(_, r) return r[1] >= 0 and r[1] < 1440 end,
      hidden = function(rng, i) return { i % 4 == 0 and rng.pick(BAD) or span(rng) } end,
      examples = {
        { args = { "08:00-09:00" }, want = { 60 } },
        { args = { "08:30-12:15" }, want = { 225 } },
        { args = { "22:00-06:00" }, want = { 480 } },
        { args = { "00:00-00:00" }, want = { 0 } },
        { args = { "20:00-24:00" }, want = { 240 } },
        { args = { "23:59-00:00" }, want = { 1 } },
        { args = { "8:00-9:00" }, want_error = "bad span: 8:00%-9:00$" },
        { args = { "08:00-24:30" }, want_error = "no such time: 08:00%-24:30$" },
        { args = { "08:75-09:00" }, want_error = "no such time: 08:75%-09:00$" },
      } },
    { name = "week", signature = "week(days) -> { normal, overtime, sunday }",
      pre = function(a) return days_ok(a[1]) end,
      post = function(_, r) return r[1].normal <= 2400 and r[1].overtime >= 0 end,
      hidden = function(rng, i)
        local list = days(rng, i % 2 == 0 and 7 or 0)
        if i % 3 == 0 then list = { table.unpack(FULL) } list[6] = { span(rng) } end
        if i % 8 == 0 then list[1] = { rng.pick(BAD) } end
        return { list }
      end,
      examples = {
        { args = { {} }, want = { wk(0, 0, 0) } },
        { args = { FULL }, want = { wk(2400, 0, 0) } },
        { args = { { { "08:00-14:00" } } }, want = { wk(360, 0, 0) } },
        { args = { { { "08:00-15:00" } } }, want = { wk(390, 0, 0) } },
        { args = { { { "08:00-12:00", "13:00-17:00" } } }, want = { wk(480, 0, 0) } },
        { args = { { {}, {}, {}, {}, {}, {}, { "10:00-12:00" } } }, want = { wk(0, 0, 120) } },
        { args = { { { "00:00-23:00" }, { "00:00-20:00" } } }, want = { wk(2400, 120, 0) } },
        { args = { { { "late" } } }, want_error = "bad span: late$" },
      } },
    { name = "gross", signature = "gross(week, rate) -> cents",
      pre = function(a) return a[2] > 0 end,
      post = function(_, r) return r[1] >= 0 end,
      hidden = function(rng, i)
        return { wk(rng.int(0, 2400), rng.pick { 0, rng.int(1, 600) }, rng.pick { 0, rng.int(1, 480) }), i % 8 == 0
          and 0 or rng.int(900, 4000) }
      end,
      examples = {
        { args = { wk(60, 0, 0), 1000 }, want = { 1000 } },
        { args = { wk(0, 60, 0), 1000 }, want = { 1250 } },
        { args = { wk(0, 0, 60), 1000 }, want = { 1500 } },
        { args = { wk(2400, 60, 60), 2000 }, want = { 85500 } },
        { args = { wk(1, 0, 0), 1000 }, want = { 17 } },
        { args = { wk(1, 0, 0), 30 }, want = { 1 } },
        { args = { wk(1, 0, 0), 29 }, want = { 0 } },
        { args = { wk(1, 0, 0), 0 }, want_error = "rate must be positive$" },
      } },
    { name = "tax", signature = "tax(cents, brackets) -> cents",
      pre = function(a) return in_order(a[2]) end,
      post = function(a, r) return r[1] >= 0 and r[1] <= a[1] end,
      hidden = function(rng, i) return { rng.int(0, 500000), i % 8 == 0 and LATE or rng.pick { STEPS, STEPS,
        TWO } } end,
      examples = {
        { args = { 100000, STEPS }, want = { 0 } },
        { args = { 200000, STEPS }, want = { 20000 } },
        { args = { 400000, STEPS }, want = { 80000 } },
        { args = { 0, STEPS }, want = { 0 } },
        { args = { 100009, STEPS }, want = { 1 } },
        { args = { 100000, TWO }, want = { 17000 } },
        { args = { 5000, {} }, want = { 0 } },
        { args = { 1000, LATE }, want_error = "brackets out of order at 5000$" },
      } },
    { name = "deduct", signature = "deduct(gross, net, items, protected) -> net, list of { name, amount, short }",
      pre = function() return true end,
      post = function(a, r)
        local sum = r[1]
        for _, t in ipairs(r[2]) do sum = sum + t.amount end
        return sum == a[2]
      end,
      hidden = function(rng)
        local gross = rng.int(1000, 9000)
        return { gross, gross - rng.int(0, 900), rng.list(0, 3, function()
          return rng.chance(0.5) and { name = "fixed", cents = rng.int(0, 3000) } or { name = "part",
            percent = rng.int(1, 40) }
        end), rng.pick { 0, 500, 3000 } }
      end,
      examples = {
        { args = { 1000, 900, {}, 0 }, want = { 900, {} } },
        { args = { 1000, 900, { { name = "a", cents = 100 } }, 0 },
          want = { 800, { { name = "a", amount = 100, short = false } } } },
        { args = { 1000, 900, { { name = "p", percent = 5 } }, 0 },
          want = { 850, { { name = "p", amount = 50, short = false } } } },
        { args = { 1000, 900, { { name = "a", cents = 950 } }, 0 },
          want = { 0, { { name = "a", amount = 900, short = true } } } },
        { args = { 1000, 900, { { name = "a", cents = 500 } }, 600 },
          want = { 600, { { name = "a", amount = 300, short = true } } } },
        { args = { 1000, 500, { { name = "a", cents = 1 } }, 600 },
          want = { 500, { { name = "a", amount = 0, short = true } } } },
        { args = { 999, 900, { { name = "p", percent = 10 } }, 0 },
          want = { 801, { { name = "p", amount = 99, short = false } } } },
        { args = { 1000, 900, { { name = "a", cents = 0 } }, 900 },
          want = { 900, { { name = "a", amount = 0, short = false } } } },
      } },
  },
  integration = { name = "run", signature = "run(people, brackets, protected) -> slips, total { gross, tax, net }",
    pre = function(a)
      for _, p in ipairs(a[1]) do
        for _, w in ipairs(p.weeks) do if not days_ok(w) then return false end end
        if #p.weeks > 0 and p.rate <= 0 then return false end
      end
      return #a[1] == 0 or in_order(a[2])
    end,
    post = function(a, r) return #r[1] == #a[1] end,
    hidden = function(rng, i)
      local people = rng.list(1, 2, function(k)
        return { name = "p" .. k, rate = i % 9 == 0 and -1 or rng.int(900, 9000), weeks = rng.list(0, 3, function()
          return rng.chance(0.5) and FULL or days(rng, 5) end),
          items = rng.chance(0.6) and { { name = "club", cents = rng.int(1, 9000) }, { name = "fund", percent = 7 } }
            or nil }
      end)
      return { people, i % 10 == 0 and LATE or rng.pick { STEPS, TWO }, rng.pick { 0, 40000 } }
    end,
    examples = {
      { args = { {}, STEPS, 0 }, want = { {}, { gross = 0, tax = 0, net = 0 } } },
      { args = { { { name = "a", rate = 1000, weeks = {} } }, STEPS, 0 },
        want = { { { gross = 0, name = "a", net = 0, taken = {}, tax = 0 } }, { gross = 0, net = 0, tax = 0 } } },
      { args = { { { name = "a", rate = 1000, weeks = { FULL } } }, TWO, 0 },
        want = {
          { { gross = 40000, name = "a", net = 36000, taken = {}, tax = 4000 } },
          { gross = 40000, net = 36000, tax = 4000 },
        } },
      { args = {
          {
            {
              items = { { name = "x", percent = 10 } }, name = "a", rate = 4000,
              weeks = {
                { { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" } },
                { { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" } },
              },
            },
          },
          { { 100000, 0 }, { 300000, 20 }, { nil, 40 } }, 0,
        },
        want = {
          {
            {
              gross = 320000, name = "a", net = 240000, taken = { { amount = 32000, name = "x", short = false } },
              tax = 48000,
            },
          },
          { gross = 320000, net = 240000, tax = 48000 },
        } },
      { args = {
          {
            {
              name = "a", rate = 1000,
              weeks = {
                { { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" } },
              },
            },
            {
              name = "b", rate = 2000,
              weeks = {
                { { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" }, { "08:00-16:30" } },
              },
            },
          },
          { { 100000, 0 }, { 300000, 20 }, { nil, 40 } }, 0,
        },
        want = {
          {
            { gross = 40000, name = "a", net = 40000, taken = {}, tax = 0 },
            { gross = 80000, name = "b", net = 80000, taken = {}, tax = 0 },
          },
          { gross = 120000, net = 120000, tax = 0 },
        } },
      { args = { { { name = "a", rate = 0, weeks = { FULL } } }, STEPS, 0 }, want_error = "rate must be positive$" },
      { args = { { { name = "a", rate = 9, weeks = { { { "x" } } } } }, STEPS, 0 }, want_error = "bad span: x$" },
      { args = { { { name = "a", rate = 9, weeks = {} } }, LATE, 0 }, want_error = "brackets out of order at 5000$" },
    } },
}
