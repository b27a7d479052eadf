local RANK = { w = 1, d = 2, h = 3, m = 4, s = 5 }

local function readable(text)
  local t, last = text:gsub("%s+", ""), 0
  if t == "" or t:gsub("%d+[wdhms]", "") ~= "" then return false end
  for unit in t:gmatch "[wdhms]" do
    if RANK[unit] <= last then return false end
    last = RANK[unit]
  end
  return true
end

local function two(n) return ("%02d"):format(n) end

local function clock(rng)
  local hour = rng.int(0, 23)
  local text = rng.pick { tostring(hour), two(hour) } .. ":" .. two(rng.int(0, 59))
  if rng.chance(0.3) then text = text .. ":" .. two(rng.int(0, 59)) end
  if rng.chance(0.5) then
    text = rng.pick { 12, 12, rng.int(1, 11) } .. rng.pick { "", ":" .. two(rng.int(0, 59)) } .. rng.pick { "", " " }
      .. rng.pick { "am", "PM", "pm" }
  end
  return text
end

local BAD_CLOCK = { "24:00", "7", "7:60", "13 pm", "0 am", "7:5", "7:05:61", "7:05 p", "noon", "7:05:", "123:00", "" }

local function clock_ok(text)
  local bare = text:match "^(%d%d?)%s*[aApP][mM]$"
  if bare then return tonumber(bare) >= 1 and tonumber(bare) <= 12 end
  local h, m, rest = text:match "^(%d%d?):(%d%d)(.*)$"
  if not h or tonumber(m) > 59 then return false end
  local s = rest:match "^:(%d%d)"
  if s then
    if tonumber(s) > 59 then return false end
    rest = rest:sub(4)
  elseif rest:sub(1, 1) == ":" then
    rest = rest:sub(2)
  end
  if rest:find "^%s*[aApP][mM]$" then return tonumber(h) >= 1 and tonumber(h) <= 12 end
  return rest:find "^%s*$" ~= nil and tonumber(h) <= 23
end

local function offset(rng)
  return rng.pick { "Z", "+1", "-5", "+05:30", "-0330", "+00:00", "+14", "-11:45", "+02:00", "-8" }
end
local BAD_OFFSET = { "5", "+15", "+1:5", "+14:30", "+1:75", "east", "", "+", "-1:" }

