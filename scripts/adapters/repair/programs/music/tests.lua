local AT = { C = 0, D = 2, E = 4, F = 5, G = 7, A = 9, B = 11 }
local ORDER = "CDEFGAB"

local function note(rng) return rng.word(ORDER, 1, 1) .. rng.pick { "", "", "", "#", "b" } .. rng.int(3, 5) end
local BAD = { "H4", "C", "C##b4", "c4", "C#b4", "Db", "", "C44", "E###3" }
local function valid(n)
  local marks = n:match "^[A-G]([#b]*)%d$"
  return marks ~= nil and (marks == "" or marks == "#" or marks == "b" or marks == "##" or marks == "bb")
end
local function height(n)
  local l, m, o = n:match "^(.)(.-)(%d)$"
  local _, sharps = m:gsub("#", "")
  local _, flats = m:gsub("b", "")
  return AT[l] + sharps - flats + 12 * tonumber(o)
end
local function degree(n) return ORDER:find(n:sub(1, 1), 1, true) + 7 * tonumber(n:sub(-1)) end

local function nameable(low, high)
  local width = degree(high) - degree(low)
  if width < 0 then return false end
  local plain = AT[ORDER:sub(width % 7 + 1, width % 7 + 1)] + width // 7 * 12
  local extra = height(high) - height(low) - plain
  local place = width % 7
  if place == 0 or place == 3 or place == 4 then return math.abs(extra) <= 1 end
  return extra <= 1 and extra >= -2
end

local function spellable(n, letters, tones)
  local d = degree(n) + letters - 1
  local octave = d // 7
  local plain = AT[ORDER:sub(d % 7 + 1, d % 7 + 1)] + 12 * octave
  return math.abs(height(n) + tones - plain) <= 2 and octave >= 0 and octave <= 9
end

local MAJOR = { 0, 2, 4, 5, 7, 9, 11, 12 }
local MINOR = { 0, 2, 3, 5, 7, 8, 10, 12 }

