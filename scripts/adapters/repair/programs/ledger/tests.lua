local ACCOUNTS = { "cash", "cash:bank", "cash:till", "sales", "rent", "tax:vat", "wages" }

local function entry(rng, n)
  local lines, sum = {}, 0
  for i = 1, n do
    local amount = rng.int(1, 3000) * (rng.chance(0.5) and 1 or -1)
    if i == n and sum ~= 0 then amount = -sum end
    sum = sum + amount
    lines[i] = { account = rng.pick(ACCOUNTS), amount = amount }
  end
  if sum ~= 0 then lines[n].amount = lines[n].amount - sum end
  return { memo = rng.pick { "sale", "refund", "month end" }, lines = lines }
end

local function balances(rng)
  local result = {}
  for _ = 1, rng.int(0, 5) do result[rng.pick(ACCOUNTS)] = rng.int(1, 250000) * (rng.chance(0.6) and 1 or -1) end
  return result
end

local function good_entry(e)
  if type(e.memo) ~= "string" or e.memo == "" or #e.lines < 2 then return false end
  local sum = 0
  for _, line in ipairs(e.lines) do
    if not line.account or line.amount == 0 then return false end
    sum = sum + line.amount
  end
  return sum == 0
end

local function total(map)
  local sum = 0
  for _, amount in pairs(map) do sum = sum + amount end
  return sum
end

