local GOOD = { "a", "ab", "a*", "a+b", "a?b", "a|b", "(ab)+", "[abc]x", "[^a]", ".", "a.c", "(a|b)*c", "", "\\*a",
  "a|", "((a))", "ab|cd|e", "(a?b)*",
  "[a+]+", "x*y*" }
local BAD = { "(a", "a)", "*a", "[a", "a\\", "(|*)", "+", "[]", "a|+", "((a)" }
local function pattern(rng, i) return i % 4 == 0 and rng.pick(BAD) or rng.pick(GOOD) end
local OK = {}
for _, p in ipairs(GOOD) do OK[p] = true end
local TOKEN_OK = { ["(a"] = true, ["a)"] = true, ["*a"] = true, ["(|*)"] = true, ["+"] = true, ["a|+"] = true,
  ["((a)"] = true }
local function text(rng) return rng.word("aabbcx", 0, 8) end
local function S(set, negated) return { kind = "set", set = set, negated = negated or false } end
local function K(kind) return { kind = kind } end
local function token(rng) return rng.pick { S "a", S "b", S("a", true), K "(", K ")", K "|", K "*", K "?" } end
-- Whether tokens make a pattern, by rewriting: groups to one letter, marks taken off letters.
local function sound(tokens)
  local t = ""
  for _, k in ipairs(tokens) do t = t .. (k.kind == "set" and "s" or k.kind) end
  repeat
    local before = t
    t = t:gsub("s[*+?]", "s"):gsub("ss", "s"):gsub("%([s|]*%)", "s")
  until t == before
  return not t:find "[()*+?]"
end
local A_STAR = { { split = { 3 } }, { set = "a", negated = false, next = 3 }, { split = { 2, 4 } }, { accept = true } }
local AB = { { split = { 2 } }, { set = "a", negated = false, next = 3 }, { set = "b", negated = false, next = 4 },
  { accept = true } }