local function offset_ok(text)
  if text:find "^[zZ]$" then return true end
  local h, colon, m = text:match "^[+-](%d%d?)(:?)(%d*)$"
  if not h or (m ~= "" and #m ~= 2) then return false end
  if #h == 1 and colon == "" and m ~= "" then return false end
  return tonumber(h) * 60 + (tonumber(m) or 0) <= 840 and (tonumber(m) or 0) <= 59
end

local function both_ok(text)
  local c, z = text:match "^(.-)%s+(%S+)$"
  return c ~= nil and clock_ok(c) and offset_ok(z)
end

return {
  job = "reads and writes durations, clock times and zone offsets, and times trips between zones",
  brief = "Durations are seconds; '1d 2h 3m' names units from large to small. A clock time is a second of the day. An "
    .. "offset is seconds east; a trip takes less than a day.",
  blocks = {
    { name = "read", signature = "read(text) -> seconds",
      pre = function(a) return readable(a[1]) end,
      post = function(_, r) return r[1] >= 0 end,
      hidden = function(rng, i)
        local parts = {}
        for _, unit in ipairs { "w", "d", "h", "m", "s" } do
          if rng.chance(0.5) then parts[#parts + 1] = rng.int(0, 99) .. unit end
        end
        if i % 4 == 0 then parts[#parts + 1] = rng.pick { "3h", "7", "x", "1y", "5w" } end
        return { table.concat(parts, rng.pick { "", " " }) }
      end,
      examples = {
        { args = { "90s" }, want = { 90 } },
        { args = { "1h30m" }, want = { 5400 } },
        { args = { "2d 4h" }, want = { 187200 } },
        { args = { "1w 1d 1h 1m 1s" }, want = { 694861 } },
        { args = { "0m" }, want = { 0 } },
        { args = { "" }, want_error = "no duration$" },
        { args = { "5" }, want_error = "bad duration: 5$" },
        { args = { "3m 2h" }, want_error = "unit h is out of order$" },
        { args = { "1h 2h" }, want_error = "unit h is out of order$" },
        { args = { "1h and" }, want_error = "bad duration: 1h and$" },
      } },
    { name = "write", signature = "write(seconds, most) -> text with at most so many units",
      pre = function() return true end,
      post = function(_, r) return readable((r[1]:gsub("^%-", ""))) end,
      hidden = function(rng)
        return { rng.pick { 0, rng.int(0, 200), rng.int(0, 100000), -rng.int(1, 9000), rng.int(0, 3000000) },
          rng.int(1, 4) }
      end,
      examples = {
        { args = { 0, 2 }, want = { "0s" } },
        { args = { 59, 1 }, want = { "59s" } },
        { args = { 90, 1 }, want = { "2m" } },
        { args = { 89, 1 }, want = { "1m" } },
        { args = { 3600, 3 }, want = { "1h" } },
        { args = { 3661, 2 }, want = { "1h 1m" } },
        { args = { -5400, 2 }, want = { "-1h 30m" } },
        { args = { 694861, 5 }, want = { "1w 1d 1h 1m 1s" } },
        { args = { 86399, 2 }, want = { "1d" } },
      } },
    { name = "clock", signature = "clock(text) -> second of the day",
      pre = function(a) return clock_ok(a[1]) end,
      post = function(_, r) return r[1] >= 0 and r[1] < 86400 end,
      hidden = function(rng, i) return { i % 3 == 0 and rng.pick(BAD_CLOCK) or clock(rng) } end,
      examples = {
        { args = { "0:00" }, want = { 0 } },
        { args = { "07:05" }, want = { 25500 } },
        { args = { "23:59:59" }, want = { 86399 } },
        { args = { "7:05 pm" }, want = { 68700 } },
        { args = { "12 am" }, want = { 0 } },
        { args = { "12:30PM" }, want = { 45000 } },
        { args = { "24:00" }, want_error = "no such time: 24:00$" },
        { args = { "13 pm" }, want_error = "no hour 13 pm$" },
        { args = { "7" }, want_error = "bad clock time: 7$" },
        { args = { "7:5" }, want_error = "bad clock time: 7:5$" },
      } },
    { name = "offset", signature = "offset(text) -> seconds east",
      pre = function(a) return offset_ok(a[1]) end,
      post = function(_, r) return r[1] % 60 == 0 end,
      hidden = function(rng, i)
        if i % 3 == 0 then return { rng.pick(BAD_OFFSET) } end
        return { i % 3 == 1 and offset(rng) or rng.pick { "+", "-" } .. two(rng.int(0, 13)) .. rng.pick { "", ":" }
          .. two(rng.int(0, 59)) }
      end,
      examples = {
        { args = { "Z" }, want = { 0 } },
        { args = { "+1" }, want = { 3600 } },
        { args = { "-05:30" }, want = { -19800 } },
        { args = { "+0545" }, want = { 20700 } },
        { args = { "+14" }, want = { 50400 } },
        { args = { "+14:30" }, want_error = "offset out of range: %+14:30$" },
        { args = { "1" }, want_error = "bad offset: 1$" },
        { args = { "+1:75" }, want_error = "offset out of range: %+1:75$" },
      } },
    { name = "shift", signature = "shift(second, from, to) -> second there, days of difference",
      pre = function(a) return offset_ok(a[2]) and offset_ok(a[3]) end,
      post = function(_, r) return r[1] >= 0 and r[1] < 86400 end,
      hidden = function(rng, i)
        return { rng.int(0, 86399), offset(rng), i % 8 == 0 and rng.pick(BAD_OFFSET) or offset(rng) }
      end,
      examples = {
        { args = { 43200, "Z", "+1" }, want = { 46800, 0 } },
        { args = { 0, "+1", "Z" }, want = { 82800, -1 } },
        { args = { 82800, "Z", "+05:30" }, want = { 16200, 1 } },
        { args = { 3600, "-5", "-5" }, want = { 3600, 0 } },
        { args = { 0, "-11", "+14" }, want = { 3600, 1 } },
        { args = { 50000, "+14", "-11" }, want = { 46400, -1 } },
        { args = { 0, "x", "Z" }, want_error = "bad offset: x$" },
        { args = { 0, "Z", "+20" }, want_error = "offset out of range: %+20$" },
      } },
  },
  integration = { name = "trip", signature = "trip(leave, arrive) -> length, clock of arrival, days after the start",
    pre = function(a) return both_ok(a[1]) and both_ok(a[2]) end,
    post = function(_, r) return r[3] >= -2 and r[3] <= 2 end,
    hidden = function(rng, i)
      local a, b = clock(rng) .. " " .. offset(rng), clock(rng) .. "  " .. offset(rng)
      if i % 8 == 0 then a = rng.pick { "7:05", "25:00 Z", "7:00 +77", "Z" } end
      return { a, b }
    end,
    examples = {
      { args = { "8:00 Z", "9:30 Z" }, want = { "1h 30m", "09:30", 0 } },
      { args = { "22:15 +01:00", "7:40 -5" }, want = { "15h 25m", "07:40", 1 } },
      { args = { "8:00 +1", "8:00 Z" }, want = { "1h", "08:00", 0 } },
      { args = { "8:00 Z", "8:00 Z" }, want = { "0s", "08:00", 0 } },
      { args = { "11 pm Z", "1 am Z" }, want = { "2h", "01:00", 1 } },
      { args = { "10:00 -10", "6:00 +14" }, want = { "20h", "06:00", 2 } },
      { args = { "8:00", "9:00 Z" }, want_error = "time without a zone$" },
      { args = { "8:00 Z", "9:00 +99" }, want_error = "offset out of range: %+99$" },
      { args = { "8:70 Z", "9:00 Z" }, want_error = "no such time: 8:70$" },
    } },
}
