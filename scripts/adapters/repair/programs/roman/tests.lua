local STEPS = { { 1000, "M" }, { 900, "CM" }, { 500, "D" }, { 400, "CD" }, { 100, "C" }, { 90, "XC" }, { 50, "L" },
  { 40, "XL" }, { 10, "X" }, { 9, "IX" }, { 5, "V" }, { 4, "IV" }, { 1, "I" } }

local function roman(n)
  local text = ""
  for _, step in ipairs(STEPS) do
    text = text .. step[2]:rep(n // step[1])
    n = n % step[1]
  end
  return text
end

local STANDARD = {}
for n = 1, 3999 do STANDARD[roman(n)] = n end

local WORDS = { "one", "two", "three", "eight", "nine", "twelve", "twenty", "forty-five", "one hundred", "ninety-nine",
  "six thousand", "thirteen", "eighty-three", "one hundred and one", "sixty", "five" }

return {
  job = "writes numbers as Roman numerals, English words and ordinals, and numbers a table of contents",
  brief = "Roman numerals 1..3999 in standard form; English up to 999,999 with 'and'; a table of three levels.",
  blocks = {
    { name = "to_roman", signature = "to_roman(1..3999) -> numeral",
      pre = function(a) return a[1] >= 1 and a[1] <= 3999 end,
      post = function(a, r) return STANDARD[r[1]] == a[1] end,
      hidden = function(rng, i) return { i % 8 == 0 and rng.pick { 0, -4, 4000, 5000 } or rng.int(1, rng.pick { 50,
        3999 }) } end,
      examples = {
        { args = { 1 }, want = { "I" } },
        { args = { 4 }, want = { "IV" } },
        { args = { 9 }, want = { "IX" } },
        { args = { 14 }, want = { "XIV" } },
        { args = { 49 }, want = { "XLIX" } },
        { args = { 1994 }, want = { "MCMXCIV" } },
        { args = { 3999 }, want = { "MMMCMXCIX" } },
        { args = { 0 }, want_error = "no Roman numeral for 0$" },
        { args = { 4000 }, want_error = "no Roman numeral for 4000$" },
      } },
    { name = "from_roman", signature = "from_roman(numeral) -> number",
      pre = function(a) return STANDARD[a[1]] ~= nil end,
      post = function(a, r) return roman(r[1]) == a[1] end,
      hidden = function(rng, i)
        local text = roman(rng.int(1, rng.pick { 60, 3999 }))
        if i % 4 == 0 then text = rng.pick { "IIII", "VX", "IC", text .. "Z", "", "ix", "MMMM", "XXC", text .. "M" } end
        return { text }
      end,
      examples = {
        { args = { "I" }, want = { 1 } },
        { args = { "IV" }, want = { 4 } },
        { args = { "XIX" }, want = { 19 } },
        { args = { "MCMXCIV" }, want = { 1994 } },
        { args = { "IIII" }, want_error = "not a standard numeral: IIII$" },
        { args = { "IC" }, want_error = "not a standard numeral: IC$" },
        { args = { "" }, want_error = "not a standard numeral: $" },
        { args = { "XB" }, want_error = "not a Roman digit: B$" },
        { args = { "DCCCXLVIII" }, want = { 848 } },
      } },
    { name = "cardinal", signature = "cardinal(0..999999) -> English words",
      pre = function(a) return a[1] >= 0 and a[1] <= 999999 end,
      post = function(_, r) return not r[1]:find "[^%l %-]" end,
      hidden = function(rng, i)
        if i % 9 == 0 then return { rng.pick { -1, 1000000 } } end
        return { rng.pick { rng.int(0, 20), rng.int(20, 99), rng.int(100, 999), rng.int(1000, 999999),
          rng.int(1, 99) * 1000 + rng.int(0, 60) } }
      end,
      examples = {
        { args = { 0 }, want = { "zero" } },
        { args = { 7 }, want = { "seven" } },
        { args = { 13 }, want = { "thirteen" } },
        { args = { 40 }, want = { "forty" } },
        { args = { 42 }, want = { "forty-two" } },
        { args = { 100 }, want = { "one hundred" } },
        { args = { 342 }, want = { "three hundred and forty-two" } },
        { args = { 1000 }, want = { "one thousand" } },
        { args = { 12005 }, want = { "twelve thousand and five" } },
        { args = { 600019 }, want = { "six hundred thousand and nineteen" } },
        { args = { -3 }, want_error = "out of words for %-3$" },
        { args = { 1000000 }, want_error = "out of words for 1000000$" },
      } },
    { name = "ordinal_word", signature = "ordinal_word(cardinal words) -> ordinal words",
      pre = function(a) return a[1]:find "%a$" ~= nil end,
      post = function(a, r) return #r[1] >= #a[1] end,
      hidden = function(rng, i) return { i % 9 == 0 and rng.pick { "", "one ", "7" } or rng.pick(WORDS) } end,
      examples = {
        { args = { "one" }, want = { "first" } },
        { args = { "twenty-two" }, want = { "twenty-second" } },
        { args = { "thirty" }, want = { "thirtieth" } },
        { args = { "four" }, want = { "fourth" } },
        { args = { "twelve" }, want = { "twelfth" } },
        { args = { "one hundred and three" }, want = { "one hundred and third" } },
        { args = { "two thousand" }, want = { "two thousandth" } },
        { args = { "" }, want_error = "no word in ''$" },
        { args = { "ninety-nine" }, want = { "ninety-ninth" } },
      } },
    { name = "ordinal_suffix", signature = "ordinal_suffix(number) -> '21st'",
      pre = function() return true end,
      post = function(a, r) return r[1]:match "^%d+" == tostring(a[1]) end,
      hidden = function(rng) return { rng.pick { rng.int(1, 30), rng.int(100, 125), rng.int(1000, 1130) } } end,
      examples = {
        { args = { 1 }, want = { "1st" } },
        { args = { 2 }, want = { "2nd" } },
        { args = { 3 }, want = { "3rd" } },
        { args = { 4 }, want = { "4th" } },
        { args = { 11 }, want = { "11th" } },
        { args = { 12 }, want = { "12th" } },
        { args = { 21 }, want = { "21st" } },
        { args = { 113 }, want = { "113th" } },
        { args = { 1003 }, want = { "1003rd" } },
      } },
  },
  integration = { name = "contents", signature = "contents(entries 'LEVEL title') -> { heading, lines }",
    pre = function(a)
      local seen = { 0, 0, 0 }
      for _, entry in ipairs(a[1]) do
        local level = tonumber(entry:match "^([123]) .")
        if not level or level > 1 and seen[level - 1] == 0 then return false end
        seen[level] = seen[level] + 1
        for below = level + 1, 3 do seen[below] = 0 end
      end
      return true
    end,
    post = function(a, r) return #r[1].lines == #a[1] end,
    hidden = function(rng, i)
      local list, level = {}, 0
      for k = 1, rng.int(1, 9) do
        level = math.max(1, math.min(3, level + rng.pick { 1, 0, -1, -2 }))
        list[k] = level .. " " .. rng.word("abcdef", 1, 6)
      end
      if i % 6 == 0 then list[#list + 1] = rng.pick { "4 deep", "0 top", "x", "1", "2" } end
      if i % 7 == 0 then list[#list + 1] = "1 new" list[#list + 1] = "3 skipped" end
      return { list }
    end,
    examples = {
      { args = { {} }, want = { { heading = "In zero chapters", lines = {} } } },
      { args = { { "1 Start" } },
        want = { { heading = "In one chapter, to the first (1st)", lines = { "I Start" } } } },
      { args = { { "1 A", "1 B", "1 C", "1 D" } },
        want = { { heading = "In four chapters, to the fourth (4th)", lines = { "I A", "II B", "III C", "IV D" } } } },
      { args = { { "1 A", "2 b", "2 c", "1 D", "2 e" } },
        want = {
          {
            heading = "In two chapters, to the second (2nd)",
            lines = { "I A", "  I.1 b", "  I.2 c", "II D", "  II.1 e" },
          },
        } },
      { args = { { "1 A", "2 b", "3 c", "3 d", "2 e", "3 f" } },
        want = {
          {
            heading = "In one chapter, to the first (1st)",
            lines = { "I A", "  I.1 b", "    a) c", "    b) d", "  I.2 e", "    a) f" },
          },
        } },
      { args = { { "2 early" } }, want_error = "entry 1 skips a level$" },
      { args = { { "1 A", "3 early" } }, want_error = "entry 2 skips a level$" },
      { args = { { "1 A", "two" } }, want_error = "entry 2 has no level$" },
    } },
}
