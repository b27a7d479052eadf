local PIECES = { "a", "b ", "x1", "'s'", "'(' ", "'\\''", ", ", "\n", "# note (\n", "+" }

local function nested(rng, depth)
  local parts = {}
  for i = 1, rng.int(1, 3) do
    if depth > 0 and rng.chance(0.55) then
      local kind = rng.pick { { "(", ")" }, { "[", "]" }, { "{", "}" } }
      parts[i] = kind[1] .. nested(rng, depth - 1) .. kind[2]
    else parts[i] = rng.pick(PIECES) end
  end
  return table.concat(parts)
end

local function spoiled(rng, i, text)
  if i % 4 ~= 0 then return text end
  return rng.pick { text .. "\n)", "(" .. text, text .. "'", "(" .. text .. "\n]", "]" .. text }
end

-- Removes strings and comments; nil when a string stays open.
local function code_only(text)
  local out, at = {}, 1
  while at <= #text do
    local char = text:sub(at, at)
    if char == "'" then
      local stop = at + 1
      while text:sub(stop, stop) ~= "'" do
        if stop > #text then return nil end
        stop = stop + (text:sub(stop, stop) == "\\" and 2 or 1)
      end
      at = stop + 1
    elseif char == "#" then at = text:find("\n", at, true) or #text + 1
    else
      out[#out + 1] = char
      at = at + 1
    end
  end
  return table.concat(out)
end

local function balanced(text)
  local code = code_only(text)
  if not code then return false end
  code = code:gsub("[^%(%)%[%]{}]", "")
  local n
  repeat code, n = code:gsub("%(%)", "") local m, k code, m = code:gsub("%[%]", "") code, k = code:gsub("{}",
    "") n = n + m + k
  until n == 0
  return code == ""
end

local function pair_list(rng)
  local list, at = {}, 1
  local function put(depth)
    local pair = { at, 0 }
    list[#list + 1] = pair
    at = at + rng.int(1, 2)
    for _ = 1, depth > 0 and rng.int(0, 2) or 0 do put(depth - 1) end
    pair[2] = at
    at = at + rng.int(1, 2)
  end
  for _ = 1, rng.int(0, 2) do put(2) end
  return list
end

return {
  job = "scans source text for matching brackets, nesting and indentation",
  brief = "Text with ( ) [ ] { }, strings in single quotes with backslash escapes, and comments from # to the end of "
    .. "the line. Brackets in strings and comments do not count.",
  blocks = {
    { name = "mask", signature = "mask(text) -> string of c (code), s (string), - (comment), one per byte",
      pre = function(a) return code_only(a[1]) ~= nil end,
      post = function(a, r) return #r[1] == #a[1] and not r[1]:find "[^cs%-]" end,
      hidden = function(rng, i) return { spoiled(rng, i, nested(rng, 2)) } end,
      examples = {
        { args = { "" }, want = { "" } },
        { args = { "ab" }, want = { "cc" } },
        { args = { "a'b'c" }, want = { "csssc" } },
        { args = { "x # y" }, want = { "cc---" } },
        { args = { "x # y\nz" }, want = { "cc---cc" } },
        { args = { "'a\\'b'" }, want = { "ssssss" } },
        { args = { "'#' # '" }, want = { "sssc---" } },
        { args = { "a 'b" }, want_error = "string not closed$" },
        { args = { "'\\" }, want_error = "string not closed$" },
      } },
    { name = "pairs_of", signature = "pairs_of(text) -> list of { from, to } by place of the opening bracket",
      pre = function(a) return balanced(a[1]) end,
      post = function(a, r)
        for _, pair in ipairs(r[1]) do
          if not a[1]:sub(pair[1], pair[1]):find "[%(%[{]" or not a[1]:sub(pair[2],
            pair[2]):find "[%)%]}]" then return false end
        end
        return true
      end,
      hidden = function(rng, i) return { spoiled(rng, i, nested(rng, 3)) } end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "()" }, want = { { { 1, 2 } } } },
        { args = { "(a[b]{c})" }, want = { { { 1, 9 }, { 3, 5 }, { 6, 8 } } } },
        { args = { "()()" }, want = { { { 1, 2 }, { 3, 4 } } } },
        { args = { "('(')" }, want = { { { 1, 5 } } } },
        { args = { "( # )\n)" }, want = { { { 1, 7 } } } },
        { args = { "(]" }, want_error = "expected %) at 2$" },
        { args = { ")" }, want_error = "nothing to close at 1$" },
        { args = { "(({}" }, want_error = "not closed: 2$" },
        { args = { "[{()}]" }, want = { { { 1, 6 }, { 2, 5 }, { 3, 4 } } } },
      } },
    { name = "depths", signature = "depths(pairs) -> depth of each pair (1 outside), deepest",
      pre = function() return true end,
      post = function(a, r) return #r[1] == #a[1] end,
      hidden = function(rng) return { pair_list(rng) } end,
      examples = {
        { args = { {} }, want = { {}, 0 } },
        { args = { { { 1, 2 } } }, want = { { 1 }, 1 } },
        { args = { { { 1, 4 }, { 2, 3 } } }, want = { { 1, 2 }, 2 } },
        { args = { { { 1, 2 }, { 3, 4 } } }, want = { { 1, 1 }, 1 } },
        { args = { { { 1, 8 }, { 2, 5 }, { 3, 4 }, { 6, 7 } } }, want = { { 1, 2, 3, 2 }, 3 } },
        { args = { { { 1, 6 }, { 2, 3 }, { 4, 5 }, { 7, 8 } } }, want = { { 1, 2, 2, 1 }, 2 } },
        { args = { { { 2, 9 }, { 3, 8 }, { 4, 7 }, { 5, 6 } } }, want = { { 1, 2, 3, 4 }, 4 } },
        { args = { { { 1, 2 }, { 5, 10 }, { 6, 7 } } }, want = { { 1, 1, 2 }, 2 } },
      } },
    { name = "around", signature = "around(pairs, at) -> index of the smallest pair around a place, or nil",
      pre = function() return true end,
      post = function(a, r)
        local pair = a[1][r[1]]
        return not pair or pair[1] <= a[2] and a[2] <= pair[2]
      end,
      hidden = function(rng) return { pair_list(rng), rng.int(0, 16) } end,
      examples = {
        { args = { {}, 1 }, want = {} },
        { args = { { { 1, 4 } }, 2 }, want = { 1 } },
        { args = { { { 1, 4 } }, 1 }, want = { 1 } },
        { args = { { { 1, 4 } }, 4 }, want = { 1 } },
        { args = { { { 1, 4 } }, 5 }, want = {} },
        { args = { { { 1, 8 }, { 2, 5 }, { 3, 4 } }, 4 }, want = { 3 } },
        { args = { { { 1, 8 }, { 2, 5 }, { 3, 4 } }, 6 }, want = { 1 } },
        { args = { { { 1, 2 }, { 4, 7 } }, 3 }, want = {} },
      } },
    { name = "mend", signature = "mend(text of ( and )) -> brackets added, balanced text",
      pre = function(a) return not a[1]:find "[^%(%)]" end,
      post = function(a, r) return balanced(r[2]) and #r[2] == #a[1] + r[1] end,
      hidden = function(rng, i) return { rng.word(i % 7 == 0 and "()x" or "()", i % 7 == 0 and 6 or 0, 9) } end,
      examples = {
        { args = { "" }, want = { 0, "" } },
        { args = { "()" }, want = { 0, "()" } },
        { args = { "(" }, want = { 1, "()" } },
        { args = { ")" }, want = { 1, "()" } },
        { args = { ")(" }, want = { 2, "()()" } },
        { args = { "(()" }, want = { 1, "(())" } },
        { args = { "())" }, want = { 1, "()()" } },
        { args = { "(a)" }, want_error = "only brackets, not a$" },
        { args = { "((())))(" }, want = { 2, "((()))()()" } },
      } },
    { name = "indent", signature = "indent(text) -> lines indented by open brackets",
      pre = function(a) return balanced(a[1]) end,
      post = function(a, r) return #r[1] == select(2, a[1]:gsub("\n", "")) + 1 end,
      hidden = function(rng, i) return { spoiled(rng, i, (nested(rng, 3):gsub("[%(%[{]", "%0\n"))) } end,
      examples = {
        { args = { "" }, want = { { "" } } },
        { args = { "a\nb" }, want = { { "a", "b" } } },
        { args = { "(\na\n)" }, want = { { "(", "  a", ")" } } },
        { args = { "f(\n[\nx\n]\n)" }, want = { { "f(", "  [", "    x", "  ]", ")" } } },
        { args = { "  (  \n  a,\n)  b" }, want = { { "(", "  a,", ")  b" } } },
        { args = { "(\n\n)" }, want = { { "(", "", ")" } } },
        { args = { "('\n(')\nx" }, want = { { "('", "  (')", "x" } } },
        { args = { "(\n]" }, want_error = "expected %) at 3$" },
        { args = { "{ (\na ) }\nb" }, want = { { "{ (", "    a ) }", "b" } } },
      } },
  },
  integration = { name = "outline", signature = "outline(text) -> { deepest, rows, lines }",
    pre = function(a) return balanced(a[1]) end,
    post = function(a, r) return r[1].lines == select(2, a[1]:gsub("\n", "")) + 1 end,
    hidden = function(rng, i) return { spoiled(rng, i, nested(rng, 3)) } end,
    examples = {
      { args = { "" }, want = { { deepest = 0, lines = 1, rows = {} } } },
      { args = { "(a)" }, want = { { deepest = 1, lines = 1, rows = { "(a in 0" } } } },
      { args = { "f(a, [b])" }, want = { { deepest = 2, lines = 1, rows = { "(a, [b] in 0", ". [b in 1" } } } },
      { args = { "x{y(z)}w[v]" },
        want = { { deepest = 2, lines = 1, rows = { "{y(z) in 0", ". (z in 1", "[v in 0" } } } },
      { args = { "(abcdefgh)" }, want = { { deepest = 1, lines = 1, rows = { "(abcd.. in 0" } } } },
      { args = { "()\n()" }, want = { { deepest = 1, lines = 2, rows = { "( in 0", "( in 0" } } } },
      { args = { "(" }, want_error = "not closed: 1$" },
      { args = { "'" }, want_error = "string not closed$" },
    } },
}
