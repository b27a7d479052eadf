local function text(rng) return rng.word(rng.pick { "ab", "aaab", "abcd", "aaaabbc d", "abcdefg" }, 0, 14) end
local function counts(rng, i)
  local list = {}
  for _, char in ipairs { "a", "b", "c", "d", "e" } do
    if rng.chance(0.75) then list[#list + 1] = { char = char, count = i % 8 == 0 and rng.int(0, 1) or rng.int(1,
      9) } end
  end
  return list
end
local function kraft(lengths)
  local sum = 0
  for _, n in pairs(lengths) do sum = sum + 2 ^ -n end
  return sum
end
local SHAPES = { { a = 1, b = 2, c = 2 }, { a = 2, b = 2, c = 2, d = 2 }, { x = 1 }, { a = 3, b = 1, c = 3, d = 2 },
  { b = 1, a = 1 },
  { a = 2, b = 3, c = 3 }, { a = 3, b = 3, c = 3, d = 3, e = 1 } }
local CODES = { { a = "0", b = "10", c = "11" }, { a = "00", b = "01", c = "10", d = "11" }, { x = "0" }, { b = "0",
  d = "10", a = "110", c = "111" } }
local function coded(text_of, codes)
  for char in text_of:gmatch "." do if not codes[char] then return false end end
  return true
end
local function e(char, count) return { char = char, count = count } end

