-- Numbers in words: Roman numerals both ways, English cardinals and ordinals, and a table of contents.
local M = {}

local STEPS = {
  { 1000, "M" }, { 900, "CM" }, { 500, "D" }, { 400, "CD" }, { 100, "C" }, { 90, "XC" }, { 50, "L" },
  { 40, "XL" }, { 10, "X" }, { 9, "IX" }, { 5, "V" }, { 4, "IV" }, { 1, "I" },
}
local WORTH = { I = 1, V = 5, X = 10, L = 50, C = 100, D = 500, M = 1000 }
local SMALL = {
  "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
  "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
}
local TENS = { "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety" }
local ODD = { one = "first", two = "second", three = "third", five = "fifth", eight = "eighth", nine = "ninth",
  twelve = "twelfth" }

function M.to_roman(number)
  if number < 1 or number > 3999 then
    error("no Roman numeral for " .. number, 0)
  end
  local parts = {}
  for _, step in ipairs(STEPS) do
    while number >= step[1] do
      parts[#parts + 1] = step[2]
      number = number - step[1]
    end
  end
  return table.concat(parts)
end

-- Refuses what is not in the standard form ("IIII", "IC").
function M.from_roman(text)
  local total, before = 0, 0
  for at = #text, 1, -1 do
    local worth = WORTH[text:sub(at, at)]
    if not worth then
      error("not a Roman digit: " .. text:sub(at, at), 0)
    end
    if worth < before then
      total = total - worth
    else
      total = total + worth
      before = worth
    end
  end
  if total < 1 or total > 3999 or M.to_roman(total) ~= text then
    error("not a standard numeral: " .. text, 0)
  end
  return total
end

-- 342 -> "three hundred and forty-two"; up to 999,999.
function M.cardinal(number)
  if number < 0 or number > 999999 then
    error("out of words for " .. number, 0)
  end
  if number == 0 then
    return "zero"
  end
  local parts = {}
  if number >= 1000 then
    parts[#parts + 1] = M.cardinal(number // 1000) .. " thousand"
    number = number % 1000
  end
  if number >= 100 then
    parts[#parts + 1] = SMALL[number // 100] .. " hundred"
    number = number % 100
  end
  if number > 0 then
    if #parts > 0 then
      parts[#parts + 1] = "and"
    end
    if number < 20 then
      parts[#parts + 1] = SMALL[number]
    elseif number % 10 == 0 then
      parts[#parts + 1] = TENS[number // 10]
    else
      parts[#parts + 1] = TENS[number // 10] .. "-" .. SMALL[number % 10]
    end
  end
  return table.concat(parts, " ")
end

-- "twenty-one" -> "twenty-first".
function M.ordinal_word(words)
  local head, last = words:match("^(.-)(%a+)$")
  if not last then
    error("no word in '" .. words .. "'", 0)
  end
  if ODD[last] then
    last = ODD[last]
  elseif last:sub(-1) == "y" then
    last = last:sub(1, -2) .. "ieth"
  else
    last = last .. "th"
  end
  return head .. last
end

-- 21 -> "21st", 112 -> "112th".
function M.ordinal_suffix(number)
  local hundred, ten = number % 100, number % 10
  local suffix = "th"
  if hundred < 11 or hundred > 13 then
    if ten == 1 then
      suffix = "st"
    elseif ten == 2 then
      suffix = "nd"
    elseif ten == 3 then
      suffix = "rd"
    end
  end
  return number .. suffix
end

-- Entries "LEVEL title" to numbered lines: chapters in Roman, sections by number, paragraphs by letter.
function M.contents(entries)
  local counts, lines = { 0, 0, 0 }, {}
  for i, entry in ipairs(entries) do
    local level, title = entry:match("^(%d) (.+)$")
    level = tonumber(level)
    if not level or level < 1 or level > 3 then
      error("entry " .. i .. " has no level", 0)
    end
    if level > 1 and counts[level - 1] == 0 then
      error("entry " .. i .. " skips a level", 0)
    end
    counts[level] = counts[level] + 1
    for below = level + 1, 3 do
      counts[below] = 0
    end
    local label
    if level == 1 then
      label = M.to_roman(counts[1])
    elseif level == 2 then
      label = M.to_roman(counts[1]) .. "." .. counts[2]
    else
      label = string.char(96 + counts[3]) .. ")"
    end
    lines[i] = ("  "):rep(level - 1) .. label .. " " .. title
  end
  local total = counts[1]
  local heading = "In " .. M.cardinal(total) .. (total == 1 and " chapter" or " chapters")
  if total > 0 then
    heading = heading .. ", to the " .. M.ordinal_word(M.cardinal(total)) .. " (" .. M.ordinal_suffix(total) .. ")"
  end
  return { heading = heading, lines = lines }
end

return M
