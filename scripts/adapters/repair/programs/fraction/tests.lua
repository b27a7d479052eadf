local function gcd(a, b) while b ~= 0 do a, b = b, a % b end return math.abs(a) end
local function lowest(f) return f[2] > 0 and gcd(f[1], f[2]) == 1 end
local function fraction(rng)
  local a, b = rng.int(-30, 60), rng.pick { 1, 2, 3, 4, 6, 7, 8, 12, 15, 20 }
  local g = gcd(a, b)
  return { a // g, b // g }
end

local function text_ok(text)
  local t = text:match "^%s*%-?%s*(.-)%s*$"
  local bottom = t:match "^%d+%s+%d+/(%d+)$" or t:match "^%d+/(%d+)$"
  if bottom then return tonumber(bottom) ~= 0 end
  return t:find "^%d+%.?%d*$" ~= nil or t:find "^%.%d+$" ~= nil
end

local function text(rng)
  local t = rng.pick { rng.int(0, 40) .. "", rng.int(0, 9) .. "/" .. rng.int(1, 12),
    rng.int(1, 5) .. " " .. rng.int(0, 9) .. "/" .. rng.int(2, 9), rng.int(0, 9) .. "." .. rng.int(0, 99), "."
      .. rng.int(1, 99) }
  return rng.pick { "", "", "-", " - " } .. t
end
local BAD = { "", "-", "a", "1/0", "1 2", "1/2/3", "2 1/0", "1.2.3", ".", "1 /2", "--1", "+1" }

return {
  job = "exact arithmetic with fractions: mixed and decimal text, continued fractions, nearest ones",
  brief = "A fraction is { top, bottom } in lowest terms, bottom positive. Text may be '3/4', '1 1/2', '-0.25'. "
    .. "Decimals "
    .. "show what repeats in brackets.",
  blocks = {
    { name = "make", signature = "make(top, bottom) -> fraction",
      pre = function(a) return a[2] ~= 0 end,
      post = function(a, r) return lowest(r[1]) and r[1][1] * a[2] == r[1][2] * a[1] end,
      hidden = function(rng, i)
        return { rng.int(-40, 40), i % 6 == 0 and 0 or rng.pick { rng.int(1, 30), -rng.int(1, 30) } }
      end,
      examples = {
        { args = { 1, 2 }, want = { { 1, 2 } } },
        { args = { 6, 8 }, want = { { 3, 4 } } },
        { args = { -6, 8 }, want = { { -3, 4 } } },
        { args = { 6, -8 }, want = { { -3, 4 } } },
        { args = { -6, -8 }, want = { { 3, 4 } } },
        { args = { 0, 5 }, want = { { 0, 1 } } },
        { args = { 0, -5 }, want = { { 0, 1 } } },
        { args = { 12, 4 }, want = { { 3, 1 } } },
        { args = { 3, 0 }, want_error = "nothing divides by zero$" },
      } },
    { name = "read", signature = "read(text) -> fraction",
      pre = function(a) return text_ok(a[1]) end,
      post = function(_, r) return lowest(r[1]) end,
      hidden = function(rng, i) return { i % 4 == 0 and rng.pick(BAD) or text(rng) } end,
      examples = {
        { args = { "3/4" }, want = { { 3, 4 } } },
        { args = { "-2" }, want = { { -2, 1 } } },
        { args = { "1 1/2" }, want = { { 3, 2 } } },
        { args = { "- 1 1/2" }, want = { { -3, 2 } } },
        { args = { "0.125" }, want = { { 1, 8 } } },
        { args = { ".5" }, want = { { 1, 2 } } },
        { args = { "4/6 " }, want = { { 2, 3 } } },
        { args = { "1/0" }, want_error = "nothing divides by zero$" },
        { args = { "half" }, want_error = "bad fraction: half$" },
        { args = { "." }, want_error = "bad fraction: %.$" },
      } },
    { name = "combine", signature = "combine(a, operator, b) -> fraction",
      pre = function(a) return #a[2] == 1 and ("+-*/"):find(a[2], 1, true) ~= nil and not (a[2] == "/"
        and a[3][1] == 0) end,
      post = function(_, r) return lowest(r[1]) end,
      hidden = function(rng, i)
        if i % 8 == 0 then return { fraction(rng), rng.pick { "/", "^" }, { 0, 1 } } end
        return { fraction(rng), rng.pick { "+", "-", "*", "/" }, i % 3 == 0 and fraction(rng) or { rng.int(1, 9),
          10 + rng(3) } }
      end,
      examples = {
        { args = { { 1, 2 }, "+", { 1, 3 } }, want = { { 5, 6 } } },
        { args = { { 1, 2 }, "-", { 1, 3 } }, want = { { 1, 6 } } },
        { args = { { 1, 6 }, "+", { 1, 3 } }, want = { { 1, 2 } } },
        { args = { { 2, 3 }, "*", { 3, 4 } }, want = { { 1, 2 } } },
        { args = { { 2, 3 }, "/", { 4, 3 } }, want = { { 1, 2 } } },
        { args = { { 1, 2 }, "/", { -1, 4 } }, want = { { -2, 1 } } },
        { args = { { 1, 2 }, "/", { 0, 1 } }, want_error = "nothing divides by zero$" },
        { args = { { 1, 2 }, "%", { 1, 1 } }, want_error = "no operator %%$" },
      } },
    { name = "show", signature = "show(fraction) -> mixed text",
      pre = function() return true end,
      post = function(_, r) return text_ok(r[1]) end,
      hidden = function(rng) return { fraction(rng) } end,
      examples = {
        { args = { { 3, 2 } }, want = { "1 1/2" } },
        { args = { { -3, 2 } }, want = { "-1 1/2" } },
        { args = { { 2, 3 } }, want = { "2/3" } },
        { args = { { -2, 3 } }, want = { "-2/3" } },
        { args = { { 4, 1 } }, want = { "4" } },
        { args = { { -4, 1 } }, want = { "-4" } },
        { args = { { 0, 1 } }, want = { "0" } },
        { args = { { 22, 7 } }, want = { "3 1/7" } },
      } },
    { name = "decimal", signature = "decimal(fraction) -> text, repeating digits in brackets",
      pre = function() return true end,
      post = function(_, r) return r[1]:find "^%-?%d+$" or r[1]:find "^%-?%d+%.%d+$"
        or r[1]:find "^%-?%d+%.%d*%(%d+%)$" end,
      hidden = function(rng) return { fraction(rng) } end,
      examples = {
        { args = { { 1, 2 } }, want = { "0.5" } },
        { args = { { 1, 3 } }, want = { "0.(3)" } },
        { args = { { 1, 6 } }, want = { "0.1(6)" } },
        { args = { { -7, 4 } }, want = { "-1.75" } },
        { args = { { 22, 7 } }, want = { "3.(142857)" } },
        { args = { { 5, 1 } }, want = { "5" } },
        { args = { { 1, 12 } }, want = { "0.08(3)" } },
        { args = { { 1, 40 } }, want = { "0.025" } },
      } },
    { name = "continued", signature = "continued(fraction) -> terms",
      pre = function() return true end,
      post = function(a, r)
        local top, bottom = r[1][#r[1]], 1
        for i = #r[1] - 1, 1, -1 do top, bottom = r[1][i] * top + bottom, top end
        return top == a[1][1] and bottom == a[1][2]
      end,
      hidden = function(rng) return { fraction(rng) } end,
      examples = {
        { args = { { 3, 1 } }, want = { { 3 } } },
        { args = { { 22, 7 } }, want = { { 3, 7 } } },
        { args = { { 7, 22 } }, want = { { 0, 3, 7 } } },
        { args = { { -3, 2 } }, want = { { -2, 2 } } },
        { args = { { 355, 113 } }, want = { { 3, 7, 16 } } },
        { args = { { 5, 8 } }, want = { { 0, 1, 1, 1, 2 } } },
        { args = { { 0, 1 } }, want = { { 0 } } },
        { args = { { 1, 2 } }, want = { { 0, 2 } } },
      } },
    { name = "nearest", signature = "nearest(fraction, limit) -> closest fraction with bottom <= limit",
      pre = function(a) return a[2] >= 1 end,
      post = function(a, r) return r[1][2] <= a[2] and lowest(r[1]) end,
      hidden = function(rng, i) return { fraction(rng), i % 8 == 0 and 0 or rng.int(1, 12) } end,
      examples = {
        { args = { { 355, 113 }, 10 }, want = { { 22, 7 } } },
        { args = { { 1, 3 }, 10 }, want = { { 1, 3 } } },
        { args = { { 5, 12 }, 5 }, want = { { 2, 5 } } },
        { args = { { 1, 2 }, 1 }, want = { { 0, 1 } } },
        { args = { { -1, 2 }, 1 }, want = { { -1, 1 } } },
        { args = { { 7, 10 }, 3 }, want = { { 2, 3 } } },
        { args = { { 4, 1 }, 3 }, want = { { 4, 1 } } },
        { args = { { 1, 3 }, 0 }, want_error = "no bottom allowed$" },
      } },
  },
  integration = { name = "tape", signature = "tape(lines) -> mixed text, decimal text, terms, nearest with bottom <= "
    .. "10",
    pre = function(a)
      for _, line in ipairs(a[1]) do
        local operator, operand = line:match "^([-+*/])%s*(%S.*)$"
        if not operator or not text_ok(operand) then return false end
        if operator == "/" and not operand:find "[1-9].-[^/]?$" then return false end
        if operator == "/" and operand:match "^%s*%-?%s*0+/" then return false end
      end
      return true
    end,
    post = function(_, r) return text_ok(r[1]) and lowest(r[4]) end,
    hidden = function(rng, i)
      local lines = rng.list(1, 4, function()
        return rng.pick { "+", "-", "+", "* ", "/ " } .. rng.int(1, 9) .. rng.pick { "", "/" .. rng.int(2, 9), ".5" }
      end)
      if i % 5 == 0 then lines[#lines + 1] = rng.pick { "+ x", "3", "/ 0", "+", "* 1/0" } end
      return { lines }
    end,
    examples = {
      { args = { {} }, want = { "0", "0", { 0 }, { 0, 1 } } },
      { args = { { "+ 1/2", "+ 1/3" } }, want = { "5/6", "0.8(3)", { 0, 1, 5 }, { 5, 6 } } },
      { args = { { "+3", "/ 8", "* 1 1/3" } }, want = { "1/2", "0.5", { 0, 2 }, { 1, 2 } } },
      { args = { { "- 0.25" } }, want = { "-1/4", "-0.25", { -1, 1, 3 }, { -1, 4 } } },
      { args = { { "+ 157/50" } }, want = { "3 7/50", "3.14", { 3, 7, 7 }, { 22, 7 } } },
      { args = { { "1/2" } }, want_error = "line 1 has no operator$" },
      { args = { { "+ 1", "/ 0" } }, want_error = "nothing divides by zero$" },
      { args = { { "+ 1", "+ one" } }, want_error = "bad fraction: one$" },
    } },
}
