local LOW, HIGH = { 0, 0, 1, 1, 0 }, { 59, 23, 31, 12, 6 }
local DAYS = { sun = 0, mon = 1, tue = 2, wed = 3, thu = 4, fri = 5, sat = 6 }

local function value_of(word, field)
  local n = word:find "^%d+$" and tonumber(word) or (field == 5 and DAYS[word:lower()])
  if field == 5 and n == 7 then n = 0 end
  return n and n >= LOW[field] and n <= HIGH[field] and n
end

local function field_ok(text, field)
  for item in (text .. ","):gmatch "(.-)," do
    local body, step = item:match "^(.-)/(%d+)$"
    if step and tonumber(step) == 0 then return false end
    body = body or item
    if body ~= "*" then
      local a, b = body:match "^(%w+)%-(%w+)$"
      if not a then a, b = body, body end
      local x, y = value_of(a, field), value_of(b, field)
      if not x or not y or x > y then return false end
    end
  end
  return true
end

local function line_ok(line)
  local n = 0
  for word in line:gmatch "%S+" do
    n = n + 1
    if n > 5 or not field_ok(word, n) then return false end
  end
  return n == 5
end

local function word(rng, field)
  if field == 5 and rng.chance(0.4) then return rng.pick { "mon", "Tue", "SAT", "sun", "7", "fri" } end
  return tostring(rng.int(LOW[field], HIGH[field]))
end

local function field_text(rng, field)
  return table.concat(rng.list(1, 2, function()
    local lo = rng.int(LOW[field], HIGH[field])
    return rng.pick { "*", "*/" .. rng.int(1, 9), word(rng, field), lo .. "-" .. rng.int(lo, HIGH[field]),
      lo .. "-" .. HIGH[field] .. "/" .. rng.int(2, 7), lo .. "/" .. rng.int(3, 8) }
  end), ",")
end

local function bad_field(rng, field)
  return rng.pick { "99", "*/0", "5-3", "x", "1-", "", "2,,3", "-1", "0-77", field == 5 and "mo" or "mon" }
end

local function line(rng, i)
  local words = {}
  for field = 1, 5 do words[field] = rng.chance(0.4) and "*" or field_text(rng, field) end
  if rng.chance(0.5) then words[4] = "*" end
  words[1] = rng.pick { "0", "*/20", "15,45", words[1] }
  if i % 5 == 0 then words[rng(5)] = rng.pick { "99", "*/0", "5-3", "x", "1-", "* *" } end
  if i % 11 == 0 then table.remove(words) end
  return table.concat(words, rng.pick { " ", "  " })
end

local function plan(rng)
  local p = {}
  for field = 1, 5 do
    p[field] = {}
    local all = rng.chance(0.4)
    for n = LOW[field], HIGH[field] do if all or rng.chance(0.3) then table.insert(p[field], n) end end
  end
  p.any_day, p.any_weekday = #p[3] == 31, #p[5] == 7
  return p
end

