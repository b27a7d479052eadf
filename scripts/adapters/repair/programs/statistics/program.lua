-- Figures about lists of integers without a float: ranks, quantiles, histograms, spread, and a straight line.
-- Where a result is no integer it is given in thousandths, rounded half away from zero.
local M = {}

-- top / bottom in thousandths.
function M.thousandths(top, bottom)
  if bottom == 0 then
    error("nothing to divide by", 0)
  end
  if bottom < 0 then
    top, bottom = -top, -bottom
  end
  local size = (math.abs(top) * 2000 + bottom) // (2 * bottom)
  return top < 0 and -size or size
end

-- The p-th percentile in thousandths, between the two values it falls between.
function M.percentile(values, p)
  if #values == 0 then
    error("no values", 0)
  end
  if p < 0 or p > 100 then
    error("no percentile " .. p, 0)
  end
  local sorted = table.move(values, 1, #values, 1, {})
  table.sort(sorted)
  local position = (#sorted - 1) * p
  local low = position // 100 + 1
  local high = sorted[low + 1] or sorted[low]
  return M.thousandths(sorted[low] * 100 + (high - sorted[low]) * (position % 100), 100)
end

-- Places from the highest value down; equal values share the mean of their places, in thousandths.
function M.ranks(values)
  local result = {}
  for i, value in ipairs(values) do
    local above, same = 0, 0
    for _, other in ipairs(values) do
      if other > value then
        above = above + 1
      elseif other == value then
        same = same + 1
      end
    end
    result[i] = M.thousandths(2 * above + same + 1, 2)
  end
  return result
end

-- Mean and sample variance in thousandths, and the values that come most often, sorted.
function M.summary(values)
  local sum, squares, count, most = 0, 0, {}, 0
  for _, value in ipairs(values) do
    sum = sum + value
    squares = squares + value * value
    count[value] = (count[value] or 0) + 1
    most = math.max(most, count[value])
  end
  local n, modes = #values, {}
  for value, times in pairs(count) do
    if times == most then
      modes[#modes + 1] = value
    end
  end
  table.sort(modes)
  local variance = n > 1 and M.thousandths(n * squares - sum * sum, n * (n - 1)) or 0
  return { mean = M.thousandths(sum, n), variance = variance, modes = modes }
end

-- Bars of equal width from the least value on: { from, to (not included), count, share in percent rounded down }.
function M.histogram(values, width)
  if width < 1 then
    error("no width", 0)
  end
  local bars = {}
  if #values == 0 then
    return bars
  end
  local least, greatest = math.huge, -math.huge
  for _, value in ipairs(values) do
    if value < least then
      least = value
    end
    if value > greatest then
      greatest = value
    end
  end
  local start = least // width * width
  for from = start, greatest, width do
    bars[#bars + 1] = { from = from, to = from + width, count = 0 }
  end
  for _, value in ipairs(values) do
    local bar = bars[(value - start) // width + 1]
    bar.count = bar.count + 1
  end
  for _, bar in ipairs(bars) do
    bar.share = bar.count * 100 // #values
  end
  return bars
end

-- The line through points { x, y } of least squares: slope and height at 0 in thousandths.
function M.line(points)
  local n, sx, sy, sxx, sxy = #points, 0, 0, 0, 0
  for _, point in ipairs(points) do
    sx, sy = sx + point[1], sy + point[2]
    sxx, sxy = sxx + point[1] * point[1], sxy + point[1] * point[2]
  end
  local bottom = n * sxx - sx * sx
  if bottom == 0 then
    error("no line through these", 0)
  end
  return M.thousandths(n * sxy - sx * sy, bottom), M.thousandths(sy * sxx - sx * sxy, bottom)
end

-- Values without those further than one and a half quartile ranges outside the quartiles, described; what was left out.
function M.describe(values)
  local low, high = M.percentile(values, 25), M.percentile(values, 75)
  local reach = (high - low) * 3
  local kept, left_out, points = {}, {}, {}
  for _, value in ipairs(values) do
    if 2000 * value < 2 * low - reach or 2000 * value > 2 * high + reach then
      left_out[#left_out + 1] = value
    else
      kept[#kept + 1] = value
      points[#kept] = { #kept, value }
    end
  end
  local result = M.summary(kept)
  result.median = M.percentile(kept, 50)
  if #points > 1 then
    result.trend = M.line(points)
  end
  return result, left_out
end

return M