return {
  job = "reckons with notes: pitches, intervals, transposition, scales, chords and keys",
  brief = "A note is a letter, up to two sharps '#' or flats 'b', and an octave digit. Intervals count letters: P "
    .. "perfect, "
    .. "M major, m minor, A augmented, d diminished.",
  blocks = {
    { name = "pitch", signature = "pitch(note) -> half tones above C0",
      pre = function(a) return valid(a[1]) end,
      post = function(a, r) return r[1] == math.tointeger(height(a[1])) end,
      hidden = function(rng, i) return { i % 3 == 0 and rng.pick(BAD) or rng.pick { note(rng), "E##2", "Bbb7",
        "Cb4" } } end,
      examples = {
        { args = { "C0" }, want = { 0 } },
        { args = { "C4" }, want = { 48 } },
        { args = { "A4" }, want = { 57 } },
        { args = { "F#4" }, want = { 54 } },
        { args = { "Bb3" }, want = { 46 } },
        { args = { "Cb4" }, want = { 47 } },
        { args = { "B##3" }, want = { 49 } },
        { args = { "H2" }, want_error = "bad note: H2$" },
        { args = { "C#b4" }, want_error = "bad note: C#b4$" },
      } },
    { name = "interval", signature = "interval(low, high) -> name such as \"P5\"",
      pre = function(a) return valid(a[1]) and valid(a[2]) and nameable(a[1], a[2]) end,
      post = function(a, r) return r[1]:sub(2) == tostring(math.tointeger(degree(a[2]) - degree(a[1]) + 1)) end,
      hidden = function(rng)
        local a, b = note(rng), note(rng)
        if degree(a) > degree(b) and rng.chance(0.8) then a, b = b, a end
        return { a, b }
      end,
      examples = {
        { args = { "C4", "G4" }, want = { "P5" } },
        { args = { "C4", "C4" }, want = { "P1" } },
        { args = { "C4", "E4" }, want = { "M3" } },
        { args = { "C4", "Eb4" }, want = { "m3" } },
        { args = { "F4", "B4" }, want = { "A4" } },
        { args = { "B3", "F4" }, want = { "d5" } },
        { args = { "C4", "D5" }, want = { "M9" } },
        { args = { "C#4", "Bb4" }, want = { "d7" } },
        { args = { "C4", "B3" }, want_error = "B3 is below C4$" },
        { args = { "Cb4", "G#4" }, want_error = "no name for Cb4 to G#4$" },
      } },
    { name = "transpose", signature = "transpose(note, letters, half tones) -> note",
      pre = function(a) return valid(a[1]) and spellable(a[1], a[2], a[3]) end,
      post = function(a, r) return valid(r[1]) and height(r[1]) == height(a[1]) + a[3] end,
      hidden = function(rng, i)
        local letters = rng.int(-5, 7)
        return { i % 9 == 0 and rng.pick { "C0", "B9" } or note(rng), letters, letters * 12 // 7 + rng.int(-1, 2) }
      end,
      examples = {
        { args = { "C4", 4, 7 }, want = { "G4" } },
        { args = { "B3", 1, 1 }, want = { "C4" } },
        { args = { "B3", 1, 2 }, want = { "C#4" } },
        { args = { "E4", 2, 3 }, want = { "G4" } },
        { args = { "C4", -1, -1 }, want = { "B3" } },
        { args = { "Ab4", 0, 0 }, want = { "Ab4" } },
        { args = { "F#4", 1, 2 }, want = { "G#4" } },
        { args = { "Gb4", 1, 1 }, want = { "Abb4" } },
        { args = { "C4", 1, 5 }, want_error = "cannot spell C4 moved by 5$" },
        { args = { "C0", -1, -1 }, want_error = "cannot spell C0 moved by %-1$" },
      } },
    { name = "scale", signature = "scale(tonic, mode) -> eight notes",
      pre = function(a)
        local tones = a[2] == "major" and MAJOR or a[2] == "minor" and MINOR
        if not tones or not valid(a[1]) then return false end
        for i, tone in ipairs(tones) do if not spellable(a[1], i - 1, tone) then return false end end
        return true
      end,
      post = function(_, r) return #r[1] == 8 end,
      hidden = function(rng, i)
        return { i % 9 == 0 and rng.pick { "A9", "H1", "B##3" } or note(rng), i % 7 == 0 and "dorian"
          or rng.pick { "major", "minor" } }
      end,
      examples = {
        { args = { "C4", "major" }, want = { { "C4", "D4", "E4", "F4", "G4", "A4", "B4", "C5" } } },
        { args = { "A3", "minor" }, want = { { "A3", "B3", "C4", "D4", "E4", "F4", "G4", "A4" } } },
        { args = { "D4", "major" }, want = { { "D4", "E4", "F#4", "G4", "A4", "B4", "C#5", "D5" } } },
        { args = { "Eb3", "major" }, want = { { "Eb3", "F3", "G3", "Ab3", "Bb3", "C4", "D4", "Eb4" } } },
        { args = { "C4", "minor" }, want = { { "C4", "D4", "Eb4", "F4", "G4", "Ab4", "Bb4", "C5" } } },
        { args = { "G#4", "major" }, want = { { "G#4", "A#4", "B#4", "C#5", "D#5", "E#5", "F##5", "G#5" } } },
        { args = { "C4", "blues" }, want_error = "no mode blues$" },
        { args = { "A9", "major" }, want_error = "cannot spell A9 moved by 4$" },
      } },
    { name = "chord", signature = "chord(notes) -> root and kind, or nil",
      pre = function(a)
        for _, n in ipairs(a[1]) do if not valid(n) then return false end end
        return true
      end,
      post = function(_, r) return r[1] == nil or type(r[2]) == "string" end,
      hidden = function(rng, i)
        local root, shape = rng.int(48, 59), rng.pick { { 0, 4, 7 }, { 0, 3, 7 }, { 0, 3, 6 }, { 0, 4, 8 }, { 0, 4, 7,
          10 }, { 0, 5, 7 },
          { 0, 4 }, { 0, 3, 7, 10 } }
        local names, notes = { "C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B" }, {}
        for k, tone in ipairs(shape) do
          local h = root + tone + 12 * rng.int(-1, 1)
          notes[k] = names[h % 12 + 1] .. h // 12
        end
        if rng.chance(0.3) then notes[#notes + 1] = notes[1] end
        if i % 9 == 0 then notes[#notes + 1] = "X4" end
        return { rng.shuffle(notes) }
      end,
      examples = {
        { args = { { "C4", "E4", "G4" } }, want = { "C", "major" } },
        { args = { { "E4", "G4", "C5" } }, want = { "C", "major" } },
        { args = { { "A3", "C4", "E4", "A4" } }, want = { "A", "minor" } },
        { args = { { "B3", "D4", "F4" } }, want = { "B", "diminished" } },
        { args = { { "C4", "E4", "G#4" } }, want = { "C", "augmented" } },
        { args = { { "G3", "B3", "D4", "F4" } }, want = { "G", "seventh" } },
        { args = { { "C4", "F4", "G4" } }, want = {} },
        { args = { {} }, want = {} },
        { args = { { "C4", "X4" } }, want_error = "bad note: X4$" },
      } },
  },
  integration = { name = "rekey", signature = "rekey(tune, target key) -> key of the tune, notes inside it, tune in "
    .. "the target key",
    pre = function(a)
      for _, n in ipairs(a[1]) do if not valid(n) then return false end end
      return valid(a[2] .. "4")
    end,
    post = function(a, r) return #r[3] == #a[1] and r[2] <= #a[1] end,
    hidden = function(rng, i)
      local scale = rng.pick { { "C4", "D4", "E4", "F4", "G4", "A4", "B4" }, { "D4", "E4", "F#4", "G4", "A4", "C#5" },
        { "Bb3", "C4", "D4", "Eb4", "F4" } }
      local tune = rng.list(1, 6, function() return rng.pick(scale) end)
      if i % 7 == 0 then tune[#tune + 1] = rng.pick(BAD) end
      return { tune, i % 10 == 0 and "G###" or rng.pick { "C", "D", "F", "G", "Bb", "A" } }
    end, hidden_n = 20,
    examples = {
      { args = { { "C4", "E4", "G4" }, "D" }, want = { "C", 3, { "D4", "F#4", "A4" } } },
      { args = { { "F#4", "G4", "A4" }, "C" }, want = { "G", 3, { "B3", "C4", "D4" } } },
      { args = { {}, "D" }, want = { "C", 0, {} } },
      { args = { { "Bb3", "F4", "E4" }, "F" }, want = { "F", 3, { "Bb3", "F4", "E4" } } },
      { args = { { "C#4", "F#4", "D4", "B4" }, "C" }, want = { "D", 4, { "B3", "E4", "C4", "A4" } } },
      { args = { { "Eb4", "Bb4", "F4" }, "G" }, want = { "Bb", 3, { "C4", "G4", "D4" } } },
      { args = { { "X4" }, "C" }, want_error = "bad note: X4$" },
      { args = { { "C4" }, "H" }, want_error = "bad note: H4$" },
    } },
}
