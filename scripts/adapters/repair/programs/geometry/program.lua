-- Points and polygons on a grid of integers: turns, areas, hulls, crossings, what lies inside, and a survey.
local M = {}

-- Twice the signed area of the triangle a, b, c: above 0 for a turn to the left.
function M.turn(a, b, c)
  return (b[1] - a[1]) * (c[2] - a[2]) - (b[2] - a[2]) * (c[1] - a[1])
end

-- Twice the area of a polygon (positive when it runs counterclockwise) and the grid points on its border.
function M.area(polygon)
  if #polygon < 3 then
    error("a polygon has three corners", 0)
  end
  local double, border = 0, 0
  for i, here in ipairs(polygon) do
    local next_one = polygon[i % #polygon + 1]
    double = double + here[1] * next_one[2] - next_one[1] * here[2]
    local dx, dy = math.abs(next_one[1] - here[1]), math.abs(next_one[2] - here[2])
    while dy > 0 do
      dx, dy = dy, dx % dy
    end
    border = border + dx
  end
  return double, border
end

-- Corners of the convex hull, counterclockwise from the leftmost lowest; points on its edges are left out.
function M.hull(points)
  local sorted = table.move(points, 1, #points, 1, {})
  table.sort(sorted, function(p, q)
    return p[1] - q[1] < 0 or (p[1] == q[1] and p[2] - q[2] < 0)
  end)
  local hull = {}
  local function walk(from, to, step, least)
    for i = from, to, step do
      while #hull > least and M.turn(hull[#hull - 1], hull[#hull], sorted[i]) <= 0 do
        hull[#hull] = nil
      end
      local last = hull[#hull]
      if not last or last[1] ~= sorted[i][1] or last[2] ~= sorted[i][2] then
        hull[#hull + 1] = sorted[i]
      end
    end
  end
  walk(1, #sorted, 1, 1)
  walk(#sorted - 1, 1, -1, #hull)
  if #hull > 1 and hull[1][1] == hull[#hull][1] and hull[1][2] == hull[#hull][2] then
    hull[#hull] = nil
  end
  return hull
end

-- How two segments meet: "cross", "touch" (an end lies on the other, or they overlap) or "apart".
function M.meet(a, b, c, d)
  local function sign(value)
    return value > 0 and 1 or value < 0 and -1 or 0
  end
  local function on(p, q, r)
    return M.turn(p, q, r) == 0 and math.min(p[1], q[1]) <= r[1] and r[1] <= math.max(p[1], q[1])
      and math.min(p[2], q[2]) <= r[2] and r[2] <= math.max(p[2], q[2])
  end
  if on(a, b, c) or on(a, b, d) or on(c, d, a) or on(c, d, b) then
    return "touch"
  elseif sign(M.turn(a, b, c)) * sign(M.turn(a, b, d)) < 0 and sign(M.turn(c, d, a)) * sign(M.turn(c, d, b)) < 0 then
    return "cross"
  end
  return "apart"
end

-- Where a point lies: "inside", "border" or "outside".
function M.place(polygon, point)
  local inside = false
  for i, a in ipairs(polygon) do
    local b = polygon[i % #polygon + 1]
    if M.meet(a, b, point, point) == "touch" then
      return "border"
    end
    if (a[2] > point[2]) ~= (b[2] > point[2]) then
      local turn = M.turn(a, b, point)
      if (b[2] > a[2]) == (turn > 0) then
        inside = not inside
      end
    end
  end
  return inside and "inside" or "outside"
end

-- A polygon and some points: its area and grid points inside, whether it crosses itself, and where the points lie.
function M.survey(polygon, points)
  local double, border = M.area(polygon)
  local n, simple, counts = #polygon, true, { inside = 0, border = 0, outside = 0 }
  for i = 1, n do
    for j = i + 2, n do
      if not (i == 1 and j == n)
        and M.meet(polygon[i], polygon[i + 1], polygon[j], polygon[j % n + 1]) ~= "apart" then
        simple = false
      end
    end
  end
  for _, point in ipairs(points) do
    local where = M.place(polygon, point)
    counts[where] = counts[where] + 1
  end
  local result = { double = math.abs(double), simple = simple, counts = counts, hull = #M.hull(polygon) }
  if simple then
    result.interior = (math.abs(double) - border + 2) // 2
  end
  return result
end

return M
