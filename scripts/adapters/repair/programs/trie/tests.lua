local function word(rng) return rng.word("abc", 1, 4) end
local function words(rng, lo, hi) return rng.list(lo, hi, function() return word(rng) end) end

local function tree(list)
  local root = { count = 0, next = {} }
  for _, w in ipairs(list) do
    local at = root
    for letter in w:gmatch "." do
      at.next[letter] = at.next[letter] or { count = 0, next = {} }
      at = at.next[letter]
    end
    at.count = at.count + 1
  end
  return root
end

local function weight(node)
  local sum = node.count
  for _, child in pairs(node.next) do sum = sum + weight(child) end
  return sum
end

local function holds(node, w)
  for letter in w:gmatch "." do
    node = node.next[letter]
    if not node then return 0 end
  end
  return node.count
end

local ABC = { "a", "ab", "abc", "b", "ab" }
local TEA = { "tea", "ten", "to", "tea", "inn" }

return {
  job = "a letter tree: counting, completion, removal and shortest abbreviations",
  brief = "A node is { count, next }. Words are lower-case letters. Completion gives the most frequent first.",
  blocks = {
    { name = "insert", signature = "insert(node, word, times or nil) -> node",
      pre = function(a) return a[2]:find "^%l+$" ~= nil end,
      post = function(a, r) return holds(r[1], a[2]) >= (a[3] or 1) end,
      hidden = function(rng, i)
        local w = i % 6 == 0 and rng.pick { "", "A", "a b", "x1" } or word(rng)
        return { tree(words(rng, 0, 4)), w, rng.chance(0.4) and rng.int(1, 5) or nil }
      end,
      examples = {
        { args = { tree {}, "a" }, want = { { count = 0, next = { a = { count = 1, next = {} } } } } },
        { args = { tree {}, "ab" },
          want = { { count = 0, next = { a = { count = 0, next = { b = { count = 1, next = {} } } } } } } },
        { args = { tree { "a" }, "ab" },
          want = { { count = 0, next = { a = { count = 1, next = { b = { count = 1, next = {} } } } } } } },
        { args = { tree { "ab" }, "a" },
          want = { { count = 0, next = { a = { count = 1, next = { b = { count = 1, next = {} } } } } } } },
        { args = { tree { "a" }, "a" }, want = { { count = 0, next = { a = { count = 2, next = {} } } } } },
        { args = { tree { "a" }, "b", 3 },
          want = { { count = 0, next = { a = { count = 1, next = {} }, b = { count = 3, next = {} } } } } },
        { args = { tree {}, "" }, want_error = "not a word: ''$" },
        { args = { tree {}, "A" }, want_error = "not a word: 'A'$" },
      } },
    { name = "build", signature = "build(text) -> root",
      pre = function() return true end,
      post = function(a, r) return weight(r[1]) == select(2, a[1]:gsub("%a+", "")) end,
      hidden = function(rng) return { table.concat(words(rng, 0, 6), rng.pick { " ", ", ", "-", " B " }) } end,
      examples = {
        { args = { "" }, want = { { count = 0, next = {} } } },
        { args = { "a" }, want = { { count = 0, next = { a = { count = 1, next = {} } } } } },
        { args = { "a a" }, want = { { count = 0, next = { a = { count = 2, next = {} } } } } },
        { args = { "A a" }, want = { { count = 0, next = { a = { count = 2, next = {} } } } } },
        { args = { "to be" },
          want = {
            {
              count = 0,
              next = {
                b = { count = 0, next = { e = { count = 1, next = {} } } },
                t = { count = 0, next = { o = { count = 1, next = {} } } },
              },
            },
          } },
        { args = { "ab, b!" },
          want = {
            {
              count = 0,
              next = { a = { count = 0, next = { b = { count = 1, next = {} } } }, b = { count = 1, next = {} } },
            },
          } },
        { args = { "x1y" },
          want = { { count = 0, next = { x = { count = 1, next = {} }, y = { count = 1, next = {} } } } } },
        { args = { "on one" },
          want = {
            {
              count = 0,
              next = { o = { count = 0, next = { n = { count = 1, next = { e = { count = 1, next = {} } } } } } },
            },
          } },
      } },
    { name = "walk", signature = "walk(root, prefix) -> node or nil",
      pre = function() return true end,
      post = function(a, r) return not r[1] or r[1].count == holds(a[1], a[2]) end,
      hidden = function(rng) return { tree(words(rng, 1, 5)), rng.word("abc", 0, 3) } end,
      examples = {
        { args = { tree {}, "" }, want = { { count = 0, next = {} } } },
        { args = { tree {}, "a" }, want = {} },
        { args = { tree { "a" }, "a" }, want = { { count = 1, next = {} } } },
        { args = { tree { "ab" }, "a" }, want = { { count = 0, next = { b = { count = 1, next = {} } } } } },
        { args = { tree { "ab" }, "ab" }, want = { { count = 1, next = {} } } },
        { args = { tree { "ab" }, "abc" }, want = {} },
        { args = { tree { "ab", "a", "a" }, "a" },
          want = { { count = 2, next = { b = { count = 1, next = {} } } } } },
        { args = { tree { "ab" }, "b" }, want = {} },
      } },
    { name = "count", signature = "count(root, pattern with . for any letter) -> times",
      pre = function() return true end,
      post = function(a, r) return r[1] <= weight(a[1]) end,
      hidden = function(rng) return { tree(words(rng, 1, 8)), rng.word("abc..", 0, 4) } end,
      examples = {
        { args = { tree(ABC), "ab" }, want = { 2 } },
        { args = { tree(ABC), "a" }, want = { 1 } },
        { args = { tree(ABC), "." }, want = { 2 } },
        { args = { tree(ABC), ".." }, want = { 2 } },
        { args = { tree(ABC), "a.c" }, want = { 1 } },
        { args = { tree(ABC), "x" }, want = { 0 } },
        { args = { tree(ABC), "" }, want = { 0 } },
        { args = { tree(TEA), "te." }, want = { 3 } },
      } },
    { name = "complete", signature = "complete(root, prefix, limit) -> words, most frequent first",
      pre = function() return true end,
      post = function(a, r) return #r[1] <= math.max(0, a[3]) end,
      hidden = function(rng) return { tree(words(rng, 1, 9)), rng.word("abc", 0, 2), rng.int(0, 4) } end,
      examples = {
        { args = { tree(ABC), "a", 5 }, want = { { "ab", "a", "abc" } } },
        { args = { tree(ABC), "a", 1 }, want = { { "ab" } } },
        { args = { tree(ABC), "", 9 }, want = { { "ab", "a", "abc", "b" } } },
        { args = { tree(ABC), "x", 5 }, want = { {} } },
        { args = { tree(TEA), "te", 5 }, want = { { "tea", "ten" } } },
        { args = { tree(TEA), "t", 2 }, want = { { "tea", "ten" } } },
        { args = { tree(TEA), "t", 0 }, want = { {} } },
        { args = { tree { "b", "a" }, "", 2 }, want = { { "a", "b" } } },
      } },
    { name = "remove", signature = "remove(root, word) -> root, whether it was there",
      pre = function() return true end,
      post = function(a, r)
        return holds(r[1], a[2]) == math.max(0, holds(a[1], a[2]) - 1) and r[2] == (holds(a[1], a[2]) > 0)
      end,
      hidden = function(rng)
        local list = words(rng, 1, 5)
        return { tree(list), rng.chance(0.7) and rng.pick(list) or word(rng) }
      end,
      examples = {
        { args = { tree { "a" }, "a" }, want = { { count = 0, next = {} }, true } },
        { args = { tree { "a" }, "b" }, want = { { count = 0, next = { a = { count = 1, next = {} } } }, false } },
        { args = { tree { "ab" }, "a" },
          want = { { count = 0, next = { a = { count = 0, next = { b = { count = 1, next = {} } } } } }, false } },
        { args = { tree { "ab" }, "ab" }, want = { { count = 0, next = {} }, true } },
        { args = { tree { "ab", "a" }, "ab" },
          want = { { count = 0, next = { a = { count = 1, next = {} } } }, true } },
        { args = { tree { "ab", "ab" }, "ab" },
          want = { { count = 0, next = { a = { count = 0, next = { b = { count = 1, next = {} } } } } }, true } },
        { args = { tree { "abc", "a" }, "a" },
          want = {
            {
              count = 0,
              next = { a = { count = 0, next = { b = { count = 0, next = { c = { count = 1, next = {} } } } } } },
            },
            true,
          } },
        { args = { tree { "abc", "abd" }, "abd" },
          want = {
            {
              count = 0,
              next = { a = { count = 0, next = { b = { count = 0, next = { c = { count = 1, next = {} } } } } } },
            },
            true,
          } },
      } },
    { name = "shortest", signature = "shortest(root, word) -> shortest prefix that only this word has",
      pre = function(a) return holds(a[1], a[2]) > 0 end,
      post = function(a, r) return a[2]:sub(1, #r[1]) == r[1] end,
      hidden = function(rng, i)
        local list = words(rng, 1, 5)
        return { tree(list), i % 7 == 0 and "zz" or rng.pick(list) }
      end,
      examples = {
        { args = { tree { "abc" }, "abc" }, want = { "a" } },
        { args = { tree { "abc", "b" }, "abc" }, want = { "a" } },
        { args = { tree { "abc", "abd" }, "abc" }, want = { "abc" } },
        { args = { tree { "ab", "abc" }, "abc" }, want = { "abc" } },
        { args = { tree { "ab", "abc" }, "ab" }, want = { "ab" } },
        { args = { tree { "ab" }, "a" }, want_error = "unknown word: a$" },
        { args = { tree(TEA), "inn" }, want = { "i" } },
        { args = { tree(TEA), "ten" }, want = { "ten" } },
      } },
  },
  integration = { name = "session", signature = "session(text, commands +word -word ?prefix =pattern) -> answers",
    pre = function(a)
      for _, command in ipairs(a[2]) do
        if not command:find "^[+?=-][%l.]*$" or command:find "^%+" and not command:find "^%+%l+$" then return false end
      end
      return true
    end,
    post = function(a, r) return #r[1] == #a[2] end,
    hidden = function(rng, i)
      local commands = rng.list(1, 6, function() return rng.pick { "+", "-", "?", "=", "?" } .. rng.word("abc", 1,
        2) end)
      if i % 7 == 0 then commands[#commands + 1] = rng.pick { "!a", "+", "+A", "a" } end
      return { table.concat(words(rng, 0, 6), " "), commands }
    end,
    examples = {
      { args = { "", {} }, want = { {} } },
      { args = { "tea ten", { "?te" } }, want = { { "tea(tea) ten(ten)" } } },
      { args = { "a b a", { "=a", "=.", "-a", "=a" } }, want = { { "a: 2", ".: 3", "removed a", "a: 1" } } },
      { args = { "ab", { "+ac", "?a", "-ab", "?a" } },
        want = { { "added ac", "ab(ab) ac(ac)", "removed ab", "ac(a)" } } },
      { args = { "x", { "?q", "-q" } }, want = { { "nothing", "no q" } } },
      { args = { "one on", { "?", "-on", "?o" } }, want = { { "on(on) one(one)", "removed on", "one(o)" } } },
      { args = { "a", { "*a" } }, want_error = "command 1 is unknown$" },
      { args = { "a", { "+" } }, want_error = "not a word: ''$" },
    } },
}
