local function balanced(text)
  local depth = 0
  for brace in text:gmatch "[{}]" do
    depth = depth + (brace == "{" and 1 or -1)
    if depth < 0 then return false end
  end
  return depth == 0
end

local function braced(rng, depth)
  local out = rng.word("ab.", 0, 2)
  if depth > 0 and rng.chance(0.8) then
    out = out .. "{" .. table.concat(rng.list(1, 3, function() return braced(rng, depth - 1) end), ",") .. "}"
      .. rng.word("xy", 0, 1)
  end
  return out
end

local function class_ok(class)
  local body = class:gsub("^!", "")
  if body == "" then return false end
  local at = 1
  while at <= #body do
    local low, high = body:match("^(.)%-(.)", at)
    if low then
      if high < low then return false end
      at = at + 2
    end
    at = at + 1
  end
  return true
end

local FILES = { "main.c", "src/main.c", "src/a.c", "src/a.h", "src/deep/b.c", "doc/a.md", ".git/x", "src/.hidden",
  "README", "src/deep/er/c.c" }

local function part(rng)
  return table.concat(rng.list(1, 4, function()
    return rng.pick { "a", "b", "?", "*", "*", "[ab]", "[!a]", "[a-c]", "." }
  end))
end

return {
  job = "matches file names and paths against patterns with stars, classes and braces, and picks by rule lists",
  brief = "'*' and '?' stay within a segment and do not match a leading dot; '**' is any number of folders; of a rule "
    .. "list the last rule that matches a path decides, and '!' before a rule takes paths out.",
  blocks = {
    { name = "braces", signature = "braces(pattern) -> list of patterns without braces",
      pre = function(a) return balanced(a[1]) end,
      post = function(_, r)
        for _, p in ipairs(r[1]) do if p:find "[{}]" then return false end end
        return #r[1] > 0
      end,
      hidden = function(rng, i)
        local text = braced(rng, rng.int(1, 2)) .. rng.pick { "", "z", braced(rng, 1) }
        if i % 5 == 0 then text = rng.pick { text .. "{", text .. "}", "}" .. text, "{a,{b}" } end
        return { text }
      end,
      examples = {
        { args = { "abc" }, want = { { "abc" } } },
        { args = { "a{b,c}d" }, want = { { "abd", "acd" } } },
        { args = { "{x,y}{1,2}" }, want = { { "x1", "x2", "y1", "y2" } } },
        { args = { "a{b,{c,d}e}" }, want = { { "ab", "ace", "ade" } } },
        { args = { "{a}" }, want = { { "a" } } },
        { args = { "v{,1}" }, want = { { "v", "v1" } } },
        { args = { "a,b" }, want = { { "a,b" } } },
        { args = { "a{b,c" }, want_error = "brace opened but not closed$" },
        { args = { "a}b" }, want_error = "brace closed but not opened$" },
      } },
    { name = "in_class", signature = "in_class(class, char) -> boolean",
      pre = function(a) return class_ok(a[1]) end,
      post = function(_, r) return type(r[1]) == "boolean" end,
      hidden = function(rng, i)
        local class = rng.pick { "", "", "!" } .. table.concat(rng.list(1, 3, function()
          return rng.pick { "a", "c", "a-c", "b-d", "0-3", "-", "d" }
        end))
        if i % 6 == 0 then class = rng.pick { "", "!", "c-a", "a9-0", "!z-a" } end
        return { class, rng.pick { "a", "b", "c", "d", "2", "-", "!" } }
      end,
      examples = {
        { args = { "abc", "b" }, want = { true } },
        { args = { "a-f", "d" }, want = { true } },
        { args = { "a-f", "g" }, want = { false } },
        { args = { "!a-f", "d" }, want = { false } },
        { args = { "!a", "b" }, want = { true } },
        { args = { "a-", "-" }, want = { true } },
        { args = { "a-c0-9_", "_" }, want = { true } },
        { args = { "f-a", "c" }, want_error = "range f%-a runs backwards$" },
        { args = { "!", "c" }, want_error = "empty class$" },
      } },
    { name = "segment", signature = "segment(pattern, name) -> boolean",
      pre = function(a) return not a[1]:find "%[[^%]]*$" or a[2]:sub(1, 1) == "." and a[1]:sub(1, 1) ~= "." end,
      post = function(_, r) return type(r[1]) == "boolean" end,
      hidden = function(rng, i)
        if i % 8 == 0 then return { "[ab", rng.pick { "a", "bc", ".a" } } end
        if i % 3 == 0 then
          local w = rng.pick { "aab", "abab", "a?b", "aba" }
          return { "*" .. w .. rng.pick { "", "*" }, (w:sub(1, rng(3)) .. w):gsub("?", "a") .. "" }
        end
        return { part(rng), rng.pick { "", "." } .. rng.word("aabc.", 1, 4) }
      end,
      examples = {
        { args = { "*.c", "main.c" }, want = { true } },
        { args = { "*.c", "main.h" }, want = { false } },
        { args = { "?a*", "bad" }, want = { true } },
        { args = { "[a-c]x", "bx" }, want = { true } },
        { args = { "*", ".git" }, want = { false } },
        { args = { ".*", ".git" }, want = { true } },
        { args = { "a*b*c", "a_b_b_c" }, want = { true } },
        { args = { "a*", "a" }, want = { true } },
        { args = { "a[b", "ab" }, want_error = "class opened but not closed$" },
      } },
    { name = "path", signature = "path(pattern, path) -> boolean",
      pre = function() return true end,
      post = function(a, r) return type(r[1]) == "boolean" and (a[1] ~= a[2] or r[1]) end,
      hidden = function(rng)
        local parts = rng.list(1, 3, function() return rng.pick { "**", "*", "src", "deep", "*.c", "[ab].?",
          "doc" } end)
        return { table.concat(parts, "/"), rng.pick(FILES) }
      end,
      examples = {
        { args = { "src/*.c", "src/a.c" }, want = { true } },
        { args = { "src/*.c", "src/deep/b.c" }, want = { false } },
        { args = { "**/*.c", "src/deep/b.c" }, want = { true } },
        { args = { "**/*.c", "main.c" }, want = { true } },
        { args = { "src/**", "src/deep/b.c" }, want = { true } },
        { args = { "src/**/deep/*", "src/deep/b.c" }, want = { true } },
        { args = { "*", "src/a.c" }, want = { false } },
        { args = { "**", "" }, want = { true } },
      } },
  },
  integration = { name = "pick", signature = "pick(rules, paths) -> paths the rules pick",
    pre = function(a)
      for _, rule in ipairs(a[1]) do if not balanced(rule) then return false end end
      return true
    end,
    post = function(a, r) return #r[1] <= #a[2] end,
    hidden = function(rng, i)
      local rules = rng.list(1, 4, function()
        return rng.pick { "**/*.c", "src/**", "!src/deep/**", "!**/*.h", "{src,doc}/a.*", "*", "!main.?", "**/{a,b}.c",
          "!src/{a,deep/b}.c", "doc/*", "**/.*" }
      end)
      if i % 7 == 0 then rules[#rules + 1] = rng.pick { "{a", "!a}" } end
      return { rules, rng.list(4, 8, function() return rng.pick(FILES) end) }
    end,
    examples = {
      { args = { { "**/*.c" }, FILES },
        want = { { "main.c", "src/main.c", "src/a.c", "src/deep/b.c", "src/deep/er/c.c" } } },
      { args = { { "**/*.c", "!src/deep/**" }, FILES }, want = { { "main.c", "src/main.c", "src/a.c" } } },
      { args = { { "!main.c", "*" }, FILES }, want = { { "main.c", "README" } } },
      { args = { { "{doc,src}/a.{md,h}" }, FILES }, want = { { "src/a.h", "doc/a.md" } } },
      { args = { {}, FILES }, want = { {} } },
      { args = { { "**" }, { "a/b", ".x", "c/.y" } }, want = { { "a/b", ".x", "c/.y" } } },
      { args = { { "src/**", "!src/**", "src/a.?" }, FILES }, want = { { "src/a.c", "src/a.h" } } },
      { args = { { "{a,b" }, FILES }, want_error = "brace opened but not closed$" },
      { args = { { "*" }, {} }, want = { {} } },
    } },
}
