local function rows(rng, lo, hi)
  local width = rng.int(lo, hi)
  return rng.list(lo, hi, function() return rng.word(rng.pick { ".#", "..#", "...#" }, width, width) end)
end

local function spoiled(rng, list)
  local copy = { table.unpack(list) }
  copy[#copy + 1] = rng.pick { "x" .. ("."):rep(#copy[1] - 1), copy[1] .. ".", "" }
  return copy
end

local function sound(list)
  for _, row in ipairs(list) do if #row ~= #list[1] or row:find "[^.#]" then return false end end
  return true
end

local function board(list)
  local alive = {}
  for r, row in ipairs(list) do for c = 1, #row do alive[r .. "," .. c] = row:sub(c, c) == "#" or nil end end
  return { alive = alive, height = #list, width = #list[1] }
end

local function rule(born, stay)
  local result = { born = {}, stay = {} }
  for i = 0, 8 do
    result.born[i + 1] = born:find(tostring(i), 1, true) ~= nil
    result.stay[i + 1] = stay:find(tostring(i), 1, true) ~= nil
  end
  return result
end

local function rule_text(rng, i)
  if i % 8 == 0 then return rng.pick { "B9/S2", "3/23", "B3S23", "b3/s23", "B3/S23 " } end
  return rng.pick { "B3/S23", "B3/S23", "B36/S23", "B2/S", "B1/S12", "B/S012345678", "B3/S" }
end
local function rule_ok(text) return text:find "^B[0-8]*/S[0-8]*$" ~= nil end

local LIFE = rule("3", "23")
local BLINK, BLOCK = { ".....", ".....", ".###.", ".....", "....." }, { "....", ".##.", ".##.", "...." }
local CORNER = { "#..", "...", "..#" }
local GLIDER = { ".#....", "..#...", "###...", "......", "......", "......" }

return {
  job = "plays cell boards of text under birth and survival rules and tells how they end",
  brief = "'#' lives and '.' is dead. A board is { alive = set of \"row,column\", height, width }. In a rule, place "
    .. "n + 1 of "
    .. "born and stay is for n neighbours. Joined boards wrap at their edges.",
  blocks = {
    { name = "read", signature = "read(rows) -> board",
      pre = function(a) return sound(a[1]) end,
      post = function(a, r) return r[1].height == #a[1] end,
      hidden = function(rng, i) local list = rows(rng, 1, 5) return { i % 4 == 0 and spoiled(rng, list) or list } end,
      examples = {
        { args = { {} }, want = { { alive = {}, height = 0, width = 0 } } },
        { args = { { "." } }, want = { { alive = {}, height = 1, width = 1 } } },
        { args = { { "#" } }, want = { { alive = { ["1,1"] = true }, height = 1, width = 1 } } },
        { args = { { ".#", "#." } },
          want = { { alive = { ["1,2"] = true, ["2,1"] = true }, height = 2, width = 2 } } },
        { args = { { "##.", "...", "..#" } },
          want = { { alive = { ["1,1"] = true, ["1,2"] = true, ["3,3"] = true }, height = 3, width = 3 } } },
        { args = { { "##", "#" } }, want_error = "row 2 has 1 cells, not 2$" },
        { args = { { "#o" } }, want_error = "no cell o$" },
        { args = { { "..", "...", ".." } }, want_error = "row 2 has 3 cells, not 2$" },
      } },
    { name = "draw", signature = "draw(board) -> rows",
      pre = function() return true end,
      post = function(a, r) return #r[1] == a[1].height and sound(r[1]) end,
      hidden = function(rng) return { board(rows(rng, 1, 5)) } end,
      examples = {
        { args = { board { "." } }, want = { { "." } } },
        { args = { board { "#" } }, want = { { "#" } } },
        { args = { board { ".#", "#." } }, want = { { ".#", "#." } } },
        { args = { board { "#..", "..." } }, want = { { "#..", "..." } } },
        { args = { board(BLOCK) }, want = { BLOCK } },
        { args = { { alive = {}, height = 0, width = 0 } }, want = { {} } },
        { args = { { alive = { ["1,1"] = true }, height = 1, width = 3 } }, want = { { "#.." } } },
        { args = { { alive = { ["3,2"] = true, ["9,9"] = true }, height = 3, width = 2 } }, want = { { "..", "..",
          ".#" } } },
      } },
    { name = "neighbours", signature = "neighbours(board, row, column, joined) -> count 0..8",
      pre = function() return true end,
      post = function(_, r) return r[1] >= 0 and r[1] <= 8 end,
      hidden = function(rng)
        local b = board(rows(rng, 3, 5))
        return { b, rng.pick { 1, b.height, rng(b.height) }, rng.pick { 1, b.width, rng(b.width) }, rng.chance(0.5) }
      end,
      examples = {
        { args = { board(BLOCK), 2, 2, false }, want = { 3 } },
        { args = { board(BLOCK), 1, 1, false }, want = { 1 } },
        { args = { board(BLINK), 3, 3, false }, want = { 2 } },
        { args = { board(BLINK), 2, 3, false }, want = { 3 } },
        { args = { board(CORNER), 1, 1, false }, want = { 0 } },
        { args = { board(CORNER), 1, 1, true }, want = { 1 } },
        { args = { board(CORNER), 2, 2, true }, want = { 2 } },
        { args = { board { "###", "###", "###" }, 2, 2, true }, want = { 8 } },
      } },
    { name = "rule", signature = "rule(text) -> { born = nine booleans, stay = nine booleans }",
      pre = function(a) return rule_ok(a[1]) end,
      post = function(_, r) return #r[1].born == 9 and #r[1].stay == 9 end,
      hidden = function(rng, i)
        if i % 3 > 0 then return { "B" .. rng.word("012345678", 0, 4) .. "/S" .. rng.word("012345678", 0, 4) } end
        return { rule_text(rng, i // 3 * 8) }
      end,
      examples = {
        { args = { "B3/S23" }, want = { rule("3", "23") } },
        { args = { "B36/S23" }, want = { rule("36", "23") } },
        { args = { "B/S" }, want = { rule("", "") } },
        { args = { "B0/S8" }, want = { rule("0", "8") } },
        { args = { "B012345678/S" }, want = { rule("012345678", "") } },
        { args = { "B9/S" }, want_error = "bad rule: B9/S$" },
        { args = { "23/3" }, want_error = "bad rule: 23/3$" },
        { args = { "" }, want_error = "bad rule: $" },
      } },
    { name = "step", signature = "step(board, rule, joined) -> board", hidden_n = 20,
      pre = function() return true end,
      post = function(a, r) return r[1].height == a[1].height and r[1].width == a[1].width end,
      hidden = function(rng)
        return { board(rows(rng, 3, 4)), rng.pick { LIFE, LIFE, rule("1", "12"), rule("2", "") }, rng.chance(0.5) }
      end,
      examples = {
        { args = { board { "...", "###", "..." }, LIFE, false },
          want = { { alive = { ["1,2"] = true, ["2,2"] = true, ["3,2"] = true }, height = 3, width = 3 } } },
        { args = { board { ".#.", ".#.", ".#." }, LIFE, false },
          want = { { alive = { ["2,1"] = true, ["2,2"] = true, ["2,3"] = true }, height = 3, width = 3 } } },
        { args = { board { "##", "##" }, LIFE, false },
          want = {
            { alive = { ["1,1"] = true, ["1,2"] = true, ["2,1"] = true, ["2,2"] = true }, height = 2, width = 2 },
          } },
        { args = { board { "#" }, LIFE, false }, want = { { alive = {}, height = 1, width = 1 } } },
        { args = { board { "#..", "...", "..#" }, rule("2", ""), true },
          want = {
            {
              alive = {
                ["1,2"] = true, ["1,3"] = true, ["2,1"] = true, ["2,2"] = true, ["2,3"] = true, ["3,1"] = true,
                ["3,2"] = true,
              },
              height = 3, width = 3,
            },
          } },
        { args = { board { "#..", "...", "..#" }, rule("2", ""), false },
          want = { { alive = { ["2,2"] = true }, height = 3, width = 3 } } },
        { args = { board { "...", "...", "..." }, rule("0", ""), false },
          want = {
            {
              alive = {
                ["1,1"] = true, ["1,2"] = true, ["1,3"] = true, ["2,1"] = true, ["2,2"] = true, ["2,3"] = true,
                ["3,1"] = true, ["3,2"] = true, ["3,3"] = true,
              },
              height = 3, width = 3,
            },
          } },
        { args = { board { ".##", "#..", "..." }, LIFE, false },
          want = { { alive = { ["1,2"] = true, ["2,2"] = true }, height = 3, width = 3 } } },
      } },
  },
  integration = { name = "fate", signature = "fate(rows, rule, joined, turns) -> how it ends, turn, period, last rows",
    pre = function(a) return rule_ok(a[2]) and sound(a[1]) end,
    post = function(a, r) return r[2] <= a[4] and #r[4] == #a[1] end,
    hidden = function(rng, i)
      local list = rows(rng, 3, 4)
      if i % 9 == 0 then list = spoiled(rng, list) end
      if i % 4 == 1 then return { { "....", "###.", "....", "...." }, "B3/S23", false, rng.int(2, 5) } end
      return { list, rule_text(rng, i), rng.chance(0.5), rng.int(1, 5) }
    end, hidden_n = 20,
    examples = {
      { args = { BLINK, "B3/S23", false, 5 },
        want = { "repeats", 0, 2, { ".....", ".....", ".###.", ".....", "....." } } },
      { args = { BLOCK, "B3/S23", false, 5 }, want = { "still", 0, 1, { "....", ".##.", ".##.", "...." } } },
      { args = { GLIDER, "B3/S23", false, 2 },
        want = { "open", 2, 0, { "......", "..#...", "#.#...", ".##...", "......", "......" } } },
      { args = { { "#" }, "B3/S23", false, 5 }, want = { "dies", 1, 0, { "." } } },
      { args = { { "##.", "...", "..." }, "B3/S23", false, 3 }, want = { "dies", 1, 0, { "...", "...", "..." } } },
      { args = { { "##.", ".#.", "..." }, "B3/S23", false, 3 }, want = { "still", 1, 1, { "##.", "##.", "..." } } },
      { args = { CORNER, "B2/S", true, 4 }, want = { "dies", 2, 0, { "...", "...", "..." } } },
      { args = { BLOCK, "B3", false, 5 }, want_error = "bad rule: B3$" },
      { args = { { "##", "#" }, "B3/S23", false, 5 }, want_error = "row 2 has 1 cells, not 2$" },
    } },
}
