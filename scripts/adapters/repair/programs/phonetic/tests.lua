local NAMES = { "Robert", "Rupert", "Ashcraft", "Tymczak", "Smith", "Smyth", "Schmidt", "Knight", "Nite", "Wright",
  "Rite",
  "Philip", "Filip", "Jackson", "Jaxon", "Pfister", "Meyer", "Maier", "Mayr", "Catherine", "Katharina", "O'Hara", "Lee",
  "Vance", "Wanz", "Quick", "Cwik", "Zoe", "Bobby", "Anna", "Hanna" }

local function name(rng)
  if rng.chance(0.6) then return rng.pick(NAMES) end
  return rng.word("ABCDFGHKLMNPRSTWXZ", 1, 1) .. rng.word("abcdefghiklmnoprstuvwyz", 1, 6)
end
local function bad(rng) return rng.pick { "", "123", "-", "  " } end
local function lettered(text) return text:find "%a" ~= nil end

return {
  job = "codes names by their sound, measures spellings and groups names that may be the same",
  brief = "Characters that are no letters do not count for the codes. Likeness is 20 for one code, 30 for the other "
    .. "and up "
    .. "to 50 for the spelling.",
  blocks = {
    { name = "soundex", signature = "soundex(name) -> letter and three digits",
      pre = function(a) return lettered(a[1]) end,
      post = function(_, r) return r[1]:find "^%u%d%d%d$" ~= nil end,
      hidden = function(rng, i) return { i % 7 == 0 and bad(rng) or name(rng) } end,
      examples = {
        { args = { "Robert" }, want = { "R163" } },
        { args = { "Rupert" }, want = { "R163" } },
        { args = { "Ashcraft" }, want = { "A261" } },
        { args = { "Tymczak" }, want = { "T522" } },
        { args = { "Pfister" }, want = { "P236" } },
        { args = { "Lee" }, want = { "L000" } },
        { args = { "O'Hara" }, want = { "O600" } },
        { args = { "jackson" }, want = { "J250" } },
        { args = { "42" }, want_error = "no letters in a name$" },
      } },
    { name = "skeleton", signature = "skeleton(name) -> code of consonants",
      pre = function() return true end,
      post = function(_, r) return not r[1]:find "[^A-Z]" end,
      hidden = function(rng) return { name(rng) } end,
      examples = {
        { args = { "Knight" }, want = { "NT" } },
        { args = { "Philip" }, want = { "FLP" } },
        { args = { "Filip" }, want = { "FLP" } },
        { args = { "Schmidt" }, want = { "SMDT" } },
        { args = { "Jackson" }, want = { "JKSN" } },
        { args = { "Anna" }, want = { "AN" } },
        { args = { "Cindy" }, want = { "SND" } },
        { args = { "" }, want = { "" } },
      } },
    { name = "apart", signature = "apart(a, b) -> fewest edits",
      pre = function() return true end,
      post = function(a, r) return r[1] >= math.abs(#a[1] - #a[2]) and r[1] <= math.max(#a[1], #a[2]) end,
      hidden = function(rng, i)
        if i % 3 == 0 then
          local w = rng.word("abcd", 3, 6)
          return { w, w:sub(1, 1) .. w:sub(3, 3) .. w:sub(2, 2) .. w:sub(4) }
        end
        if i % 2 == 0 then return { rng.word("abc", 0, 5), rng.word("abc", 0, 5) } end
        return { name(rng), name(rng) }
      end,
      examples = {
        { args = { "", "" }, want = { 0 } },
        { args = { "abc", "abc" }, want = { 0 } },
        { args = { "abc", "" }, want = { 3 } },
        { args = { "kitten", "sitting" }, want = { 3 } },
        { args = { "ab", "ba" }, want = { 1 } },
        { args = { "abcd", "acbd" }, want = { 1 } },
        { args = { "ca", "abc" }, want = { 3 } },
        { args = { "Meyer", "Maier" }, want = { 2 } },
      } },
    { name = "alike", signature = "alike(a, b) -> 0..100",
      pre = function(a) return lettered(a[1]) and lettered(a[2]) end,
      post = function(_, r) return r[1] >= 0 and r[1] <= 100 end,
      hidden = function(rng, i)
        local a = name(rng)
        return { a, i % 9 == 0 and bad(rng) or i % 3 == 0 and a .. rng.pick { "e", "s", "" } or name(rng) }
      end,
      examples = {
        { args = { "Anna", "Anna" }, want = { 100 } },
        { args = { "Anna", "anna" }, want = { 100 } },
        { args = { "Philip", "Filip" }, want = { 63 } },
        { args = { "Smith", "Smyth" }, want = { 90 } },
        { args = { "Robert", "Rupert" }, want = { 53 } },
        { args = { "Lee", "Zoe" }, want = { 16 } },
        { args = { "Bo", "Xy" }, want = { 0 } },
        { args = { "Bo", "7" }, want_error = "no letters in a name$" },
      } },
  },
  integration = { name = "cluster", signature = "cluster(names, least likeness) -> groups of names",
    pre = function(a)
      if a[2] < 0 or a[2] > 100 then return false end
      if #a[1] < 2 then return true end
      for _, n in ipairs(a[1]) do if not lettered(n) then return false end end
      return true
    end,
    post = function(a, r)
      local n = 0
      for _, g in ipairs(r[1]) do n = n + #g end
      return n == #a[1]
    end,
    hidden = function(rng, i)
      local from = rng.int(1, #NAMES - 4)
      local list = rng.shuffle { table.unpack(NAMES, from, from + 4) }
      if i % 8 == 0 then list[#list + 1] = bad(rng) end
      return { list, i % 9 == 0 and rng.pick { -1, 101 } or rng.pick { 30, 50, 60, 80 } }
    end,
    examples = {
      { args = { {}, 50 }, want = { {} } },
      { args = { { "Smith", "Jackson", "Smyth" }, 80 }, want = { { { "Smith", "Smyth" }, { "Jackson" } } } },
      { args = { { "Philip", "Filip" }, 64 }, want = { { { "Philip" }, { "Filip" } } } },
      { args = { { "Philip", "Filip" }, 63 }, want = { { { "Philip", "Filip" } } } },
      { args = { { "Lee", "Zoe", "Bo" }, 0 }, want = { { { "Lee", "Zoe", "Bo" } } } },
      { args = { { "Meyer", "Maier", "Mayr", "Meier" }, 50 }, want = { { { "Meyer", "Maier", "Mayr", "Meier" } } } },
      { args = { { "Anna" }, 101 }, want_error = "no such likeness: 101$" },
      { args = { { "Anna", "?" }, 50 }, want_error = "no letters in a name$" },
    } },
}