return {
  job = "keeps double-entry books in cents and prints a statement with subtotals",
  brief = "Amounts are integers in cents. An entry's lines sum to zero. Accounts nest by colons; "
    .. "a statement lists every level in order of name.",
  blocks = {
    { name = "parse_amount", signature = "parse_amount(text) -> cents",
      pre = function(a)
        local whole, fraction = a[1]:match "^%-?([%d,]+)%.?(%d*)$"
        return whole ~= nil and whole:find "%d" ~= nil and #fraction <= 2
      end,
      post = function(a, r) return (r[1] < 0) == (a[1]:find "^%-" ~= nil and a[1]:find "[1-9]" ~= nil) end,
      hidden = function(rng, i)
        local text = rng.pick { "", "-" } .. rng.int(0, 999) .. rng.pick { "", ",", ".5", ".07", ".90", ",123.4" }
        if i % 6 == 0 then text = rng.pick { "x", "1.234", "", "--1", ",", "1 2" } .. rng.pick { "", ".", " " } end
        return { text }
      end,
      examples = {
        { args = { "12.34" }, want = { 1234 } },
        { args = { "5" }, want = { 500 } },
        { args = { "-0.5" }, want = { -50 } },
        { args = { "1,234.05" }, want = { 123405 } },
        { args = { "7." }, want = { 700 } },
        { args = { "0.005" }, want_error = "bad amount: 0%.005$" },
        { args = { "abc" }, want_error = "bad amount: abc$" },
        { args = { "," }, want_error = "bad amount: ,$" },
        { args = { "-12,000" }, want = { -1200000 } },
      } },
    { name = "format_amount", signature = "format_amount(cents) -> text with thousands separators and two decimals",
      pre = function() return true end,
      post = function(a, r) return #r[1]:gsub("%D", "") >= 3 and (r[1]:sub(1, 1) == "-") == (a[1] < 0) end,
      hidden = function(rng) return { rng.int(0, 10 ^ rng.int(1, 9) // 1 | 0) * (rng.chance(0.3) and -1 or 1) } end,
      examples = {
        { args = { 0 }, want = { "0.00" } },
        { args = { 5 }, want = { "0.05" } },
        { args = { 1234 }, want = { "12.34" } },
        { args = { -50 }, want = { "-0.50" } },
        { args = { 99999 }, want = { "999.99" } },
        { args = { 100000 }, want = { "1,000.00" } },
        { args = { 123456789 }, want = { "1,234,567.89" } },
        { args = { -100000000 }, want = { "-1,000,000.00" } },
      } },
    { name = "check_entry", signature = "check_entry(entry) -> number of lines; error when it is not a balanced entry",
      pre = function(a) return good_entry(a[1]) end,
      post = function(a, r) return r[1] == #a[1].lines end,
      hidden = function(rng, i)
        local e = entry(rng, rng.int(2, 4))
        local spoil = i % 3 == 0 and rng(5)
        if spoil == 1 then e.memo = rng.chance(0.5) and "" or nil end
        if spoil == 2 then e.lines = { e.lines[1] } end
        if spoil == 3 then e.lines[rng(#e.lines)].account = nil end
        if spoil == 4 then e.lines[rng(#e.lines)].amount = 0 end
        if spoil == 5 then e.lines[1].amount = e.lines[1].amount + rng.int(1, 9) end
        return { e }
      end,
      examples = {
        {
          args = { { lines = { { account = "x", amount = 5 }, { account = "y", amount = -5 } }, memo = "a" } },
          want = { 2 },
        },
        {
          args = {
            {
              lines = {
                { account = "x", amount = 7 }, { account = "y", amount = -3 }, { account = "z", amount = -4 },
              },
              memo = "b",
            },
          },
          want = { 3 },
        },
        { args = { { lines = { { account = "x", amount = 5 } }, memo = "c" } }, want_error = "c: needs two lines$" },
        { args = { { lines = {}, memo = "" } }, want_error = "entry without memo$" },
        {
          args = { { lines = { { account = "x", amount = 1 }, { account = "y", amount = -1 } } } },
          want_error = "entry without memo$",
        },
        {
          args = { { lines = { { account = "x", amount = 5 }, { account = "y", amount = -4 } }, memo = "d" } },
          want_error = "d: off by 1$",
        },
        {
          args = { { lines = { { account = "x", amount = 5 }, { amount = -5 } }, memo = "e" } },
          want_error = "e: line 2 has no account$",
        },
        {
          args = { { lines = { { account = "x", amount = 0 }, { account = "y", amount = 0 } }, memo = "f" } },
          want_error = "f: line 1 is zero$",
        },
      } },
    { name = "post", signature = "post(balances, entry) -> new balances; accounts at zero are dropped",
      pre = function() return true end,
      post = function(a, r)
        for _, amount in pairs(r[1]) do if amount == 0 then return false end end
        return total(r[1]) == total(a[1])
      end,
      hidden = function(rng)
        local b, e = balances(rng), entry(rng, rng.int(2, 4))
        if rng.chance(0.4) then b[e.lines[1].account] = -e.lines[1].amount end
        return { b, e }
      end,
      examples = {
        {
          args = { {}, { lines = { { account = "x", amount = 5 }, { account = "y", amount = -5 } }, memo = "a" } },
          want = { { x = 5, y = -5 } },
        },
        {
          args = {
            { x = 3 }, { lines = { { account = "x", amount = 5 }, { account = "y", amount = -5 } }, memo = "a" },
          },
          want = { { x = 8, y = -5 } },
        },
        {
          args = {
            { x = -5, y = 5 },
            { lines = { { account = "x", amount = 5 }, { account = "y", amount = -5 } }, memo = "a" },
          },
          want = { {} },
        },
        {
          args = {
            { z = 1 }, { lines = { { account = "x", amount = 5 }, { account = "x", amount = -5 } }, memo = "a" },
          },
          want = { { z = 1 } },
        },
        { args = { { x = 1, y = 2 }, { lines = {}, memo = "a" } }, want = { { x = 1, y = 2 } } },
        {
          args = {
            { a = 9 }, { lines = { { account = "b", amount = 4 }, { account = "c", amount = -4 } }, memo = "m" },
          },
          want = { { a = 9, b = 4, c = -4 } },
        },
        {
          args = {
            { b = 4 },
            {
              lines = {
                { account = "b", amount = 4 }, { account = "c", amount = -8 }, { account = "b", amount = 4 },
              },
              memo = "m",
            },
          },
          want = { { b = 12, c = -8 } },
        },
        {
          args = {
            {},
            {
              lines = {
                { account = "b", amount = 1 }, { account = "b", amount = 1 }, { account = "c", amount = -2 },
              },
              memo = "m",
            },
          },
          want = { { b = 2, c = -2 } },
        },
      } },
    { name = "roll_up", signature = "roll_up(balances) -> totals of every account and of every prefix of it",
      pre = function() return true end,
      post = function(a, r)
        local top = 0
        for name, amount in pairs(r[1]) do if not name:find ":" then top = top + amount end end
        return top == total(a[1])
      end,
      hidden = function(rng)
        local b = balances(rng)
        if rng.chance(0.5) then b["a:b:" .. rng.word("xy", 1, 2)] = rng.int(1, 50) end
        return { b }
      end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { cash = 5 } }, want = { { cash = 5 } } },
        { args = { { ["cash:bank"] = 5 } }, want = { { cash = 5, ["cash:bank"] = 5 } } },
        {
          args = { { ["cash:bank"] = 5, ["cash:till"] = 3 } },
          want = { { cash = 8, ["cash:bank"] = 5, ["cash:till"] = 3 } },
        },
        { args = { { cash = 1, ["cash:bank"] = 2 } }, want = { { cash = 3, ["cash:bank"] = 2 } } },
        {
          args = { { ["a:b:c"] = 4, ["a:b:d"] = -4 } },
          want = { { a = 0, ["a:b"] = 0, ["a:b:c"] = 4, ["a:b:d"] = -4 } },
        },
        { args = { { ["a:b"] = 1, b = 2 } }, want = { { a = 1, ["a:b"] = 1, b = 2 } } },
        { args = { { ["x:q"] = 1, ["x:y:z"] = 7 } }, want = { { x = 8, ["x:q"] = 1, ["x:y"] = 7, ["x:y:z"] = 7 } } },
      } },
    { name = "statement", signature = "statement(totals) -> aligned rows in order of account",
      pre = function() return true end,
      post = function(a, r)
        local n = 0
        for _ in pairs(a[1]) do n = n + 1 end
        return #r[1] == n
      end,
      hidden = function(rng) return { balances(rng) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { { cash = 500 } }, want = { { "cash       5.00 Dr" } } },
        { args = { { cash = -500 } }, want = { { "cash       5.00 Cr" } } },
        { args = { { cash = 123456, rent = 5 } }, want = { { "cash   1,234.56 Dr", "rent       0.05 Dr" } } },
        { args = { { a = 0 } }, want = { { "a       0.00 Dr" } } },
        {
          args = { { b = -1, ["cash:bank"] = 100000000 } },
          want = { { "b               0.01 Cr", "cash:bank 1,000,000.00 Dr" } },
        },
        {
          args = { { alpha = 2, mid = -3, zeta = 1 } },
          want = { { "alpha       0.02 Dr", "mid         0.03 Cr", "zeta        0.01 Dr" } },
        },
        {
          args = { { long_account = 1234567890, x = 7 } },
          want = { { "long_account 12,345,678.90 Dr", "x                  0.07 Dr" } },
        },
      } },
  },
  integration = { name = "book", signature = "book(lines `memo; account amount; ...`) -> statement rows",
    pre = function(a)
      for _, text in ipairs(a[1]) do if text:find "bad" then return false end end
      return true
    end,
    post = function(_, r) return type(r[1]) == "table" end,
    hidden = function(rng, i)
      local texts = rng.list(1, 4, function()
        local x, y = rng.int(1, 99999), rng.int(1, 500)
        return ("%s; %s %d.%02d; %s -%d.%02d"):format(rng.pick { "buy", "sell" }, rng.pick(ACCOUNTS), x, y % 100,
          rng.pick(ACCOUNTS), x, y % 100)
      end)
      if i % 5 == 0 then
        texts[#texts + 1] = rng.pick { "bad; a 1; b -2", "bad; a 1", "bad; a; b -1", "bad; a 1.x; b -1",
          "bad; a 0; b 0" }
      end
      return { texts }
    end,
    examples = {
      { args = { {} }, want = { {} } },
      { args = { { "sale; cash 10; sales -10" } }, want = { { "cash       10.00 Dr", "sales      10.00 Cr" } } },
      {
        args = { { "sale; cash:bank 10.50; sales -10.5", "fee; fees 1; cash:bank -1" } },
        want = {
          {
            "cash            9.50 Dr", "cash:bank       9.50 Dr", "fees            1.00 Dr",
            "sales          10.50 Cr",
          },
        },
      },
      { args = { { "a; x 1; y -1", "b; y 1; x -1" } }, want = { {} } },
      { args = { { "bad; x 1; y 1" } }, want_error = "bad: off by 200$" },
      { args = { { "bad" } }, want_error = "bad: needs two lines$" },
      { args = { { "bad; x" } }, want_error = "bad: bad line 'x'$" },
      {
        args = { { "big; cash:till 1,000,000; owner -1,000,000" } },
        want = { { "cash      1,000,000.00 Dr", "cash:till 1,000,000.00 Dr", "owner     1,000,000.00 Cr" } },
      },
    } },
}
