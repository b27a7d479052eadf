-- Dates of the proleptic Gregorian calendar: arithmetic, weekdays, months, working days.
local M = {}

local LENGTHS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
local NAMES = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" }

function M.month_length(year, month)
  if month < 1 or month > 12 then
    error("no month " .. month, 0)
  end
  if month == 2 then
    local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
    return leap and 29 or 28
  end
  return LENGTHS[month]
end

-- "2024-02-29" -> { year, month, day }.
function M.parse(text)
  local year, month, day = text:match("^(%d%d%d%d)-(%d%d?)-(%d%d?)$")
  if not year then
    error("not a date: " .. text, 0)
  end
  year, month, day = math.tointeger(tonumber(year)), math.tointeger(tonumber(month)), math.tointeger(tonumber(day))
  if day < 1 or day > M.month_length(year, month) then
    error("no day " .. day .. " in month " .. month, 0)
  end
  return { year = year, month = month, day = day }
end

-- Days since 1 January of year 1, which is day 0.
function M.number(date)
  local years = date.year - 1
  local days = years * 365 + years // 4 - years // 100 + years // 400
  for month = 1, date.month - 1 do
    days = days + M.month_length(date.year, month)
  end
  return days + date.day - 1
end

function M.from_number(number)
  local cycles, rest = number // 146097, number % 146097
  local centuries = math.min(rest // 36524, 3)
  rest = rest - centuries * 36524
  local fours = rest // 1461
  rest = rest - fours * 1461
  local ones = math.min(rest // 365, 3)
  rest = rest - ones * 365
  local year = cycles * 400 + centuries * 100 + fours * 4 + ones + 1
  local month = 1
  while rest >= M.month_length(year, month) do
    rest = rest - M.month_length(year, month)
    month = month + 1
  end
  return { year = year, month = month, day = rest + 1 }
end

-- The same day some months on; the last day of the month when that day is missing there.
function M.add_months(date, months)
  local index = date.year * 12 + date.month - 1 + months
  local year, month = index // 12, index % 12 + 1
  local last = M.month_length(year, month)
  return { year = year, month = month, day = math.min(date.day, last) }
end

function M.weekday(date)
  return NAMES[M.number(date) % 7 + 1]
end

-- ISO week: its year and number. The week belongs to the year of its Thursday.
function M.week(date)
  local number = M.number(date)
  local thursday = number - number % 7 + 3
  local year = M.from_number(thursday).year
  local first = M.number({ year = year, month = 1, day = 1 })
  return year, (thursday - first) // 7 + 1
end

-- The date so many working days after this one; Saturdays, Sundays and holidays do not count.
function M.add_workdays(date, count, holidays)
  if count < 0 then
    error("cannot count back", 0)
  end
  local closed = {}
  for _, holiday in ipairs(holidays) do
    closed[M.number(M.parse(holiday))] = true
  end
  local number = M.number(date)
  while count > 0 do
    number = number + 1
    if number % 7 < 5 and not closed[number] then
      count = count - 1
    end
  end
  return M.from_number(number)
end

-- Due dates of a plan: `start`, then every `every` months, each moved to a working day.
function M.schedule(start, every, times, holidays)
  if every < 1 then
    error("interval of at least a month", 0)
  end
  local first, rows = M.parse(start), {}
  for i = 1, times do
    local date = M.add_months(first, (i - 1) * every)
    local before = M.from_number(M.number(date) - 1)
    local due = M.add_workdays(before, 1, holidays)
    local _, week = M.week(due)
    rows[i] = ("%s %04d-%02d-%02d W%02d"):format(M.weekday(due), due.year, due.month, due.day, week)
  end
  return rows
end

return M
