local ALL = { "ann", "bob", "cy", "dee" }
local THREE = { "ann", "bob", "cy" }

local function ballot(rng, names)
  local order = rng.shuffle(names)
  local list = {}
  for i = 1, rng.int(1, #order) do list[i] = order[i] end
  return list
end

local function ballots(rng, names, lo, hi) return rng.list(lo, hi, function() return ballot(rng, names) end) end

local function set(...)
  local s = {}
  for _, name in ipairs { ... } do s[name] = true end
  return s
end

local FIVE = { { "ann", "bob" }, { "ann" }, { "bob", "cy" }, { "cy", "bob" }, { "cy", "bob", "ann" } }
local CYCLE = { { "ann", "bob", "cy" }, { "bob", "cy", "ann" }, { "cy", "ann", "bob" } }

return {
  job = "counts elections: instant runoff, points by rank, duels and seats by largest remainder",
  brief = "A ballot is a list of names, best first, and may leave names out. Ties in a count go to the name that comes "
    .. "first in the alphabet; of the weakest, the last one in the alphabet leaves.",
  blocks = {
    { name = "check", signature = "check(ballot, candidates) -> how many are ranked",
      pre = function(a)
        local free = set(table.unpack(a[2]))
        for _, name in ipairs(a[1]) do
          if not free[name] then return false end
          free[name] = nil
        end
        return true
      end,
      post = function(a, r) return r[1] == #a[1] end,
      hidden = function(rng, i)
        local b = ballot(rng, ALL)
        if i % 3 == 0 then table.insert(b, rng.int(1, #b + 1), rng.pick { "zed", b[1], b[#b] }) end
        return { b, ALL }
      end,
      examples = {
        { args = { { "ann", "cy" }, ALL }, want = { 2 } },
        { args = { {}, ALL }, want = { 0 } },
        { args = { { "dee", "cy", "bob", "ann" }, ALL }, want = { 4 } },
        { args = { { "dee" }, THREE }, want_error = "no candidate dee$" },
        { args = { { "ann", "ann" }, ALL }, want_error = "ann is ranked 1 and 2$" },
        { args = { { "ann", "bob", "cy", "ann" }, ALL }, want_error = "ann is ranked 1 and 4$" },
        { args = { { "bob" }, { "bob" } }, want = { 1 } },
        { args = { { "x" }, {} }, want_error = "no candidate x$" },
      } },
    { name = "tally", signature = "tally(ballots, running set) -> votes by name, exhausted ballots",
      pre = function() return true end,
      post = function(a, r)
        local n = r[2]
        for _, v in pairs(r[1]) do n = n + v end
        return n == #a[1]
      end,
      hidden = function(rng)
        local running = {}
        for _, name in ipairs(ALL) do running[name] = rng.chance(0.6) or nil end
        return { ballots(rng, ALL, 0, 8), running }
      end,
      examples = {
        { args = { FIVE, set("ann", "bob", "cy") }, want = { { ann = 2, bob = 1, cy = 2 }, 0 } },
        { args = { FIVE, set("ann", "bob") }, want = { { ann = 2, bob = 3 }, 0 } },
        { args = { FIVE, set("bob") }, want = { { bob = 4 }, 1 } },
        { args = { FIVE, set("dee") }, want = { { dee = 0 }, 5 } },
        { args = { FIVE, {} }, want = { {}, 5 } },
        { args = { {}, set("ann") }, want = { { ann = 0 }, 0 } },
        { args = { { {}, { "ann" } }, set("ann") }, want = { { ann = 1 }, 1 } },
        { args = { CYCLE, set("ann", "cy") }, want = { { ann = 1, cy = 2 }, 0 } },
      } },
    { name = "ranking", signature = "ranking(votes) -> names, most votes first",
      pre = function() return true end,
      post = function(a, r)
        for i = 2, #r[1] do if a[1][r[1][i]] > a[1][r[1][i - 1]] then return false end end
        return true
      end,
      hidden = function(rng)
        local votes = {}
        for _, name in ipairs(ALL) do if rng.chance(0.8) then votes[name] = rng.int(0, 4) end end
        return { votes }
      end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { ann = 1 } }, want = { { "ann" } } },
        { args = { { ann = 1, bob = 2 } }, want = { { "bob", "ann" } } },
        { args = { { bob = 2, ann = 2 } }, want = { { "ann", "bob" } } },
        { args = { { cy = 3, bob = 5, ann = 3 } }, want = { { "bob", "ann", "cy" } } },
        { args = { { dee = 0, cy = 0, ann = 0 } }, want = { { "ann", "cy", "dee" } } },
        { args = { { x = 10, y = 9, z = 11 } }, want = { { "z", "x", "y" } } },
        { args = { { b = 1, a = 0, c = 1 } }, want = { { "b", "c", "a" } } },
      } },
    { name = "runoff", signature = "runoff(ballots, candidates) -> winner, who left in what order",
      pre = function(a) return #a[2] > 0 end,
      post = function(a, r) return #r[2] < #a[2] end,
      hidden = function(rng, i)
        local names = i % 9 == 0 and {} or rng.pick { ALL, THREE, { "cy" } }
        return { #names == 0 and {} or ballots(rng, names, 1, 9), names }
      end,
      examples = {
        { args = { FIVE, THREE }, want = { "cy", { "bob" } } },
        { args = { { { "bob" }, { "bob" }, { "ann" } }, THREE }, want = { "bob", {} } },
        { args = { CYCLE, THREE }, want = { "ann", { "cy" } } },
        { args = { { { "ann" }, { "bob" } }, { "ann", "bob" } }, want = { "ann", { "bob" } } },
        { args = { { { "ann" }, { "bob", "ann" }, { "cy", "bob" }, { "cy" } }, THREE },
          want = { "ann", { "bob", "cy" } } },
        { args = { { { "dee", "cy" }, { "dee", "bob" }, { "cy" }, { "bob" }, { "bob", "cy" } }, ALL },
          want = { "bob", { "ann", "cy", "dee" } } },
        { args = { {}, { "ann" } }, want = { "ann", {} } },
        { args = { {}, {} }, want_error = "nobody to elect$" },
      } },
    { name = "points", signature = "points(ballots, candidates) -> points by name",
      pre = function() return true end,
      post = function(a, r)
        for _, name in ipairs(a[2]) do if r[1][name] < 0 then return false end end
        return true
      end,
      hidden = function(rng)
        local names = rng.pick { ALL, THREE }
        return { ballots(rng, names, 0, 6), names }
      end,
      examples = {
        { args = { FIVE, THREE }, want = { { ann = 4, bob = 5, cy = 5 } } },
        { args = { CYCLE, THREE }, want = { { ann = 3, bob = 3, cy = 3 } } },
        { args = { {}, THREE }, want = { { ann = 0, bob = 0, cy = 0 } } },
        { args = { { { "ann" } }, ALL }, want = { { ann = 3, bob = 0, cy = 0, dee = 0 } } },
        { args = { { { "dee", "cy", "bob", "ann" } }, ALL }, want = { { ann = 0, bob = 1, cy = 2, dee = 3 } } },
        { args = { { { "bob" }, { "bob" } }, { "ann", "bob" } }, want = { { ann = 0, bob = 2 } } },
        { args = { { { "bob" } }, { "bob" } }, want = { { bob = 0 } } },
        { args = { { { "ann", "bob" }, { "cy" } }, THREE }, want = { { ann = 2, bob = 1, cy = 2 } } },
      } },
    { name = "duel_winner", signature = "duel_winner(ballots, candidates) -> name or nil",
      pre = function() return true end,
      post = function(a, r) return r[1] == nil or a[2][1] ~= nil end,
      hidden = function(rng)
        local names = rng.pick { ALL, THREE, THREE }
        return { ballots(rng, names, 1, 7), names }
      end,
      examples = {
        { args = { FIVE, THREE }, want = {} },
        { args = { CYCLE, THREE }, want = {} },
        { args = { { { "ann" }, { "bob", "ann" }, { "bob" } }, { "ann", "bob" } }, want = { "bob" } },
        { args = { { { "ann" }, { "bob" } }, { "ann", "bob" } }, want = {} },
        { args = { {}, { "ann" } }, want = { "ann" } },
        { args = { {}, {} }, want = {} },
        { args = { { { "bob" }, { "ann", "bob" }, { "cy", "bob" } }, THREE }, want = { "bob" } },
        { args = { { { "dee" } }, ALL }, want = { "dee" } },
      } },
    { name = "seats", signature = "seats(votes, seats, percent) -> seats by party",
      pre = function(a)
        local total, most = 0, 0
        for _, v in pairs(a[1]) do total, most = total + v, math.max(most, v) end
        return most > 0 and most * 100 >= total * a[3]
      end,
      post = function(a, r)
        local n = 0
        for _, s in pairs(r[1]) do n = n + s end
        return n == a[2]
      end,
      hidden = function(rng, i)
        local votes = {}
        for _, party in ipairs { "red", "blue", "green", "grey" } do
          if rng.chance(0.85) then votes[party] = rng.int(0, rng.pick { 60, 90 }) end
        end
        if i % 8 == 0 then return { rng.pick { {}, { red = 0 }, votes }, 5, 90 } end
        return { votes, rng.int(1, 12), rng.pick { 0, 10, 20, 25 } }
      end,
      examples = {
        { args = { { red = 60, blue = 40 }, 5, 0 }, want = { { blue = 2, red = 3 } } },
        { args = { { red = 50, blue = 50 }, 3, 0 }, want = { { blue = 2, red = 1 } } },
        { args = { { red = 70, blue = 26, green = 4 }, 10, 5 }, want = { { blue = 3, red = 7 } } },
        { args = { { red = 70, blue = 26, green = 4 }, 10, 0 }, want = { { blue = 3, green = 1, red = 6 } } },
        { args = { { red = 7 }, 4, 50 }, want = { { red = 4 } } },
        { args = { { red = 40, blue = 35, green = 25 }, 1, 0 }, want = { { blue = 0, green = 0, red = 1 } } },
        { args = { {}, 4, 0 }, want_error = "no votes to seat$" },
        { args = { { red = 30, blue = 35, green = 35 }, 4, 60 }, want_error = "no votes to seat$" },
        { args = { { red = 0, blue = 0 }, 2, 0 }, want_error = "no votes to seat$" },
      } },
  },
  integration = { name = "report", signature = "report(ballots, candidates) -> { spoiled, runoff, eliminated, "
    .. "points, duels }",
    pre = function(a) return #a[2] > 0 end,
    post = function(a, r) return r[1].spoiled <= #a[1] end,
    hidden = function(rng, i)
      local names = i % 11 == 0 and {} or rng.pick { ALL, THREE }
      local list = ballots(rng, ALL, 2, 9)
      if rng.chance(0.5) then list[#list + 1] = rng.pick { {}, { "zed" }, { "bob", "bob" } } end
      return { list, names }
    end,
    examples = {
      { args = { FIVE, THREE }, want = { { eliminated = { "bob" }, points = "bob", runoff = "cy", spoiled = 0 } } },
      { args = { CYCLE, THREE }, want = { { eliminated = { "cy" }, points = "ann", runoff = "ann", spoiled = 0 } } },
      { args = { { { "ann" }, { "ann", "ann" }, {} }, THREE },
        want = { { duels = "ann", eliminated = {}, points = "ann", runoff = "ann", spoiled = 2 } } },
      { args = { { { "zed" } }, THREE },
        want = { { eliminated = { "cy", "bob" }, points = "ann", runoff = "ann", spoiled = 1 } } },
      { args = { { { "dee", "ann" }, { "dee", "bob" }, { "ann" }, { "ann", "dee" }, { "bob", "dee" } }, ALL },
        want = { { duels = "dee", eliminated = { "cy", "bob" }, points = "dee", runoff = "dee", spoiled = 0 } } },
      { args = { { { "bob" }, { "cy", "ann" }, { "ann", "cy" }, { "ann", "bob" }, { "bob", "ann" } }, THREE },
        want = { { duels = "ann", eliminated = { "cy" }, points = "ann", runoff = "ann", spoiled = 0 } } },
      { args = { {}, {} }, want_error = "nobody to elect$" },
      { args = { { { "ann" } }, {} }, want_error = "nobody to elect$" },
    } },
}
