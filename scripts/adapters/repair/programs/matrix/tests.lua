local function grid(rng, rows, columns, most)
  local m = {}
  for i = 1, rows do
    m[i] = {}
    for j = 1, columns do m[i][j] = rng.int(-most, most) end
  end
  return m
end

local function spoiled(rng, m, i)
  if i % 8 == 0 then m[#m + 1] = { 1, 2, 3, 4, 5 } end
  if i % 13 == 0 then return {} end
  if rng.chance(0.2) and #m > 1 and i % 8 ~= 0 then m[2] = table.move(m[1], 1, #m[1], 1, {}) end
  return m
end

local function even(m)
  for _, row in ipairs(m) do if #row ~= #m[1] then return false end end
  return #m > 0
end

local function square(m) return even(m) and #m == #m[1] end

local function expand(m)
  if #m == 1 then return m[1][1] end
  local sum = 0
  for j = 1, #m do
    local minor = {}
    for i = 2, #m do
      local row = {}
      for k = 1, #m do if k ~= j then row[#row + 1] = m[i][k] end end
      minor[i - 1] = row
    end
    sum = sum + (j % 2 == 1 and 1 or -1) * m[1][j] * expand(minor)
  end
  return sum
end

return {
  job = "exact linear algebra over integer matrices",
  brief = "A matrix is a list of rows of integers, at least one row. Elimination stays in integers.",
  blocks = {
    { name = "shape", signature = "shape(m) -> rows, columns",
      pre = function(a) return even(a[1]) end,
      post = function(a, r) return r[1] == #a[1] and r[2] == #a[1][1] end,
      hidden = function(rng, i) return { spoiled(rng, grid(rng, rng.int(1, 4), rng.int(1, 4), 9), i) } end,
      examples = {
        { args = { { { 1 } } }, want = { 1, 1 } },
        { args = { { { 1, 2 }, { 3, 4 } } }, want = { 2, 2 } },
        { args = { { { 1, 2, 3 } } }, want = { 1, 3 } },
        { args = { { { 1 }, { 2 }, { 3 } } }, want = { 3, 1 } },
        { args = { {} }, want_error = "a matrix needs a row$" },
        { args = { { { 1, 2 }, { 3 } } }, want_error = "row 2 has 1 of 2 columns$" },
        { args = { { { 1 }, { 2 }, { 3, 4 } } }, want_error = "row 3 has 2 of 1 columns$" },
        { args = { { {} } }, want = { 1, 0 } },
      } },
    { name = "transpose", signature = "transpose(m) -> matrix with rows and columns exchanged",
      pre = function(a) return even(a[1]) end,
      post = function(a, r)
        for i, row in ipairs(r[1]) do for j, x in ipairs(row) do if a[1][j][i] ~= x then return false end end end
        return #r[1] == #a[1][1]
      end,
      hidden = function(rng, i) return { spoiled(rng, grid(rng, rng.int(1, 4), rng.int(1, 4), 9), i) } end,
      examples = {
        { args = { { { 1 } } }, want = { { { 1 } } } },
        { args = { { { 1, 2 }, { 3, 4 } } }, want = { { { 1, 3 }, { 2, 4 } } } },
        { args = { { { 1, 2, 3 } } }, want = { { { 1 }, { 2 }, { 3 } } } },
        { args = { { { 1 }, { 2 }, { 3 } } }, want = { { { 1, 2, 3 } } } },
        { args = { { { 1, 2, 3 }, { 4, 5, 6 } } }, want = { { { 1, 4 }, { 2, 5 }, { 3, 6 } } } },
        { args = { {} }, want_error = "a matrix needs a row$" },
        { args = { { { 1, 2 }, { 3 } } }, want_error = "row 2 has 1 of 2 columns$" },
        { args = { { { 1, 2 }, { 3, 4 }, { 5, 6 } } }, want = { { { 1, 3, 5 }, { 2, 4, 6 } } } },
      } },
    { name = "multiply", signature = "multiply(a, b) -> matrix product",
      pre = function(a) return even(a[1]) and even(a[2]) and #a[1][1] == #a[2] end,
      post = function(a, r) return #r[1] == #a[1] and #r[1][1] == #a[2][1] end,
      hidden = function(rng, i)
        local inner = rng.int(1, 3)
        return { grid(rng, rng.int(1, 3), inner, 9), spoiled(rng, grid(rng, i % 7 == 0 and 4 or inner, rng.int(1, 3),
          9), i) }
      end,
      examples = {
        { args = { { { 2 } }, { { 3 } } }, want = { { { 6 } } } },
        { args = { { { 1, 2 }, { 3, 4 } }, { { 5, 6 }, { 7, 8 } } }, want = { { { 19, 22 }, { 43, 50 } } } },
        { args = { { { 1, 2, 3 } }, { { 1 }, { 2 }, { 3 } } }, want = { { { 14 } } } },
        { args = { { { 1 }, { 2 } }, { { 3, 4 } } }, want = { { { 3, 4 }, { 6, 8 } } } },
        { args = { { { 1, 0 }, { 0, 1 } }, { { 7, 8, 9 }, { 1, 2, 3 } } }, want = { { { 7, 8, 9 }, { 1, 2, 3 } } } },
        { args = { { { 1, 2 } }, { { 1, 2 } } }, want_error = "cannot multiply 1x2 by 1x2$" },
        { args = { { { -1, 2 }, { 0, 3 } }, { { 4, 0 }, { 1, -2 } } }, want = { { { -2, -4 }, { 3, -6 } } } },
        { args = { {}, { { 1 } } }, want_error = "a matrix needs a row$" },
      } },
    { name = "power", signature = "power(m, exponent) -> m multiplied by itself",
      pre = function(a) return square(a[1]) and a[2] >= 0 end,
      post = function(a, r) return #r[1] == #a[1] end,
      hidden = function(rng, i)
        local n = rng.int(1, 3)
        return { grid(rng, n, i % 8 == 0 and n + 1 or n, 2), i % 11 == 0 and -1 or rng.int(0, 7) }
      end,
      examples = {
        { args = { { { 2 } }, 10 }, want = { { { 1024 } } } },
        { args = { { { 1, 1 }, { 1, 0 } }, 7 }, want = { { { 21, 13 }, { 13, 8 } } } },
        { args = { { { 3, 1 }, { 4, 1 } }, 0 }, want = { { { 1, 0 }, { 0, 1 } } } },
        { args = { { { 3, 1 }, { 4, 1 } }, 1 }, want = { { { 3, 1 }, { 4, 1 } } } },
        { args = { { { 0, 1 }, { -1, 0 } }, 2 }, want = { { { -1, 0 }, { 0, -1 } } } },
        { args = { { { 1, 2, 3 } }, 2 }, want_error = "power of a matrix that is not square$" },
        { args = { { { 2 } }, -1 }, want_error = "negative power$" },
        { args = { { { 1, 0, 1 }, { 0, 2, 0 }, { 0, 0, 1 } }, 5 },
          want = { { { 1, 0, 5 }, { 0, 32, 0 }, { 0, 0, 1 } } } },
      } },
    { name = "determinant", signature = "determinant(m) -> integer",
      pre = function(a) return square(a[1]) end,
      post = function(a, r) return r[1] == expand(a[1]) end,
      hidden = function(rng, i)
        local n = rng.int(1, 4)
        local m = grid(rng, n, i % 9 == 0 and n + 1 or n, rng.pick { 1, 9 })
        if rng.chance(0.5) then m[1][1] = 0 end
        return { spoiled(rng, m, i) }
      end,
      examples = {
        { args = { { { 5 } } }, want = { 5 } },
        { args = { { { 1, 2 }, { 3, 4 } } }, want = { -2 } },
        { args = { { { 0, 2 }, { 3, 4 } } }, want = { -6 } },
        { args = { { { 1, 2 }, { 2, 4 } } }, want = { 0 } },
        { args = { { { 2, 0, 1 }, { 1, 3, 2 }, { 1, 1, 1 } } }, want = { 0 } },
        { args = { { { 0, 0, 1 }, { 0, 1, 0 }, { 1, 0, 0 } } }, want = { -1 } },
        { args = { { { 0, 1 }, { 0, 2 } } }, want = { 0 } },
        { args = { { { 1, 2 } } }, want_error = "determinant of a matrix that is not square$" },
        { args = { { { 1, 2, 3, 4 }, { 0, 0, 2, 1 }, { 3, 1, 0, 2 }, { 1, 1, 1, 1 } } }, want = { -9 } },
      } },
    { name = "rank", signature = "rank(m) -> number of independent rows",
      pre = function(a) return even(a[1]) end,
      post = function(a, r) return r[1] >= 0 and r[1] <= math.min(#a[1], #a[1][1]) end,
      hidden = function(rng, i) return { spoiled(rng, grid(rng, rng.int(1, 4), rng.int(1, 4), rng.pick { 1, 1, 4 }),
        i) } end,
      examples = {
        { args = { { { 0 } } }, want = { 0 } },
        { args = { { { 1, 2 }, { 3, 4 } } }, want = { 2 } },
        { args = { { { 1, 2 }, { 2, 4 } } }, want = { 1 } },
        { args = { { { 0, 1 }, { 1, 0 } } }, want = { 2 } },
        { args = { { { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 } } }, want = { 2 } },
        { args = { { { 0, 0, 1 }, { 0, 0, 2 } } }, want = { 1 } },
        { args = { { { 1 }, { 2 }, { 3 } } }, want = { 1 } },
        { args = { { { 1, 2 }, { 3 } } }, want_error = "row 2 has 1 of 2 columns$" },
        { args = { { { 1, 0, 2, 1 }, { 0, 1, 1, 1 }, { 1, 1, 3, 3 } } }, want = { 3 } },
      } },
    { name = "spiral", signature = "spiral(m) -> items clockwise from the top left corner inward",
      pre = function(a) return even(a[1]) end,
      post = function(a, r) return #r[1] == #a[1] * #a[1][1] end,
      hidden = function(rng, i) return { spoiled(rng, grid(rng, rng.int(1, 5), rng.int(1, 5), 99), i) } end,
      examples = {
        { args = { { { 1 } } }, want = { { 1 } } },
        { args = { { { 1, 2 }, { 4, 3 } } }, want = { { 1, 2, 3, 4 } } },
        { args = { { { 1, 2, 3 } } }, want = { { 1, 2, 3 } } },
        { args = { { { 1 }, { 2 }, { 3 } } }, want = { { 1, 2, 3 } } },
        { args = { { { 1, 2, 3 }, { 8, 9, 4 }, { 7, 6, 5 } } }, want = { { 1, 2, 3, 4, 5, 6, 7, 8, 9 } } },
        { args = { { { 1, 2, 3, 4 }, { 10, 11, 12, 5 }, { 9, 8, 7, 6 } } },
          want = { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 } } },
        { args = { { { 1, 2 }, { 6, 3 }, { 5, 4 } } }, want = { { 1, 2, 3, 4, 5, 6 } } },
        { args = { {} }, want_error = "a matrix needs a row$" },
      } },
  },
  integration = { name = "recurrence", signature = "recurrence(factors, first, n) -> term n of the linear recurrence",
    pre = function(a) return #a[1] == #a[2] and a[3] >= 1 end,
    post = function(_, r) return math.type(r[1]) == "integer" end,
    hidden = function(rng, i)
      local order = rng.int(1, 3)
      local factors, first = grid(rng, 1, order, 3)[1], grid(rng, 1, order, 5)[1]
      if i % 9 == 0 then first[#first + 1] = 1 end
      return { factors, first, i % 7 == 0 and rng.int(-2, 0) or rng.int(1, 14) }
    end,
    examples = {
      { args = { { 1, 1 }, { 1, 1 }, 10 }, want = { 55 } },
      { args = { { 1, 1 }, { 1, 1 }, 1 }, want = { 1 } },
      { args = { { 2 }, { 3 }, 5 }, want = { 48 } },
      { args = { { 1, 1, 1 }, { 0, 0, 1 }, 9 }, want = { 24 } },
      { args = { { 0, 1 }, { 4, 7 }, 6 }, want = { 7 } },
      { args = { { 2, -1 }, { 1, 3 }, 8 }, want = { 15 } },
      { args = { { 1, 1 }, { 1 }, 3 }, want_error = "as many first terms as factors$" },
      { args = { { 1 }, { 5 }, 0 }, want_error = "terms count from 1$" },
    } },
}
