local function layers(rng) return rng.list(0, 4, function(i) return { rng.int(1, 9), 10 * rng.int(1, 5) + i } end) end
local function pieces(list)
  local n = 0
  for _, l in ipairs(list) do n = n + l[1] end
  return n
end
local function worth(list)
  local n = 0
  for _, l in ipairs(list) do n = n + l[1] * l[2] end
  return n
end
local TWO = { { 5, 100 }, { 3, 120 } }
local function runs(moves)
  local have = {}
  for _, m in ipairs(moves) do
    local n = have[m[2]] or 0
    if m[1] == "in" then
      if m[3] <= 0 or m[4] < 0 then return false end
      have[m[2]] = n + m[3]
    elseif m[1] == "out" then
      if m[3] > n then return false end
      have[m[2]] = n - m[3]
    elseif m[1] == "count" then
      if n == 0 and m[3] > 0 then return false end
      have[m[2]] = m[3]
    else return false end
  end
  return true
end

return {
  job = "keeps stock in layers of cost, first in first out, with counts, reorders and profit",
  brief = "A layer is { count, cost of one in cents }, oldest first. Functions give new layers and leave the old "
    .. "ones alone.",
  blocks = {
    { name = "receive", signature = "receive(layers, count, cost) -> layers",
      pre = function(a) return a[2] > 0 and a[3] >= 0 end,
      post = function(a, r) return pieces(r[1]) == pieces(a[1]) + a[2] end,
      hidden = function(rng, i)
        local list = layers(rng)
        local cost = rng.chance(0.4) and list[1] and list[#list][2] or rng.int(0, 60)
        return { list, i % 7 == 0 and rng.int(-1, 0) or rng.int(1, 9), i % 9 == 0 and -1 or cost }
      end,
      examples = {
        { args = { {}, 5, 100 }, want = { { { 5, 100 } } } },
        { args = { { { 5, 100 } }, 3, 120 }, want = { TWO } },
        { args = { { { 5, 100 } }, 3, 100 }, want = { { { 8, 100 } } } },
        { args = { TWO, 1, 100 }, want = { { { 5, 100 }, { 3, 120 }, { 1, 100 } } } },
        { args = { TWO, 2, 120 }, want = { { { 5, 100 }, { 5, 120 } } } },
        { args = { {}, 1, 0 }, want = { { { 1, 0 } } } },
        { args = { {}, 0, 10 }, want_error = "bad delivery of 0 at 10$" },
        { args = { TWO, 4, -1 }, want_error = "bad delivery of 4 at %-1$" },
      } },
    { name = "issue", signature = "issue(layers, count) -> layers left, cost",
      pre = function(a) return a[2] <= pieces(a[1]) end,
      post = function(a, r) return worth(r[1]) + r[2] == worth(a[1]) end,
      hidden = function(rng, i)
        local list = layers(rng)
        local n = pieces(list)
        return { list, i % 6 == 0 and n + rng(3) or rng.int(0, n) }
      end,
      examples = {
        { args = { TWO, 0 }, want = { TWO, 0 } },
        { args = { TWO, 2 }, want = { { { 3, 100 }, { 3, 120 } }, 200 } },
        { args = { TWO, 5 }, want = { { { 3, 120 } }, 500 } },
        { args = { TWO, 6 }, want = { { { 2, 120 } }, 620 } },
        { args = { TWO, 8 }, want = { {}, 860 } },
        { args = { {}, 0 }, want = { {}, 0 } },
        { args = { TWO, 9 }, want_error = "short of 1$" },
        { args = { {}, 4 }, want_error = "short of 4$" },
      } },
    { name = "value", signature = "value(layers) -> pieces, worth, mean cost",
      pre = function() return true end,
      post = function(a, r) return r[1] == pieces(a[1]) and r[2] == worth(a[1]) end,
      hidden = function(rng) return { layers(rng) } end,
      examples = {
        { args = { {} }, want = { 0, 0, 0 } },
        { args = { TWO }, want = { 8, 860, 108 } },
        { args = { { { 1, 7 } } }, want = { 1, 7, 7 } },
        { args = { { { 1, 1 }, { 1, 2 } } }, want = { 2, 3, 2 } },
        { args = { { { 2, 1 }, { 1, 2 } } }, want = { 3, 4, 1 } },
        { args = { { { 3, 0 } } }, want = { 3, 0, 0 } },
        { args = { { { 1, 10 }, { 3, 11 } } }, want = { 4, 43, 11 } },
        { args = { { { 10, 5 } } }, want = { 10, 50, 5 } },
      } },
    { name = "reorder", signature = "reorder(stock, coming, point, target, pack) -> pieces to order",
      pre = function(a) return a[5] >= 1 and a[4] >= a[3] end,
      post = function(a, r) return r[1] % a[5] == 0 and (r[1] == 0 or a[1] + a[2] + r[1] >= a[4]) end,
      hidden = function(rng, i)
        local point = rng.int(3, 12)
        return { rng.int(0, 12), rng.pick { 0, rng.int(1, 6) }, point, point + (i % 8 == 0 and -1 or rng.int(0, 20)),
          i % 9 == 0 and 0 or rng.int(1, 6) }
      end,
      examples = {
        { args = { 3, 0, 5, 20, 1 }, want = { 17 } },
        { args = { 6, 0, 5, 20, 1 }, want = { 0 } },
        { args = { 5, 0, 5, 20, 1 }, want = { 15 } },
        { args = { 3, 4, 5, 20, 1 }, want = { 0 } },
        { args = { 3, 1, 5, 20, 6 }, want = { 18 } },
        { args = { 2, 0, 5, 20, 6 }, want = { 18 } },
        { args = { 5, 0, 5, 5, 3 }, want = { 0 } },
        { args = { 1, 0, 5, 4, 1 }, want_error = "bad rule$" },
        { args = { 1, 0, 5, 9, 0 }, want_error = "bad rule$" },
      } },
    { name = "count", signature = "count(layers, found) -> layers, difference in worth",
      pre = function(a) return #a[1] > 0 or a[2] == 0 end,
      post = function(a, r) return pieces(r[1]) == a[2] and worth(r[1]) - worth(a[1]) == r[2] end,
      hidden = function(rng)
        local list = layers(rng)
        return { list, math.max(0, pieces(list) + rng.int(-6, 6)) }
      end,
      examples = {
        { args = { TWO, 8 }, want = { TWO, 0 } },
        { args = { TWO, 7 }, want = { { { 4, 100 }, { 3, 120 } }, -100 } },
        { args = { TWO, 2 }, want = { { { 2, 120 } }, -620 } },
        { args = { TWO, 10 }, want = { { { 5, 100 }, { 5, 120 } }, 240 } },
        { args = { TWO, 0 }, want = { {}, -860 } },
        { args = { {}, 0 }, want = { {}, 0 } },
        { args = { {}, 3 }, want_error = "found 3 of nothing known$" },
        { args = { { { 1, 5 } }, 3 }, want = { { { 3, 5 } }, 10 } },
      } },
  },
  integration = { name = "run", signature = "run(movements) -> { pieces, worth } by item, profit, drift",
    pre = function(a) return runs(a[1]) end,
    post = function(_, r) return type(r[1]) == "table" end,
    hidden = function(rng, i)
      local moves = { { "in", "nut", rng.int(4, 9), rng.int(1, 20) }, { "in", "nut", rng.int(4, 9), rng.int(1, 20) },
        { "in", "bolt", 6, 9 } }
      for _ = 1, rng.int(0, 4) do
        moves[#moves + 1] = rng.pick { { "out", "nut", rng.int(1, 4), rng.int(5, 40) }, { "count", "nut", rng.int(4,
          12) }, { "out", "bolt", 2, 12 },
          { "in", "bolt", rng.int(1, 3), 10 } }
      end
      if i % 5 == 0 then
        table.insert(moves, rng.int(1, #moves + 1), rng.pick { { "lose", "nut", 1 }, { "out", "cog", 1, 5 }, { "in",
          "nut", 0, 5 }, { "count", "cog", 2 } })
      end
      return { moves }
    end,
    examples = {
      { args = { {} }, want = { {}, 0, 0 } },
      { args = { { { "in", "nut", 5, 10 } } }, want = { { nut = { pieces = 5, worth = 50 } }, 0, 0 } },
      { args = { { { "in", "nut", 5, 10 }, { "out", "nut", 2, 15 } } }, want = { { nut = { pieces = 3, worth = 30 } },
        10, 0 } },
      { args = { { { "in", "a", 2, 10 }, { "in", "a", 2, 20 }, { "out", "a", 3, 20 } } },
        want = { { a = { pieces = 1, worth = 20 } }, 20, 0 } },
      { args = { { { "in", "a", 2, 10 }, { "count", "a", 1 } } }, want = { { a = { pieces = 1, worth = 10 } }, 0,
        -10 } },
      { args = { { { "in", "a", 2, 10 }, { "count", "a", 5 }, { "out", "a", 5, 1 } } },
        want = { { a = { pieces = 0, worth = 0 } }, -45, 30 } },
      { args = { { { "out", "a", 1, 1 } } }, want_error = "short of 1$" },
      { args = { { { "burn", "a", 1 } } }, want_error = "movement 1 is unknown: burn$" },
    } },
}
