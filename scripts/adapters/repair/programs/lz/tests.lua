local function text(rng)
  return table.concat(rng.list(0, 6, function() return rng.pick { "ab", "abc", "aaaa", "b", "<", "xyz", "abcabc",
    "ca" } end))
end

local function tokens(rng, good)
  local list, size = {}, 0
  for i = 1, rng.int(0, 5) do
    if size > 0 and rng.chance(0.5) then
      local t = { rng.int(1, good and size or size + 2), rng.int(3, 6) }
      list[i], size = t, size + t[2]
    else
      list[i] = rng.word("ab<c", 1, 4)
      size = size + #list[i]
    end
  end
  return list
end

local function expandable(list)
  local size = 0
  for _, t in ipairs(list) do
    if type(t) == "string" then size = size + #t
    else
      if t[1] < 1 or t[1] > size then return false end
      size = size + t[2]
    end
  end
  return true
end

local function readable(t)
  t = t:gsub("<%f[<]<", "")
  t = t:gsub("<<", ""):gsub("<%d+,%d+>", "")
  return not t:find "<"
end

local function power(n) return n >= 1 and n & (n - 1) == 0 end

return {
  job = "compresses text by references back into a sliding window",
  brief = "A token is plain text or { back, length }; a reference may overlap what it writes. References take at "
    .. "least 3 "
    .. "and at most 18 characters; if the next place has a longer match, the character at hand stays plain.",
  blocks = {
    { name = "longest", signature = "longest(text, at, window, limit) -> how far back, length",
      pre = function() return true end,
      post = function(a, r) return r[2] == 0 or a[1]:sub(a[2], a[2] + r[2] - 1) == (a[1]:sub(a[2] - r[1], a[2] - 1)
        :rep(20)):sub(1, r[2]) end,
      hidden = function(rng)
        local t = text(rng) .. "abab"
        return { t, rng(#t), rng.int(1, 10), rng.int(2, 8) }
      end,
      examples = {
        { args = { "abcabc", 4, 10, 18 }, want = { 3, 3 } },
        { args = { "abcabc", 1, 10, 18 }, want = { 0, 0 } },
        { args = { "aaaaa", 2, 10, 18 }, want = { 1, 4 } },
        { args = { "aaaaa", 2, 10, 2 }, want = { 1, 2 } },
        { args = { "abcabc", 4, 2, 18 }, want = { 0, 0 } },
        { args = { "abxabyab", 7, 10, 18 }, want = { 3, 2 } },
        { args = { "abcdabab", 7, 10, 18 }, want = { 2, 2 } },
        { args = { "xyz", 3, 9, 9 }, want = { 0, 0 } },
      } },
    { name = "compress", signature = "compress(text, window) -> tokens",
      pre = function(a) return a[2] >= 1 end,
      post = function(a, r)
        local n = 0
        for _, t in ipairs(r[1]) do n = n + (type(t) == "string" and #t or t[2]) end
        return n == #a[1] and expandable(r[1])
      end,
      hidden = function(rng, i) return { text(rng), i % 9 == 0 and 0 or rng.pick { 1, 2, 4, 16 } } end,
      examples = {
        { args = { "", 8 }, want = { {} } },
        { args = { "abc", 8 }, want = { { "abc" } } },
        { args = { "abcabc", 8 }, want = { { "abc", { 3, 3 } } } },
        { args = { "aaaaaa", 8 }, want = { { "a", { 1, 5 } } } },
        { args = { "abcabcx", 2 }, want = { { "abcabcx" } } },
        { args = { "abcXbcdeYabcde", 16 }, want = { { "abcXbcdeYa", { 6, 4 } } } },
        { args = { "ababab!", 8 }, want = { { "ab", { 2, 4 }, "!" } } },
        { args = { "abc", 0 }, want_error = "no window$" },
      } },
    { name = "expand", signature = "expand(tokens) -> text",
      pre = function(a) return expandable(a[1]) end,
      post = function(_, r) return type(r[1]) == "string" end,
      hidden = function(rng, i) return { tokens(rng, i % 4 > 0) } end,
      examples = {
        { args = { {} }, want = { "" } },
        { args = { { "abc" } }, want = { "abc" } },
        { args = { { "abc", { 3, 3 } } }, want = { "abcabc" } },
        { args = { { "a", { 1, 5 } } }, want = { "aaaaaa" } },
        { args = { { "ab", { 2, 4 }, "!" } }, want = { "ababab!" } },
        { args = { { "ab", { 1, 1 }, { 3, 3 } } }, want = { "abbabb" } },
        { args = { { { 1, 3 } } }, want_error = "token 1 points before the start$" },
        { args = { { "ab", { 3, 3 } } }, want_error = "token 2 points before the start$" },
      } },
    { name = "write", signature = "write(tokens) -> text with references in angle brackets",
      pre = function() return true end,
      post = function(_, r) return type(r[1]) == "string" end,
      hidden = function(rng) return { tokens(rng, true) } end,
      examples = {
        { args = { {} }, want = { "" } },
        { args = { { "abc" } }, want = { "abc" } },
        { args = { { "a<b" } }, want = { "a<<b" } },
        { args = { { "abc", { 3, 3 } } }, want = { "abc<3,3>" } },
        { args = { { { 12, 18 } } }, want = { "<12,18>" } },
        { args = { { "<", { 1, 3 }, ">" } }, want = { "<<<1,3>>" } },
        { args = { { { 1, 3 }, { 2, 4 } } }, want = { "<1,3><2,4>" } },
        { args = { { "<<" } }, want = { "<<<<" } },
      } },
    { name = "read", signature = "read(text) -> tokens",
      pre = function(a)
        local at, t = 1, a[1]
        while at <= #t do
          local stop = t:match("^[^<]+()", at) or t:match("^<<()", at) or t:match("^<%d+,%d+>()", at)
          if not stop then return false end
          at = stop
        end
        return true
      end,
      post = function(_, r) return #r[1] >= 0 end,
      hidden = function(rng, i)
        local parts = rng.list(0, 5, function() return rng.pick { "ab", "<<", "<1,3>", "<12,18>", ">", "c",
          "1,2>" } end)
        if i % 5 == 0 then parts[#parts + 1] = rng.pick { "<", "<1>", "<a,b>", "<1,2", "<,3>" } end
        return { table.concat(parts) }
      end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "abc" }, want = { { "abc" } } },
        { args = { "abc<3,3>" }, want = { { "abc", { 3, 3 } } } },
        { args = { "a<<b" }, want = { { "a<b" } } },
        { args = { "<1,3><2,4>x" }, want = { { { 1, 3 }, { 2, 4 }, "x" } } },
        { args = { "<<1,3>" }, want = { { "<1,3>" } } },
        { args = { "ab<1" }, want_error = "bad token at 3$" },
        { args = { "<x,1>" }, want_error = "bad token at 1$" },
      } },
    { name = "cost", signature = "cost(tokens, window) -> bits",
      pre = function(a) return power(a[2]) end,
      post = function(_, r) return r[1] >= 0 end,
      hidden = function(rng, i) return { tokens(rng, true), i % 6 == 0 and rng.pick { 0, 3, 12, -4 } or rng.pick { 1,
        2, 4, 8, 64 } } end,
      examples = {
        { args = { {}, 8 }, want = { 0 } },
        { args = { { "abc" }, 8 }, want = { 27 } },
        { args = { { "a", { 1, 3 } }, 8 }, want = { 17 } },
        { args = { { { 1, 3 } }, 1 }, want = { 5 } },
        { args = { { { 1, 3 }, { 1, 3 } }, 1024 }, want = { 30 } },
        { args = { { "ab", { 2, 9 }, "c" }, 16 }, want = { 36 } },
        { args = { {}, 12 }, want_error = "window is no power of two$" },
        { args = { {}, 0 }, want_error = "window is no power of two$" },
      } },
  },
  integration = { name = "pack", signature = "pack(text, windows) -> window, bits, percent of the plain size, packed "
    .. "text",
    pre = function(a)
      for _, w in ipairs(a[2]) do if not power(w) then return false end end
      return #a[2] > 0
    end,
    post = function(_, r) return readable(r[4]) or r[4]:find "<<" ~= nil end,
    hidden = function(rng, i)
      local windows = rng.list(1, 3, function() return 1 << rng.int(0, 5) end)
      if i % 8 == 0 then windows = rng.pick { {}, { 4, 6 }, { 0 } } end
      return { text(rng), windows }
    end,
    examples = {
      { args = { "abcabcabc", { 8 } }, want = { 8, 35, 49, "abc<3,6>" } },
      { args = { "aaaaaaaa", { 8, 1 } }, want = { 1, 14, 22, "a<1,7>" } },
      { args = { "abcd", { 4, 8 } }, want = { 4, 36, 113, "abcd" } },
      { args = { "", { 4 } }, want = { 4, 0, 0, "" } },
      { args = { "<<<<<", { 2 } }, want = { 2, 15, 38, "<<<1,4>" } },
      { args = { "abcabc", {} }, want_error = "no windows given$" },
      { args = { "abcabc", { 5 } }, want_error = "window is no power of two$" },
      { args = { "abcdabcdabcd", { 2, 4, 64 } }, want = { 4, 43, 45, "abcd<4,8>" } },
    } },
}
