local LENGTH = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function length(year, month)
  if month == 2 and (year % 400 == 0 or year % 4 == 0 and year % 100 ~= 0) then return 29 end
  return LENGTH[month]
end

local function date(rng)
  local year = rng.pick { 1900, 1999, 2000, 2004, 2023, 2024, 2100, rng.int(1600, 2400) }
  local month = rng.chance(0.4) and rng.pick { 1, 2, 3, 12 } or rng(12)
  local last = length(year, month)
  return { year = year, month = month, day = rng.chance(0.4) and last or rng(last) }
end

local function text(d) return ("%04d-%02d-%02d"):format(d.year, d.month, d.day) end

local function valid(s)
  local y, m, d = s:match "^(%d%d%d%d)-(%d%d?)-(%d%d?)$"
  y, m, d = tonumber(y), tonumber(m), tonumber(d)
  return y ~= nil and m >= 1 and m <= 12 and d >= 1 and d <= length(y, m)
end

local function all_valid(list)
  for _, s in ipairs(list) do if not valid(s) then return false end end
  return true
end

local function D(y, m, d) return { year = y, month = m, day = d } end

return {
  job = "Gregorian date arithmetic: day numbers, weekdays, ISO weeks, working days",
  brief = "A date is { year, month, day } of the proleptic Gregorian calendar; day 0 is 1 January of year 1, a Monday.",
  blocks = {
    { name = "month_length", signature = "month_length(year, month) -> days",
      pre = function(a) return a[2] >= 1 and a[2] <= 12 end,
      post = function(a, r) return r[1] == length(a[1], a[2]) end,
      hidden = function(rng, i)
        return { rng.pick { 1900, 2000, 2023, 2024, 2100, 2400 }, i % 8 == 0 and rng.pick { 0, 13 } or rng.pick { 2,
          2, rng(12) } }
      end,
      examples = {
        { args = { 2023, 1 }, want = { 31 } },
        { args = { 2023, 2 }, want = { 28 } },
        { args = { 2024, 2 }, want = { 29 } },
        { args = { 1900, 2 }, want = { 28 } },
        { args = { 2000, 2 }, want = { 29 } },
        { args = { 2023, 4 }, want = { 30 } },
        { args = { 2023, 12 }, want = { 31 } },
        { args = { 2023, 13 }, want_error = "no month 13$" },
        { args = { 2023, 0 }, want_error = "no month 0$" },
      } },
    { name = "parse", signature = "parse('YYYY-MM-DD') -> date",
      pre = function(a) return valid(a[1]) end,
      post = function(_, r) return valid(text(r[1])) end,
      hidden = function(rng, i)
        local d = date(rng)
        if i % 4 == 0 then d[rng.pick { "day", "month" }] = rng.pick { 0, 13, 30, 31, 32 } end
        return { i % 7 == 0 and text(d) .. rng.pick { "x", " ", "-1" } or text(d) }
      end,
      examples = {
        { args = { "2024-02-29" }, want = { { day = 29, month = 2, year = 2024 } } },
        { args = { "1999-12-31" }, want = { { day = 31, month = 12, year = 1999 } } },
        { args = { "2024-2-9" }, want = { { day = 9, month = 2, year = 2024 } } },
        { args = { "2023-02-29" }, want_error = "no day 29 in month 2$" },
        { args = { "2023-13-01" }, want_error = "no month 13$" },
        { args = { "2023-04-31" }, want_error = "no day 31 in month 4$" },
        { args = { "23-04-01" }, want_error = "not a date: 23%-04%-01$" },
        { args = { "2023-04-00" }, want_error = "no day 0 in month 4$" },
        { args = { "yesterday" }, want_error = "not a date: yesterday$" },
      } },
    { name = "number", signature = "number(date) -> days since 0001-01-01",
      pre = function() return true end,
      post = function(a, r) return (r[1] - a[1].day + 1) // 28 >= 12 * (a[1].year - 1) end,
      hidden = function(rng) return { date(rng) } end,
      examples = {
        { args = { D(1, 1, 1) }, want = { 0 } },
        { args = { D(1, 12, 31) }, want = { 364 } },
        { args = { D(2, 1, 1) }, want = { 365 } },
        { args = { D(1970, 1, 1) }, want = { 719162 } },
        { args = { D(2000, 2, 29) }, want = { 730178 } },
        { args = { D(2000, 3, 1) }, want = { 730179 } },
        { args = { D(1900, 3, 1) }, want = { 693654 } },
        { args = { D(2024, 12, 31) }, want = { 739250 } },
      } },
    { name = "from_number", signature = "from_number(days) -> date",
      pre = function() return true end,
      post = function(_, r) return r[1].day >= 1 and r[1].day <= length(r[1].year, r[1].month) end,
      hidden = function(rng)
        return { rng.chance(0.4) and 365 * rng.int(0, 2400) + rng.int(-3, 600) + 5 or rng.int(0, 900000) }
      end,
      examples = {
        { args = { 0 }, want = { { day = 1, month = 1, year = 1 } } },
        { args = { 364 }, want = { { day = 31, month = 12, year = 1 } } },
        { args = { 365 }, want = { { day = 1, month = 1, year = 2 } } },
        { args = { 1460 }, want = { { day = 31, month = 12, year = 4 } } },
        { args = { 36523 }, want = { { day = 31, month = 12, year = 100 } } },
        { args = { 146096 }, want = { { day = 31, month = 12, year = 400 } } },
        { args = { 719162 }, want = { { day = 1, month = 1, year = 1970 } } },
        { args = { 730178 }, want = { { day = 29, month = 2, year = 2000 } } },
        { args = { 738945 }, want = { { day = 1, month = 3, year = 2024 } } },
      } },
    { name = "add_months", signature = "add_months(date, months) -> date, clipped to the month's end",
      pre = function() return true end,
      post = function(a, r) return (r[1].year - a[1].year) * 12 + r[1].month - a[1].month == a[2] end,
      hidden = function(rng) return { date(rng), rng.int(-30, 30) } end,
      examples = {
        { args = { D(2023, 1, 15), 1 }, want = { { day = 15, month = 2, year = 2023 } } },
        { args = { D(2023, 1, 31), 1 }, want = { { day = 28, month = 2, year = 2023 } } },
        { args = { D(2024, 1, 31), 1 }, want = { { day = 29, month = 2, year = 2024 } } },
        { args = { D(2023, 11, 30), 2 }, want = { { day = 30, month = 1, year = 2024 } } },
        { args = { D(2023, 3, 31), -1 }, want = { { day = 28, month = 2, year = 2023 } } },
        { args = { D(2023, 1, 1), -1 }, want = { { day = 1, month = 12, year = 2022 } } },
        { args = { D(2023, 12, 5), 12 }, want = { { day = 5, month = 12, year = 2024 } } },
        { args = { D(2023, 12, 5), 0 }, want = { { day = 5, month = 12, year = 2023 } } },
      } },
    { name = "weekday", signature = "weekday(date) -> Mon..Sun",
      pre = function() return true end,
      post = function(_, r) return #r[1] == 3 end,
      hidden = function(rng) return { date(rng) } end,
      examples = {
        { args = { D(1, 1, 1) }, want = { "Mon" } },
        { args = { D(2024, 2, 29) }, want = { "Thu" } },
        { args = { D(1970, 1, 1) }, want = { "Thu" } },
        { args = { D(2000, 1, 1) }, want = { "Sat" } },
        { args = { D(2023, 12, 25) }, want = { "Mon" } },
        { args = { D(1900, 1, 1) }, want = { "Mon" } },
        { args = { D(2026, 11, 20) }, want = { "Fri" } },
        { args = { D(2023, 1, 1) }, want = { "Sun" } },
      } },
    { name = "week", signature = "week(date) -> ISO year, ISO week",
      pre = function() return true end,
      post = function(a, r) return math.abs(r[1] - a[1].year) <= 1 and r[2] >= 1 and r[2] <= 53 end,
      hidden = function(rng)
        local d = date(rng)
        if rng.chance(0.6) then d = rng.chance(0.5) and D(rng.int(1990, 2030), 1, rng(7)) or D(rng.int(1990, 2030),
          12, rng.int(25, 31)) end
        return { d }
      end,
      examples = {
        { args = { D(2023, 1, 1) }, want = { 2022, 52 } },
        { args = { D(2023, 1, 2) }, want = { 2023, 1 } },
        { args = { D(2020, 12, 31) }, want = { 2020, 53 } },
        { args = { D(2021, 1, 3) }, want = { 2020, 53 } },
        { args = { D(2024, 12, 30) }, want = { 2025, 1 } },
        { args = { D(2024, 6, 15) }, want = { 2024, 24 } },
        { args = { D(2015, 1, 1) }, want = { 2015, 1 } },
        { args = { D(2016, 1, 3) }, want = { 2015, 53 } },
      } },
    { name = "add_workdays", signature = "add_workdays(date, count, holidays) -> date",
      pre = function(a) return a[2] >= 0 and all_valid(a[3]) end,
      post = function(a, r) return r[1].year >= a[1].year end,
      hidden = function(rng, i)
        local d = date(rng)
        local holidays = rng.list(0, 3, function() return text(D(d.year, d.month, rng(28))) end)
        if i % 9 == 0 then holidays[#holidays + 1] = "2023-02-30" end
        return { d, i % 7 == 0 and -1 or rng.int(0, 12), holidays }
      end,
      examples = {
        { args = { D(2024, 3, 1), 1, {} }, want = { { day = 4, month = 3, year = 2024 } } },
        { args = { D(2024, 3, 4), 1, {} }, want = { { day = 5, month = 3, year = 2024 } } },
        { args = { D(2024, 3, 2), 0, {} }, want = { { day = 2, month = 3, year = 2024 } } },
        { args = { D(2024, 3, 1), 5, { "2024-03-05" } }, want = { { day = 11, month = 3, year = 2024 } } },
        { args = { D(2023, 12, 22), 2, { "2023-12-25", "2023-12-26" } },
          want = { { day = 28, month = 12, year = 2023 } } },
        { args = { D(2023, 12, 29), 1, { "2024-01-01" } }, want = { { day = 2, month = 1, year = 2024 } } },
        { args = { D(2024, 3, 1), -1, {} }, want_error = "cannot count back$" },
        { args = { D(2024, 3, 1), 1, { "2024-3" } }, want_error = "not a date: 2024%-3$" },
      } },
  },
  integration = { name = "schedule",
    signature = "schedule(start, every months, times, holidays) -> rows 'Mon 2024-01-01 W01'",
    pre = function(a) return a[2] >= 1 and valid(a[1]) and (a[3] < 1 or all_valid(a[4])) end,
    post = function(a, r) return #r[1] == math.max(0, a[3]) end,
    hidden = function(rng, i)
      local start = text(date(rng))
      if i % 8 == 0 then start = "2023-02-31" end
      return { start, i % 7 == 0 and 0 or rng.int(1, 6), rng.int(1, 4), rng.list(0, 2,
        function() return text(date(rng)) end) }
    end,
    examples = {
      { args = { "2024-01-31", 1, 3, {} },
        want = { { "Wed 2024-01-31 W05", "Thu 2024-02-29 W09", "Mon 2024-04-01 W14" } } },
      { args = { "2024-01-31", 1, 1, { "2024-01-31" } }, want = { { "Thu 2024-02-01 W05" } } },
      { args = { "2024-03-02", 3, 2, {} }, want = { { "Mon 2024-03-04 W10", "Mon 2024-06-03 W23" } } },
      { args = { "2024-12-31", 1, 2, { "2024-12-31", "2025-01-01" } },
        want = { { "Thu 2025-01-02 W01", "Fri 2025-01-31 W05" } } },
      { args = { "2024-05-05", 1, 0, {} }, want = { {} } },
      { args = { "2024-05-05", 0, 2, {} }, want_error = "interval of at least a month$" },
      { args = { "2024-13-05", 1, 2, {} }, want_error = "no month 13$" },
      { args = { "1999-12-31", 12, 3, {} },
        want = { { "Fri 1999-12-31 W52", "Mon 2001-01-01 W01", "Mon 2001-12-31 W01" } } },
    } },
}
