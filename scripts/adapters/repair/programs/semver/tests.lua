local function number(rng) return rng.pick { 0, 0, 1, 1, 2, 3, 10, 11 } end
local function label(rng) return rng.pick { "alpha", "beta", "rc", "1", "2", "11", "x-y", "0" } end

local function text(rng)
  local t = number(rng) .. "." .. number(rng) .. "." .. number(rng)
  if rng.chance(0.4) then t = t .. "-" .. table.concat(rng.list(1, 3, function() return label(rng) end), ".") end
  if rng.chance(0.2) then t = t .. "+b.7" end
  return rng.chance(0.1) and "v" .. t or t
end

local function bad(rng)
  return rng.pick { "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3-a..b", "a.b.c", "1.2.3 ", "1.02.3", "1.2.3-a.",
    "1.2.3-.a", "1.2.3_4", "" }
end

local function sound(t)
  local a, b, c, rest = t:match "^v?(%d+)%.(%d+)%.(%d+)(.*)$"
  if not a then return false end
  for _, d in ipairs { a, b, c } do if d:find "^0." then return false end end
  rest = rest:gsub("%+[%w.-]+$", "")
  if rest == "" then return true end
  if rest:sub(1, 1) ~= "-" then return false end
  local n = 0
  for part in (rest:sub(2) .. "."):gmatch "(.-)%." do
    if not part:find "^[%w-]+$" then return false end
    n = n + 1
  end
  return n > 0
end

local function version(rng)
  return { rng.int(0, 2), rng.int(0, 2), rng.int(0, 2),
    labels = rng.chance(0.5) and {} or rng.list(1, 2, function() return rng.pick { "a", "b", 1, 2, 10 } end) }
end

local function v(major, minor, patch, ...) return { major, minor, patch, labels = { ... } } end

local function range(rng)
  local core = rng.pick { "1", "1.2", "0.1.2", "0.0.3", "2.0.0", "1.x", "1.2.x", "0", "1.10.0", "0.2" }
  return rng.pick { "^", "~", ">=", "<", "", "=" } .. core
end

