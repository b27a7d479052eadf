-- Notes by name: pitches, intervals, transposing with the right spelling, scales, chords, and the key of a tune.
local M = {}

local LETTERS = "CDEFGAB"
local STEPS = { 0, 2, 4, 5, 7, 9, 11 }

-- "F#4" -> half tones above C0; sharps and flats may be doubled.
function M.pitch(note)
  local letter, marks, octave = note:match("^([A-G])([#b]*)(%d)$")
  if not letter or #marks > 2 or marks == "#b" or marks == "b#" then
    error("bad note: " .. note, 0)
  end
  local height = STEPS[LETTERS:find(letter, 1, true)] + 12 * tonumber(octave)
  if marks:sub(1, 1) == "#" then
    height = height + #marks
  else
    height = height - #marks
  end
  return math.tointeger(height)
end

-- The name of an interval from the lower note to the higher: "P5", "m3", "A4", "d7", "M9".
function M.interval(low, high)
  local function degree(note)
    return LETTERS:find(note:sub(1, 1), 1, true) - 1 + 7 * math.tointeger(tonumber(note:sub(-1)))
  end
  local width, tones = degree(high) - degree(low), M.pitch(high) - M.pitch(low)
  if width < 0 then
    error(high .. " is below " .. low, 0)
  end
  local place = width % 7 + 1
  local extra = tones - STEPS[place] - width // 7 * 12
  local perfect = place == 1 or place == 4 or place == 5
  local names = { [0] = "M", [1] = "A", [-1] = "m", [-2] = "d" }
  if perfect then
    names = { [0] = "P", [1] = "A", [-1] = "d" }
  end
  if not names[extra] then
    error("no name for " .. low .. " to " .. high, 0)
  end
  return names[extra] .. width + 1
end

-- A note moved up by letter steps and half tones, spelled on the letter it lands on.
function M.transpose(note, letters, tones)
  local goal = M.pitch(note) + tones
  local index = LETTERS:find(note:sub(1, 1), 1, true) - 1 + letters
  local octave = math.tointeger(tonumber(note:sub(-1))) + index // 7
  local off = goal - STEPS[index % 7 + 1] - 12 * octave
  if math.abs(off) > 2 or octave < 0 or octave > 9 then
    error("cannot spell " .. note .. " moved by " .. tones, 0)
  end
  local marks = ("#"):rep(off)
  if off < 0 then
    marks = ("b"):rep(-off)
  end
  return LETTERS:sub(index % 7 + 1, index % 7 + 1) .. marks .. octave
end

-- Eight notes of a "major" or "minor" scale.
function M.scale(tonic, mode)
  local tones
  if mode == "major" then
    tones = { 0, 2, 4, 5, 7, 9, 11, 12 }
  elseif mode == "minor" then
    tones = { 0, 2, 3, 5, 7, 8, 10, 12 }
  else
    error("no mode " .. tostring(mode), 0)
  end
  local notes = {}
  for i, tone in ipairs(tones) do
    notes[i] = M.transpose(tonic, i - 1, tone)
  end
  return notes
end

-- The chord of some notes by their pitch classes: root and kind; nil when it is none. The lowest root wins.
function M.chord(notes)
  local present, roots = {}, {}
  for _, note in ipairs(notes) do
    local class = M.pitch(note) % 12
    if not present[class] then
      present[class] = note:match("^%a[#b]*")
      roots[#roots + 1] = class
    end
  end
  table.sort(roots)
  for _, root in ipairs(roots) do
    local third = present[(root + 4) % 12] and "major" or present[(root + 3) % 12] and "minor"
    if third and #roots == 3 then
      if present[(root + 7) % 12] then
        return present[root], third
      elseif third == "minor" and present[(root + 6) % 12] then
        return present[root], "diminished"
      elseif third == "major" and present[(root + 8) % 12] then
        return present[root], "augmented"
      end
    elseif third == "major" and #roots == 4 and present[(root + 7) % 12] and present[(root + 10) % 12] then
      return present[root], "seventh"
    end
  end
  return nil
end

-- The major key whose scale holds most notes of a tune (fewest sharps or flats on a tie), how many, and the tune
-- moved from this key to another.
function M.rekey(tune, target)
  local goal = M.pitch(target .. "4")
  local best, most
  for _, tonic in ipairs { "C4", "G4", "F4", "D4", "Bb4", "A4", "Eb4", "E4", "Ab4" } do
    local inside, count = {}, 0
    for _, note in ipairs(M.scale(tonic, "major")) do
      inside[M.pitch(note) % 12] = true
    end
    for _, note in ipairs(tune) do
      if inside[M.pitch(note) % 12] then
        count = count + 1
      end
    end
    if not best or count > most then
      best, most = tonic, count
    end
  end
  local letters = LETTERS:find(target:sub(1, 1), 1, true) - LETTERS:find(best:sub(1, 1), 1, true)
  local tones, moved = goal - M.pitch(best), {}
  for i, note in ipairs(tune) do
    moved[i] = M.transpose(note, letters, tones)
  end
  return best:sub(1, -2), most, moved
end

return M
