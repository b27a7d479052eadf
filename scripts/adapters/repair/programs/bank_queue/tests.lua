local NAMES = { "Ann", "Bob", "Cy", "Di", "Ed", "Flo" }

local function customers(rng, lo, hi)
  return rng.list(lo, hi, function(i)
    return { name = NAMES[i], at = 540 + rng.int(0, 12), need = rng.int(1, 8), vip = rng.chance(0.25) }
  end)
end

local function rows(rng)
  local free, list, now = { 540, 540 }, {}, 540
  for i = 1, rng.int(0, 5) do
    local teller = rng(2)
    now = math.max(now, free[teller]) + rng.int(0, 3)
    free[teller] = now + rng.int(1, 7)
    list[i] = { name = NAMES[i], teller = teller, start = now, stop = free[teller], wait = rng.int(0, 6) }
  end
  return list
end

local function lines(rng, i)
  local list = rng.list(1, 6, function(k)
    return ("%s %d:%02d %d%s"):format(NAMES[k], 9, rng.int(0, 14), rng.int(1, 9), rng.pick { "", "", " vip" })
  end)
  if i % 6 == 0 then list[#list + 1] = rng.pick { "Zed 9 5", "Zed 24:00 1", "Zed 9:10 0", "Zed", "Zed 9:60 4" } end
  if rng.chance(0.3) then table.insert(list, 1, " ") end
  return list
end

local function good(list)
  for _, line in ipairs(list) do if line:find "Zed" then return false end end
  return true
end

local function K(name, at, need, vip) return { name = name, at = at, need = need, vip = vip or false } end
local function R(name, teller, start, stop, wait) return { name = name, teller = teller, start = start, stop = stop,
  wait = wait } end

return {
  job = "simulates customers queueing at a bank's tellers",
  brief = "Important customers go first, then who came first. Who waited longer than the patience is lost. "
    .. "Times are minutes since midnight.",
  blocks = {
    { name = "minutes", signature = "minutes('H:MM') -> minutes since midnight",
      pre = function(a)
        local h, m = a[1]:match "^(%d%d?):(%d%d)$"
        return h ~= nil and tonumber(h) < 24 and tonumber(m) < 60
      end,
      post = function(_, r) return r[1] >= 0 and r[1] < 1440 end,
      hidden = function(rng, i)
        local text = ("%d:%02d"):format(rng.int(0, 23), rng.int(0, 59))
        return { i % 4 == 0 and rng.pick { "24:00", "9:60", "9:5", ":30", "nine", "123:00", "9:000", "-1:00" } or text }
      end,
      examples = {
        { args = { "0:00" }, want = { 0 } },
        { args = { "9:05" }, want = { 545 } },
        { args = { "23:59" }, want = { 1439 } },
        { args = { "09:30" }, want = { 570 } },
        { args = { "24:00" }, want_error = "not a time: 24:00$" },
        { args = { "12:60" }, want_error = "not a time: 12:60$" },
        { args = { "7:5" }, want_error = "not a time: 7:5$" },
        { args = { "noon" }, want_error = "not a time: noon$" },
      } },
    { name = "read", signature = "read(lines 'Name H:MM minutes [vip]') -> customers",
      pre = function(a) return good(a[1]) end,
      post = function(a, r) return #r[1] <= #a[1] end,
      hidden = function(rng, i) return { lines(rng, i) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { "Ann 9:05 4" } }, want = { { { at = 545, name = "Ann", need = 4, vip = false } } } },
        { args = { { "Ann 9:05 4 vip" } }, want = { { { at = 545, name = "Ann", need = 4, vip = true } } } },
        { args = { { "", "Bob 10:00 12", "  " } },
          want = { { { at = 600, name = "Bob", need = 12, vip = false } } } },
        { args = { { "Ann 9:05 4", "Cy 8:00 1 vip" } },
          want = {
            { { at = 545, name = "Ann", need = 4, vip = false }, { at = 480, name = "Cy", need = 1, vip = true } },
          } },
        { args = { { "Zed 9:05" } }, want_error = "line 1 is malformed$" },
        { args = { { "Zed 9:05 0" } }, want_error = "Zed needs nothing$" },
        { args = { { "Ann 9:00 1", "Zed 9:99 5" } }, want_error = "not a time: 9:99$" },
      } },
    { name = "next_index", signature = "next_index(waiting, now) -> index of who is next, or nil",
      pre = function() return true end,
      post = function(a, r)
        local chosen = a[1][r[1]]
        for _, c in ipairs(a[1]) do
          if c.at <= a[2] and (not chosen or c.vip and not chosen.vip) then return false end
        end
        return not chosen or chosen.at <= a[2]
      end,
      hidden = function(rng) return { customers(rng, 0, 6), 540 + rng.int(0, 12) } end,
      examples = {
        { args = { {}, 540 }, want = {} },
        { args = { { K("A", 540, 1) }, 540 }, want = { 1 } },
        { args = { { K("A", 541, 1) }, 540 }, want = {} },
        { args = { { K("A", 540, 1), K("B", 535, 1) }, 540 }, want = { 2 } },
        { args = { { K("A", 535, 1), K("B", 540, 1, true) }, 540 }, want = { 2 } },
        { args = { { K("A", 535, 1), K("B", 541, 1, true) }, 540 }, want = { 1 } },
        { args = { { K("A", 535, 1, true), K("B", 530, 1) }, 540 }, want = { 1 } },
        { args = { { K("A", 535, 1), K("B", 535, 1) }, 540 }, want = { 1 } },
        { args = { { K("A", 536, 1, true), K("B", 535, 1, true), K("C", 500, 1) }, 540 }, want = { 2 } },
      } },
    { name = "serve", signature = "serve(customers, tellers, patience) -> rows, lost names",
      pre = function(a) return a[2] >= 1 end,
      post = function(a, r) return #r[1] + #r[2] == #a[1] end,
      hidden = function(rng, i) return { customers(rng, 1, 6), i % 9 == 0 and 0 or rng.int(1, 3), rng.int(0, 10) } end,
      examples = {
        { args = { {}, 1, 5 }, want = { {}, {} } },
        { args = { { K("A", 540, 4) }, 1, 5 },
          want = { { { name = "A", start = 540, stop = 544, teller = 1, wait = 0 } }, {} } },
        { args = { { K("A", 540, 4), K("B", 541, 2) }, 1, 5 },
          want = {
            {
              { name = "A", start = 540, stop = 544, teller = 1, wait = 0 },
              { name = "B", start = 544, stop = 546, teller = 1, wait = 3 },
            },
            {},
          } },
        { args = { { K("A", 540, 4), K("B", 541, 2) }, 2, 5 },
          want = {
            {
              { name = "A", start = 540, stop = 544, teller = 1, wait = 0 },
              { name = "B", start = 541, stop = 543, teller = 2, wait = 0 },
            },
            {},
          } },
        { args = { { K("A", 540, 4), K("B", 541, 2) }, 1, 2 },
          want = { { { name = "A", start = 540, stop = 544, teller = 1, wait = 0 } }, { "B" } } },
        { args = { { K("A", 540, 4), K("B", 541, 2), K("C", 542, 1, true) }, 1, 9 },
          want = {
            {
              { name = "A", start = 540, stop = 544, teller = 1, wait = 0 },
              { name = "C", start = 544, stop = 545, teller = 1, wait = 2 },
              { name = "B", start = 545, stop = 547, teller = 1, wait = 4 },
            },
            {},
          } },
        { args = { { K("A", 540, 4) }, 0, 5 }, want_error = "no teller$" },
        { args = { { K("A", 540, 9), K("B", 541, 3), K("C", 541, 3), K("D", 550, 1) }, 2, 4 },
          want = {
            {
              { name = "A", start = 540, stop = 549, teller = 1, wait = 0 },
              { name = "B", start = 541, stop = 544, teller = 2, wait = 0 },
              { name = "C", start = 544, stop = 547, teller = 2, wait = 3 },
              { name = "D", start = 550, stop = 551, teller = 2, wait = 0 },
            },
            {},
          } },
      } },
    { name = "longest_queue", signature = "longest_queue(rows) -> most customers waiting at once",
      pre = function() return true end,
      post = function(a, r) return r[1] >= 0 and r[1] <= #a[1] end,
      hidden = function(rng) return { rows(rng) } end,
      examples = {
        { args = { {} }, want = { 0 } },
        { args = { { R("A", 1, 540, 545, 0) } }, want = { 0 } },
        { args = { { R("A", 1, 540, 545, 3) } }, want = { 1 } },
        { args = { { R("A", 1, 540, 545, 3), R("B", 1, 545, 546, 5) } }, want = { 1 } },
        { args = { { R("A", 1, 540, 545, 0), R("B", 1, 545, 546, 4), R("C", 1, 546, 549, 4) } }, want = { 2 } },
        { args = { { R("A", 1, 540, 545, 0), R("B", 1, 545, 546, 2), R("C", 1, 560, 561, 0) } }, want = { 1 } },
        { args = { { R("A", 1, 540, 541, 5), R("B", 2, 540, 541, 5), R("C", 1, 541, 543, 6) } }, want = { 3 } },
        { args = { { R("A", 1, 550, 552, 10), R("B", 1, 552, 553, 2) } }, want = { 1 } },
      } },
    { name = "load", signature = "load(rows, tellers) -> percent of time at work by teller",
      pre = function() return true end,
      post = function(a, r) return #r[1] == a[2] end,
      hidden = function(rng) return { rows(rng), rng.int(2, 3) } end,
      examples = {
        { args = { {}, 2 }, want = { { 0, 0 } } },
        { args = { { R("A", 1, 540, 545, 0) }, 1 }, want = { { 100 } } },
        { args = { { R("A", 1, 540, 545, 0) }, 2 }, want = { { 100, 0 } } },
        { args = { { R("A", 1, 540, 545, 0), R("B", 2, 540, 550, 0) }, 2 }, want = { { 50, 100 } } },
        { args = { { R("A", 1, 540, 545, 0), R("B", 1, 550, 555, 0) }, 1 }, want = { { 66 } } },
        { args = { { R("A", 2, 500, 501, 0), R("B", 1, 501, 503, 0) }, 2 }, want = { { 66, 33 } } },
        { args = { { R("A", 1, 540, 545, 0), R("B", 2, 543, 549, 0), R("C", 3, 544, 546, 0) }, 3 },
          want = { { 55, 66, 22 } } },
        { args = { { R("A", 1, 600, 610, 9), R("B", 1, 610, 620, 9) }, 1 }, want = { { 100 } } },
      } },
  },
  integration = { name = "morning", signature = "morning(lines, tellers, patience) -> figures of the day",
    pre = function(a) return good(a[1]) and a[2] >= 1 end,
    post = function(_, r) return r[1].longest_wait * 10 >= r[1].mean_wait_tenths end,
    hidden = function(rng, i) return { lines(rng, i), i % 11 == 0 and 0 or rng.int(1, 3), rng.int(2, 12) } end,
    examples = {
      { args = { {}, 1, 5 },
        want = { { load = { 0 }, longest_wait = 0, lost = "", mean_wait_tenths = 0, queue = 0, served = 0 } } },
      { args = { { "Ann 9:00 5" }, 1, 5 },
        want = { { load = { 100 }, longest_wait = 0, lost = "", mean_wait_tenths = 0, queue = 0, served = 1 } } },
      { args = { { "Ann 9:00 5", "Bob 9:01 5", "Cy 9:02 5" }, 1, 10 },
        want = { { load = { 100 }, longest_wait = 8, lost = "", mean_wait_tenths = 40, queue = 2, served = 3 } } },
      { args = { { "Ann 9:00 5", "Bob 9:01 5", "Cy 9:02 5" }, 1, 5 },
        want = { { load = { 100 }, longest_wait = 4, lost = "Cy", mean_wait_tenths = 20, queue = 1, served = 2 } } },
      { args = { { "Ann 9:00 5", "Bob 9:01 5", "Cy 9:02 5 vip" }, 1, 10 },
        want = { { load = { 100 }, longest_wait = 9, lost = "", mean_wait_tenths = 40, queue = 2, served = 3 } } },
      { args = { { "Ann 9:00 5", "Bob 9:01 5", "Cy 9:02 5", "Di 9:02 2" }, 2, 10 },
        want = { { load = { 100, 70 }, longest_wait = 4, lost = "", mean_wait_tenths = 18, queue = 2, served = 4 } } },
      { args = { { "Ann 9:00 5" }, 0, 5 }, want_error = "no teller$" },
      { args = { { "Zed 9:00" }, 1, 5 }, want_error = "line 1 is malformed$" },
    } },
}
