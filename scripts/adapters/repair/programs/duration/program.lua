-- Lengths of time and clock times: reading and writing them, spans over midnight, zones with offsets, and rounding.
local M = {}

local UNITS = { w = 604800, d = 86400, h = 3600, m = 60, s = 1 }

-- "1h30m", "90s", "2d 4h" -> seconds. Every unit once, from large to small.
function M.read(text)
  local total, last, rest = 0, math.huge, text:gsub("%s+", "")
  if rest == "" then
    error("no duration", 0)
  end
  while rest ~= "" do
    local digits, unit, after = rest:match("^(%d+)([wdhms])(.*)$")
    if not digits then
      error("bad duration: " .. text, 0)
    end
    if UNITS[unit] >= last then
      error("unit " .. unit .. " is out of order", 0)
    end
    total = total + math.tointeger(tonumber(digits)) * UNITS[unit]
    last, rest = UNITS[unit], after
  end
  return total
end

-- The shortest way to write it with at most so many units; what does not fit is rounded to the last unit shown.
function M.write(seconds, most)
  local sign = ""
  if seconds < 0 then
    sign, seconds = "-", -seconds
  end
  local order, first = { "w", "d", "h", "m", "s" }, 5
  for i = 5, 1, -1 do
    if seconds >= UNITS[order[i]] then
      first = i
    end
  end
  local last = math.min(first + most - 1, 5)
  local grain = UNITS[order[last]]
  seconds = (seconds + grain // 2) // grain * grain
  local parts = {}
  for _, unit in ipairs(order) do
    local count = seconds // UNITS[unit]
    if count > 0 then
      parts[#parts + 1] = count .. unit
      seconds = seconds - count * UNITS[unit]
    end
  end
  if #parts == 0 then
    return "0s"
  end
  return sign .. table.concat(parts, " ")
end

-- "7:05", "07:05:09", "7:05 pm", "12 am" -> second of the day.
function M.clock(text)
  local hour, more, half = text:lower():match("^(%d%d?)([:%d]*)%s*([ap]?m?)$")
  local minute, second
  if hour and more == "" and half ~= "" then
    minute, second = "0", "0"
  elseif hour then
    minute, second = more:match("^:(%d%d):?(%d*)$")
    second = second ~= "" and second or "0"
  end
  if not minute or #half == 1 or (#second ~= 2 and second ~= "0") then
    error("bad clock time: " .. text, 0)
  end
  hour, minute, second = math.tointeger(tonumber(hour)), math.tointeger(tonumber(minute)),
    math.tointeger(tonumber(second))
  if half ~= "" then
    if hour < 1 or hour > 12 then
      error("no hour " .. hour .. " " .. half, 0)
    end
    hour = hour % 12
    if half == "pm" then
      hour = hour + 12
    end
  end
  if hour > 23 or minute > 59 or second > 59 then
    error("no such time: " .. text, 0)
  end
  return hour * 3600 + minute * 60 + second
end

-- "+05:30", "-3", "Z" -> seconds east of the zero meridian.
function M.offset(text)
  if text == "Z" or text == "z" then
    return 0
  end
  local sign, hours, minutes = text:match("^([+-])(%d%d?):?(%d*)$")
  if not sign or (minutes ~= "" and #minutes ~= 2) then
    error("bad offset: " .. text, 0)
  end
  local seconds = tonumber(hours) * 3600
  if minutes ~= "" then
    seconds = seconds + tonumber(minutes) * 60
  end
  if seconds > 14 * 3600 or tonumber(minutes == "" and "0" or minutes) > 59 then
    error("offset out of range: " .. text, 0)
  end
  if sign == "-" then
    seconds = -seconds
  end
  return seconds
end

-- A second of the day seen from another zone: the second there, and by how many days the date differs.
function M.shift(second, from, to)
  local there = second - M.offset(from) + M.offset(to)
  return there % 86400, there // 86400
end

-- A trip leaves and arrives by local clocks ("22:15 +01:00" to "7:40 -5"): how long it takes, taking the first
-- arrival that is not before the start, and the clock of arrival with its days.
function M.trip(leave, arrive)
  local start_clock, start_zone = leave:match("^(.-)%s+(%S+)$")
  local stop_clock, stop_zone = arrive:match("^(.-)%s+(%S+)$")
  if not start_clock or not stop_clock then
    error("time without a zone", 0)
  end
  local start, stop = M.clock(start_clock), M.clock(stop_clock)
  local begin = start - M.offset(start_zone)
  local finish = stop - M.offset(stop_zone)
  local length = (finish - begin) % 86400
  local local_stop = M.shift(start, start_zone, stop_zone) + length
  local _, days = M.shift(start + length, start_zone, stop_zone)
  return M.write(length, 2), string.format("%02d:%02d", local_stop // 3600 % 24, local_stop // 60 % 60), days
end

return M