return {
  job = "matches regular expressions by a graph of states, finds and replaces",
  brief = "Patterns know sets, '.', groups, '|', '*', '+', '?' and '\\\\'. A state is { set, negated, next }, { "
    .. "split = states } "
    .. "or { accept = true }. The longest match at a place counts.",
  blocks = {
    { name = "tokens", signature = "tokens(pattern) -> list of tokens",
      pre = function(a) return OK[a[1]] or TOKEN_OK[a[1]] or false end,
      post = function(a, r) return #r[1] <= #a[1] end,
      hidden = function(rng, i) return { pattern(rng, i) } end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "ab" }, want = { { S "a", S "b" } } },
        { args = { "a*" }, want = { { S "a", K "*" } } },
        { args = { "[abc]x" }, want = { { S "abc", S "x" } } },
        { args = { "[^a]" }, want = { { S("a", true) } } },
        { args = { "." }, want = { { S("", true) } } },
        { args = { "\\*a" }, want = { { S "*", S "a" } } },
        { args = { "a|b" }, want = { { S "a", K "|", S "b" } } },
        { args = { "[a" }, want_error = "set without an end$" },
        { args = { "a\\" }, want_error = "nothing to escape$" },
      } },
    { name = "build", signature = "build(tokens) -> states, first state",
      pre = function(a) return sound(a[1]) end,
      post = function(_, r) return r[1][r[2]] ~= nil and r[1][#r[1]].accept == true end,
      hidden = function(rng, i)
        if i % 3 == 0 then return { rng.list(0, 4, function() return token(rng) end) } end
        return { rng.pick { { S "a", K "*" }, { K "(", S "a", K "|", S "b", K ")", K "+" }, { S "a", K "?", S "b" },
          { S "a", K "|" },
          { S "a", S "b", K "|", S("c", true) }, { K "(", K "(", S "a", K ")", K "*", K ")" } } }
      end,
      examples = {
        { args = { {} }, want = { { { split = { 2 } }, { accept = true } }, 1 } },
        { args = { { S "a", K "*" } }, want = { A_STAR, 1 } },
        { args = { { S "a", S "b" } }, want = { AB, 1 } },
        { args = { { S "a", K "?" } },
          want = {
            { { split = { 3 } }, { negated = false, next = 4, set = "a" }, { split = { 2, 4 } }, { accept = true } },
            1,
          } },
        { args = { { K "*" } }, want_error = "nothing before %*$" },
        { args = { { K "(", S "a" } }, want_error = "group without an end$" },
        { args = { { S "a", K ")" } }, want_error = "group closed but not opened$" },
        { args = { { S "a", K "|" } },
          want = {
            {
              { split = { 2 } }, { negated = false, next = 5, set = "a" }, { split = { 5 } }, { split = { 1, 3 } },
              { accept = true },
            },
            4,
          } },
      } },
    { name = "match_at", signature = "match_at(states, first, text, from) -> last index or nil",
      pre = function() return true end,
      post = function(a, r) return r[1] == nil or r[1] >= a[4] - 1 and r[1] <= #a[3] end,
      hidden = function(rng)
        local t = text(rng)
        return { rng.pick { A_STAR, AB, { { split = { 2, 3 } }, { set = "a", negated = true, next = 1 },
          { accept = true } } }, 1, t,
          rng.int(1, #t + 1) }
      end,
      examples = {
        { args = { A_STAR, 1, "aab", 1 }, want = { 2 } },
        { args = { A_STAR, 1, "baa", 1 }, want = { 0 } },
        { args = { A_STAR, 1, "baa", 2 }, want = { 3 } },
        { args = { A_STAR, 1, "", 1 }, want = { 0 } },
        { args = { AB, 1, "ab", 1 }, want = { 2 } },
        { args = { AB, 1, "aab", 2 }, want = { 3 } },
        { args = { AB, 1, "ba", 1 }, want = {} },
        { args = { AB, 1, "a", 1 }, want = {} },
      } },
    { name = "find_all", signature = "find_all(pattern, text) -> list of { from, to }",
      pre = function(a) return OK[a[1]] or false end,
      post = function(_, r)
        for i = 2, #r[1] do if r[1][i][1] <= r[1][i - 1][2] then return false end end
        return true
      end,
      hidden = function(rng, i) return { pattern(rng, i), text(rng) } end,
      examples = {
        { args = { "a", "banana" }, want = { { { 2, 2 }, { 4, 4 }, { 6, 6 } } } },
        { args = { "a+b", "aabxab" }, want = { { { 1, 3 }, { 5, 6 } } } },
        { args = { "ab|cd|e", "ecdab" }, want = { { { 1, 1 }, { 2, 3 }, { 4, 5 } } } },
        { args = { "(ab)+", "ababa" }, want = { { { 1, 4 } } } },
        { args = { "[^a]", "xa" }, want = { { { 1, 1 } } } },
        { args = { "a*", "ba" }, want = { { { 1, 0 }, { 2, 2 }, { 3, 2 } } } },
        { args = { "a.c", "abcac" }, want = { { { 1, 3 } } } },
        { args = { "(a", "a" }, want_error = "group without an end$" },
      } },
  },
  integration = { name = "replace", signature = "replace(pattern, text, new) -> text, how many",
    pre = function(a) return OK[a[1]] or false end,
    post = function(_, r) return r[2] >= 0 end,
    hidden = function(rng, i) return { pattern(rng, i), text(rng), rng.pick { "", "-", "<&>", "&&" } } end,
    examples = {
      { args = { "a", "banana", "o" }, want = { "bonono", 3 } },
      { args = { "a+b", "aabb", "<&>" }, want = { "<aab>b", 1 } },
      { args = { "x*y*", "b", "-" }, want = { "-b-", 2 } },
      { args = { "", "ab", "." }, want = { ".a.b.", 3 } },
      { args = { "(a|b)*c", "abcc", "&&" }, want = { "abcabccc", 2 } },
      { args = { ".", "abc", "" }, want = { "", 3 } },
      { args = { "\\*a", "*a", "x" }, want = { "x", 1 } },
      { args = { "a)", "a", "x" }, want_error = "group closed but not opened$" },
    } },
}
