local NAMES = { "A1", "B1", "A2", "B2", "C3" }
local function cell_ok(name) return name:find "^%u+0*[1-9]%d*$" ~= nil end
local function sheet(rng, i)
  local cells = {}
  for k, name in ipairs(NAMES) do
    local before = k > 1 and NAMES[rng(k - 1)] or "Z9"
    cells[name] = rng.pick { rng.int(-5, 30), rng.int(0, 9), "=" .. before .. "+" .. rng.int(0, 9), "=" .. before
      .. "-$" .. "Z$9", "=sum(" .. before .. ":Z9)-4" }
    if type(cells[name]) == "string" and cells[name]:find "sum" then cells[name] = "=sum(" .. before .. ")-" .. before
      .. "+7" end
  end
  if i % 6 == 0 then cells.C3 = rng.pick { "=C3", "text", "=A0", "=1++2", "=", "=sum(A)" } end
  return cells
end
local function flawed(cells)
  for _, c in pairs(cells) do
    if c == "=C3" or c == "text" or c == "=A0" or c == "=1++2" or c == "=" or c == "=sum(A)" or c == "=A1" then
      return true end
  end
  return false
end

return {
  job = "works out a sheet of cells: names, ranges, formulas, circles and copies that shift",
  brief = "Cells map a name to an integer or a formula of terms added and taken off: numbers, names, sum(range). "
    .. "Empty cells "
    .. "are 0. '$' keeps a column or row where a formula is copied.",
  blocks = {
    { name = "locate", signature = "locate(name) -> column, row",
      pre = function(a) return cell_ok(a[1]) end,
      post = function(_, r) return r[1] >= 1 and r[2] >= 1 end,
      hidden = function(rng, i) return { i % 4 == 0 and rng.pick { "A0", "1A", "a1", "A", "7", "" } or rng.word("ABZ",
        1, 2) .. rng.int(1, 99) } end,
      examples = {
        { args = { "A1" }, want = { 1, 1 } },
        { args = { "C12" }, want = { 3, 12 } },
        { args = { "Z9" }, want = { 26, 9 } },
        { args = { "AA1" }, want = { 27, 1 } },
        { args = { "AZ10" }, want = { 52, 10 } },
        { args = { "BA2" }, want = { 53, 2 } },
        { args = { "A0" }, want_error = "no cell A0$" },
        { args = { "a1" }, want_error = "no cell a1$" },
      } },
    { name = "name", signature = "name(column, row) -> cell name",
      pre = function() return true end,
      post = function(_, r) return cell_ok(r[1]) end,
      hidden = function(rng) return { rng.pick { rng.int(1, 30), 26, 52, 53, 702, 703, rng.int(1, 800) }, rng.int(1,
        99) } end,
      examples = {
        { args = { 1, 1 }, want = { "A1" } },
        { args = { 26, 3 }, want = { "Z3" } },
        { args = { 27, 3 }, want = { "AA3" } },
        { args = { 52, 1 }, want = { "AZ1" } },
        { args = { 53, 1 }, want = { "BA1" } },
        { args = { 702, 5 }, want = { "ZZ5" } },
        { args = { 703, 5 }, want = { "AAA5" } },
        { args = { 3, 12 }, want = { "C12" } },
      } },
    { name = "range", signature = "range(text) -> names row by row",
      pre = function(a)
        local x, y = a[1]:match "^(%w+):(%w+)$"
        return cell_ok(x or a[1]) and cell_ok(y or a[1])
      end,
      post = function(_, r) return #r[1] >= 1 end,
      hidden = function(rng, i)
        local function c() return rng.word("ABC", 1, 1) .. rng.int(1, 4) end
        return { i % 6 == 0 and rng.pick { "A1:", "A1:B", "A0:B1", ":" } or i % 5 == 0 and c() or c() .. ":" .. c() }
      end,
      examples = {
        { args = { "A1" }, want = { { "A1" } } },
        { args = { "A1:B2" }, want = { { "A1", "B1", "A2", "B2" } } },
        { args = { "B2:A1" }, want = { { "A1", "B1", "A2", "B2" } } },
        { args = { "A2:B1" }, want = { { "A1", "B1", "A2", "B2" } } },
        { args = { "Z1:AA1" }, want = { { "Z1", "AA1" } } },
        { args = { "C3:C5" }, want = { { "C3", "C4", "C5" } } },
        { args = { "A1:B" }, want_error = "no cell B$" },
        { args = { "A1:" }, want_error = "no cell A1:$" },
      } },
    { name = "shift", signature = "shift(formula, columns, rows) -> formula",
      pre = function(a)
        for hold, letter, fix, digits in a[1]:gmatch "(%$?)(%u)(%$?)(%d+)" do
          if hold == "" and letter:byte() - 64 + a[2] < 1 then return false end
          if fix == "" and tonumber(digits) + a[3] < 1 then return false end
        end
        return true
      end,
      post = function(_, r) return type(r[1]) == "string" end,
      hidden = function(rng)
        local f = "=" .. table.concat(rng.list(1, 3, function()
          return rng.pick { "", "", "$" } .. rng.word("ABCD", 1, 1) .. rng.pick { "", "", "$" } .. rng.int(1, 6) end),
            rng.pick { "+", "-", ":" })
        return { f, rng.int(-2, 4), rng.int(-2, 4) }
      end,
      examples = {
        { args = { "=A1", 1, 1 }, want = { "=B2" } },
        { args = { "=$A1", 1, 1 }, want = { "=$A2" } },
        { args = { "=A$1", 1, 1 }, want = { "=B$1" } },
        { args = { "=$A$1", 5, 5 }, want = { "=$A$1" } },
        { args = { "=sum(A1:B2)+3", 2, 0 }, want = { "=sum(C1:D2)+3" } },
        { args = { "=Z1", 1, 0 }, want = { "=AA1" } },
        { args = { "=A1", -1, 0 }, want_error = "shifted off the sheet: A1$" },
        { args = { "=B2", 0, -2 }, want_error = "shifted off the sheet: B2$" },
      } },
    { name = "values", signature = "values(cells) -> value by name",
      pre = function(a) return not flawed(a[1]) end,
      post = function(a, r)
        for name in pairs(a[1]) do if math.type(r[1][name]) ~= "integer" then return false end end
        return true
      end,
      hidden = function(rng, i) return { sheet(rng, i) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { A1 = 5 } }, want = { { A1 = 5 } } },
        { args = { { A1 = 5, B1 = "=A1+2" } }, want = { { A1 = 5, B1 = 7 } } },
        { args = { { A1 = 5, A2 = 6, B1 = "=sum(A1:A3)" } }, want = { { A1 = 5, A2 = 6, B1 = 11 } } },
        { args = { { A1 = "=B1-1", B1 = "=C1-$C$1+4", C1 = 9 } }, want = { { A1 = 3, B1 = 4, C1 = 9 } } },
        { args = { { B1 = "=Q7" } }, want = { { B1 = 0 } } },
        { args = { { C3 = "=C3" } }, want_error = "circle at C3$" },
        { args = { { C3 = "text" } }, want_error = "no formula in C3$" },
        { args = { { C3 = "=A0" } }, want_error = "no cell A0$" },
      } },
  },
  integration = { name = "fill", signature = "fill(cells, source, target) -> values, formulas",
    pre = function(a) return cell_ok(a[2]) and not flawed(a[1]) and a[3] ~= "A1:" end,
    post = function(_, r) return r[2] >= 0 end,
    hidden = function(rng, i)
      local cells = { A1 = rng.int(1, 9), A2 = rng.int(1, 9), A3 = 4, B1 = rng.pick { 7, "=A1+1", "=$A$1-A1",
        "=sum(A$1:A1)", "=A1-$A2" } }
      if i % 7 == 0 then cells.A3 = rng.pick { "text", "=1++2" } end
      return { cells, i % 9 == 0 and "B0" or "B1", i % 10 == 0 and "A1:" or rng.pick { "B2", "B2:B3", "C1:C3",
        "B1:C2" } }
    end,
    examples = {
      { args = { { A1 = 1, A2 = 2, B1 = "=A1+1" }, "B1", "B2" }, want = { { A1 = 1, A2 = 2, B1 = 2, B2 = 3 }, 2 } },
      { args = { { A1 = 1, A2 = 2, B1 = "=sum(A$1:A1)" }, "B1", "B1:B2" }, want = { { A1 = 1, A2 = 2, B1 = 1, B2 = 3 },
        2 } },
      { args = { { A1 = 4 }, "A1", "B1:B2" }, want = { { A1 = 4, B1 = 4, B2 = 4 }, 0 } },
      { args = { { A1 = 4, B1 = "=$A$1" }, "B1", "C1" }, want = { { A1 = 4, B1 = 4, C1 = 4 }, 2 } },
      { args = { { A1 = 4 }, "B1", "C1" }, want = { { A1 = 4 }, 0 } },
      { args = { { A1 = "=A1" }, "B1", "C1" }, want_error = "circle at A1$" },
      { args = { { A1 = 4 }, "A1", "A1:" }, want_error = "no cell A1:$" },
      { args = { { A1 = 4 }, "A0", "B1" }, want_error = "no cell A0$" },
    } },
}
