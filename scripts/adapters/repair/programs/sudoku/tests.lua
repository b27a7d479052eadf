local FULL = { { "1234", "3412", "2143", "4321" }, { "1234", "3421", "4312", "2143" }, { "2143", "3412", "1234",
  "4321" },
  { "4123", "2341", "1432", "3214" } }

local function grid(rng, keep)
  local rows = {}
  local digits = rng.shuffle { "1", "2", "3", "4" }
  for r, row in ipairs(rng.pick(FULL)) do
    rows[r] = row:gsub("%d", function(d) return rng.chance(keep) and digits[tonumber(d)] or "." end)
  end
  return rows
end

local function spoil(rng, rows)
  local r, c = rng(4), rng(4)
  rows[r] = rows[r]:sub(1, c - 1) .. rng.pick { "1", "2", "3", "4" } .. rows[r]:sub(c + 1)
  return rows
end

local function sound(rows)
  if #rows ~= 4 then return false end
  for _, row in ipairs(rows) do if #row ~= 4 or row:find "[^1-4.]" then return false end end
  return true
end

local EMPTY = { "....", "....", "....", "...." }
local EASY = { "12..", "..12", "21..", "..21" }
local DONE = FULL[1]

return {
  job = "checks, prunes, solves and judges small sudokus",
  brief = "A grid is four rows of four characters, digits 1 to 4 or '.', with boxes of two by two. Cells are named "
    .. "\"row,column\". Solutions are searched at the cell with fewest candidates, digits in order.",
  blocks = {
    { name = "check", signature = "check(rows) -> cells filled",
      pre = function(a) return sound(a[1]) end,
      post = function(_, r) return r[1] >= 0 and r[1] <= 16 end,
      hidden = function(rng, i)
        local rows = grid(rng, 0.5)
        if i % 3 == 0 then rows[rng(5)] = rng.pick { "123", "1 34", "12345", "1250", "...." } end
        return { rows }
      end,
      examples = {
        { args = { EMPTY }, want = { 0 } },
        { args = { DONE }, want = { 16 } },
        { args = { EASY }, want = { 8 } },
        { args = { { "1...", ".1..", "....", "...." } }, want = { 2 } },
        { args = { { "1...", "....", "...." } }, want_error = "needs four rows$" },
        { args = { { "1...", "...", "....", "...." } }, want_error = "bad row 2: %.%.%.$" },
        { args = { { "1..5", "....", "....", "...." } }, want_error = "bad row 1: 1%.%.5$" },
        { args = { {} }, want_error = "needs four rows$" },
      } },
    { name = "conflicts", signature = "conflicts(rows) -> cells that clash",
      pre = function() return true end,
      post = function(_, r) return #r[1] ~= 1 end,
      hidden = function(rng) return { spoil(rng, grid(rng, 0.6)) } end,
      examples = {
        { args = { EMPTY }, want = { {} } },
        { args = { DONE }, want = { {} } },
        { args = { { "11..", "....", "....", "...." } }, want = { { "1,1", "1,2" } } },
        { args = { { "1...", "....", "....", "1..." } }, want = { { "1,1", "4,1" } } },
        { args = { { "1...", ".1..", "....", "...." } }, want = { { "1,1", "2,2" } } },
        { args = { { "1...", "..1.", "....", "...." } }, want = { {} } },
        { args = { { "1..1", "....", "...3", "..3." } }, want = { { "1,1", "1,4", "3,4", "4,3" } } },
        { args = { { "2.2.", "2...", "....", "...." } }, want = { { "1,1", "1,3", "2,1" } } },
      } },
    { name = "candidates", signature = "candidates(rows, row, column) -> digits",
      pre = function() return true end,
      post = function(a, r) return a[1][a[2]]:sub(a[3], a[3]) == "." or r[1] == "" end,
      hidden = function(rng) return { grid(rng, 0.3), rng(4), rng(4) } end,
      examples = {
        { args = { EMPTY, 1, 1 }, want = { "1234" } },
        { args = { DONE, 1, 1 }, want = { "" } },
        { args = { EASY, 1, 3 }, want = { "34" } },
        { args = { { "1...", "....", "....", "...." }, 1, 4 }, want = { "234" } },
        { args = { { "1...", "....", "....", "...." }, 2, 2 }, want = { "234" } },
        { args = { { "1...", "....", "....", "...." }, 4, 4 }, want = { "1234" } },
        { args = { { "12..", "..3.", "...4", "...." }, 1, 4 }, want = { "" } },
        { args = { { "....", "....", "..1.", "..2." }, 3, 4 }, want = { "34" } },
      } },
    { name = "fill", signature = "fill(rows) -> rows, cells filled", hidden_n = 20,
      pre = function() return true end,
      post = function(_, r) return #r[1] == 4 and r[2] >= 0 end,
      hidden = function(rng) return { grid(rng, rng.pick { 0.3, 0.5, 0.7 }) } end,
      examples = {
        { args = { EMPTY }, want = { EMPTY, 0 } },
        { args = { DONE }, want = { DONE, 0 } },
        { args = { { "123.", "3412", "2143", "4321" } }, want = { DONE, 1 } },
        { args = { EASY }, want = { EASY, 0 } },
        { args = { { "123.", "34..", "....", "...." } }, want = { { "1234", "34..", "....", "...." }, 1 } },
        { args = { { "1.3.", "..1.", ".1..", "4..1" } }, want = { { "1.3.", "3.1.", "2143", "4321" }, 6 } },
        { args = { { "12..", "....", "..4.", "3..." } }, want = { { "1234", "43..", "2143", "34.." }, 8 } },
        { args = { { "1..4", ".4..", "..4.", "4..1" } }, want = { { "1..4", ".4..", "..4.", "4..1" }, 0 } },
      } },
    { name = "solve", signature = "solve(rows, limit) -> first solution or nil, how many up to the limit",
      hidden_n = 20,
      pre = function() return true end,
      post = function(a, r) return r[2] <= a[2] and (r[1] ~= nil) == (r[2] > 0) end,
      hidden = function(rng, i)
        local rows = grid(rng, rng.pick { 0.4, 0.5, 0.6 })
        return { i % 4 == 0 and spoil(rng, rows) or rows, rng.int(1, 4) }
      end,
      examples = {
        { args = { DONE, 2 }, want = { DONE, 1 } },
        { args = { EASY, 9 }, want = { { "1234", "3412", "2143", "4321" }, 4 } },
        { args = { { "11..", "....", "....", "...." }, 2 }, want = { [2] = 0 } },
        { args = { { "123.", "...4", "....", "...." }, 2 }, want = { [2] = 0 } },
        { args = { { "1234", "3412", "2143", "...." }, 3 }, want = { DONE, 1 } },
        { args = { { "12..", "34..", "....", "...." }, 1 }, want = { { "1234", "3412", "2143", "4321" }, 1 } },
        { args = { { "1234", "3412", "....", "...." }, 9 }, want = { { "1234", "3412", "2143", "4321" }, 4 } },
        { args = { { "1.3.", "..1.", ".1..", "4..1" }, 5 }, want = { { "1234", "3412", "2143", "4321" }, 2 } },
      } },
  },
  integration = { name = "judge", signature = "judge(rows) -> what it is, solution or nil, cells given", hidden_n = 20,
    pre = function(a) return sound(a[1]) end,
    post = function(_, r) return r[3] <= 16 end,
    hidden = function(rng, i)
      local rows = grid(rng, rng.pick { 0.35, 0.5, 0.6 })
      if i % 4 == 0 then rows = spoil(rng, rows) end
      if i % 7 == 0 then rows[rng(5)] = "12x4" end
      return { rows }
    end,
    examples = {
      { args = { DONE }, want = { "easy", DONE, 16 } },
      { args = { EASY }, want = { "open", { "1234", "3412", "2143", "4321" }, 8 } },
      { args = { { "11..", "....", "....", "...." } }, want = { "wrong", nil, 2 } },
      { args = { { "123.", "...4", "....", "...." } }, want = { "impossible", nil, 4 } },
      { args = { { "1234", "3412", "2143", "...." } }, want = { "easy", DONE, 12 } },
      { args = { { "1.3.", "..1.", ".1..", "4..1" } }, want = { "open", { "1234", "3412", "2143", "4321" }, 6 } },
      { args = { { "1234" } }, want_error = "needs four rows$" },
      { args = { { "1234", "3412", "2143", "432" } }, want_error = "bad row 4: 432$" },
    } },
}
