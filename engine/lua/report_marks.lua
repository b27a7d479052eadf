--- han.report_marks: the drawings of the report that need no script, as SVG text: intervals and bars of differences.
-- Colours are classes, so that one drawing is right on light and on dark ground. Text is escaped here.

local sys = require "han.sys"

local M = {}

local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- Text of unknown origin as HTML text: control characters are shown, nothing is markup.
function M.escape(text)
  return (sys.escape(tostring(text)):gsub("[&<>\"']", entities))
end

local escape = M.escape
local WIDTH, LEFT, RIGHT, ROW = 760, 190, 70, 30

-- The first letters of a name, cut between characters.
local function short(text, max)
  local length = utf8.len(text)
  if not length or length <= max then return length and text or text:sub(1, max) end
  return text:sub(1, utf8.offset(text, max) - 1) .. "…"
end

-- A step of 1, 2 or 5 by which a span has three ticks to six.
local function nice_step(span)
  local power = 10.0 ^ (math.floor(math.log(span, 10)) - 1)
  for _, factor in ipairs { 1, 2, 5, 10, 20 } do
    if span / (power * factor) <= 6 then return power * factor end
  end
  return power * 50
end

local function range_of(rows, zero)
  local low, high = zero and 0.0 or math.huge, zero and 0.0 or -math.huge
  for _, row in ipairs(rows) do
    for _, value in ipairs { row.mean, row.ci and row.ci[1] or row.mean, row.ci and row.ci[2] or row.mean } do
      low, high = math.min(low, value), math.max(high, value)
    end
  end
  if low > high then low, high = 0.0, 1.0 end
  local pad = math.max((high - low) * 0.08, 0.01)
  return low - pad, high + pad
end

local function axis(out, low, high, x, height, signed)
  local step = nice_step(high - low)
  local places = math.max(0, math.ceil(-math.log(step, 10)))
  local format = (signed and "%+." or "%.") .. places .. "f"
  for k = math.ceil(low / step), math.floor(high / step) do
    local at = x(k * step)
    out[#out + 1] = ('<line class="grid%s" x1="%.1f" x2="%.1f" y1="6" y2="%d"/>'):format(
      signed and k == 0 and " zero" or "", at, at, height - 22)
    out[#out + 1] = ('<text class="tick" x="%.1f" y="%d" text-anchor="middle">%s</text>'):format(
      at, height - 6, k == 0 and "0" or format:format(k * step))
  end
end

