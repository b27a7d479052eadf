-- Pen-and-paper ciphers: shifts, keyed alphabets, running keys, rails and columns, and breaking a shift by counting.
local M = {}

-- Turns letters by some places, capitals and small ones apart; the rest stays.
function M.shift(text, places)
  return (text:gsub("%a", function(letter)
    local base = letter:find("%u") and 65 or 97
    return string.char((letter:byte() - base + places) % 26 + base)
  end))
end

-- An alphabet that starts with the letters of a word, each once, and goes on with those left over.
function M.alphabet(word)
  if word == "" or word:find("%A") then
    error("bad key: " .. word, 0)
  end
  local used, out = {}, {}
  for letter in (word:upper() .. "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):gmatch(".") do
    if not used[letter] then
      used[letter] = true
      out[#out + 1] = letter
    end
  end
  return table.concat(out)
end

-- Swaps letters by a keyed alphabet, or back with it.
function M.substitute(text, word, back)
  local plain, keyed = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", M.alphabet(word)
  if back then
    plain, keyed = keyed, plain
  end
  local map = {}
  for at = 1, 26 do
    local from, to = plain:sub(at, at), keyed:sub(at, at)
    map[from] = to
    map[from:lower()] = to:lower()
  end
  return (text:gsub("%a", map))
end

-- Each letter is turned by the next letter of the key; other characters use up none of it.
function M.running(text, word, back)
  local turns, at = {}, 0
  for letter in word:upper():gmatch("%u") do
    turns[#turns + 1] = letter:byte() - 65
  end
  if #turns == 0 then
    error("key without letters", 0)
  end
  return (text:gsub("%a", function(letter)
    local turn = turns[at % #turns + 1]
    at = at + 1
    if back then
      turn = -turn
    end
    return M.shift(letter, turn)
  end))
end

-- Writes along rails up and down and reads them one by one.
function M.rails(text, count, back)
  if count < 2 then
    error("needs two rails", 0)
  end
  local rows, rail, step = {}, 1, 1
  for i = 1, count do
    rows[i] = {}
  end
  for at = 1, #text do
    table.insert(rows[rail], at)
    if rail + step < 1 or rail + step > count then
      step = -step
    end
    rail = rail + step
  end
  local out, read = {}, 0
  for _, row in ipairs(rows) do
    for _, at in ipairs(row) do
      read = read + 1
      if back then
        out[at] = text:sub(read, read)
      else
        out[read] = text:sub(at, at)
      end
    end
  end
  return table.concat(out)
end

-- The shift that makes a text look most like English, by its six most common letters; the smallest on a tie.
function M.crack(text)
  local best, most = 0, -1
  for places = 0, 25 do
    local score = 0
    for letter in M.shift(text, -places):upper():gmatch("[ETAOIN]") do
      score = score + (letter == "E" and 3 or letter == "T" and 2 or 1)
    end
    if score > most then
      best, most = places, score
    end
  end
  return best, M.shift(text, -best)
end

-- Applies steps such as "shift 3", "key LEMON", "word ZEBRA", "rails 3" in order, or takes them back.
function M.apply(text, steps, back)
  local from, to, by = 1, #steps, 1
  if back then
    from, to, by = to, from, -1
  end
  for i = from, to, by do
    local name, value = steps[i]:match("^(%a+)%s+(%S+)$")
    local number = tonumber(value)
    if name == "key" then
      text = M.running(text, value, back)
    elseif name == "word" then
      text = M.substitute(text, value, back)
    elseif name == "rails" and number then
      text = M.rails(text, number, back)
    elseif name == "shift" and number then
      text = M.shift(text, back and -number or number)
    else
      error("step " .. i .. " is unknown", 0)
    end
  end
  return text
end

return M
