local function tracks(rng, lo, hi, top) return rng.list(lo, hi, function() return rng.int(0, top or 99) end) end
local function same(a, b)
  if #a ~= #b then return false end
  local x, y = { table.unpack(a) }, { table.unpack(b) }
  table.sort(x)
  table.sort(y)
  for i = 1, #x do if x[i] ~= y[i] then return false end end
  return true
end
local function on(list, n)
  for _, t in ipairs(list) do if t < 0 or t >= n then return false end end
  return true
end
local OLD = { 98, 183, 37, 122, 14, 124, 65, 67 }

return {
  job = "orders the requests of a disk arm by several policies and compares what they cost",
  brief = "Tracks are numbered from 0. A sweep serves what is at the start first; with an edge it goes on to it "
    .. "before it "
    .. "turns. In live, the arm moves one track a tick and earlier requests win a tie.",
  blocks = {
    { name = "check", signature = "check(requests, tracks) -> how many",
      pre = function(a) return on(a[1], a[2]) end,
      post = function(a, r) return r[1] == #a[1] end,
      hidden = function(rng) return { tracks(rng, 0, 5, 22), 20 } end,
      examples = {
        { args = { {}, 10 }, want = { 0 } },
        { args = { { 0 }, 1 }, want = { 1 } },
        { args = { { 5, 9 }, 10 }, want = { 2 } },
        { args = { { 10 }, 10 }, want_error = "request 1 is off the disk: 10$" },
        { args = { { 3, -1 }, 10 }, want_error = "request 2 is off the disk: %-1$" },
        { args = { OLD, 200 }, want = { 8 } },
        { args = { OLD, 183 }, want_error = "request 2 is off the disk: 183$" },
        { args = { { 1, 1, 1 }, 2 }, want = { 3 } },
      } },
    { name = "nearest", signature = "nearest(start, requests) -> order",
      pre = function() return true end,
      post = function(a, r) return same(a[2], r[1]) end,
      hidden = function(rng) return { rng.int(0, 30), tracks(rng, 0, 7, 30) } end,
      examples = {
        { args = { 53, OLD }, want = { { 65, 67, 37, 14, 98, 122, 124, 183 } } },
        { args = { 5, {} }, want = { {} } },
        { args = { 5, { 9 } }, want = { { 9 } } },
        { args = { 5, { 7, 3 } }, want = { { 3, 7 } } },
        { args = { 5, { 5, 5 } }, want = { { 5, 5 } } },
        { args = { 0, { 9, 1, 4 } }, want = { { 1, 4, 9 } } },
        { args = { 10, { 0, 8, 13 } }, want = { { 8, 13, 0 } } },
        { args = { 6, { 2, 8, 4 } }, want = { { 4, 2, 8 } } },
      } },
    { name = "sweep", signature = "sweep(start, requests, upward, edge or nil) -> stops",
      pre = function() return true end,
      post = function(a, r) return #r[1] == #a[2] or #r[1] == #a[2] + 1 end,
      hidden = function(rng)
        local up = rng.chance(0.5)
        return { rng.int(5, 25), tracks(rng, 0, 7, 30), up, rng.chance(0.4) and (up and 30 or 0) or nil }
      end,
      examples = {
        { args = { 53, OLD, true }, want = { { 65, 67, 98, 122, 124, 183, 37, 14 } } },
        { args = { 53, OLD, true, 199 }, want = { { 65, 67, 98, 122, 124, 183, 199, 37, 14 } } },
        { args = { 53, OLD, false, 0 }, want = { { 37, 14, 0, 65, 67, 98, 122, 124, 183 } } },
        { args = { 5, {}, true, 9 }, want = { {} } },
        { args = { 5, { 7, 6 }, true, 9 }, want = { { 6, 7 } } },
        { args = { 5, { 5, 4 }, true }, want = { { 5, 4 } } },
        { args = { 5, { 5, 6 }, false }, want = { { 5, 6 } } },
        { args = { 9, { 1, 3 }, true, 10 }, want = { { 10, 3, 1 } } },
      } },
    { name = "circle", signature = "circle(start, requests) -> order",
      pre = function() return true end,
      post = function(a, r) return same(a[2], r[1]) end,
      hidden = function(rng) return { rng.int(0, 30), tracks(rng, 0, 7, 30) } end,
      examples = {
        { args = { 53, OLD }, want = { { 65, 67, 98, 122, 124, 183, 14, 37 } } },
        { args = { 5, {} }, want = { {} } },
        { args = { 5, { 5, 4 } }, want = { { 5, 4 } } },
        { args = { 5, { 1, 3, 2 } }, want = { { 1, 2, 3 } } },
        { args = { 0, { 3, 1 } }, want = { { 1, 3 } } },
        { args = { 9, { 9, 9, 0 } }, want = { { 9, 9, 0 } } },
        { args = { 4, { 3, 5, 3, 5 } }, want = { { 5, 5, 3, 3 } } },
        { args = { 20, { 10, 30 } }, want = { { 30, 10 } } },
      } },
    { name = "cost", signature = "cost(start, stops) -> tracks passed, longest move",
      pre = function() return true end,
      post = function(_, r) return r[1] >= r[2] end,
      hidden = function(rng) return { rng.int(0, 99), tracks(rng, 0, 6) } end,
      examples = {
        { args = { 53, OLD }, want = { 640, 146 } },
        { args = { 5, {} }, want = { 0, 0 } },
        { args = { 5, { 5 } }, want = { 0, 0 } },
        { args = { 5, { 9 } }, want = { 4, 4 } },
        { args = { 5, { 9, 1 } }, want = { 12, 8 } },
        { args = { 0, { 1, 2, 3 } }, want = { 3, 1 } },
        { args = { 10, { 0, 10, 0 } }, want = { 30, 10 } },
        { args = { 3, { 2, 8 } }, want = { 7, 6 } },
      } },
    { name = "live", signature = "live(start, arrivals { time, track }) -> waiting times, ticks",
      pre = function() return true end,
      post = function(a, r)
        for i in ipairs(a[2]) do if r[1][i] < 0 then return false end end
        return #r[1] == #a[2]
      end,
      hidden = function(rng)
        return { rng.int(0, 12), rng.list(0, 5, function() return { rng.int(0, 12), rng.int(0, 12) } end) }
      end,
      examples = {
        { args = { 5, {} }, want = { {}, 0 } },
        { args = { 5, { { 0, 5 } } }, want = { { 0 }, 0 } },
        { args = { 5, { { 0, 8 } } }, want = { { 3 }, 3 } },
        { args = { 5, { { 4, 5 } } }, want = { { 0 }, 4 } },
        { args = { 5, { { 0, 9 }, { 0, 3 } } }, want = { { 8, 2 }, 8 } },
        { args = { 5, { { 0, 7 }, { 0, 3 } } }, want = { { 2, 6 }, 6 } },
        { args = { 5, { { 0, 9 }, { 2, 6 } } }, want = { { 6, 1 }, 6 } },
        { args = { 0, { { 0, 2 }, { 0, 2 }, { 1, 0 } } }, want = { { 2, 2, 3 }, 4 } },
      } },
  },
  integration = { name = "compare", signature = "compare(start, requests, tracks) -> cheapest policy, cost by policy",
    pre = function(a) return on({ a[1] }, a[3]) and on(a[2], a[3]) end,
    post = function(_, r)
      for _, c in pairs(r[2]) do if c < r[2][r[1]] then return false end end
      return true
    end,
    hidden = function(rng, i) return { i % 8 == 0 and 40 or rng.int(0, 39), tracks(rng, 1, 7, i % 6 == 0 and 44 or 39),
      40 } end,
    examples = {
      { args = { 53, OLD, 200 },
        want = { "sstf", { circle = 322, fcfs = 640, look = 299, scan = 331, sstf = 236 } } },
      { args = { 0, { 1, 2, 3 }, 10 }, want = { "circle", { circle = 3, fcfs = 3, look = 3, scan = 3, sstf = 3 } } },
      { args = { 5, {}, 10 }, want = { "circle", { circle = 0, fcfs = 0, look = 0, scan = 0, sstf = 0 } } },
      { args = { 9, { 1, 8 }, 10 }, want = { "look", { circle = 15, fcfs = 15, look = 8, scan = 8, sstf = 8 } } },
      { args = { 50, { 10, 90, 40, 60 }, 100 },
        want = { "look", { circle = 150, fcfs = 190, look = 120, scan = 138, sstf = 140 } } },
      { args = { 4, { 6, 3 }, 8 }, want = { "sstf", { circle = 5, fcfs = 5, look = 5, scan = 7, sstf = 4 } } },
      { args = { 200, OLD, 200 }, want_error = "request 1 is off the disk: 200$" },
      { args = { 5, { 1, 300 }, 200 }, want_error = "request 2 is off the disk: 300$" },
    } },
}
