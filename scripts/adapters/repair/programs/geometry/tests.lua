local function point(rng, top) return { rng.int(0, top or 6), rng.int(0, top or 6) } end
local function points(rng, lo, hi, top) return rng.list(lo, hi, function() return point(rng, top) end) end
local function cross(a, b, c) return (b[1] - a[1]) * (c[2] - b[2]) - (b[2] - a[2]) * (c[1] - b[1]) end

local SQUARE, TRI = { { 0, 0 }, { 4, 0 }, { 4, 4 }, { 0, 4 } }, { { 0, 0 }, { 6, 0 }, { 0, 6 } }
local ELL = { { 0, 0 }, { 6, 0 }, { 6, 2 }, { 2, 2 }, { 2, 6 }, { 0, 6 } }
local BOW = { { 0, 0 }, { 4, 4 }, { 4, 0 }, { 0, 4 } }

return {
  job = "geometry on an integer grid: areas, hulls, crossings and what lies inside a polygon",
  brief = "A point is { x, y }, a polygon the list of its corners. Areas are doubled so that they stay whole.",
  blocks = {
    { name = "turn", signature = "turn(a, b, c) -> twice the signed area",
      pre = function() return true end,
      post = function(a, r) return r[1] == cross(a[1], a[2], a[3]) end,
      hidden = function(rng) return { point(rng), point(rng), point(rng) } end,
      examples = {
        { args = { { 0, 0 }, { 1, 0 }, { 0, 1 } }, want = { 1 } },
        { args = { { 0, 0 }, { 0, 1 }, { 1, 0 } }, want = { -1 } },
        { args = { { 0, 0 }, { 1, 1 }, { 2, 2 } }, want = { 0 } },
        { args = { { 1, 1 }, { 3, 1 }, { 3, 4 } }, want = { 6 } },
        { args = { { 5, 5 }, { 5, 5 }, { 1, 2 } }, want = { 0 } },
        { args = { { 0, 0 }, { 4, 0 }, { 9, -1 } }, want = { -4 } },
        { args = { { -1, -1 }, { 1, -1 }, { 0, 2 } }, want = { 6 } },
        { args = { { 2, 0 }, { 0, 2 }, { 0, 0 } }, want = { 4 } },
      } },
    { name = "area", signature = "area(polygon) -> twice the signed area, grid points on the border",
      pre = function(a) return #a[1] >= 3 end,
      post = function(_, r) return r[2] >= 0 end,
      hidden = function(rng, i) return { i % 8 == 0 and points(rng, 0, 2) or points(rng, 3, 6) } end,
      examples = {
        { args = { SQUARE }, want = { 32, 16 } },
        { args = { TRI }, want = { 36, 18 } },
        { args = { { { 0, 0 }, { 0, 4 }, { 4, 4 }, { 4, 0 } } }, want = { -32, 16 } },
        { args = { ELL }, want = { 40, 24 } },
        { args = { BOW }, want = { 0, 16 } },
        { args = { { { 0, 0 }, { 3, 1 }, { 1, 2 } } }, want = { 5, 3 } },
        { args = { { { 1, 1 }, { 1, 1 }, { 1, 1 } } }, want = { 0, 0 } },
        { args = { { { 0, 0 }, { 1, 1 } } }, want_error = "a polygon has three corners$" },
      } },
    { name = "hull", signature = "hull(points) -> corners, counterclockwise",
      pre = function() return true end,
      post = function(a, r)
        for i, p in ipairs(r[1]) do
          local q = r[1][i % #r[1] + 1]
          for _, s in ipairs(a[1]) do if #r[1] > 2 and cross(p, q, s) < 0 then return false end end
        end
        return #r[1] <= #a[1]
      end,
      hidden = function(rng) return { points(rng, 0, 9, rng.pick { 2, 4, 9 }) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { { 1, 2 } } }, want = { { { 1, 2 } } } },
        { args = { { { 3, 3 }, { 1, 2 } } }, want = { { { 1, 2 }, { 3, 3 } } } },
        { args = { { { 0, 0 }, { 1, 1 }, { 2, 2 } } }, want = { { { 0, 0 }, { 2, 2 } } } },
        { args = { SQUARE }, want = { SQUARE } },
        { args = { { { 2, 2 }, { 0, 4 }, { 4, 4 }, { 4, 0 }, { 0, 0 }, { 2, 0 } } }, want = { SQUARE } },
        { args = { ELL }, want = { { { 0, 0 }, { 6, 0 }, { 6, 2 }, { 2, 6 }, { 0, 6 } } } },
        { args = { { { 1, 1 }, { 1, 1 }, { 1, 1 } } }, want = { { { 1, 1 } } } },
      } },
    { name = "meet", signature = "meet(a, b, c, d) -> \"cross\", \"touch\" or \"apart\"",
      pre = function() return true end,
      post = function(_, r) return r[1] == "cross" or r[1] == "touch" or r[1] == "apart" end,
      hidden = function(rng) return { point(rng, 4), point(rng, 4), point(rng, 4), point(rng, 4) } end,
      examples = {
        { args = { { 0, 0 }, { 4, 4 }, { 0, 4 }, { 4, 0 } }, want = { "cross" } },
        { args = { { 0, 0 }, { 4, 0 }, { 0, 1 }, { 4, 1 } }, want = { "apart" } },
        { args = { { 0, 0 }, { 4, 0 }, { 2, 0 }, { 2, 3 } }, want = { "touch" } },
        { args = { { 0, 0 }, { 4, 0 }, { 4, 0 }, { 6, 3 } }, want = { "touch" } },
        { args = { { 0, 0 }, { 4, 0 }, { 3, 0 }, { 9, 0 } }, want = { "touch" } },
        { args = { { 0, 0 }, { 2, 0 }, { 3, 0 }, { 9, 0 } }, want = { "apart" } },
        { args = { { 0, 0 }, { 2, 2 }, { 4, 0 }, { 3, 9 } }, want = { "apart" } },
        { args = { { 1, 1 }, { 1, 1 }, { 0, 0 }, { 2, 2 } }, want = { "touch" } },
      } },
    { name = "place", signature = "place(polygon, point) -> \"inside\", \"border\" or \"outside\"",
      pre = function() return true end,
      post = function(_, r) return r[1] == "inside" or r[1] == "border" or r[1] == "outside" end,
      hidden = function(rng) return { rng.pick { SQUARE, TRI, ELL, BOW, points(rng, 3, 5) }, point(rng, 7) } end,
      examples = {
        { args = { SQUARE, { 2, 2 } }, want = { "inside" } },
        { args = { SQUARE, { 4, 2 } }, want = { "border" } },
        { args = { SQUARE, { 0, 0 } }, want = { "border" } },
        { args = { SQUARE, { 5, 2 } }, want = { "outside" } },
        { args = { ELL, { 3, 3 } }, want = { "outside" } },
        { args = { ELL, { 1, 5 } }, want = { "inside" } },
        { args = { TRI, { 3, 3 } }, want = { "border" } },
        { args = { TRI, { 1, 4 } }, want = { "inside" } },
        { args = { ELL, { -1, 2 } }, want = { "outside" } },
      } },
  },
  integration = { name = "survey", signature = "survey(polygon, points) -> { double, simple, counts, hull, interior }",
    pre = function(a) return #a[1] >= 3 end,
    post = function(a, r) return r[1].counts.inside + r[1].counts.border + r[1].counts.outside == #a[2] end,
    hidden = function(rng, i)
      return { i % 8 == 0 and points(rng, 0, 2) or rng.pick { SQUARE, TRI, ELL, BOW, points(rng, 3, 6), points(rng, 4,
        5) },
        points(rng, 0, 4) }
    end,
    examples = {
      { args = { SQUARE, {} },
        want = { { double = 32, simple = true, counts = { inside = 0, border = 0, outside = 0 }, hull = 4,
          interior = 9 } } },
      { args = { SQUARE, { { 1, 1 }, { 0, 3 }, { 9, 9 } } },
        want = { { double = 32, simple = true, counts = { inside = 1, border = 1, outside = 1 }, hull = 4,
          interior = 9 } } },
      { args = { BOW, {} },
        want = { { double = 0, simple = false, counts = { inside = 0, border = 0, outside = 0 }, hull = 4 } } },
      { args = { TRI, { { 1, 1 } } },
        want = { { double = 36, simple = true, counts = { inside = 1, border = 0, outside = 0 }, hull = 3,
          interior = 10 } } },
      { args = { ELL, { { 4, 4 } } },
        want = { { double = 40, simple = true, counts = { inside = 0, border = 0, outside = 1 }, hull = 5,
          interior = 9 } } },
      { args = { { { 0, 0 }, { 0, 4 }, { 4, 4 }, { 4, 0 } }, { { 2, 2 } } },
        want = { { double = 32, simple = true, counts = { inside = 1, border = 0, outside = 0 }, hull = 4,
          interior = 9 } } },
      { args = { { { 0, 0 }, { 1, 1 } }, {} }, want_error = "a polygon has three corners$" },
      { args = { {}, { { 1, 1 } } }, want_error = "a polygon has three corners$" },
    } },
}
