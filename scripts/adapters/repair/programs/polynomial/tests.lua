local function trimmed(list)
  while #list > 0 and list[#list] == 0 do table.remove(list) end
  return list
end

local function poly(rng, lo, hi)
  return trimmed(rng.list(lo, hi, function() return rng.pick { 0, 1, -1, rng.int(-9, 9) } end))
end

local function value(p, x)
  local sum, power = 0, 1
  for _, c in ipairs(p) do sum, power = sum + c * power, power * x end
  return sum
end

local function agree(p, f)
  for x = -3, 3 do if value(p, x) ~= f(x) then return false end end
  return p[#p] ~= 0
end

local function times(a, b)
  local r = {}
  for i, x in ipairs(a) do for j, y in ipairs(b) do r[i + j - 1] = (r[i + j - 1] or 0) + x * y end end
  return r
end

local function show(p)
  local parts = {}
  for i = #p, 1, -1 do
    if p[i] ~= 0 then
      local n = math.abs(p[i])
      local tail = i == 1 and "" or i == 2 and "x" or "x^" .. i - 1
      parts[#parts + 1] = (p[i] < 0 and "-" or "+") .. ((n ~= 1 or i == 1) and n or "") .. tail
    end
  end
  return #parts == 0 and "0" or (table.concat(parts):gsub("^%+", ""))
end

local function readable(text)
  local body = text:gsub("%s", "")
  if not body:find "^[+-]" then body = "+" .. body end
  if body == "+" then return false end
  while body ~= "" do
    local sign, digits, x, caret, power = body:match "^([+-])(%d*)(x?)(%^?)(%d*)"
    if not sign or digits == "" and x == "" or power ~= "" and x == "" then return false end
    if x ~= "" and power ~= "" and tonumber(power) > 20 then return false end
    body = body:sub(#sign + #digits + #x + #caret + #power + 1)
  end
  return true
end

local function whole(a, b)
  local rest = table.move(a, 1, #a, 1, {})
  if #b == 0 then return false end
  for i = #a - #b + 1, 1, -1 do
    local top = rest[i + #b - 1]
    if top % b[#b] ~= 0 then return false end
    for j = 1, #b do rest[i + j - 1] = rest[i + j - 1] - top // b[#b] * b[j] end
  end
  return true
end

return {
  job = "polynomial arithmetic over the integers, with reading, printing and whole roots",
  brief = "A polynomial is a list of integer coefficients, lowest power first, no zero at the end; "
    .. "zero is the empty list.",
  blocks = {
    { name = "trim", signature = "trim(list) -> list without zeros at the end",
      pre = function() return true end,
      post = function(a, r) return r[1][#r[1]] ~= 0 and value(r[1], 3) == value(a[1], 3) end,
      hidden = function(rng) return { rng.list(0, 6, function() return rng.pick { 0, 0, 1, rng.int(-5, 5) } end) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { 0 } }, want = { {} } },
        { args = { { 1, 2 } }, want = { { 1, 2 } } },
        { args = { { 1, 0 } }, want = { { 1 } } },
        { args = { { 0, 0, 0 } }, want = { {} } },
        { args = { { 0, 1 } }, want = { { 0, 1 } } },
        { args = { { 0, 1, 0, 0 } }, want = { { 0, 1 } } },
        { args = { { -1, 0, 3 } }, want = { { -1, 0, 3 } } },
      } },
    { name = "add", signature = "add(a, b, scale or nil) -> a + scale * b",
      pre = function() return true end,
      post = function(a, r) return agree(r[1], function(x) return value(a[1], x) + (a[3] or 1) * value(a[2],
        x) end) end,
      hidden = function(rng)
        local a = poly(rng, 0, 5)
        return { a, rng.chance(0.3) and a or poly(rng, 0, 5), rng.pick { 1, -1, 3 } }
      end,
      examples = {
        { args = { {}, {} }, want = { {} } },
        { args = { { 1 }, { 2 } }, want = { { 3 } } },
        { args = { { 1, 2 }, { 3 } }, want = { { 4, 2 } } },
        { args = { { 1 }, { 0, 0, 4 } }, want = { { 1, 0, 4 } } },
        { args = { { 1, 2 }, { 1, 2 }, -1 }, want = { {} } },
        { args = { { 1, 2, 3 }, { 0, 0, 1 }, -3 }, want = { { 1, 2 } } },
        { args = { {}, { 5, 1 }, 2 }, want = { { 10, 2 } } },
        { args = { { 4, 4 }, { 1 }, 0 }, want = { { 4, 4 } } },
      } },
    { name = "times", signature = "times(a, b) -> product",
      pre = function() return true end,
      post = function(a, r) return agree(r[1], function(x) return value(a[1], x) * value(a[2], x) end) end,
      hidden = function(rng) return { poly(rng, 0, 4), poly(rng, 0, 4) } end,
      examples = {
        { args = { {}, { 1, 2 } }, want = { {} } },
        { args = { { 3 }, { 1, 2 } }, want = { { 3, 6 } } },
        { args = { { 1, 1 }, { 1, 1 } }, want = { { 1, 2, 1 } } },
        { args = { { 1, 1 }, { -1, 1 } }, want = { { -1, 0, 1 } } },
        { args = { { 0, 1 }, { 0, 0, 1 } }, want = { { 0, 0, 0, 1 } } },
        { args = { { 1, 2, 3 }, { 4, 5 } }, want = { { 4, 13, 22, 15 } } },
        { args = { { 2 }, { -3 } }, want = { { -6 } } },
        { args = { { 1, 0, 1 }, { 1, 0, -1 } }, want = { { 1, 0, 0, 0, -1 } } },
      } },
    { name = "at", signature = "at(p, x) -> value",
      pre = function() return true end,
      post = function(a, r) return r[1] == value(a[1], a[2]) end,
      hidden = function(rng) return { poly(rng, 0, 5), rng.int(-6, 6) } end,
      examples = {
        { args = { {}, 4 }, want = { 0 } },
        { args = { { 7 }, 100 }, want = { 7 } },
        { args = { { 1, 2 }, 3 }, want = { 7 } },
        { args = { { 1, 2, 3 }, 2 }, want = { 17 } },
        { args = { { 1, 2, 3 }, -1 }, want = { 2 } },
        { args = { { 0, 0, 0, 1 }, 5 }, want = { 125 } },
        { args = { { -4, 0, 1 }, 2 }, want = { 0 } },
        { args = { { 5, 1 }, 0 }, want = { 5 } },
      } },
    { name = "divide", signature = "divide(a, b) -> quotient, rest; error when no whole quotient exists",
      pre = function(a) return whole(a[1], a[2]) end,
      post = function(a, r)
        return #r[2] < #a[2] and agree(a[1], function(x) return value(r[1], x) * value(a[2], x) + value(r[2], x) end)
          or #a[1] == 0
      end,
      hidden = function(rng, i)
        local b = poly(rng, 1, 3)
        if i % 10 == 0 then return { poly(rng, 0, 3), {} } end
        if #b == 0 then b = { 1 } end
        if rng.chance(0.5) then b[#b] = rng.pick { 1, -1 } return { poly(rng, 0, 5), b } end
        return { times(poly(rng, 0, 3), b), b }
      end,
      examples = {
        { args = { { -1, 0, 1 }, { 1, 1 } }, want = { { -1, 1 }, {} } },
        { args = { { 1, 2, 1 }, { 1, 1 } }, want = { { 1, 1 }, {} } },
        { args = { { 5, 0, 1 }, { 1, 1 } }, want = { { -1, 1 }, { 6 } } },
        { args = { { 1 }, { 0, 1 } }, want = { {}, { 1 } } },
        { args = { { 4, 6 }, { 2 } }, want = { { 2, 3 }, {} } },
        { args = { { 1, 3 }, { 2 } }, want_error = "no whole quotient$" },
        { args = { { 1, 2 }, {} }, want_error = "division by zero$" },
        { args = { {}, { 3 } }, want = { {}, {} } },
        { args = { { 0, 0, 6 }, { 0, -2 } }, want = { { 0, -3 }, {} } },
      } },
    { name = "derive", signature = "derive(p, times) -> derivative",
      pre = function(a) return a[2] >= 0 end,
      post = function(a, r) return #r[1] == math.max(0, #a[1] - a[2]) end,
      hidden = function(rng, i) return { poly(rng, 0, 6), i % 8 == 0 and -rng.int(1, 3) or rng.int(0, 3) } end,
      examples = {
        { args = { { 5 }, 1 }, want = { {} } },
        { args = { { 5, 3 }, 1 }, want = { { 3 } } },
        { args = { { 0, 0, 1 }, 1 }, want = { { 0, 2 } } },
        { args = { { 1, 1, 1, 1 }, 2 }, want = { { 2, 6 } } },
        { args = { { 1, 2, 3 }, 0 }, want = { { 1, 2, 3 } } },
        { args = { { 1, 2 }, 3 }, want = { {} } },
        { args = { {}, 1 }, want = { {} } },
        { args = { { 1 }, -1 }, want_error = "cannot derive %-1 times$" },
      } },
    { name = "compose", signature = "compose(p, q) -> p of q",
      pre = function() return true end,
      post = function(a, r) return agree(r[1], function(x) return value(a[1], value(a[2], x)) end) end,
      hidden = function(rng) return { poly(rng, 0, 4), poly(rng, 0, 3) } end,
      examples = {
        { args = { {}, { 1, 1 } }, want = { {} } },
        { args = { { 3 }, { 1, 1 } }, want = { { 3 } } },
        { args = { { 0, 1 }, { 2, 5 } }, want = { { 2, 5 } } },
        { args = { { 0, 0, 1 }, { 1, 1 } }, want = { { 1, 2, 1 } } },
        { args = { { 1, 2, 3 }, { 2 } }, want = { { 17 } } },
        { args = { { 1, 1 }, {} }, want = { { 1 } } },
        { args = { { 0, 1, 1 }, { 0, -1 } }, want = { { 0, -1, 1 } } },
        { args = { { -1, 0, 1 }, { 1, 0, 1 } }, want = { { 0, 0, 2, 0, 1 } } },
      } },
    { name = "show", signature = "show(p) -> text, highest power first",
      pre = function() return true end,
      post = function(a, r) return show(a[1]) == r[1]:gsub(" ", "") end,
      hidden = function(rng) return { poly(rng, 0, 5) } end,
      examples = {
        { args = { {} }, want = { "0" } },
        { args = { { 5 } }, want = { "5" } },
        { args = { { -5 } }, want = { "-5" } },
        { args = { { 0, 1 } }, want = { "x" } },
        { args = { { 1, -1 } }, want = { "-x + 1" } },
        { args = { { 1, -1, 3 } }, want = { "3x^2 - x + 1" } },
        { args = { { 0, 0, -1 } }, want = { "-x^2" } },
        { args = { { -2, 0, 0, 7 } }, want = { "7x^3 - 2" } },
      } },
    { name = "parse", signature = "parse(text) -> polynomial",
      pre = function(a) return readable(a[1]) end,
      post = function(_, r) return r[1][#r[1]] ~= 0 end,
      hidden = function(rng, i)
        local text = show(poly(rng, 1, 5))
        if rng.chance(0.4) then text = text:gsub("[+-]", " %0 ") .. rng.pick { "+x", " - 2x^2", "+3" } end
        if i % 5 == 0 then text = rng.pick { "", "x+", "2y", text .. "^3", "x^21", "+-x", "3^2", text .. "+q" } end
        return { text }
      end,
      examples = {
        { args = { "5" }, want = { { 5 } } },
        { args = { "x" }, want = { { 0, 1 } } },
        { args = { "-x^3" }, want = { { 0, 0, 0, -1 } } },
        { args = { "3x^2 - x + 1" }, want = { { 1, -1, 3 } } },
        { args = { "x + x" }, want = { { 0, 2 } } },
        { args = { "1 + 2x - 1" }, want = { { 0, 2 } } },
        { args = { "x - x" }, want = { {} } },
        { args = { "" }, want_error = "empty polynomial$" },
        { args = { "2y" }, want_error = "cannot read at 3$" },
        { args = { "x^99" }, want_error = "power too high: 99$" },
      } },
  },
  integration = { name = "factor", signature = "factor(text) -> { roots, rest, slope }",
    pre = function(a)
      if not readable(a[1]) then return false end
      local sums = {}
      local body = a[1]:gsub("%s", "")
      if not body:find "^[+-]" then body = "+" .. body end
      for sign, digits, x, power in body:gmatch "([+-])(%d*)(x?)%^?(%d*)" do
        local n = x == "" and 0 or tonumber(power) or 1
        sums[n] = (sums[n] or 0) + (sign == "-" and -1 or 1) * (tonumber(digits) or 1)
      end
      for _, c in pairs(sums) do if c ~= 0 then return true end end
      return false
    end,
    post = function(_, r) return type(r[1].rest) == "string" end,
    hidden = function(rng, i)
      local p = rng.pick { { 1 }, { 2 }, { 1, 0, 1 }, { 3, 1 } }
      for _ = 1, rng.int(0, 3) do p = times(p, { rng.int(-3, 3), 1 }) end
      local text = show(trimmed(p))
      if i % 8 == 0 then text = rng.pick { "x-x", "x+y", "", "0" } end
      return { text }
    end,
    examples = {
      { args = { "x^2 - 1" }, want = { { rest = "1", roots = { -1, 1 }, slope = "0" } } },
      { args = { "x^2 + 1" }, want = { { rest = "x^2 + 1", roots = {}, slope = "2x" } } },
      { args = { "x^3 - x" }, want = { { rest = "1", roots = { -1, 0, 1 }, slope = "0" } } },
      { args = { "x^2 - 4x + 4" }, want = { { rest = "1", roots = { 2, 2 }, slope = "0" } } },
      { args = { "2x + 4" }, want = { { rest = "2", roots = { -2 }, slope = "0" } } },
      { args = { "7" }, want = { { rest = "7", roots = {}, slope = "0" } } },
      { args = { "x - x" }, want_error = "every number is a root$" },
      { args = { "x +" }, want_error = "cannot read at 3$" },
      { args = { "x^4" }, want = { { rest = "1", roots = { 0, 0, 0, 0 }, slope = "0" } } },
    } },
}
