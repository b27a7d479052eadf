local NODES = { "a", "b", "c", "d", "e", "f" }

local function edges(rng, lo, hi)
  return rng.list(lo, hi, function()
    local from, to = rng.pick(NODES), rng.pick(NODES)
    while to == from do to = rng.pick(NODES) end
    return { from, to, rng.chance(0.8) and rng.int(0, 9) or nil }
  end)
end

local function near(list, one_way)
  local map = {}
  for _, e in ipairs(list) do
    local w = e[3] or 1
    map[e[1]], map[e[2]] = map[e[1]] or {}, map[e[2]] or {}
    map[e[1]][e[2]] = math.min(w, map[e[1]][e[2]] or w)
    if not one_way then map[e[2]][e[1]] = math.min(w, map[e[2]][e[1]] or w) end
  end
  return map
end

local function reachable(map, start)
  local seen, queue = { [start] = true }, { start }
  while #queue > 0 do
    for node in pairs(map[table.remove(queue)]) do
      if not seen[node] then seen[node] = true queue[#queue + 1] = node end
    end
  end
  return seen
end

local function positive(list)
  for _, e in ipairs(list) do if (e[3] or 1) < 0 then return false end end
  return true
end

local TRI = { { "a", "b", 1 }, { "b", "c", 2 }, { "a", "c", 5 } }
local TWO = { { "a", "b", 4 }, { "x", "y", 1 } }
local SQUARE = { { "a", "b", 1 }, { "b", "d", 1 }, { "a", "c", 1 }, { "c", "d", 1 } }
local LINE = { { "p", "q", 2 }, { "q", "r", 2 }, { "r", "s", 7 } }

return {
  job = "shortest routes, components, spanning trees and two-colouring of small weighted graphs",
  brief = "Graphs come as edge lists { from, to, weight }, weight 1 when absent. An adjacency maps a node to its "
    .. "neighbours and their weights. Ties go to the smaller name or the earlier edge.",
  blocks = {
    { name = "adjacency", signature = "adjacency(edges, one_way) -> map node -> { neighbour = least weight }",
      pre = function(a) return positive(a[1]) end,
      post = function(a, r)
        for _, e in ipairs(a[1]) do if r[1][e[1]][e[2]] > (e[3] or 1) then return false end end
        return true
      end,
      hidden = function(rng, i)
        local list = edges(rng, 0, 7)
        if i % 7 == 0 then list[#list + 1] = { "a", "b", -rng.int(1, 4) } end
        return { list, rng.chance(0.5) }
      end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { { "a", "b", 3 } } }, want = { { a = { b = 3 }, b = { a = 3 } } } },
        { args = { { { "a", "b", 3 } }, true }, want = { { a = { b = 3 }, b = {} } } },
        { args = { { { "a", "b" } } }, want = { { a = { b = 1 }, b = { a = 1 } } } },
        { args = { { { "a", "b", 3 }, { "a", "b", 2 } } }, want = { { a = { b = 2 }, b = { a = 2 } } } },
        { args = { { { "a", "b", 2 }, { "b", "a", 3 } } }, want = { { a = { b = 2 }, b = { a = 2 } } } },
        { args = { { { "a", "b", -1 } } }, want_error = "negative weight on a%-b$" },
        { args = { { { "a", "b", 0 }, { "b", "c", 4 } }, true },
          want = { { a = { b = 0 }, b = { c = 4 }, c = {} } } },
      } },
    { name = "distances", signature = "distances(near, start) -> distance by node, previous node by node",
      pre = function(a) return a[1][a[2]] ~= nil end,
      post = function(a, r)
        for node in pairs(reachable(a[1], a[2])) do if not r[1][node] then return false end end
        for from, row in pairs(a[1]) do
          for to, w in pairs(row) do
            if r[1][from] and r[1][to] > r[1][from] + w then return false end
          end
        end
        return r[1][a[2]] == 0
      end,
      hidden = function(rng, i)
        local list = edges(rng, 3, 9)
        for _, e in ipairs(list) do e[3] = math.max(1, e[3] or 1) end
        return { near(list, rng.chance(0.3)), i % 9 == 0 and "zz" or list[1][1] }
      end,
      examples = {
        { args = { near(TRI), "a" }, want = { { a = 0, b = 1, c = 3 }, { b = "a", c = "b" } } },
        { args = { near(TRI), "c" }, want = { { a = 3, b = 2, c = 0 }, { a = "b", b = "c" } } },
        { args = { near(TRI, true), "b" }, want = { { b = 0, c = 2 }, { c = "b" } } },
        { args = { near(TWO), "x" }, want = { { x = 0, y = 1 }, { y = "x" } } },
        { args = { near(SQUARE), "a" }, want = { { a = 0, b = 1, c = 1, d = 2 }, { b = "a", c = "a", d = "b" } } },
        { args = { near(SQUARE), "d" }, want = { { a = 2, b = 1, c = 1, d = 0 }, { a = "b", b = "d", c = "d" } } },
        { args = { near(LINE), "r" }, want = { { p = 4, q = 2, r = 0, s = 7 }, { p = "q", q = "r", s = "r" } } },
        { args = { near(LINE), "none" }, want_error = "no node none$" },
      } },
    { name = "route", signature = "route(near, start, goal) -> path and its length, or nil",
      pre = function(a) return a[1][a[2]] ~= nil end,
      post = function(a, r)
        if not r[1] then return not reachable(a[1], a[2])[a[3]] end
        local length = 0
        for i = 2, #r[1] do length = length + a[1][r[1][i - 1]][r[1][i]] end
        return length == r[2] and r[1][1] == a[2] and r[1][#r[1]] == a[3]
      end,
      hidden = function(rng, i)
        local list = edges(rng, 3, 9)
        for _, e in ipairs(list) do e[3] = math.max(1, e[3] or 1) end
        return { near(list, rng.chance(0.3)), i % 9 == 0 and "zz" or list[1][1], rng.pick(NODES) }
      end,
      examples = {
        { args = { near(TRI), "a", "c" }, want = { { "a", "b", "c" }, 3 } },
        { args = { near(TRI), "a", "a" }, want = { { "a" }, 0 } },
        { args = { near(TWO), "a", "y" }, want = {} },
        { args = { near(SQUARE), "a", "d" }, want = { { "a", "b", "d" }, 2 } },
        { args = { near(LINE), "s", "p" }, want = { { "s", "r", "q", "p" }, 11 } },
        { args = { near(LINE, true), "s", "p" }, want = {} },
        { args = { near(LINE), "?", "p" }, want_error = "no node %?$" },
        { args = { near(TRI, true), "a", "c" }, want = { { "a", "b", "c" }, 3 } },
      } },
    { name = "components", signature = "components(near) -> sorted groups of connected nodes",
      pre = function() return true end,
      post = function(a, r)
        local n = 0
        for _, group in ipairs(r[1]) do
          local seen = reachable(a[1], group[1])
          for _, node in ipairs(group) do n = n + 1 if not seen[node] then return false end end
        end
        for _ in pairs(a[1]) do n = n - 1 end
        return n == 0
      end,
      hidden = function(rng) return { near(edges(rng, 0, 5)) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { near(TRI) }, want = { { { "a", "b", "c" } } } },
        { args = { near(TWO) }, want = { { { "a", "b" }, { "x", "y" } } } },
        { args = { { solo = {} } }, want = { { { "solo" } } } },
        { args = { { b = {}, a = {} } }, want = { { { "a" }, { "b" } } } },
        { args = { near(LINE) }, want = { { { "p", "q", "r", "s" } } } },
        { args = { near { { "z", "a" }, { "m", "k" }, { "a", "m" } } }, want = { { { "a", "k", "m", "z" } } } },
        { args = { near { { "d", "c" }, { "b", "a" }, { "f", "e" } } },
          want = { { { "a", "b" }, { "c", "d" }, { "e", "f" } } } },
      } },
    { name = "spanning", signature = "spanning(edges) -> indices of the chosen edges, total weight",
      pre = function() return true end,
      post = function(a, r)
        local sum = 0
        for _, i in ipairs(r[1]) do sum = sum + (a[1][i][3] or 1) end
        return sum == r[2]
      end,
      hidden = function(rng) return { edges(rng, 1, 9) } end,
      examples = {
        { args = { {} }, want = { {}, 0 } },
        { args = { TRI }, want = { { 1, 2 }, 3 } },
        { args = { TWO }, want = { { 1, 2 }, 5 } },
        { args = { SQUARE }, want = { { 1, 2, 3 }, 3 } },
        { args = { LINE }, want = { { 1, 2, 3 }, 11 } },
        { args = { { { "a", "b", 5 }, { "a", "b", 2 } } }, want = { { 2 }, 2 } },
        { args = { { { "a", "b" }, { "b", "c" }, { "c", "a" } } }, want = { { 1, 2 }, 2 } },
        { args = { { { "a", "b", 9 }, { "c", "d", 1 }, { "b", "c", 3 }, { "a", "d", 2 } } },
          want = { { 2, 3, 4 }, 6 } },
      } },
    { name = "two_colours", signature = "two_colours(near) -> false, or true and colour (1 or 2) by node",
      pre = function() return true end,
      post = function(a, r)
        if not r[1] then return true end
        for from, row in pairs(a[1]) do
          for to in pairs(row) do if r[2][from] == r[2][to] then return false end end
        end
        return true
      end,
      hidden = function(rng) return { near(edges(rng, 1, 6)) } end,
      examples = {
        { args = { {} }, want = { true, {} } },
        { args = { near(TRI) }, want = { false } },
        { args = { near(SQUARE) }, want = { true, { a = 1, b = 2, c = 2, d = 1 } } },
        { args = { near(TWO) }, want = { true, { a = 1, b = 2, x = 1, y = 2 } } },
        { args = { near(LINE) }, want = { true, { p = 1, q = 2, r = 1, s = 2 } } },
        { args = { { solo = {} } }, want = { true, { solo = 1 } } },
        { args = { near { { "a", "b" }, { "c", "d" }, { "d", "e" }, { "e", "c" } } }, want = { false } },
        { args = { near { { "b", "a" }, { "b", "c" }, { "b", "d" } } },
          want = { true, { a = 1, b = 2, c = 1, d = 1 } } },
      } },
  },
  integration = { name = "survey", signature = "survey(edges) -> { centres = { node, reach, size }, bipartite, wire }",
    pre = function(a) return positive(a[1]) end,
    post = function(a, r)
      local size = 0
      for _, centre in ipairs(r[1].centres) do size = size + centre.size end
      for _ in pairs(near(a[1])) do size = size - 1 end
      return size == 0
    end,
    hidden = function(rng, i)
      local list = edges(rng, 1, 7)
      if i % 9 == 0 then list[#list][3] = -1 end
      return { list }
    end,
    examples = {
      { args = { {} }, want = { { bipartite = true, centres = {}, wire = 0 } } },
      { args = { TRI },
        want = { { bipartite = false, centres = { { node = "b", reach = 2, size = 3 } }, wire = 3 } } },
      { args = { TWO },
        want = {
          {
            bipartite = true,
            centres = { { node = "a", reach = 4, size = 2 }, { node = "x", reach = 1, size = 2 } }, wire = 5,
          },
        } },
      { args = { SQUARE },
        want = { { bipartite = true, centres = { { node = "a", reach = 2, size = 4 } }, wire = 3 } } },
      { args = { LINE },
        want = { { bipartite = true, centres = { { node = "r", reach = 7, size = 4 } }, wire = 11 } } },
      { args = { { { "a", "b", -2 } } }, want_error = "negative weight on a%-b$" },
      { args = { { { "a", "b" }, { "b", "c" }, { "c", "d" }, { "d", "e" } } },
        want = { { bipartite = true, centres = { { node = "c", reach = 2, size = 5 } }, wire = 4 } } },
      { args = { { { "a", "b", 3 }, { "b", "c", 3 }, { "c", "a", 3 }, { "u", "v", 8 } } },
        want = {
          {
            bipartite = false,
            centres = { { node = "a", reach = 3, size = 3 }, { node = "u", reach = 8, size = 2 } }, wire = 14,
          },
        } },
    } },
}
