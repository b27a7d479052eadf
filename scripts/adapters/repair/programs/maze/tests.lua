local function put(rows, r, c, char) rows[r] = rows[r]:sub(1, c - 1) .. char .. rows[r]:sub(c + 1) end

local function maze(rng)
  local h, w = rng.int(2, 4), rng.int(3, 5)
  local rows = {}
  for r = 1, h do rows[r] = rng.word("...#", w, w) end
  for _ = 1, rng.int(0, 2) do put(rows, rng(h), rng(w), rng.pick { "a", "b", "A", "A", "B" }) end
  put(rows, 1, rng(w), "S")
  put(rows, h, rng(w), "E")
  return rows
end

local function has(rows, mark) return table.concat(rows):find(mark, 1, true) ~= nil end
local function ready(rows) return has(rows, "S") end

local HALL = { "S..", "##.", "E.." }
local DOOR = { "a#..", "S.AE" }
local SHUT = { "S#E" }
local ENDS = { "S.E", "#.#", "#.." }

return {
  job = "walks mazes of text with keys and doors: distances, dead ends, shortest escape",
  brief = "'#' is wall, '.' floor, 'S' start, 'E' exit, a-d keys and A-D doors that need the key. Moves go up, "
    .. "right, down "
    .. "and left. Keys are a string of small letters.",
  blocks = {
    { name = "locate", signature = "locate(maze, mark) -> row, column",
      pre = function(a) return has(a[1], a[2]) end,
      post = function(a, r) return a[1][r[1]]:sub(r[2], r[2]) == a[2] end,
      hidden = function(rng) return { maze(rng), rng.pick { "S", "E", "#", "a", "." } } end,
      examples = {
        { args = { HALL, "S" }, want = { 1, 1 } },
        { args = { HALL, "E" }, want = { 3, 1 } },
        { args = { HALL, "." }, want = { 1, 2 } },
        { args = { HALL, "#" }, want = { 2, 1 } },
        { args = { DOOR, "A" }, want = { 2, 3 } },
        { args = { DOOR, "a" }, want = { 1, 1 } },
        { args = { DOOR, "b" }, want_error = "no b in the maze$" },
        { args = { {}, "S" }, want_error = "no S in the maze$" },
      } },
    { name = "enter", signature = "enter(maze, row, column, keys) -> boolean",
      pre = function() return true end,
      post = function(_, r) return type(r[1]) == "boolean" end,
      hidden = function(rng, i)
        local rows = maze(rng)
        if i % 3 == 0 then put(rows, 2, 2, rng.pick { "A", "B", "a" }) return { rows, 2, 2, rng.pick { "", "a", "ab",
          "b" } } end
        return { rows, rng.int(0, #rows + 1), rng.int(0, #rows[1] + 1), rng.pick { "", "a", "b" } }
      end,
      examples = {
        { args = { HALL, 1, 1, "" }, want = { true } },
        { args = { HALL, 2, 1, "" }, want = { false } },
        { args = { HALL, 0, 1, "" }, want = { false } },
        { args = { HALL, 1, 4, "" }, want = { false } },
        { args = { HALL, 1, 0, "" }, want = { false } },
        { args = { DOOR, 2, 3, "" }, want = { false } },
        { args = { DOOR, 2, 3, "ba" }, want = { true } },
        { args = { DOOR, 1, 1, "" }, want = { true } },
      } },
    { name = "distances", signature = "distances(maze, keys) -> steps by \"row,column\"",
      pre = function(a) return ready(a[1]) end,
      post = function(_, r) return next(r[1]) ~= nil end,
      hidden = function(rng, i) return { i % 9 == 0 and { "..E" } or maze(rng), rng.pick { "", "a", "ab" } } end,
      examples = {
        { args = { { "S" }, "" }, want = { { ["1,1"] = 0 } } },
        { args = { { "S.E" }, "" }, want = { { ["1,1"] = 0, ["1,2"] = 1, ["1,3"] = 2 } } },
        { args = { SHUT, "" }, want = { { ["1,1"] = 0 } } },
        { args = { { "SA." }, "" }, want = { { ["1,1"] = 0 } } },
        { args = { { "SA." }, "a" }, want = { { ["1,1"] = 0, ["1,2"] = 1, ["1,3"] = 2 } } },
        { args = { { "S.", ".." }, "" }, want = { { ["1,1"] = 0, ["1,2"] = 1, ["2,1"] = 1, ["2,2"] = 2 } } },
        { args = { HALL, "" },
          want = { { ["1,1"] = 0, ["1,2"] = 1, ["1,3"] = 2, ["2,3"] = 3, ["3,1"] = 6, ["3,2"] = 5, ["3,3"] = 4 } } },
        { args = { { "E." }, "" }, want_error = "no S in the maze$" },
      } },
    { name = "prune", signature = "prune(maze) -> maze with dead ends walled up",
      pre = function() return true end,
      post = function(a, r) return #r[1] == #a[1] end,
      hidden = function(rng) return { maze(rng) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { "." } }, want = { { "#" } } },
        { args = { { "S.E" } }, want = { { "S.E" } } },
        { args = { { "S.." } }, want = { { "S##" } } },
        { args = { ENDS }, want = { { "S.E", "###", "###" } } },
        { args = { { "..", ".." } }, want = { { "..", ".." } } },
        { args = { HALL }, want = { HALL } },
        { args = { { "S.a", "..#" } }, want = { { "S.a", "..#" } } },
      } },
    { name = "escape", signature = "escape(maze) -> fewest steps and keys held, or nil",
      pre = function(a) return has(a[1], "S") and has(a[1], "E") end,
      post = function(_, r) return r[1] == nil or r[1] >= 1 end,
      hidden = function(rng, i)
        if i % 4 == 0 then
          local gap = ("."):rep(rng.int(0, 2))
          return { { rng.pick { "a" .. gap .. "S.AE", "ba" .. gap .. "SABE", "E.BA" .. gap .. "S.b.a", "bS" .. gap
            .. "Ea" } } }
        end
        return { i % 9 == 0 and { "S.." } or maze(rng) }
      end,
      examples = {
        { args = { { "SE" } }, want = { 1, "" } },
        { args = { HALL }, want = { 6, "" } },
        { args = { DOOR }, want = { 5, "a" } },
        { args = { SHUT }, want = {} },
        { args = { { "SAE" } }, want = {} },
        { args = { { "baSABE" } }, want = { 7, "ab" } },
        { args = { { "bS.E" } }, want = { 2, "" } },
        { args = { { "S.." } }, want_error = "no E in the maze$" },
      } },
  },
  integration = { name = "survey", signature = "survey(maze) -> { bare, all, walled, steps, keys }",
    pre = function(a)
      local text = table.concat(a[1])
      return has(a[1], "S") and has(a[1], "E") and not text:find "[^#.SEa-dA-D]"
    end,
    post = function(_, r) return r[1].bare <= r[1].all end,
    hidden = function(rng, i)
      local rows = maze(rng)
      if i % 7 == 0 then put(rows, rng(#rows), rng(3), rng.pick { "x", " ", "s", "F" }) end
      return { rows }
    end, hidden_n = 20,
    examples = {
      { args = { HALL }, want = { { bare = 7, all = 7, walled = 0, steps = 6, keys = "" } } },
      { args = { DOOR }, want = { { all = 7, bare = 3, keys = "a", steps = 5, walled = 0 } } },
      { args = { SHUT }, want = { { bare = 1, all = 1, walled = 0 } } },
      { args = { ENDS }, want = { { bare = 6, all = 6, walled = 3, steps = 2, keys = "" } } },
      { args = { { "SAE" } }, want = { { bare = 1, all = 3, walled = 0 } } },
      { args = { { "S.x", "E.." } }, want_error = "row 1 has a x$" },
      { args = { { "S.." } }, want_error = "no E in the maze$" },
      { args = { { "...E" } }, want_error = "no S in the maze$" },
    } },
}
