-- Morse code: letters to signals and back, timing, keying by durations, and the prosigns in angle brackets.
local M = {}

local LETTERS = { A = ".-", B = "-...", C = "-.-.", D = "-..", E = ".", F = "..-.", G = "--.", H = "....", I = "..",
  J = ".---", K = "-.-", L = ".-..", M = "--", N = "-.", O = "---", P = ".--.", Q = "--.-", R = ".-.", S = "...",
  T = "-", U = "..-", V = "...-", W = ".--", X = "-..-", Y = "-.--", Z = "--..", ["?"] = "..--..", ["/"] = "-..-." }

-- The signals of one character; digits follow from their value.
function M.signal(char)
  local digit = tonumber(char)
  if digit then
    if digit <= 5 then
      return ("."):rep(digit) .. ("-"):rep(5 - digit)
    end
    return ("-"):rep(digit - 5) .. ("."):rep(10 - digit)
  end
  local found = LETTERS[char:upper()]
  if not found then
    error("no signal for " .. char, 0)
  end
  return found
end

-- A text as signals: a blank between letters, " / " between words; "<sk>" runs its letters together.
function M.encode(text)
  local words = {}
  for word in text:gmatch("%S+") do
    local signals, at = {}, 1
    while at <= #word do
      local inside = word:match("^<(%w+)>", at)
      if inside then
        local joined = ""
        for letter in inside:gmatch(".") do
          joined = joined .. M.signal(letter)
        end
        signals[#signals + 1] = joined
        at = at + #inside + 2
      else
        signals[#signals + 1] = M.signal(word:sub(at, at))
        at = at + 1
      end
    end
    words[#words + 1] = table.concat(signals, " ")
  end
  return table.concat(words, " / ")
end

-- Signals back to capitals; what is no letter becomes "*".
function M.decode(code)
  local meaning, out = {}, {}
  for letter, signals in pairs(LETTERS) do
    meaning[signals] = letter
  end
  for digit = 0, 9 do
    meaning[M.signal(tostring(digit))] = tostring(digit)
  end
  if code:find("[^%s./-]") then
    error("not a signal: " .. code:match("[^%s./-]"), 0)
  end
  for word in (code .. "/"):gmatch("(.-)/") do
    local letters = ""
    for signals in word:gmatch("%S+") do
      letters = letters .. (meaning[signals] or "*")
    end
    if letters ~= "" then
      out[#out + 1] = letters
    end
  end
  return table.concat(out, " ")
end

-- On and off times by turns, in units: dot 1, dash 3, gaps of 1 within a letter, 3 between letters, 7 between words.
function M.timing(code)
  local times, gap = {}, 0
  for char in code:gmatch(".") do
    if char == "." or char == "-" then
      if #times > 0 then
        times[#times + 1] = gap
      end
      times[#times + 1] = char == "." and 1 or 3
      gap = 1
    elseif char == "/" then
      gap = 7
    elseif gap < 3 then
      gap = 3
    end
  end
  return times
end

-- Signals out of on and off times in milliseconds. The unit is the shortest time that was measured; twice the
-- unit parts dots from dashes and five units letters from words.
function M.listen(times)
  local unit
  for _, time in ipairs(times) do
    if time <= 0 then
      error("no time at all", 0)
    end
    if not unit or time < unit then
      unit = time
    end
  end
  local code = ""
  for i, time in ipairs(times) do
    if i % 2 == 1 then
      code = code .. (time < 2 * unit and "." or "-")
    elseif time >= 5 * unit then
      code = code .. " / "
    elseif time >= 2 * unit then
      code = code .. " "
    end
  end
  return code
end

-- Sends a text at a speed in words a minute ("PARIS ", 50 units, is a word): code, seconds it takes rounded up,
-- and what the other side reads.
function M.send(text, speed)
  if speed < 1 or speed > 60 then
    error("no such speed: " .. speed, 0)
  end
  local code = M.encode(text)
  local units, heard = 0, {}
  for i, time in ipairs(M.timing(code)) do
    units = units + time
    heard[i] = time * 1200 // speed
  end
  return code, -(-units * 60 // (50 * speed)), M.decode(M.listen(heard))
end

return M
