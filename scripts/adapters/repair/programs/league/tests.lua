local TEAMS = { "ants", "bees", "cats", "dogs", "elks" }
local function game(rng)
  local a = rng(5)
  local b = (a + rng(4) - 1) % 5 + 1
  return TEAMS[a] .. " " .. rng.int(0, 3) .. ":" .. rng.int(0, 3) .. " " .. TEAMS[b]
end
local BAD = { "ants 1-0 bees", "ants 1:0 ants", "ants bees", "1:0", "", "ants 1:x bees" }
local function good(line)
  local a, b = line:match "^(%a+) %d+:%d+ (%a+)$"
  return a ~= nil and a ~= b
end
local function all_good(list)
  for _, l in ipairs(list) do if not good(l) then return false end end
  return true
end
local function games(rng, i, lo) return rng.list(lo, 7, function(k) return i % 7 == 0 and k == 1 and rng.pick(BAD)
  or game(rng) end) end
local function some(rng, lo) return { table.unpack(rng.shuffle(TEAMS), 1, rng.int(lo, 5)) } end
local RING = { "ants 1:0 bees", "bees 1:0 cats", "cats 1:0 ants" }
local function row(name, played, points, own, other) return { name = name, played = played, points = points, own = own,
  other = other } end

return {
  job = "draws up a league: fixtures, results, standings with tie-breaks and a seeded cup",
  brief = "A result is 'home goals:goals away'. A win is three points, a draw one. In a cup the best seeds can meet "
    .. "only late.",
  blocks = {
    { name = "fixtures", signature = "fixtures(teams) -> rounds of \"home-away\"",
      pre = function(a) return #a[1] >= 2 end,
      post = function(a, r)
        local n = 0
        for _, round in ipairs(r[1]) do n = n + #round end
        return n == #a[1] * (#a[1] - 1) // 2
      end,
      hidden = function(rng, i) return { i % 6 == 0 and some(rng, 0) or some(rng, 2) } end,
      examples = {
        { args = { { "a", "b" } }, want = { { { "a-b" } } } },
        { args = { { "a", "b", "c" } }, want = { { { "b-c" }, { "c-a" }, { "a-b" } } } },
        { args = { { "a", "b", "c", "d" } }, want = { { { "a-d", "b-c" }, { "c-a", "b-d" }, { "a-b", "c-d" } } } },
        { args = { { "x", "y" } }, want = { { { "x-y" } } } },
        { args = { TEAMS },
          want = {
            {
              { "bees-elks", "cats-dogs" }, { "elks-ants", "cats-bees" }, { "ants-dogs", "elks-cats" },
              { "cats-ants", "bees-dogs" }, { "ants-bees", "dogs-elks" },
            },
          } },
        { args = { { "d", "c", "b", "a" } }, want = { { { "d-a", "c-b" }, { "b-d", "c-a" }, { "d-c", "b-a" } } } },
        { args = { { "a" } }, want_error = "needs two teams$" },
        { args = { {} }, want_error = "needs two teams$" },
      } },
    { name = "result", signature = "result(line) -> home, away, goals, goals",
      pre = function(a) return good(a[1]) end,
      post = function(_, r) return r[1] ~= r[2] end,
      hidden = function(rng, i) return { i % 3 == 0 and rng.pick(BAD) or game(rng) } end,
      examples = {
        { args = { "ants 2:1 bees" }, want = { "ants", "bees", 2, 1 } },
        { args = { "a 0:0 b" }, want = { "a", "b", 0, 0 } },
        { args = { "x 10:3 y" }, want = { "x", "y", 10, 3 } },
        { args = { "x 01:3 y" }, want = { "x", "y", 1, 3 } },
        { args = { "a 1:1 a" }, want_error = "a played alone$" },
        { args = { "a 1-1 b" }, want_error = "bad result: a 1%-1 b$" },
        { args = { "a b" }, want_error = "bad result: a b$" },
        { args = { "" }, want_error = "bad result: $" },
      } },
    { name = "tally", signature = "tally(lines) -> { name, played, points, own, other } by name",
      pre = function(a) return all_good(a[1]) end,
      post = function(a, r)
        local n = 0
        for _, t in pairs(r[1]) do n = n + t.played end
        return n == 2 * #a[1]
      end,
      hidden = function(rng, i) return { games(rng, i, 0) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { "a 2:1 b" } }, want = { { a = row("a", 1, 3, 2, 1), b = row("b", 1, 0, 1, 2) } } },
        { args = { { "a 1:1 b" } }, want = { { a = row("a", 1, 1, 1, 1), b = row("b", 1, 1, 1, 1) } } },
        { args = { { "a 0:2 b" } }, want = { { a = row("a", 1, 0, 0, 2), b = row("b", 1, 3, 2, 0) } } },
        { args = { { "a 1:0 b", "b 1:0 a" } }, want = { { a = row("a", 2, 3, 1, 1), b = row("b", 2, 3, 1, 1) } } },
        { args = { RING }, want = { { ants = row("ants", 2, 3, 1, 1), bees = row("bees", 2, 3, 1, 1),
          cats = row("cats", 2, 3, 1, 1) } } },
        { args = { { "a 1 b" } }, want_error = "bad result: a 1 b$" },
        { args = { { "a 1:0 b", "c 1:1 c" } }, want_error = "c played alone$" },
      } },
    { name = "standings", signature = "standings(lines) -> names in order",
      pre = function(a) return all_good(a[1]) end,
      post = function(_, r) return #r[1] ~= 1 end,
      hidden = function(rng, i) return { games(rng, i, 2) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { "a 0:1 b" } }, want = { { "b", "a" } } },
        { args = { { "b 1:1 a" } }, want = { { "a", "b" } } },
        { args = { RING }, want = { { "ants", "bees", "cats" } } },
        { args = { { "a 5:0 c", "b 1:0 a", "c 1:0 b" } }, want = { { "a", "b", "c" } } },
        { args = { { "a 1:0 b", "b 9:0 c" } }, want = { { "a", "b", "c" } } },
        { args = { { "c 2:2 d", "a 1:1 b" } }, want = { { "c", "d", "a", "b" } } },
        { args = { { "x" } }, want_error = "bad result: x$" },
      } },
    { name = "bracket", signature = "bracket(seeds) -> games of the first round",
      pre = function(a) return #a[1] > 0 end,
      post = function(a, r) return #r[1] <= #a[1] end,
      hidden = function(rng, i)
        local list = rng.list(i % 8 == 0 and 0 or 1, 9, function(k) return "t" .. k end)
        return { i == 16 and {} or list }
      end,
      examples = {
        { args = { { "a" } }, want = { { "a-bye" } } },
        { args = { { "a", "b" } }, want = { { "a-b" } } },
        { args = { { "a", "b", "c" } }, want = { { "a-bye", "b-c" } } },
        { args = { { "a", "b", "c", "d" } }, want = { { "a-d", "b-c" } } },
        { args = { TEAMS }, want = { { "ants-bye", "dogs-elks", "bees-bye", "cats-bye" } } },
        { args = { { "1", "2", "3", "4", "5", "6", "7", "8" } }, want = { { "1-8", "4-5", "2-7", "3-6" } } },
        { args = { { "x", "y", "z", "w" } }, want = { { "x-w", "y-z" } } },
        { args = { {} }, want_error = "nobody to play$" },
      } },
  },
  integration = { name = "season", signature = "season(teams, lines, cup) -> order, points, games left, cup",
    pre = function(a) return #a[1] >= 2 and all_good(a[2]) and #a[2] > 0 and a[3] > 0 end,
    post = function(_, r) return #r[1] == #r[2] end,
    hidden = function(rng, i) return { i % 9 == 0 and { "ants" } or TEAMS, games(rng, i, 1), i % 10 == 0 and 0
      or rng.int(1, 5) } end,
    examples = {
      { args = { TEAMS, { "ants 1:0 bees" }, 2 }, want = { { "ants", "bees" }, { 3, 0 }, 9, { "ants-bees" } } },
      { args = { { "ants", "bees", "cats" }, RING, 4 }, want = { { "ants", "bees", "cats" }, { 3, 3, 3 }, 0,
        { "ants-bye", "bees-cats" } } },
      { args = { TEAMS, { "dogs 2:2 elks", "cats 0:1 dogs" }, 1 },
        want = { { "dogs", "elks", "cats" }, { 4, 1, 0 }, 8, { "dogs-bye" } } },
      { args = { TEAMS, RING, 2 }, want = { { "ants", "bees", "cats" }, { 3, 3, 3 }, 7, { "ants-bees" } } },
      { args = { TEAMS, {}, 2 }, want_error = "nobody to play$" },
      { args = { TEAMS, RING, 0 }, want_error = "nobody to play$" },
      { args = { { "ants" }, RING, 2 }, want_error = "needs two teams$" },
      { args = { TEAMS, { "ants" }, 2 }, want_error = "bad result: ants$" },
    } },
}
