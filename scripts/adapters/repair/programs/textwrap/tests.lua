local function word(rng) return rng.word("abcdefgh", 1, 7) end
local function words(rng, lo, hi) return rng.list(lo, hi, function() return word(rng) end) end
local function joined(list) return table.concat(list):gsub("%s", "") end

return {
  job = "fills, aligns, justifies and boxes plain text",
  brief = "Text layout with a fixed width in bytes. Filling is greedy; justified lines put extra "
    .. "spaces in the left gaps.",
  blocks = {
    { name = "words", signature = "words(text) -> list of words",
      pre = function() return true end,
      post = function(a, r) return joined(r[1]) == joined { a[1] } end,
      hidden = function(rng)
        return { table.concat(words(rng, 0, 8), rng.pick { " ", "  ", "\n", " \t" }) .. rng.pick { "", " ", "\n" } }
      end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "one" }, want = { { "one" } } },
        { args = { "one two" }, want = { { "one", "two" } } },
        { args = { "  lead and trail  " }, want = { { "lead", "and", "trail" } } },
        { args = { "a\nb\tc" }, want = { { "a", "b", "c" } } },
        { args = { "   " }, want = { {} } },
        { args = { "it's 3.5, ok" }, want = { { "it's", "3.5,", "ok" } } },
        { args = { "x  y   z" }, want = { { "x", "y", "z" } } },
      } },
    { name = "fill", signature = "fill(words, width) -> lines no longer than width",
      pre = function(a) return a[2] >= 1 end,
      post = function(a, r)
        for _, line in ipairs(r[1]) do if #line > a[2] or line == "" then return false end end
        return joined(r[1]) == joined(a[1])
      end,
      hidden = function(rng, i) return { words(rng, 0, 9), i % 9 == 0 and rng.int(-1, 0) or rng.int(3, 16) } end,
      examples = {
        { args = { {}, 5 }, want = { {} } },
        { args = { { "a", "b", "c" }, 3 }, want = { { "a b", "c" } } },
        { args = { { "one", "two", "three" }, 7 }, want = { { "one two", "three" } } },
        { args = { { "one", "two", "three" }, 8 }, want = { { "one two", "three" } } },
        { args = { { "abcdefghij" }, 4 }, want = { { "abcd", "efgh", "ij" } } },
        { args = { { "to", "abcdefgh", "x" }, 4 }, want = { { "to", "abcd", "efgh", "x" } } },
        { args = { { "a" }, 0 }, want_error = "width must be at least 1$" },
        { args = { { "exact", "fit" }, 5 }, want = { { "exact", "fit" } } },
        { args = { { "abcdef", "gh" }, 4 }, want = { { "abcd", "ef", "gh" } } },
      } },
    { name = "align", signature = "align(line, width, how: left|right|center) -> line padded to width",
      pre = function(a)
        return #a[1] >= a[2] or a[3] == "left" or a[3] == "right" or a[3] == "center"
      end,
      post = function(a, r) return #r[1] == math.max(#a[1], a[2]) end,
      hidden = function(rng, i)
        return { word(rng), rng.int(0, 12), i % 6 == 0 and "middle" or rng.pick { "left", "right", "center",
          "center" } }
      end,
      examples = {
        { args = { "ab", 4, "left" }, want = { "ab  " } },
        { args = { "ab", 4, "right" }, want = { "  ab" } },
        { args = { "ab", 4, "center" }, want = { " ab " } },
        { args = { "ab", 5, "center" }, want = { " ab  " } },
        { args = { "abc", 2, "right" }, want = { "abc" } },
        { args = { "", 3, "left" }, want = { "   " } },
        { args = { "ab", 5, "both" }, want_error = "unknown alignment both$" },
        { args = { "ab", 2, "both" }, want = { "ab" } },
      } },
    { name = "justify", signature = "justify(line, width) -> line with spaces spread to the width",
      pre = function() return true end,
      post = function(a, r) return joined { r[1] } == joined { a[1] } end,
      hidden = function(rng) return { table.concat(words(rng, 0, 5), " "), rng.int(4, 30) } end,
      examples = {
        { args = { "a b", 5 }, want = { "a   b" } },
        { args = { "a b c", 8 }, want = { "a   b  c" } },
        { args = { "a b c", 7 }, want = { "a  b  c" } },
        { args = { "word", 9 }, want = { "word" } },
        { args = { "", 4 }, want = { "" } },
        { args = { "too long here", 6 }, want = { "too long here" } },
        { args = { "ab cd", 5 }, want = { "ab cd" } },
        { args = { "one two six ten", 20 }, want = { "one   two   six  ten" } },
      } },
    { name = "boxed", signature = "boxed(lines, title) -> rows of a frame around them",
      pre = function() return true end,
      post = function(a, r)
        for _, row in ipairs(r[1]) do if #row ~= #r[1][1] then return false end end
        return #r[1] == #a[1] + (a[2] == "" and 2 or 4)
      end,
      hidden = function(rng) return { words(rng, 0, 4), rng.chance(0.4) and "" or word(rng) .. rng.pick { "",
        " top" } } end,
      examples = {
        { args = { {}, "" }, want = { { "+--+", "+--+" } } },
        { args = { { "hi" }, "" }, want = { { "+----+", "| hi |", "+----+" } } },
        {
          args = { { "hi" }, "title" },
          want = { { "+-------+", "| title |", "|=======|", "| hi    |", "+-------+" } },
        },
        { args = { { "a", "abc" }, "" }, want = { { "+-----+", "| a   |", "| abc |", "+-----+" } } },
        {
          args = { { "a", "abc" }, "t" },
          want = { { "+-----+", "|  t  |", "|=====|", "| a   |", "| abc |", "+-----+" } },
        },
        { args = { {}, "only" }, want = { { "+------+", "| only |", "|======|", "+------+" } } },
        { args = { { "", "x" }, "" }, want = { { "+---+", "|   |", "| x |", "+---+" } } },
        {
          args = { { "longest line" }, "odd" },
          want = {
            { "+--------------+", "|     odd      |", "|==============|", "| longest line |", "+--------------+" },
          },
        },
      } },
    { name = "columns", signature = "columns(items, count) -> rows, items running down the columns",
      pre = function(a) return a[2] >= 1 end,
      post = function(a, r) return #joined(r[1]) == #joined(a[1]) end,
      hidden = function(rng, i) return { words(rng, 0, 9), i % 8 == 0 and 0 or rng.int(1, 4) } end,
      examples = {
        { args = { {}, 2 }, want = { {} } },
        { args = { { "a", "b", "c" }, 1 }, want = { { "a", "b", "c" } } },
        { args = { { "a", "b", "c" }, 2 }, want = { { "a  c", "b" } } },
        { args = { { "a", "b", "c", "d" }, 2 }, want = { { "a  c", "b  d" } } },
        { args = { { "one", "two", "three", "four", "five" }, 3 }, want = { { "one  three  five", "two  four" } } },
        { args = { { "a" }, 3 }, want = { { "a" } } },
        { args = { { "a", "b" }, 0 }, want_error = "at least one column$" },
        { args = { { "long", "b", "c", "dd" }, 2 }, want = { { "long  c", "b     dd" } } },
      } },
  },
  integration = { name = "layout",
    signature = "layout(text, width) -> justified lines, an empty one between paragraphs",
    pre = function(a) return a[2] >= 1 end,
    post = function(a, r) return joined(r[1]) == joined { a[1] } end,
    hidden = function(rng, i)
      local text = table.concat(words(rng, 1, 9), rng.pick { " ", "\n" })
      if rng.chance(0.5) then text = text .. rng.pick { "\n\n", "\n\n\n" } .. table.concat(words(rng, 1, 7), " ") end
      return { text, i % 9 == 0 and 0 or rng.int(6, 20) }
    end,
    examples = {
      { args = { "", 10 }, want = { {} } },
      { args = { "one", 10 }, want = { { "one" } } },
      { args = { "one two three four", 9 }, want = { { "one   two", "three", "four" } } },
      { args = { "one two three four", 11 }, want = { { "one     two", "three four" } } },
      { args = { "a b c d e f", 5 }, want = { { "a b c", "d e f" } } },
      {
        args = { "first part\n\nsecond part of it", 8 },
        want = { { "first", "part", "", "second", "part  of", "it" } },
      },
      { args = { "x", 0 }, want_error = "width must be at least 1$" },
      { args = { "verylongword in here", 6 }, want = { { "verylo", "ngword", "in", "here" } } },
      { args = { "p\n\n\n\nq r", 4 }, want = { { "p", "", "q r" } } },
    } },
}
