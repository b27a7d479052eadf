-- Time tables of five fields (minute hour day month weekday): reading them, matching a time, and finding the next.
local M = {}

local LIMITS = { { 0, 59 }, { 0, 23 }, { 1, 31 }, { 1, 12 }, { 0, 6 } }
local NAMES = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" }

-- A number or the name of a weekday; 7 is Sunday too.
function M.number(word, field)
  local value = word:find("^%d+$") and math.tointeger(tonumber(word))
  if field == 5 and not value then
    for day, name in ipairs(NAMES) do
      if word:lower() == name then
        value = day - 1
      end
    end
  end
  if field == 5 and value == 7 then
    value = 0
  end
  if not value or value < LIMITS[field][1] or value > LIMITS[field][2] then
    error("bad value " .. word .. " in field " .. field, 0)
  end
  return value
end

-- One field ("*", "*/15", "1-5", "mon,wed", "10-50/20") as a sorted list of numbers.
function M.field(text, field)
  local chosen = {}
  for item in (text .. ","):gmatch("(.-),") do
    local body, step = item:match("^(.-)/(%d+)$")
    local width = step and math.tointeger(tonumber(step)) or 1
    if width == 0 then
      error("step of 0 in field " .. field, 0)
    end
    body = body or item
    local from, to
    if body == "*" then
      from, to = LIMITS[field][1], LIMITS[field][2]
    elseif body:find("-", 1, true) then
      local low, high = body:match("^(%w+)%-(%w+)$")
      if not low then
        error("bad range " .. body .. " in field " .. field, 0)
      end
      from, to = M.number(low, field), M.number(high, field)
      if from > to then
        error("range " .. body .. " runs backwards in field " .. field, 0)
      end
    else
      from = M.number(body, field)
      to = step and LIMITS[field][2] or from
    end
    for value = from, to, width do
      chosen[value] = true
    end
  end
  local list = {}
  for value = LIMITS[field][1], LIMITS[field][2] do
    if chosen[value] then
      list[#list + 1] = value
    end
  end
  return list
end

-- The five fields as sets, and whether day and weekday are limited at all.
function M.parse(line)
  local plan = {}
  for word in line:gmatch("%S+") do
    local index = #plan + 1
    if index > 5 then
      error("more than five fields", 0)
    end
    plan[index] = M.field(word, index)
  end
  if #plan < 5 then
    error("only " .. #plan .. " fields", 0)
  end
  plan.any_day = #plan[3] == 31
  plan.any_weekday = #plan[5] == 7
  return plan
end

local function has(list, value)
  for _, known in ipairs(list) do
    if known == value then
      return true
    end
  end
  return false
end

-- Whether a day is meant. Where both day and weekday are limited, one of them is enough.
function M.on_day(plan, day, month, weekday)
  if not has(plan[4], month) then
    return false
  end
  local by_day, by_weekday = has(plan[3], day), has(plan[5], weekday)
  if plan.any_day or plan.any_weekday then
    return by_day and by_weekday
  end
  return by_day or by_weekday
end

-- The first minute of a day (0..1439) at or after a given one, nil when there is none left.
function M.minute_after(plan, from)
  for _, hour in ipairs(plan[2]) do
    if hour * 60 + 59 >= from then
      for _, minute in ipairs(plan[1]) do
        if hour * 60 + minute >= from then
          return hour * 60 + minute
        end
      end
    end
  end
  return nil
end

-- The next starts of a plan after a moment { month, day, weekday, minute } of a common year, as
-- "month-day hh:mm", at most count of them and none later than the end of the year.
function M.upcoming(line, moment, count)
  local plan = M.parse(line)
  local lengths = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
  local month, day, weekday = moment[1], moment[2], moment[3]
  if not lengths[month] or day < 1 or day > lengths[month] then
    error("no such day", 0)
  end
  local from, starts = moment[4] + 1, {}
  while month <= 12 and #starts < count do
    if M.on_day(plan, day, month, weekday) then
      local minute = M.minute_after(plan, from)
      while minute and #starts < count do
        starts[#starts + 1] = string.format("%d-%d %02d:%02d", month, day, minute // 60, minute % 60)
        minute = M.minute_after(plan, minute + 1)
      end
    end
    from, weekday, day = 0, (weekday + 1) % 7, day + 1
    if day > lengths[month] then
      month, day = month + 1, 1
    end
  end
  return starts
end

return M
