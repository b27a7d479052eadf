-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the rule of centuries is wrong", kind = "domain", fn = "M.month_length",
    find = "year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)",
    replace = "year % (year % 100 == 0 and 100 or 4) == 0" },
  { title = "a missing day runs over into the next month", kind = "case", fn = "M.add_months",
    find = [[
  local last = M.month_length(year, month)
  return { year = year, month = month, day = math.min(date.day, last) }]],
    replace = [[
  local first = M.number({ year = year, month = month, day = 1 })
  return M.from_number(first + date.day - 1)]] },
  { title = "weeks are counted from January within the calendar year", kind = "domain", fn = "M.week",
    find = [[
  local first = M.number({ year = year, month = 1, day = 1 })
  return year, (thursday - first) // 7 + 1]],
    replace = [[
  local first = M.number({ year = date.year, month = 1, day = 1 })
  return date.year, (number - first) // 7 + 1]] },
}