local function range_ok(text_of)
  local sign, core = text_of:match "^([~^<>=]*)%s*(.*)$"
  local words, n = {}, 0
  for word in (core .. "."):gmatch "([^.]*)%." do words[#words + 1] = word end
  for _, word in ipairs(words) do
    if word == "x" or word == "*" then break end
    if not word:find "^%d+$" then return false end
    n = n + 1
  end
  if n == 0 then return true end
  return n <= 3 and (sign == "" or sign == "^" or sign == "~" or sign == ">=" or sign == "<" or sign == "=")
end

local function ranges_ok(list)
  for word in list:gsub("||", " "):gmatch "%S+" do if not range_ok(word) then return false end end
  return true
end

local function ranges(rng, i)
  local t = table.concat(rng.list(1, 2, function() return range(rng) end), rng.pick { " ", " || " })
  if i % 8 == 0 then t = rng.pick { "=>1", "1.2.3.4", t .. " >1.0.0", "a.b" } end
  return t
end

return {
  job = "orders version numbers with pre-release labels and decides which of them a range allows",
  brief = "A version is { major, minor, patch, labels = {...} }. Order is by the three numbers, then: labels before "
    .. "none, "
    .. "numbers before words, fewer before more. '^' keeps the first number that is not 0, '~' the first two.",
  blocks = {
    { name = "parse", signature = "parse(text) -> version",
      pre = function(a) return sound(a[1]) end,
      post = function(_, r) return #r[1] == 3 end,
      hidden = function(rng, i) return { i % 4 == 0 and bad(rng) or text(rng) } end,
      examples = {
        { args = { "1.2.3" }, want = { { 1, 2, 3, labels = {} } } },
        { args = { "v10.0.1" }, want = { { 10, 0, 1, labels = {} } } },
        { args = { "1.0.0-beta.2" }, want = { { 1, 0, 0, labels = { "beta", 2 } } } },
        { args = { "0.0.0+build.5" }, want = { { 0, 0, 0, labels = {} } } },
        { args = { "1.2.3-x-y.0+z" }, want = { { 1, 2, 3, labels = { "x-y", 0 } } } },
        { args = { "1.2" }, want_error = "bad version: 1%.2$" },
        { args = { "1.02.3" }, want_error = "leading zero in 1%.02%.3$" },
        { args = { "1.2.3-a..b" }, want_error = "bad label in 1%.2%.3%-a%.%.b$" },
        { args = { "1.2.3x" }, want_error = "bad label in 1%.2%.3x$" },
      } },
    { name = "compare", signature = "compare(a, b) -> -1, 0 or 1",
      pre = function() return true end,
      post = function(_, r) return r[1] == -1 or r[1] == 0 or r[1] == 1 end,
      hidden = function(rng, i)
        local a, b = version(rng), version(rng)
        if i % 2 == 0 then b[1], b[2], b[3] = a[1], a[2], a[3] end
        if i % 4 == 0 then a.labels, b.labels = { "a", rng.int(1, 12) }, { "a", rng.pick { 2, 9, 10, "b" } } end
        if i % 6 == 0 then b.labels = { table.unpack(a.labels) } b.labels[#b.labels + 1] = "z" end
        return { a, b }
      end,
      examples = {
        { args = { v(1, 2, 3), v(1, 2, 3) }, want = { 0 } },
        { args = { v(1, 2, 3), v(1, 10, 0) }, want = { -1 } },
        { args = { v(2, 0, 0), v(1, 9, 9) }, want = { 1 } },
        { args = { v(1, 0, 0, "rc"), v(1, 0, 0) }, want = { -1 } },
        { args = { v(1, 0, 0), v(1, 0, 0, 9) }, want = { 1 } },
        { args = { v(1, 0, 0, "beta", 2), v(1, 0, 0, "beta", 11) }, want = { -1 } },
        { args = { v(1, 0, 0, "beta"), v(1, 0, 0, "beta", 1) }, want = { -1 } },
        { args = { v(1, 0, 0, "alpha"), v(1, 0, 0, 5) }, want = { 1 } },
      } },
    { name = "bump", signature = "bump(version, kind) -> version",
      pre = function(a) return a[2] == "major" or a[2] == "minor" or a[2] == "patch" end,
      post = function(_, r) return #r[1].labels == 0 end,
      hidden = function(rng, i)
        local v1 = version(rng)
        if i % 2 == 0 then v1[3], v1.labels = 0, { "rc", 1 } end
        return { v1, i % 7 == 0 and rng.pick { "huge", "Major", "" } or rng.pick { "major", "minor", "patch" } }
      end,
      examples = {
        { args = { v(1, 2, 3), "major" }, want = { { 2, 0, 0, labels = {} } } },
        { args = { v(1, 2, 3), "minor" }, want = { { 1, 3, 0, labels = {} } } },
        { args = { v(1, 2, 3), "patch" }, want = { { 1, 2, 4, labels = {} } } },
        { args = { v(2, 0, 0, "rc"), "major" }, want = { { 2, 0, 0, labels = {} } } },
        { args = { v(1, 3, 0, "rc"), "minor" }, want = { { 1, 3, 0, labels = {} } } },
        { args = { v(1, 2, 4, "rc"), "patch" }, want = { { 1, 2, 4, labels = {} } } },
        { args = { v(1, 2, 4, "rc"), "minor" }, want = { { 1, 3, 0, labels = {} } } },
        { args = { v(1, 0, 0), "all" }, want_error = "no kind all$" },
      } },
    { name = "bounds", signature = "bounds(range) -> lowest allowed, first not allowed or nil",
      pre = function(a) return range_ok(a[1]) end,
      post = function(_, r) return #r[1] == 3 and (r[2] == nil or #r[2] == 3) end,
      hidden = function(rng, i)
        if i % 5 == 0 then return { rng.pick { "=>1", "1.2.3.4", ">1.0.0", "^a", "1..2", "~", "" } } end
        return { range(rng) }
      end,
      examples = {
        { args = { "^1.2.3" }, want = { { 1, 2, 3 }, { 2, 0, 0 } } },
        { args = { "^0.2.3" }, want = { { 0, 2, 3 }, { 0, 3, 0 } } },
        { args = { "^0.0.3" }, want = { { 0, 0, 3 }, { 0, 0, 4 } } },
        { args = { "~1.2.3" }, want = { { 1, 2, 3 }, { 1, 3, 0 } } },
        { args = { "~1" }, want = { { 1, 0, 0 }, { 2, 0, 0 } } },
        { args = { ">=2.1.0" }, want = { { 2, 1, 0 } } },
        { args = { "<2" }, want = { { 0, 0, 0 }, { 2, 0, 0 } } },
        { args = { "1.2.x" }, want = { { 1, 2, 0 }, { 1, 3, 0 } } },
        { args = { "*" }, want = { { 0, 0, 0 } } },
        { args = { ">1.0.0" }, want_error = "bad range: >1%.0%.0$" },
        { args = { "1.2.3.4" }, want_error = "bad range: 1%.2%.3%.4$" },
      } },
    { name = "allows", signature = "allows(ranges, text) -> boolean",
      pre = function(a) return sound(a[2]) and ranges_ok(a[1]) end,
      post = function(_, r) return type(r[1]) == "boolean" end,
      hidden = function(rng, i) return { ranges(rng, i), i % 9 == 0 and bad(rng) or text(rng) } end,
      examples = {
        { args = { "^1.2.0", "1.9.0" }, want = { true } },
        { args = { "^1.2.0", "2.0.0" }, want = { false } },
        { args = { "^1.2.0", "2.0.0-rc.1" }, want = { false } },
        { args = { "~1.2 || ^3", "3.4.5" }, want = { true } },
        { args = { ">=1.0.0 <1.5", "1.5.0" }, want = { false } },
        { args = { ">=1.0.0 <1.5", "1.4.9" }, want = { true } },
        { args = { "1.x", "1" }, want_error = "bad version: 1$" },
        { args = { "", "0.0.1" }, want = { true } },
        { args = { "!1", "1.0.0" }, want_error = "bad range: !1$" },
      } },
  },
  integration = { name = "choose", signature = "choose(ranges, texts, early) -> highest allowed or nil, how many are",
    pre = function(a)
      for _, t in ipairs(a[2]) do if not sound(t) then return false end end
      return #a[2] == 0 or ranges_ok(a[1])
    end,
    post = function(a, r) return r[2] <= #a[2] and (r[1] ~= nil) == (r[2] > 0) end,
    hidden = function(rng, i)
      local list = rng.list(2, 7, function() return text(rng) end)
      if i % 9 == 0 then list[#list + 1] = bad(rng) end
      return { i % 3 == 0 and ranges(rng, i) or rng.pick { ">=0.0.1", "^1", "*", "<3", "~1.1 || ^2" }, list,
        rng.chance(0.5) }
    end,
    examples = {
      { args = { "^1", { "1.0.0", "1.10.0", "1.9.0", "2.0.0" }, false }, want = { "1.10.0", 3 } },
      { args = { "*", { "1.0.0", "2.0.0-rc" }, false }, want = { "1.0.0", 1 } },
      { args = { "*", { "1.0.0", "2.0.0-rc" }, true }, want = { "2.0.0-rc", 2 } },
      { args = { "^3", { "1.0.0" }, true }, want = { [2] = 0 } },
      { args = { "~0.1 || 2", { "0.1.9", "0.2.0", "2.5.1", "3.0.0" }, false }, want = { "2.5.1", 2 } },
      { args = { "1.0.0", { "1.0.0+a", "1.0.0+b" }, false }, want = { "1.0.0+a", 2 } },
      { args = { "^1", {}, false }, want = { [2] = 0 } },
      { args = { "^1", { "1.0" }, false }, want_error = "bad version: 1%.0$" },
      { args = { "??", { "1.0.0" }, false }, want_error = "bad range: %?%?$" },
    } },
}