local function interval_row(out, row, y, x, signed)
  local figure = (signed and "%+.3f" or "%.3f"):format(row.mean)
  local words = row.ci and ((signed and "%s: %s, 95 %% CI %+.3f to %+.3f" or "%s: %s, 95 %% CI %.3f to %.3f")
    :format(row.name, figure, row.ci[1], row.ci[2])) or ("%s: %s, no interval"):format(row.name, figure)
  out[#out + 1] = ('<g class="mark %s"><title>%s</title>'):format(row.class or "arm", escape(words))
  out[#out + 1] = ('<text class="name" x="%d" y="%.1f" text-anchor="end">%s</text>'):format(
    LEFT - 12, y + 4, escape(short(row.name, 26)))
  if row.ci then
    out[#out + 1] = ('<line class="whisker" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>'):format(
      x(row.ci[1]), x(row.ci[2]), y, y)
    for _, edge in ipairs(row.ci) do
      out[#out + 1] = ('<line class="whisker" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>'):format(
        x(edge), x(edge), y - 5, y + 5)
    end
  end
  out[#out + 1] = ('<circle class="dot" cx="%.1f" cy="%.1f" r="5.5"/>'):format(x(row.mean), y)
  out[#out + 1] = ('<text class="figure" x="%d" y="%.1f">%s</text></g>'):format(WIDTH - RIGHT + 12, y + 4, figure)
end

--- Dots with intervals, one row for each of rows = { {name=, mean=, ci=, class=} ... }. signed: around zero.
function M.intervals(rows, label, signed)
  local height = #rows * ROW + 38
  local low, high = range_of(rows, signed)
  local function x(value) return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT) end
  local out = { ('<svg viewBox="0 0 %d %d" role="img" aria-label="%s">'):format(WIDTH, height, escape(label)) }
  axis(out, low, high, x, height, signed)
  for i, row in ipairs(rows) do interval_row(out, row, i * ROW - 8, x, signed) end
  out[#out + 1] = "</svg>"
  return table.concat(out)
end

--- One bar a task, from the largest win to the largest loss; list as report_data.differences gives it.
function M.bars(list, label)
  local height, middle, reach = 120, 60, 50
  local most = 0.0
  for _, row in ipairs(list) do most = math.max(most, math.abs(row.d)) end
  local step = (WIDTH - 60) / math.max(1, #list)
  local gap = step > 4 and 1.5 or 0
  local out = { ('<svg viewBox="0 0 %d %d" role="img" aria-label="%s">'):format(WIDTH, height, escape(label)),
    ('<line class="grid zero" x1="50" x2="%d" y1="%d" y2="%d"/>'):format(WIDTH - 10, middle, middle) }
  if most > 0 then
    for _, sign in ipairs { 1, -1 } do
      out[#out + 1] = ('<text class="tick" x="44" y="%d" text-anchor="end">%+.2f</text>'):format(
        middle - sign * reach + 4, sign * most)
    end
  end
  for i, row in ipairs(list) do
    local size = most > 0 and math.abs(row.d) / most * reach or 0
    local class = row.d > 0 and "win" or row.d < 0 and "loss" or "tie"
    if class == "tie" then size = 3 end
    local top = class == "win" and middle - size or class == "loss" and middle or middle - size / 2
    out[#out + 1] = ('<rect class="%s" x="%.2f" y="%.2f" width="%.2f" height="%.2f"><title>%s</title></rect>'):format(
      class, 50 + (i - 1) * step, top, math.max(0.2, math.min(step - gap, 24)), math.max(size, 1),
      escape(("%s (%s): %.3f against %.3f, %+.3f"):format(row.task, row.group, row.a, row.b, row.d)))
  end
  out[#out + 1] = "</svg>"
  return table.concat(out)
end

-- ---- a value over rounds ----

local CURVE_HEIGHT, CURVE_RIGHT, APART = 300, 130, 15

local function curve_range(curves)
  local low, high, last = math.huge, -math.huge, 0
  for _, curve in ipairs(curves) do
    for _, point in ipairs(curve.points) do
      low = math.min(low, point.ci and point.ci[1] or point.y)
      high = math.max(high, point.ci and point.ci[2] or point.y)
      last = math.max(last, point.x)
    end
  end
  if low > high then low, high = 0.0, 1.0 end
  local pad = math.max((high - low) * 0.08, 0.005)
  return low - pad, high + pad, math.max(last, 1)
end

local function curve_grid(out, low, high, last, x, y)
  local step = nice_step(high - low)
  local format = ("%%.%df"):format(math.max(0, math.ceil(-math.log(step, 10))))
  for k = math.ceil(low / step), math.floor(high / step) do
    local at = y(k * step)
    out[#out + 1] = ('<line class="grid" x1="60" x2="%d" y1="%.1f" y2="%.1f"/>'):format(WIDTH - CURVE_RIGHT, at, at)
    out[#out + 1] = ('<text class="tick" x="52" y="%.1f" text-anchor="end">%s</text>'):format(at + 4,
      format:format(k * step))
  end
  local every = math.max(1, last // 20)
  for round = 0, last, every do
    out[#out + 1] = ('<text class="tick" x="%.1f" y="%d" text-anchor="middle">%d</text>'):format(x(round),
      CURVE_HEIGHT - 26, round)
  end
  out[#out + 1] = ('<text class="tick" x="%.1f" y="%d" text-anchor="middle">round</text>'):format(
    (60 + WIDTH - CURVE_RIGHT) / 2, CURVE_HEIGHT - 6)
end

-- One line with its whiskers, set a little beside the others' so that none hides another.
local function curve_line(out, curve, shift, x, y)
  local way = {}
  out[#out + 1] = ('<g class="curve %s">'):format(curve.class or "arm")
  for i, point in ipairs(curve.points) do
    way[i] = ("%.1f,%.1f"):format(x(point.x) + shift, y(point.y))
    if point.ci then
      out[#out + 1] = ('<line class="whisker" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/>'):format(x(point.x) + shift,
        x(point.x) + shift, y(point.ci[1]), y(point.ci[2]))
    end
  end
  out[#out + 1] = ('<polyline class="way" points="%s"/>'):format(table.concat(way, " "))
  for _, point in ipairs(curve.points) do
    out[#out + 1] = ('<circle class="dot" cx="%.1f" cy="%.1f" r="4"><title>%s</title></circle>'):format(
      x(point.x) + shift, y(point.y), escape(("%s, round %d: %.3f%s"):format(curve.name, point.x, point.y,
        point.ci and (", 95 %% CI %.3f to %.3f"):format(point.ci[1], point.ci[2]) or "")))
  end
  out[#out + 1] = "</g>"
end

-- Names at the right end, each beside the end of its line, pushed apart where they would meet.
local function curve_names(out, curves, y)
  local names = {}
  for _, curve in ipairs(curves) do
    local point = curve.points[#curve.points]
    if point then names[#names + 1] = { curve = curve, y = y(point.y) + 4 } end
  end
  table.sort(names, function(a, b) return a.y < b.y or a.y == b.y and a.curve.name < b.curve.name end)
  for i, row in ipairs(names) do
    if i > 1 then row.y = math.max(row.y, names[i - 1].y + APART) end
    out[#out + 1] = ('<text class="end %s" x="%d" y="%.1f">%s</text>'):format(row.curve.class or "arm",
      WIDTH - CURVE_RIGHT + 16, row.y, escape(short(row.curve.name, 16)))
  end
end

--- Lines over rounds with their intervals; curves = { { name=, class=, points = { { x = round, y=, ci= } ... } } ... }.
function M.curve(curves, label)
  local low, high, last = curve_range(curves)
  local function x(round) return 76 + round / last * (WIDTH - CURVE_RIGHT - 92) end
  local function y(value) return 10 + (high - value) / (high - low) * (CURVE_HEIGHT - 56) end
  local out = { ('<svg viewBox="0 0 %d %d" role="img" aria-label="%s">'):format(WIDTH, CURVE_HEIGHT, escape(label)) }
  curve_grid(out, low, high, last, x, y)
  for i = #curves, 1, -1 do curve_line(out, curves[i], (i - (#curves + 1) / 2) * 4, x, y) end
  curve_names(out, curves, y)
  out[#out + 1] = "</svg>"
  return table.concat(out)
end

return M
