local function lines(rng, lo, hi) return rng.list(lo, hi, function() return rng.pick { "a", "b", "c", "d" } end) end
local function edited(rng, list)
  local out = { table.unpack(list) }
  for _ = 1, rng.int(0, 2) do
    local at = rng.int(1, #out + 1)
    if rng.chance(0.5) and out[at] then table.remove(out, at) else table.insert(out, at, rng.pick { "x", "y", "a" }) end
  end
  return out
end
local function L(text)
  local list = {}
  for char in text:gmatch "." do list[#list + 1] = char end
  return list
end
local function S(text)
  local list = {}
  for step in text:gmatch ".." do list[#list + 1] = step end
  return list
end
local function steps(rng)
  return rng.list(0, 10, function() return rng.pick { " ", " ", " ", "-", "+" } .. rng.pick { "a", "b" } end)
end
local function fits(text, hunks)
  for _, h in ipairs(hunks) do
    local at = h.from
    for _, step in ipairs(h.lines) do
      if step:sub(1, 1) ~= "+" then
        if text[at] ~= step:sub(2) then return false end
        at = at + 1
      end
    end
  end
  return true
end
local function hunk(from, old, to, new, text) return { from = from, old = old, to = to, new = new, lines = S(text) } end

return {
  job = "compares lists of lines by their longest common part, makes hunks, patches and merges",
  brief = "A step is ' x' (kept), '-x' (taken out) or '+x' (put in). A hunk is { from, old, to, new, lines }: first "
    .. "lines and "
    .. "numbers of lines in the old and the new text, and its steps.",
  blocks = {
    { name = "table_of", signature = "table_of(a, b) -> rows of lengths of common tails",
      pre = function() return true end,
      post = function(a, r) return #r[1] == #a[1] + 1 and r[1][1][1] <= math.min(#a[1], #a[2]) end,
      hidden = function(rng) return { lines(rng, 0, 4), lines(rng, 0, 4) } end,
      examples = {
        { args = { {}, {} }, want = { { { 0 } } } },
        { args = { L "a", {} }, want = { { { 0 }, { 0 } } } },
        { args = { {}, L "ab" }, want = { { { 0, 0, 0 } } } },
        { args = { L "a", L "a" }, want = { { { 1, 0 }, { 0, 0 } } } },
        { args = { L "a", L "b" }, want = { { { 0, 0 }, { 0, 0 } } } },
        { args = { L "ab", L "b" }, want = { { { 1, 0 }, { 1, 0 }, { 0, 0 } } } },
        { args = { L "ab", L "ab" }, want = { { { 2, 1, 0 }, { 1, 1, 0 }, { 0, 0, 0 } } } },
        { args = { L "ab", L "ba" }, want = { { { 1, 1, 0 }, { 1, 0, 0 }, { 0, 0, 0 } } } },
      } },
    { name = "steps", signature = "steps(a, b) -> list of steps",
      pre = function() return true end,
      post = function(a, r)
        local kept = 0
        for _, step in ipairs(r[1]) do if step:sub(1, 1) == " " then kept = kept + 1 end end
        return #r[1] == #a[1] + #a[2] - kept
      end,
      hidden = function(rng) local a = lines(rng, 0, 6) return { a, rng.chance(0.5) and edited(rng, a) or lines(rng, 0,
        5) } end,
      examples = {
        { args = { {}, {} }, want = { {} } },
        { args = { L "a", L "a" }, want = { S " a" } },
        { args = { L "a", {} }, want = { S "-a" } },
        { args = { {}, L "a" }, want = { S "+a" } },
        { args = { L "a", L "b" }, want = { S "-a+b" } },
        { args = { L "abc", L "ac" }, want = { S " a-b c" } },
        { args = { L "ab", L "ba" }, want = { S "-a b+a" } },
        { args = { L "abcd", L "xbcy" }, want = { S "-a+x b c-d+y" } },
      } },
    { name = "hunks", signature = "hunks(steps, context) -> list of hunks",
      pre = function() return true end,
      post = function(_, r)
        for _, h in ipairs(r[1]) do
          local old, new = 0, 0
          for _, step in ipairs(h.lines) do
            if step:sub(1, 1) ~= "+" then old = old + 1 end
            if step:sub(1, 1) ~= "-" then new = new + 1 end
          end
          if old ~= h.old or new ~= h.new then return false end
        end
        return true
      end,
      hidden = function(rng) return { steps(rng), rng.int(0, 2) } end,
      examples = {
        { args = { {}, 1 }, want = { {} } },
        { args = { S " a b", 1 }, want = { {} } },
        { args = { S "-a", 1 }, want = { { hunk(1, 1, 1, 0, "-a") } } },
        { args = { S " a b-c d e", 1 }, want = { { hunk(2, 3, 2, 2, " b-c d") } } },
        { args = { S " a b-c d e", 0 }, want = { { hunk(3, 1, 3, 0, "-c") } } },
        { args = { S "-a b+c", 0 }, want = { { hunk(1, 1, 1, 0, "-a"), hunk(3, 0, 2, 1, "+c") } } },
        { args = { S "-a b c+d", 1 }, want = { { hunk(1, 3, 1, 3, "-a b c+d") } } },
        { args = { S "-a b c e+d", 1 }, want = { { hunk(1, 2, 1, 1, "-a b"), hunk(4, 1, 3, 2, " e+d") } } },
      } },
    { name = "patch", signature = "patch(lines, hunks) -> lines",
      pre = function(a) return fits(a[1], a[2]) end,
      post = function(_, r) return type(r[1]) == "table" end,
      hidden = function(rng, i)
        local text = lines(rng, 3, 7)
        local at = rng.int(1, 3)
        local wrong = i % 4 == 0 and "z" or text[at]
        return { text, { { from = at, old = 1, to = at, new = 1, lines = { "-" .. wrong, "+" .. rng.pick { "n",
          "m" } } },
          rng.chance(0.4) and { from = #text + 1, old = 0, to = #text + 1, new = 1, lines = { "+end" } } or nil } }
      end,
      examples = {
        { args = { L "abc", {} }, want = { L "abc" } },
        { args = { L "abc", { hunk(2, 1, 2, 0, "-b") } }, want = { L "ac" } },
        { args = { L "abc", { hunk(1, 2, 1, 3, " a+x b") } }, want = { L "axbc" } },
        { args = { L "abc", { hunk(1, 1, 1, 0, "-a"), hunk(3, 1, 2, 2, " c+d") } }, want = { L "bcd" } },
        { args = { {}, { hunk(1, 0, 1, 1, "+a") } }, want = { L "a" } },
        { args = { L "ab", { hunk(3, 0, 3, 1, "+c") } }, want = { L "abc" } },
        { args = { L "abc", { hunk(2, 1, 2, 0, "-x") } }, want_error = "hunk 1 does not fit at line 2$" },
        { args = { L "a", { hunk(1, 2, 1, 2, " a b") } }, want_error = "hunk 1 does not fit at line 2$" },
      } },
  },
  integration = { name = "merge", signature = "merge(base, mine, theirs) -> lines, hunks of theirs left out",
    pre = function() return true end,
    post = function(_, r) return r[2] >= 0 end,
    hidden = function(rng)
      local base = lines(rng, 3, 7)
      return { base, edited(rng, base), edited(rng, base) }
    end,
    examples = {
      { args = { L "abc", L "abc", L "abc" }, want = { L "abc", 0 } },
      { args = { L "abcde", L "xbcde", L "abcdy" }, want = { L "xbcdy", 0 } },
      { args = { L "abc", L "axc", L "ayc" }, want = { L "axc", 1 } },
      { args = { L "abc", L "abc", L "ab" }, want = { L "ab", 0 } },
      { args = { L "abcd", L "bcd", L "abc" }, want = { L "bc", 0 } },
      { args = { {}, L "a", L "b" }, want = { L "a", 1 } },
      { args = { L "abc", L "ac", L "abxc" }, want = { L "ac", 1 } },
      { args = { L "abcdef", L "abcdefz", L "aabcdef" }, want = { L "aabcdefz", 0 } },
    } },
}