local function flat(days, months, weekdays)
  return { { 0 }, { 0 }, days, months, weekdays, any_day = #days == 31, any_weekday = #weekdays == 7 }
end
local WEEK, MONTH = { 0, 1, 2, 3, 4, 5, 6 }, {}
for n = 1, 31 do MONTH[n] = n end
local TWICE = { { 0, 30 }, { 6, 18 }, MONTH, { 1 }, WEEK, any_day = true, any_weekday = true }

return {
  job = "reads five-field time tables and finds the next starts in a year",
  brief = "Fields are minute, hour, day, month and weekday (0 or 7 is Sunday, names allowed). When both day and "
    .. "weekday "
    .. "are limited, a day that fits one of them counts. A moment is { month, day, weekday, minute of the day }.",
  blocks = {
    { name = "number", signature = "number(word, field) -> integer within the field's limits",
      pre = function(a) return value_of(a[1], a[2]) and true or false end,
      post = function(a, r) return r[1] >= LOW[a[2]] and r[1] <= HIGH[a[2]] end,
      hidden = function(rng, i)
        local field = rng.chance(0.4) and 5 or rng(5)
        if i % 3 == 0 then return { rng.pick { "0", "60", "24", "32", "13", "7", "8", "-1", "mon", "", "SUN", "1.5" },
          field } end
        return { word(rng, field), field }
      end,
      examples = {
        { args = { "0", 1 }, want = { 0 } },
        { args = { "59", 1 }, want = { 59 } },
        { args = { "Wed", 5 }, want = { 3 } },
        { args = { "7", 5 }, want = { 0 } },
        { args = { "07", 2 }, want = { 7 } },
        { args = { "24", 2 }, want_error = "bad value 24 in field 2$" },
        { args = { "0", 3 }, want_error = "bad value 0 in field 3$" },
        { args = { "mon", 4 }, want_error = "bad value mon in field 4$" },
        { args = { "funday", 5 }, want_error = "bad value funday in field 5$" },
      } },
    { name = "field", signature = "field(text, field) -> sorted numbers",
      pre = function(a) return field_ok(a[1], a[2]) end,
      post = function(_, r)
        for i = 2, #r[1] do if r[1][i] <= r[1][i - 1] then return false end end
        return #r[1] > 0
      end,
      hidden = function(rng, i)
        local field = rng(5)
        return { i % 4 == 0 and bad_field(rng, field) or field_text(rng, field), field }
      end,
      examples = {
        { args = { "*/15", 1 }, want = { { 0, 15, 30, 45 } } },
        { args = { "9-12", 2 }, want = { { 9, 10, 11, 12 } } },
        { args = { "1,15,7", 3 }, want = { { 1, 7, 15 } } },
        { args = { "*", 5 }, want = { { 0, 1, 2, 3, 4, 5, 6 } } },
        { args = { "mon-fri/2", 5 }, want = { { 1, 3, 5 } } },
        { args = { "50/4", 1 }, want = { { 50, 54, 58 } } },
        { args = { "3-1", 4 }, want_error = "range 3%-1 runs backwards in field 4$" },
        { args = { "*/0", 1 }, want_error = "step of 0 in field 1$" },
        { args = { "1,,2", 1 }, want_error = "bad value  in field 1$" },
        { args = { "1-2-3", 1 }, want_error = "bad range 1%-2%-3 in field 1$" },
      } },
    { name = "parse", signature = "parse(line) -> five lists, any_day, any_weekday",
      pre = function(a) return line_ok(a[1]) end,
      post = function(_, r) return #r[1] == 5 end,
      hidden = function(rng, i) return { line(rng, i) } end,
      examples = {
        { args = { "0 0 1 1 0" },
          want = { { { 0 }, { 0 }, { 1 }, { 1 }, { 0 }, any_day = false, any_weekday = false } } },
        { args = { "5,10 12 */10 6-8 sat" },
          want = {
            { { 5, 10 }, { 12 }, { 1, 11, 21, 31 }, { 6, 7, 8 }, { 6 }, any_day = false, any_weekday = false },
          } },
        { args = { "0 6 1-31 12 1-3" },
          want = {
            {
              { 0 }, { 6 },
              {
                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27,
                28, 29, 30, 31,
              },
              { 12 }, { 1, 2, 3 }, any_day = true, any_weekday = false,
            },
          } },
        { args = { " 30  4 2 2 * " },
          want = { { { 30 }, { 4 }, { 2 }, { 2 }, { 0, 1, 2, 3, 4, 5, 6 }, any_day = false, any_weekday = true } } },
        { args = { "0 0 1 1" }, want_error = "only 4 fields$" },
        { args = { "0 0 1 1 1 1" }, want_error = "more than five fields$" },
        { args = { "60 0 1 1 1" }, want_error = "bad value 60 in field 1$" },
        { args = { "" }, want_error = "only 0 fields$" },
      } },
    { name = "on_day", signature = "on_day(plan, day, month, weekday) -> boolean",
      pre = function() return true end,
      post = function(_, r) return type(r[1]) == "boolean" end,
      hidden = function(rng)
        local p = plan(rng)
        return { p, rng.int(1, 31), #p[4] > 0 and rng.chance(0.8) and rng.pick(p[4]) or rng(12), rng.int(0, 6) }
      end,
      examples = {
        { args = { flat({ 13 }, { 1, 2 }, { 5 }), 13, 1, 2 }, want = { true } },
        { args = { flat({ 13 }, { 1, 2 }, { 5 }), 14, 2, 5 }, want = { true } },
        { args = { flat({ 13 }, { 1, 2 }, { 5 }), 14, 2, 6 }, want = { false } },
        { args = { flat({ 13 }, { 1, 2 }, { 5 }), 13, 3, 5 }, want = { false } },
        { args = { flat({ 13 }, { 1, 2 }, WEEK), 14, 2, 5 }, want = { false } },
        { args = { flat({ 13 }, { 1, 2 }, WEEK), 13, 2, 0 }, want = { true } },
        { args = { flat(MONTH, { 6 }, { 1, 3 }), 20, 6, 3 }, want = { true } },
        { args = { flat(MONTH, { 6 }, { 1, 3 }), 20, 6, 4 }, want = { false } },
      } },
    { name = "minute_after", signature = "minute_after(plan, from) -> minute of the day or nil",
      pre = function() return true end,
      post = function(a, r) return r[1] == nil or r[1] >= a[2] and r[1] < 1440 end,
      hidden = function(rng) return { plan(rng), rng.pick { 0, rng.int(0, 1439), rng.int(1300, 1440) } } end,
      examples = {
        { args = { TWICE, 0 }, want = { 360 } },
        { args = { TWICE, 360 }, want = { 360 } },
        { args = { TWICE, 361 }, want = { 390 } },
        { args = { TWICE, 391 }, want = { 1080 } },
        { args = { TWICE, 1110 }, want = { 1110 } },
        { args = { TWICE, 1111 }, want = {} },
        { args = { flat(MONTH, { 1 }, WEEK), 0 }, want = { 0 } },
        { args = { flat(MONTH, { 1 }, WEEK), 1 }, want = {} },
      } },
  },
  integration = { name = "upcoming", signature = "upcoming(line, moment, count) -> list of \"month-day hh:mm\"",
    pre = function(a)
      local long = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
      return line_ok(a[1]) and long[a[2][1]] ~= nil and a[2][2] >= 1 and a[2][2] <= long[a[2][1]]
    end,
    post = function(a, r) return #r[1] <= a[3] end,
    hidden = function(rng, i)
      local moment = { rng.int(10, 12), rng.int(1, 30), rng.int(0, 6), rng.int(0, 1439) }
      if i % 10 == 0 then moment[2] = rng.pick { 0, 32 } end
      return { line(rng, i), moment, rng.int(1, 4) }
    end,
    examples = {
      { args = { "0 12 * * *", { 12, 30, 3, 800 }, 5 }, want = { { "12-31 12:00" } } },
      { args = { "*/30 8 * * *", { 3, 4, 0, 479 }, 3 }, want = { { "3-4 08:00", "3-4 08:30", "3-5 08:00" } } },
      { args = { "*/30 8 * * *", { 3, 4, 0, 480 }, 3 }, want = { { "3-4 08:30", "3-5 08:00", "3-5 08:30" } } },
      { args = { "0 0 1 * *", { 11, 15, 6, 0 }, 4 }, want = { { "12-1 00:00" } } },
      { args = { "15 9 * * mon", { 2, 26, 4, 0 }, 2 }, want = { { "3-2 09:15", "3-9 09:15" } } },
      { args = { "0 0 13 * fri", { 10, 1, 4, 0 }, 3 }, want = { { "10-2 00:00", "10-9 00:00", "10-13 00:00" } } },
      { args = { "0 0 30 2 *", { 1, 1, 4, 0 }, 1 }, want = { {} } },
      { args = { "0 0 1 1 *", { 2, 30, 4, 0 }, 1 }, want_error = "no such day$" },
      { args = { "0 25 * * *", { 1, 1, 4, 0 }, 1 }, want_error = "bad value 25 in field 2$" },
    } },
}