return {
  job = "builds prefix codes by frequency, makes them canonical and packs text with them",
  brief = "Counts are { char, count } by character. Of equally light groups the one first in the list is taken, "
    .. "joined groups "
    .. "go to its end. Canonical codes count up from zero, short ones first.",
  blocks = {
    { name = "count", signature = "count(text) -> list of { char, count }",
      pre = function() return true end,
      post = function(a, r)
        local n = 0
        for _, entry in ipairs(r[1]) do n = n + entry.count end
        return n == #a[1]
      end,
      hidden = function(rng) return { text(rng) } end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "a" }, want = { { e("a", 1) } } },
        { args = { "aaa" }, want = { { e("a", 3) } } },
        { args = { "ba" }, want = { { e("a", 1), e("b", 1) } } },
        { args = { "abca" }, want = { { e("a", 2), e("b", 1), e("c", 1) } } },
        { args = { "a b" }, want = { { e(" ", 1), e("a", 1), e("b", 1) } } },
        { args = { "zzy" }, want = { { e("y", 1), e("z", 2) } } },
        { args = { "Aa" }, want = { { e("A", 1), e("a", 1) } } },
      } },
    { name = "lengths", signature = "lengths(counts) -> bits by character",
      pre = function(a)
        for _, entry in ipairs(a[1]) do if entry.count < 1 then return false end end
        return true
      end,
      post = function(a, r) return #a[1] < 2 or kraft(r[1]) == 1 end,
      hidden = function(rng, i) return { counts(rng, i) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { e("a", 5) } }, want = { { a = 1 } } },
        { args = { { e("a", 5), e("b", 1) } }, want = { { a = 1, b = 1 } } },
        { args = { { e("a", 5), e("b", 1), e("c", 2) } }, want = { { a = 1, b = 2, c = 2 } } },
        { args = { { e("a", 1), e("b", 1), e("c", 1), e("d", 1) } }, want = { { a = 2, b = 2, c = 2, d = 2 } } },
        { args = { { e("a", 8), e("b", 4), e("c", 2), e("d", 1) } }, want = { { a = 1, b = 2, c = 3, d = 3 } } },
        { args = { { e("a", 1), e("b", 1), e("c", 2) } }, want = { { a = 2, b = 2, c = 1 } } },
        { args = { { e("a", 1), e("b", 0) } }, want_error = "count of b is 0$" },
      } },
    { name = "codes", signature = "codes(lengths) -> bits by character",
      pre = function(a) return kraft(a[1]) <= 1 end,
      post = function(a, r)
        for char, n in pairs(a[1]) do if #r[1][char] ~= n then return false end end
        return true
      end,
      hidden = function(rng)
        local shape = {}
        for k, v in pairs(rng.pick(SHAPES)) do shape[k] = v end
        if rng.chance(0.5) then shape[rng.pick { "d", "q", "z" }] = rng.int(1, 4) end
        return { shape }
      end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { a = 1 } }, want = { { a = "0" } } },
        { args = { { a = 1, b = 2, c = 2 } }, want = { { a = "0", b = "10", c = "11" } } },
        { args = { { b = 1, a = 1 } }, want = { { a = "0", b = "1" } } },
        { args = { { a = 3, b = 1, c = 3, d = 2 } }, want = { { b = "0", d = "10", a = "110", c = "111" } } },
        { args = { { a = 2, b = 3, c = 3 } }, want = { { a = "00", b = "010", c = "011" } } },
        { args = { { a = 1, b = 1, c = 1 } }, want_error = "too many short codes$" },
        { args = { { a = 1, b = 4 } }, want = { { a = "0", b = "1000" } } },
      } },
    { name = "encode", signature = "encode(text, codes) -> bits",
      pre = function(a) return coded(a[1], a[2]) end,
      post = function(_, r) return not r[1]:find "[^01]" end,
      hidden = function(rng) return { rng.word("abca", 0, 8), rng.pick(CODES) } end,
      examples = {
        { args = { "", CODES[1] }, want = { "" } },
        { args = { "a", CODES[1] }, want = { "0" } },
        { args = { "abc", CODES[1] }, want = { "01011" } },
        { args = { "cab", CODES[2] }, want = { "100001" } },
        { args = { "xx", CODES[3] }, want = { "00" } },
        { args = { "abcd", CODES[4] }, want = { "110011110" } },
        { args = { "ax", CODES[1] }, want_error = "no code for x$" },
        { args = { "a", {} }, want_error = "no code for a$" },
      } },
    { name = "decode", signature = "decode(bits, codes) -> text, bits left over",
      pre = function(a)
        local known, rest = {}, a[1]
        for _, code in pairs(a[2]) do known[code] = true end
        local part = ""
        for bit in rest:gmatch "." do
          part = part .. bit
          if known[part] then part = "" end
        end
        return #part <= 7
      end,
      post = function(_, r) return r[2] >= 0 and r[2] < 8 end,
      hidden = function(rng, i)
        if i % 6 == 0 then return { "0" .. ("1"):rep(rng.int(5, 11)), { x = "0" } } end
        return { rng.word("01", 0, 12), rng.pick(CODES) }
      end,
      examples = {
        { args = { "", CODES[1] }, want = { "", 0 } },
        { args = { "01011", CODES[1] }, want = { "abc", 0 } },
        { args = { "0101", CODES[1] }, want = { "ab", 1 } },
        { args = { "000", CODES[3] }, want = { "xxx", 0 } },
        { args = { "110011110", CODES[4] }, want = { "abcd", 0 } },
        { args = { "01111111", CODES[3] }, want = { "x", 7 } },
        { args = { "011111111", CODES[3] }, want_error = "bits without meaning from 2$" },
        { args = { "11111111", {} }, want_error = "bits without meaning from 1$" },
      } },
  },
  integration = { name = "report", signature = "report(text) -> bits, percent of eight bits each, code lengths as text",
    pre = function(a) return a[1] ~= "" end,
    post = function(_, r) return r[2] > 0 and not r[1]:find "[^01]" end,
    hidden = function(rng, i) return { i % 9 == 0 and "" or text(rng) .. rng.pick { "a", "b", "xyz" } } end,
    examples = {
      { args = { "a" }, want = { "0", 13, "a1" } },
      { args = { "aaaa" }, want = { "0000", 13, "a1" } },
      { args = { "abac" }, want = { "010011", 19, "a1b2c2" } },
      { args = { "ab" }, want = { "01", 13, "a1b1" } },
      { args = { "abcd" }, want = { "00011011", 25, "a2b2c2d2" } },
      { args = { "bbbba" }, want = { "11110", 13, "a1b1" } },
      { args = { "hello" }, want = { "0100101011", 25, "e2h2l2o2" } },
      { args = { "" }, want_error = "nothing to pack$" },
    } },
}
