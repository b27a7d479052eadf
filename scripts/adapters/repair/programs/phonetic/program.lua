-- Names by their sound: two codes, how far spellings are apart, and groups of names that may be the same.
local M = {}

local CLASS = { B = "1", F = "1", P = "1", V = "1", C = "2", G = "2", J = "2", K = "2", Q = "2", S = "2", X = "2",
  Z = "2", D = "3", T = "3", L = "4", M = "5", N = "5", R = "6" }

-- First letter and three digits; H and W do not part letters of one class, vowels do.
function M.soundex(name)
  local letters = name:upper():gsub("[^A-Z]", "")
  if letters == "" then
    error("no letters in a name", 0)
  end
  local code = letters:sub(1, 1)
  local last = CLASS[code]
  for letter in letters:sub(2):gmatch(".") do
    local digit = CLASS[letter]
    if digit and digit ~= last then
      code = code .. digit
    end
    if letter ~= "H" and letter ~= "W" then
      last = digit
    end
  end
  return (code .. "000"):sub(1, 4)
end

-- A longer code by rules on the spelling: groups of letters first, then doubles, then vowels but the first.
function M.skeleton(name)
  local text = name:upper():gsub("[^A-Z]", "")
  for _, rule in ipairs { { "^KN", "N" }, { "^WR", "R" }, { "SCH", "S" }, { "PH", "F" }, { "[CS]H", "S" }, { "CK",
    "K" },
    { "C([EIY])", "S%1" }, { "C", "K" }, { "Q", "K" }, { "Z", "S" }, { "V", "F" }, { "GHT", "T" }, { "X", "KS" },
    { "Y$", "I" }, { "W([AEIOU])", "V%1" } } do
    text = text:gsub(rule[1], rule[2])
  end
  local out = ""
  for at = 1, #text do
    local char = text:sub(at, at)
    local vowel = char:find("[AEIOUHWY]") ~= nil
    if char ~= text:sub(at - 1, at - 1) and (at == 1 or not vowel) then
      out = out .. char
    end
  end
  return out
end

-- Fewest letters to insert, delete, replace or swap with the next one.
function M.apart(a, b)
  local rows = { [0] = {} }
  for j = 0, #b do
    rows[0][j] = j
  end
  for i = 1, #a do
    rows[i] = { [0] = i }
    for j = 1, #b do
      local same = a:byte(i) == b:byte(j)
      local best = math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, rows[i - 2][j - 2] + 1)
      end
      rows[i][j] = best
    end
  end
  return rows[#a][#b]
end

-- How alike two names are, 0 to 100: sound counts for half, spelling for half.
function M.alike(a, b)
  local score = 0
  if M.soundex(a) == M.soundex(b) then
    score = score + 20
  end
  if M.skeleton(a) == M.skeleton(b) then
    score = score + 30
  end
  local longest = math.max(#a, #b)
  return score + (longest - M.apart(a:lower(), b:lower())) * 50 // longest
end

-- Groups of names that are alike enough, in the order of their first names; a name joins the first group whose
-- first name it is like.
function M.cluster(names, least)
  if least < 0 or least > 100 then
    error("no such likeness: " .. least, 0)
  end
  local groups = {}
  for _, name in ipairs(names) do
    local home
    for _, group in ipairs(groups) do
      if not home and M.alike(group[1], name) >= least then
        home = group
      end
    end
    if home then
      home[#home + 1] = name
    else
      groups[#groups + 1] = { name }
    end
  end
  return groups
end

return M
