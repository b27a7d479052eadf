local function field(rng)
  return rng.pick { "", "7", "12", "-3", "true", "x y", "ab", '"a,b"', '"say ""hi"""', '""', "2.5", " pad " }
end

local function lines(rng, i)
  local list = { "name,n,kind" }
  for k = 1, rng.int(0, 6) do
    list[k + 1] = rng.pick { "Ann", '"Lee, Bo"', "Cy", "" } .. "," .. rng.pick { "1", "2", "15", "-4", "", "x" } .. ","
      .. rng.pick { "red", "blue", "" }
  end
  if rng.chance(0.2) then list[#list + 1] = "Short" end
  if rng.chance(0.2) then list[#list + 1] = "" end
  if i % 8 == 0 then list[#list + 1] = rng.pick { "a,b,c,BAD", 'BAD"', '"BAD' } end
  return list
end

local function sane(list)
  if #list == 0 then return false end
  for _, line in ipairs(list) do if line:find "BAD" then return false end end
  return true
end

local function rows(rng)
  return rng.list(0, 6, function()
    local row = { name = rng.pick { "Ann", "Bo", "Cy" }, kind = rng.chance(0.8) and rng.pick { "red", "blue" } or nil }
    row.n = rng.pick { rng.int(-5, 20), rng.int(0, 9), "x", 2.5 }
    if rng.chance(0.15) then row.n = nil end
    return row
  end)
end

local ROWS = { { name = "Ann", n = 3, kind = "red" }, { name = "Bo", n = 8, kind = "blue" }, { name = "Cy",
  kind = "red" } }
local TEXT = { "name,n,kind", "Ann,3,red", "Bo,8,blue", '"Lee, Cy",5,red' }

return {
  job = "parses, types, filters and groups comma-separated tables",
  brief = "Records of comma-separated fields, quoted where needed. A table has a header and typed rows; "
    .. "a question filters, then groups or lists.",
  blocks = {
    { name = "fields", signature = "fields(line) -> list of strings",
      pre = function(a)
        local rest = a[1]:gsub('""', ""):gsub('"[^"]*"', "")
        return not rest:find '"' and not a[1]:find '[^,"]"[^,"]' and not a[1]:find '^"[^"]*"[^,"]'
      end,
      post = function(_, r) return #r[1] >= 1 end,
      hidden = function(rng, i)
        local line = table.concat(rng.list(1, 5, function() return field(rng) end), ",")
        if i % 6 == 0 then line = rng.pick { 'a"b', '"open', '"x"y', 'q,"un' } end
        return { line }
      end,
      examples = {
        { args = { "" }, want = { { "" } } },
        { args = { "a,b" }, want = { { "a", "b" } } },
        { args = { " a , b c ," }, want = { { "a", "b c", "" } } },
        { args = { '"a,b",c' }, want = { { "a,b", "c" } } },
        { args = { '"say ""hi""",2' }, want = { { "say \"hi\"", "2" } } },
        { args = { '""' }, want = { { "" } } },
        { args = { ",," }, want = { { "", "", "" } } },
        { args = { '"open' }, want_error = "quote not closed$" },
        { args = { '"x"y' }, want_error = "text after a quote$" },
        { args = { 'a"b' }, want_error = "quote inside a field$" },
      } },
    { name = "typed", signature = "typed(text) -> integer, float, boolean, text or nil",
      pre = function() return true end,
      post = function(a, r) return r[1] ~= nil or a[1] == "" end,
      hidden = function(rng)
        return { rng.pick { "", "true", "false", "True", tostring(rng.int(-99, 99)), "+" .. rng.int(0, 9), "1.5",
          "-2.25",
          "1.", ".5", "1e3", "0x10", "abc", "12a", "-", "007" } }
      end,
      examples = {
        { args = { "" }, want = {} },
        { args = { "12" }, want = { 12 } },
        { args = { "-7" }, want = { -7 } },
        { args = { "1.5" }, want = { 1.5 } },
        { args = { "2.0" }, want = { 2.0 } },
        { args = { "true" }, want = { true } },
        { args = { "false" }, want = { false } },
        { args = { "1e3" }, want = { "1e3" } },
        { args = { "word" }, want = { "word" } },
      } },
    { name = "table_of", signature = "table_of(lines) -> { header, rows }",
      pre = function(a) return sane(a[1]) and not a[1][1]:find "dup" end,
      post = function(a, r) return #r[1].rows <= #a[1] - 1 end,
      hidden = function(rng, i)
        local list = lines(rng, i)
        if i % 11 == 0 then list[1] = rng.pick { "dup,dup", "dup,,x" } end
        return { i == 5 and {} or list }
      end,
      examples = {
        { args = { {} }, want_error = "no header$" },
        { args = { { "a,b" } }, want = { { header = { "a", "b" }, rows = {} } } },
        { args = { { "a,b", "1,x" } }, want = { { header = { "a", "b" }, rows = { { a = 1, b = "x" } } } } },
        { args = { { "a,b", "1" } }, want = { { header = { "a", "b" }, rows = { { a = 1 } } } } },
        { args = { { "a,b", "", "2,true" } }, want = { { header = { "a", "b" }, rows = { { a = 2, b = true } } } } },
        { args = { { "dup,dup" } }, want_error = "bad column name 'dup'$" },
        { args = { { "a,b", "1,2,BAD" } }, want_error = "line 2 has 3 fields$" },
        { args = { { "dup," } }, want_error = "bad column name ''$" },
        { args = { { "a", '"x, y"', "2.5" } },
          want = { { header = { "a" }, rows = { { a = "x, y" }, { a = 2.5 } } } } },
      } },
    { name = "where", signature = "where(rows, column, '='|'<'|'>', value) -> rows that match",
      pre = function(a)
        for _, row in ipairs(a[1]) do
          if a[3] == "!" and type(row[a[2]]) == "number" and type(a[4]) == "number" then return false end
        end
        return true
      end,
      post = function(a, r) return #r[1] <= #a[1] end,
      hidden = function(rng, i)
        return { rows(rng), rng.pick { "n", "n", "kind" }, i % 9 == 0 and "!" or rng.pick { "=", "<", ">" },
          rng.pick { 2, 5, 8, 3, "red" } }
      end,
      examples = {
        { args = { {}, "n", "=", 1 }, want = { {} } },
        { args = { ROWS, "n", "=", 3 }, want = { { { kind = "red", n = 3, name = "Ann" } } } },
        { args = { ROWS, "n", ">", 3 }, want = { { { kind = "blue", n = 8, name = "Bo" } } } },
        { args = { ROWS, "n", "<", 8 }, want = { { { kind = "red", n = 3, name = "Ann" } } } },
        { args = { ROWS, "kind", "=", "red" },
          want = { { { kind = "red", n = 3, name = "Ann" }, { kind = "red", name = "Cy" } } } },
        { args = { ROWS, "kind", "<", "red" }, want = { {} } },
        { args = { ROWS, "n", "!", 3 }, want_error = "unknown operator !$" },
        { args = { { { n = 2 }, { n = 2.0 }, { n = "2" } }, "n", "=", 2 }, want = { { { n = 2 }, { n = 2.0 } } } },
      } },
    { name = "group", signature = "group(rows, by, column) -> { key, count, sum } sorted by key",
      pre = function() return true end,
      post = function(a, r)
        local n = 0
        for _, group in ipairs(r[1]) do n = n + group.count end
        return n == #a[1]
      end,
      hidden = function(rng) return { rows(rng), rng.pick { "name", "kind" }, "n" } end,
      examples = {
        { args = { {}, "kind", "n" }, want = { {} } },
        { args = { ROWS, "kind", "n" },
          want = { { { count = 1, key = "blue", sum = 8 }, { count = 2, key = "red", sum = 3 } } } },
        { args = { ROWS, "name", "n" },
          want = {
            {
              { count = 1, key = "Ann", sum = 3 }, { count = 1, key = "Bo", sum = 8 },
              { count = 1, key = "Cy", sum = 0 },
            },
          } },
        { args = { ROWS, "n", "n" },
          want = {
            {
              { count = 1, key = "3", sum = 3 }, { count = 1, key = "8", sum = 8 },
              { count = 1, key = "nil", sum = 0 },
            },
          } },
        { args = { { { k = "b", n = 1 }, { k = "a", n = 2 }, { k = "b", n = 3 } }, "k", "n" },
          want = { { { count = 1, key = "a", sum = 2 }, { count = 2, key = "b", sum = 4 } } } },
        { args = { { { k = "b", n = 1.5 }, { k = "b", n = 2 } }, "k", "n" },
          want = { { { count = 2, key = "b", sum = 2 } } } },
        { args = { { { k = true, n = 1 }, { k = false, n = 1 } }, "k", "n" },
          want = { { { count = 1, key = "false", sum = 1 }, { count = 1, key = "true", sum = 1 } } } },
        { args = { { { n = 1 }, { n = 4 } }, "k", "n" }, want = { { { count = 2, key = "nil", sum = 5 } } } },
      } },
    { name = "quote", signature = "quote(value or nil) -> field text",
      pre = function() return true end,
      post = function(a, r) return #r[1] >= #tostring(a[1] == nil and "" or a[1]) end,
      hidden = function(rng)
        return { rng.pick { rng.int(0, 99), true, "", "a", "a,b", 'q"q', " lead", "trail ", "x\ny", "mid dle", '"',
          "2,5" } }
      end,
      examples = {
        { args = {}, want = { "" } },
        { args = { 5 }, want = { "5" } },
        { args = { "plain" }, want = { "plain" } },
        { args = { "a,b" }, want = { "\"a,b\"" } },
        { args = { 'say "hi"' }, want = { "\"say \"\"hi\"\"\"" } },
        { args = { " x" }, want = { "\" x\"" } },
        { args = { "x " }, want = { "\"x \"" } },
        { args = { "two words" }, want = { "two words" } },
        { args = { false }, want = { "false" } },
      } },
  },
  integration = { name = "query",
    signature = "query(lines, { column, operator, value, by, sum }) -> lines of the answer",
    pre = function(a) return sane(a[1]) end,
    post = function(_, r) return #r[1] >= 1 end,
    hidden = function(rng, i)
      local q = {}
      if rng.chance(0.6) then
        q = { column = rng.pick { "n", "kind" }, operator = rng.pick { "=", "<", ">" }, value = rng.pick { 1, 2,
          "red" } }
      end
      if rng.chance(0.5) then q.by, q.sum = rng.pick { "name", "kind" }, "n" end
      return { lines(rng, i), q }
    end,
    examples = {
      { args = { TEXT, {} }, want = { { "name,n,kind", "Ann,3,red", "Bo,8,blue", "\"Lee, Cy\",5,red" } } },
      { args = { TEXT, { column = "n", operator = ">", value = 3 } },
        want = { { "name,n,kind", "Bo,8,blue", "\"Lee, Cy\",5,red" } } },
      { args = { TEXT, { column = "kind", operator = "=", value = "red" } },
        want = { { "name,n,kind", "Ann,3,red", "\"Lee, Cy\",5,red" } } },
      { args = { TEXT, { by = "kind", sum = "n" } }, want = { { "kind,count,sum of n", "blue,1,8", "red,2,8" } } },
      { args = { TEXT, { by = "kind", sum = "n", column = "n", operator = "<", value = 6 } },
        want = { { "kind,count,sum of n", "red,2,8" } } },
      { args = { TEXT, { by = "name", sum = "n" } },
        want = { { "name,count,sum of n", "Ann,1,3", "Bo,1,8", "\"Lee, Cy\",1,5" } } },
      { args = { {}, {} }, want_error = "no header$" },
      { args = { { "a", "1,BAD" }, {} }, want_error = "line 2 has 2 fields$" },
      { args = { { "a,b", "x" }, {} }, want = { { "a,b", "x," } } },
    } },
}
