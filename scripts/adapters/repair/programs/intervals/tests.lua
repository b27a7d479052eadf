local function raw(rng, lo, hi)
  return rng.list(lo, hi, function()
    local from = rng.int(0, 30)
    return { from, from + rng.int(0, 9) }
  end)
end

local function set(rng, lo, hi)
  local at, list = rng.int(0, 3), {}
  for i = 1, rng.int(lo, hi) do
    local to = at + rng.int(1, 6)
    list[i] = { at, to }
    at = to + rng.int(1, 5)
  end
  return list
end

local function has(list, x)
  for _, range in ipairs(list) do if range[1] <= x and x < range[2] then return true end end
  return false
end

local function tidy(list)
  for i, range in ipairs(list) do
    if range[1] >= range[2] or i > 1 and list[i - 1][2] > range[1] then return false end
  end
  return true
end

-- Holds when membership in r is f(x) for every x the tests can reach.
local function agrees(r, f)
  for x = -1, 60 do if has(r, x) ~= f(x) then return false end end
  return tidy(r)
end

local function forward(list)
  for _, range in ipairs(list) do if range[1] > range[2] then return false end end
  return true
end

return {
  job = "set algebra over sorted half-open ranges, with gaps and overlaps",
  brief = "A set is a sorted list of half-open integer ranges that neither touch nor overlap. "
    .. "Bookings are raw ranges; a day is what they leave free.",
  blocks = {
    { name = "normalize", signature = "normalize(ranges) -> set",
      pre = function(a) return forward(a[1]) end,
      post = function(a, r) return agrees(r[1], function(x) return has(a[1], x) end) end,
      hidden = function(rng, i)
        local list = raw(rng, 0, 6)
        if i % 7 == 0 then list[#list + 1] = { 9, rng.int(1, 8) } end
        return { list }
      end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { { 1, 4 } } }, want = { { { 1, 4 } } } },
        { args = { { { 3, 3 } } }, want = { {} } },
        { args = { { { 5, 7 }, { 1, 4 } } }, want = { { { 1, 4 }, { 5, 7 } } } },
        { args = { { { 1, 4 }, { 4, 6 } } }, want = { { { 1, 6 } } } },
        { args = { { { 1, 9 }, { 2, 3 }, { 5, 11 } } }, want = { { { 1, 11 } } } },
        { args = { { { 1, 5 }, { 1, 3 }, { 7, 8 } } }, want = { { { 1, 5 }, { 7, 8 } } } },
        { args = { { { 4, 2 } } }, want_error = "range 4%.%.2 runs backwards$" },
        { args = { { { 0, 2 }, { 3, 5 }, { 2, 3 } } }, want = { { { 0, 5 } } } },
      } },
    { name = "intersect", signature = "intersect(a, b) -> set of what is in both",
      pre = function() return true end,
      post = function(a, r) return agrees(r[1], function(x) return has(a[1], x) and has(a[2], x) end) end,
      hidden = function(rng) return { set(rng, 0, 4), set(rng, 0, 4) } end,
      examples = {
        { args = { {}, { { 1, 2 } } }, want = { {} } },
        { args = { { { 1, 5 } }, { { 3, 8 } } }, want = { { { 3, 5 } } } },
        { args = { { { 1, 3 } }, { { 3, 8 } } }, want = { {} } },
        { args = { { { 0, 10 } }, { { 1, 2 }, { 4, 6 } } }, want = { { { 1, 2 }, { 4, 6 } } } },
        { args = { { { 1, 2 }, { 4, 6 } }, { { 0, 10 } } }, want = { { { 1, 2 }, { 4, 6 } } } },
        { args = { { { 0, 3 }, { 5, 9 } }, { { 2, 6 }, { 8, 12 } } }, want = { { { 2, 3 }, { 5, 6 }, { 8, 9 } } } },
        { args = { { { 1, 4 } }, { { 1, 4 } } }, want = { { { 1, 4 } } } },
        { args = { { { 1, 2 } }, { { 5, 6 } } }, want = { {} } },
      } },
    { name = "subtract", signature = "subtract(a, b) -> set of what is in a and not in b",
      pre = function() return true end,
      post = function(a, r) return agrees(r[1], function(x) return has(a[1], x) and not has(a[2], x) end) end,
      hidden = function(rng) return { set(rng, 0, 4), set(rng, 0, 4) } end,
      examples = {
        { args = { {}, { { 1, 2 } } }, want = { {} } },
        { args = { { { 1, 5 } }, {} }, want = { { { 1, 5 } } } },
        { args = { { { 1, 5 } }, { { 2, 3 } } }, want = { { { 1, 2 }, { 3, 5 } } } },
        { args = { { { 1, 5 } }, { { 0, 3 } } }, want = { { { 3, 5 } } } },
        { args = { { { 1, 5 } }, { { 3, 9 } } }, want = { { { 1, 3 } } } },
        { args = { { { 1, 5 } }, { { 0, 9 } } }, want = { {} } },
        { args = { { { 0, 4 }, { 6, 10 } }, { { 3, 7 } } }, want = { { { 0, 3 }, { 7, 10 } } } },
        { args = { { { 0, 10 } }, { { 1, 2 }, { 4, 5 }, { 9, 12 } } }, want = { { { 0, 1 }, { 2, 4 }, { 5, 9 } } } },
      } },
    { name = "find", signature = "find(set, x) -> index of the range holding x, or nil",
      pre = function() return true end,
      post = function(a, r)
        local range = r[1] and a[1][r[1]]
        if range then return range[1] <= a[2] and a[2] < range[2] end
        return not has(a[1], a[2])
      end,
      hidden = function(rng) return { set(rng, 1, 5), rng.int(0, 24) } end,
      examples = {
        { args = { {}, 3 }, want = {} },
        { args = { { { 1, 4 } }, 1 }, want = { 1 } },
        { args = { { { 1, 4 } }, 4 }, want = {} },
        { args = { { { 1, 4 } }, 0 }, want = {} },
        { args = { { { 1, 4 }, { 6, 8 }, { 9, 12 } }, 7 }, want = { 2 } },
        { args = { { { 1, 4 }, { 6, 8 }, { 9, 12 } }, 11 }, want = { 3 } },
        { args = { { { 1, 4 }, { 6, 8 }, { 9, 12 } }, 5 }, want = {} },
        { args = { { { 1, 4 }, { 6, 8 } }, 3 }, want = { 1 } },
        { args = { { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 } }, 7 }, want = { 4 } },
      } },
    { name = "first_gap", signature = "first_gap(set, from, limit, size) -> start of the first gap that fits, or nil",
      pre = function(a) return a[4] > 0 end,
      post = function(a, r)
        if not r[1] then return true end
        for x = r[1], r[1] + a[4] - 1 do if has(a[1], x) then return false end end
        return r[1] >= a[2] and r[1] + a[4] <= a[3]
      end,
      hidden = function(rng, i) return { set(rng, 0, 5), rng.int(0, 8), rng.int(10, 30), i % 9 == 0 and 0
        or rng.int(1, 5) } end,
      examples = {
        { args = { {}, 2, 10, 3 }, want = { 2 } },
        { args = { { { 0, 4 } }, 0, 10, 3 }, want = { 4 } },
        { args = { { { 2, 4 } }, 0, 10, 2 }, want = { 0 } },
        { args = { { { 2, 4 } }, 0, 10, 3 }, want = { 4 } },
        { args = { { { 2, 4 }, { 6, 9 } }, 0, 10, 3 }, want = {} },
        { args = { { { 2, 4 }, { 7, 9 } }, 3, 20, 3 }, want = { 4 } },
        { args = { { { 0, 5 } }, 7, 10, 3 }, want = { 7 } },
        { args = { {}, 0, 5, 0 }, want_error = "gap of no size$" },
        { args = { {}, 0, 5, 6 }, want = {} },
      } },
    { name = "peak", signature = "peak(ranges) -> most ranges at one point, and the first such point (nil for none)",
      pre = function() return true end,
      post = function(a, r)
        local most = 0
        for x = 0, 45 do
          local n = 0
          for _, range in ipairs(a[1]) do if range[1] <= x and x < range[2] then n = n + 1 end end
          most = math.max(most, n)
        end
        return most == r[1]
      end,
      hidden = function(rng)
        local list = raw(rng, 0, 7)
        for _, range in ipairs(list) do if range[1] == range[2] then range[2] = range[2] + 1 end end
        return { list }
      end,
      examples = {
        { args = { {} }, want = { 0 } },
        { args = { { { 1, 3 } } }, want = { 1, 1 } },
        { args = { { { 1, 3 }, { 3, 5 } } }, want = { 1, 1 } },
        { args = { { { 1, 4 }, { 3, 5 } } }, want = { 2, 3 } },
        { args = { { { 0, 9 }, { 1, 2 }, { 4, 8 }, { 5, 6 } } }, want = { 3, 5 } },
        { args = { { { 2, 6 }, { 2, 6 } } }, want = { 2, 2 } },
        { args = { { { 7, 8 }, { 0, 1 } } }, want = { 1, 0 } },
        { args = { { { 0, 4 }, { 1, 4 }, { 4, 8 }, { 5, 8 } } }, want = { 2, 1 } },
      } },
  },
  integration = { name = "day",
    signature = "day(bookings, open, close, wanted lengths) -> { free, slots, busy, crowd }",
    pre = function(a)
      for _, length in ipairs(a[4]) do if length <= 0 then return false end end
      return a[2] < a[3] and forward(a[1])
    end,
    post = function(a, r) return #r[1].slots == #a[4] and tidy(r[1].busy) end,
    hidden = function(rng, i)
      local list = raw(rng, 0, 5)
      if i % 8 == 0 then list[#list + 1] = { 5, 3 } end
      local open = rng.int(0, 8)
      local wanted = rng.list(0, 3, function() return rng.int(1, 6) end)
      if i % 9 == 0 then wanted[#wanted + 1] = 0 end
      return { list, open, i % 11 == 0 and open or open + rng.int(5, 25), wanted }
    end,
    examples = {
      { args = { {}, 8, 12, {} }, want = { { busy = {}, crowd = 0, free = 4, slots = {} } } },
      { args = { {}, 8, 12, { 2, 2, 1 } },
        want = { { busy = { { 8, 12 } }, crowd = 0, free = 4, slots = { 8, 10, false } } } },
      { args = { { { 9, 10 } }, 8, 12, { 1, 2 } },
        want = { { busy = { { 8, 12 } }, crowd = 1, free = 3, slots = { 8, 10 } } } },
      { args = { { { 9, 10 }, { 9, 11 } }, 8, 12, { 1, 1, 1 } },
        want = { { busy = { { 8, 12 } }, crowd = 2, free = 2, slots = { 8, 11, false } } } },
      { args = { { { 0, 24 } }, 8, 12, { 1 } },
        want = { { busy = { { 8, 12 } }, crowd = 1, free = 0, slots = { false } } } },
      { args = { { { 6, 9 }, { 11, 14 } }, 8, 12, { 2 } },
        want = { { busy = { { 8, 12 } }, crowd = 1, free = 2, slots = { 9 } } } },
      { args = { {}, 5, 5, {} }, want_error = "the day is empty$" },
      { args = { { { 3, 1 } }, 0, 5, {} }, want_error = "range 3%.%.1 runs backwards$" },
      { args = { {}, 0, 5, { 0 } }, want_error = "gap of no size$" },
    } },
}
