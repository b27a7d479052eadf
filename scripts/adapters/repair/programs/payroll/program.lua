-- Pay by the hour: clock times to minutes, overtime by week, tax in brackets, deductions, and a slip for each person.
local M = {}

-- "08:30-12:00" -> minutes worked; past midnight counts on.
function M.span(text)
  local h1, m1, h2, m2 = text:match("^(%d%d):(%d%d)%-(%d%d):(%d%d)$")
  if not h1 then
    error("bad span: " .. text, 0)
  end
  local from, to = h1 * 60 + m1, h2 * 60 + m2
  if tonumber(m1) > 59 or tonumber(m2) > 59 or from >= 1440 or to > 1440 then
    error("no such time: " .. text, 0)
  end
  return math.tointeger((to - from) % 1440)
end

-- Minutes of a week of days (each a list of spans): normal, overtime above 40 hours, and Sunday (day 7) apart.
-- A day of more than six hours loses half an hour unless it has a gap, that is more than one span.
function M.week(days)
  local normal, sunday = 0, 0
  for day, spans in ipairs(days) do
    local minutes = 0
    for _, span in ipairs(spans) do
      minutes = minutes + M.span(span)
    end
    if minutes > 360 and #spans == 1 then
      minutes = minutes - 30
    end
    if day == 7 then
      sunday = minutes
    else
      normal = normal + minutes
    end
  end
  local overtime = math.max(0, normal - 2400)
  return { normal = normal - overtime, overtime = overtime, sunday = sunday }
end

-- Cents for the minutes of a week at so many cents an hour: overtime at 125 percent, Sunday at 150.
function M.gross(week, rate)
  if rate <= 0 then
    error("rate must be positive", 0)
  end
  local weighted = week.normal * 100 + week.overtime * 125 + week.sunday * 150
  return (weighted * rate + 3000) // 6000
end

-- Tax on cents by brackets { up to (absent: no end), percent }, each part at its own rate, rounded down at the end.
function M.tax(cents, brackets)
  local hundredths, floor = 0, 0
  for _, bracket in ipairs(brackets) do
    local top = bracket[1] or cents
    if bracket[1] and top <= floor then
      error("brackets out of order at " .. top, 0)
    end
    if cents > floor then
      hundredths = hundredths + (math.min(cents, top) - floor) * bracket[2]
    end
    floor = top
  end
  return hundredths // 100
end

-- What is taken off after tax, in order: a fixed sum, or a percentage of the gross; never below a protected rest.
function M.deduct(gross, net, items, protected)
  local taken = {}
  for i, item in ipairs(items) do
    local wish = item.cents or gross * item.percent // 100
    local room = math.max(0, net - protected)
    local amount = wish < room and wish or room
    taken[i] = { name = item.name, amount = amount, short = wish > amount }
    net = net - amount
  end
  return net, taken
end

-- Slips of a list of people { name, rate, weeks, items }: gross, tax and net of each, and the sums.
function M.run(people, brackets, protected)
  local slips, total = {}, { gross = 0, tax = 0, net = 0 }
  for i, person in ipairs(people) do
    local gross = 0
    for _, days in ipairs(person.weeks) do
      gross = gross + M.gross(M.week(days), person.rate)
    end
    local tax = M.tax(gross, brackets)
    local net, taken = M.deduct(gross, gross - tax, person.items or {}, protected)
    slips[i] = { name = person.name, gross = gross, tax = tax, net = net, taken = taken }
    for key, sum in pairs(total) do
      total[key] = sum + slips[i][key]
    end
  end
  return slips, total
end

return M
