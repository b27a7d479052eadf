local function values(rng, lo, hi)
  local spread = rng.pick { 3, 10, 200 }
  return rng.list(lo, hi, function() return rng.int(-spread, spread) end)
end

local function sum(list)
  local s = 0
  for _, v in ipairs(list) do s = s + v end
  return s
end

return {
  job = "exact statistics of integer lists: percentiles, ranks, histograms, lines and outliers",
  brief = "Results that need not be whole are in thousandths, rounded half away from zero. Ranks count from the "
    .. "highest "
    .. "value, equal values share the mean of their places.",
  blocks = {
    { name = "thousandths", signature = "thousandths(top, bottom) -> integer",
      pre = function(a) return a[2] ~= 0 end,
      post = function(a, r) return math.abs(2 * (r[1] * a[2] - 1000 * a[1])) <= math.abs(a[2]) end,
      hidden = function(rng, i) return { rng.int(-50, 50), i % 6 == 0 and 0 or rng.pick { 1, 3, 7, -3, 16, 2000, -4000,
        rng.int(1, 90) } } end,
      examples = {
        { args = { 1, 2 }, want = { 500 } },
        { args = { 1, 3 }, want = { 333 } },
        { args = { 2, 3 }, want = { 667 } },
        { args = { -2, 3 }, want = { -667 } },
        { args = { 1, 2000 }, want = { 1 } },
        { args = { -1, 2000 }, want = { -1 } },
        { args = { 1, -4 }, want = { -250 } },
        { args = { 0, 9 }, want = { 0 } },
        { args = { 1, 0 }, want_error = "nothing to divide by$" },
      } },
    { name = "percentile", signature = "percentile(values, p) -> thousandths",
      pre = function(a) return #a[1] > 0 and a[2] >= 0 and a[2] <= 100 end,
      post = function(a, r) return r[1] <= 1000 * math.max(table.unpack(a[1]))
        and r[1] >= 1000 * math.min(table.unpack(a[1])) end,
      hidden = function(rng, i)
        if i % 8 == 0 then return { {}, 50 } end
        return { values(rng, 1, 7), i % 7 == 0 and rng.pick { -1, 101 } or rng.pick { 0, 25, 50, 75, 100, rng.int(0,
          100) } }
      end,
      examples = {
        { args = { { 3, 1, 2 }, 50 }, want = { 2000 } },
        { args = { { 4, 1, 2, 3 }, 50 }, want = { 2500 } },
        { args = { { 10, 20 }, 25 }, want = { 12500 } },
        { args = { { 5 }, 99 }, want = { 5000 } },
        { args = { { 1, 9 }, 0 }, want = { 1000 } },
        { args = { { 1, 9 }, 100 }, want = { 9000 } },
        { args = { { -1, -2, -4, -8 }, 50 }, want = { -3000 } },
        { args = { { 0, 1 }, 33 }, want = { 330 } },
        { args = { {}, 50 }, want_error = "no values$" },
        { args = { { 1 }, 101 }, want_error = "no percentile 101$" },
      } },
    { name = "ranks", signature = "ranks(values) -> places in thousandths",
      pre = function() return true end,
      post = function(a, r) return sum(r[1]) == 500 * #a[1] * (#a[1] + 1) end,
      hidden = function(rng) return { values(rng, 0, 8) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { 7 } }, want = { { 1000 } } },
        { args = { { 7, 9 } }, want = { { 2000, 1000 } } },
        { args = { { 5, 5 } }, want = { { 1500, 1500 } } },
        { args = { { 1, 2, 2, 3 } }, want = { { 4000, 2500, 2500, 1000 } } },
        { args = { { 4, 4, 4 } }, want = { { 2000, 2000, 2000 } } },
        { args = { { -1, 0, 1 } }, want = { { 3000, 2000, 1000 } } },
        { args = { { 9, 1, 9, 1 } }, want = { { 1500, 3500, 1500, 3500 } } },
      } },
    { name = "summary", signature = "summary(values) -> { mean, variance, modes }",
      pre = function(a) return #a[1] > 0 end,
      post = function(a, r) return math.abs(r[1].mean * #a[1] - 1000 * sum(a[1])) <= #a[1] and r[1].variance >= 0 end,
      hidden = function(rng, i) return { i % 8 == 0 and {} or values(rng, 1, 8) } end,
      examples = {
        { args = { { 4 } }, want = { { mean = 4000, variance = 0, modes = { 4 } } } },
        { args = { { 1, 2 } }, want = { { mean = 1500, variance = 500, modes = { 1, 2 } } } },
        { args = { { 2, 4, 4, 4, 5, 5, 7, 9 } }, want = { { mean = 5000, variance = 4571, modes = { 4 } } } },
        { args = { { 3, 3, 3 } }, want = { { mean = 3000, variance = 0, modes = { 3 } } } },
        { args = { { -1, -1, 2, 2, 5 } }, want = { { mean = 1400, variance = 6300, modes = { -1, 2 } } } },
        { args = { { 0, 0, 1 } }, want = { { mean = 333, variance = 333, modes = { 0 } } } },
        { args = { { -1, 0, 0 } }, want = { { mean = -333, variance = 333, modes = { 0 } } } },
        { args = { {} }, want_error = "nothing to divide by$" },
      } },
    { name = "histogram", signature = "histogram(values, width) -> list of { from, to, count, share }",
      pre = function(a) return a[2] >= 1 end,
      post = function(a, r)
        local n = 0
        for _, bar in ipairs(r[1]) do n = n + bar.count end
        return n == #a[1]
      end,
      hidden = function(rng, i) return { rng.list(0, 8, function() return rng.int(-12, 20) end), i % 8 == 0 and 0
        or rng.int(1, 9) } end,
      examples = {
        { args = { {}, 5 }, want = { {} } },
        { args = { { 3 }, 5 }, want = { { { from = 0, to = 5, count = 1, share = 100 } } } },
        { args = { { 0, 5, 9 }, 5 },
          want = { { { count = 1, from = 0, share = 33, to = 5 }, { count = 2, from = 5, share = 66, to = 10 } } } },
        { args = { { -1, 0 }, 10 },
          want = { { { count = 1, from = -10, share = 50, to = 0 }, { count = 1, from = 0, share = 50, to = 10 } } } },
        { args = { { 1, 1, 8 }, 3 },
          want = {
            {
              { count = 2, from = 0, share = 66, to = 3 }, { count = 0, from = 3, share = 0, to = 6 },
              { count = 1, from = 6, share = 33, to = 9 },
            },
          } },
        { args = { { 10, 10, 10 }, 10 }, want = { { { count = 3, from = 10, share = 100, to = 20 } } } },
        { args = { { 7 }, 1 }, want = { { { from = 7, to = 8, count = 1, share = 100 } } } },
        { args = { { 7 }, 0 }, want_error = "no width$" },
      } },
    { name = "line", signature = "line(points) -> slope, height at 0, in thousandths",
      pre = function(a)
        for _, p in ipairs(a[1]) do if p[1] ~= a[1][1][1] then return true end end
        return false
      end,
      post = function(_, r) return math.type(r[1]) == "integer" end,
      hidden = function(rng, i)
        local points = rng.list(2, 6, function() return { rng.int(-9, 9), rng.int(-20, 20) } end)
        if i % 7 == 0 then for _, p in ipairs(points) do p[1] = 4 end end
        return { points }
      end,
      examples = {
        { args = { { { 0, 1 }, { 1, 3 } } }, want = { 2000, 1000 } },
        { args = { { { 1, 1 }, { 2, 2 }, { 3, 3 } } }, want = { 1000, 0 } },
        { args = { { { 1, 5 }, { 3, 5 } } }, want = { 0, 5000 } },
        { args = { { { 0, 0 }, { 1, 1 }, { 2, 1 } } }, want = { 500, 167 } },
        { args = { { { -1, 2 }, { 1, -2 } } }, want = { -2000, 0 } },
        { args = { { { 0, 10 }, { 10, 0 } } }, want = { -1000, 10000 } },
        { args = { { { 2, 1 }, { 2, 5 } } }, want_error = "no line through these$" },
        { args = { {} }, want_error = "no line through these$" },
      } },
  },
  integration = { name = "describe", signature = "describe(values) -> summary with median and trend, values left out",
    pre = function(a) return #a[1] > 0 end,
    post = function(a, r) return #r[2] < #a[1] or #a[1] == 0 end,
    hidden = function(rng, i)
      local list = i % 9 == 0 and {} or rng.list(1, 8, function() return rng.int(0, 12) end)
      if rng.chance(0.4) then table.insert(list, rng.int(1, #list + 1), rng.pick { -60, 70, 27 }) end
      return { list }
    end,
    examples = {
      { args = { { 5 } }, want = { { mean = 5000, median = 5000, modes = { 5 }, variance = 0 }, {} } },
      { args = { { 1, 2, 3, 4, 100 } },
        want = { { mean = 2500, median = 2500, modes = { 1, 2, 3, 4 }, trend = 1000, variance = 1667 }, { 100 } } },
      { args = { { 1, 2, 3, 4, 7 } },
        want = { { mean = 3400, median = 3000, modes = { 1, 2, 3, 4, 7 }, trend = 1400, variance = 5300 }, {} } },
      { args = { { 2, 2, 2, 3 } },
        want = { { mean = 2000, median = 2000, modes = { 2 }, trend = 0, variance = 0 }, { 3 } } },
      { args = { { -50, 1, 1, 2, 3, 4, 4 } },
        want = { { mean = 2500, median = 2500, modes = { 1, 4 }, trend = 714, variance = 1900 }, { -50 } } },
      { args = { { 9, 7 } },
        want = { { mean = 8000, median = 8000, modes = { 7, 9 }, trend = -2000, variance = 2000 }, {} } },
      { args = { { 0, 0, 0, 0, 9 } },
        want = { { mean = 0, median = 0, modes = { 0 }, trend = 0, variance = 0 }, { 9 } } },
      { args = { {} }, want_error = "no values$" },
    } },
}
