-- Version numbers of three parts with pre-release labels: order, next versions, and ranges that allow some of them.
local M = {}

-- "1.2.3-beta.4+build" -> { major, minor, patch, labels }; the build says nothing about order.
function M.parse(text)
  local core, rest = text:match("^v?(%d+%.%d+%.%d+)(.*)$")
  if not core then
    error("bad version: " .. text, 0)
  end
  local version = { labels = {} }
  for digits in core:gmatch("%d+") do
    if #digits > 1 and digits:sub(1, 1) == "0" then
      error("leading zero in " .. text, 0)
    end
    version[#version + 1] = math.tointeger(tonumber(digits))
  end
  rest = rest:gsub("%+[%w.-]+$", "")
  if rest == "" then
    return version
  end
  if not rest:find("^%-[%w.-]+$") or rest:find("..", 1, true) or rest:find("%.$") or rest:find("^%-%.") then
    error("bad label in " .. text, 0)
  end
  for label in rest:sub(2):gmatch("[^.]+") do
    table.insert(version.labels, label:find("^%d+$") and math.tointeger(tonumber(label)) or label)
  end
  return version
end

-- -1, 0 or 1. Numbers come before words, fewer labels before more, and no label at all comes last.
function M.compare(a, b)
  for place = 1, 3 do
    if a[place] ~= b[place] then
      return a[place] < b[place] and -1 or 1
    end
  end
  local left, right = a.labels, b.labels
  if #left == 0 or #right == 0 then
    return #left == #right and 0 or (#left == 0 and 1 or -1)
  end
  for i = 1, math.max(#left, #right) do
    local x, y = left[i], right[i]
    if x == nil then
      return -1
    elseif y == nil then
      return 1
    elseif x ~= y then
      local number_x, number_y = type(x) == "number", type(y) == "number"
      if number_x ~= number_y then
        return number_x and -1 or 1
      end
      return x < y and -1 or 1
    end
  end
  return 0
end

-- The next version of a kind. A pre-release is finished before anything is counted up.
function M.bump(version, kind)
  local major, minor, patch = version[1], version[2], version[3]
  local open = #version.labels > 0
  if kind == "major" then
    if not open or minor > 0 or patch > 0 then
      major = major + 1
    end
    minor, patch = 0, 0
  elseif kind == "minor" then
    if not open or patch > 0 then
      minor = minor + 1
    end
    patch = 0
  elseif kind == "patch" then
    if not open then
      patch = patch + 1
    end
  else
    error("no kind " .. tostring(kind), 0)
  end
  return { major, minor, patch, labels = {} }
end

-- "^1.2.3", "~1.2", ">=1.0.0", "1.x", "*" -> lowest allowed and first not allowed (absent: no limit).
function M.bounds(range)
  local sign, core = range:match("^([~^<>=]*)%s*(.*)$")
  local parts = {}
  for word in (core .. "."):gmatch("([^.]*)%.") do
    if word == "x" or word == "*" then
      break
    end
    parts[#parts + 1] = math.tointeger(tonumber(word:match("^%d+$")))
    if not parts[#parts] or #parts > 3 or word == "" then
      error("bad range: " .. range, 0)
    end
  end
  local count = #parts
  local low = { parts[1] or 0, parts[2] or 0, parts[3] or 0 }
  local function after(place)
    local high = { 0, 0, 0 }
    for i = 1, place do
      high[i] = low[i]
    end
    high[place] = high[place] + 1
    return high
  end
  if count == 0 then
    return { 0, 0, 0 }, nil
  elseif sign == "^" then
    local place = 1
    while place < count and low[place] == 0 do
      place = place + 1
    end
    return low, after(place)
  elseif sign == "~" then
    return low, after(math.min(count, 2))
  elseif sign == ">=" then
    return low, nil
  elseif sign == "<" then
    return { 0, 0, 0 }, low
  elseif sign == "" or sign == "=" then
    return low, after(count)
  end
  error("bad range: " .. range, 0)
end

-- Whether every range of a list (split by spaces) allows a version; "||" joins lists of which one must.
function M.allows(ranges, text)
  local version = M.parse(text)
  local verdict = false
  for list in (ranges .. "||"):gmatch("(.-)||") do
    local all = true
    for range in list:gmatch("%S+") do
      local low, high = M.bounds(range)
      low.labels = {}
      if M.compare(version, low) < 0 then
        all = false
      end
      if high then
        high.labels = { 0 }
        if M.compare(version, high) >= 0 then
          all = false
        end
      end
    end
    verdict = verdict or all
  end
  return verdict
end

-- The highest of some versions that the ranges allow, and how many they allow; pre-releases only when asked for.
function M.choose(ranges, texts, early)
  local best, best_text, count = nil, nil, 0
  for _, text in ipairs(texts) do
    local version = M.parse(text)
    if M.allows(ranges, text) and (early or #version.labels == 0) then
      count = count + 1
      if not best or M.compare(version, best) > 0 then
        best, best_text = version, text
      end
    end
  end
  if not best then
    return nil, 0
  end
  return best_text, count
end

return M
