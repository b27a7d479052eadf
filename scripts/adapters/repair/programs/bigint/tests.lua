local function digits(rng, most) return rng.pick { "0", "9", "", "10000" } .. rng.word("0012999", 1, most) end

local function limbs(text)
  local list = {}
  text = text:gsub("^0+", "")
  while text ~= "" do
    list[#list + 1] = math.tointeger(text:sub(-4))
    text = text:sub(1, -5)
  end
  return list
end

local function tidy(list)
  for _, limb in ipairs(list) do if limb < 0 or limb > 9999 then return false end end
  return list[#list] ~= 0
end

local function modulo(list, m)
  local rest = 0
  for i = #list, 1, -1 do rest = (rest * 10000 + list[i]) % m end
  return rest
end

local function below(a, b)
  if #a ~= #b then return #a < #b end
  for i = #a, 1, -1 do if a[i] ~= b[i] then return a[i] < b[i] end end
  return false
end

local function L(text) return limbs(text) end

return {
  job = "arithmetic with whole numbers of any size in limbs of four digits",
  brief = "A number is a list of limbs 0..9999, lowest first, without a zero at the end; zero is {}.",
  blocks = {
    { name = "limbs", signature = "limbs(text) -> limbs",
      pre = function(a) return a[1]:find "^%d+$" ~= nil end,
      post = function(a, r) return tidy(r[1]) and #r[1] == #limbs(a[1]) end,
      hidden = function(rng, i) return { i % 6 == 0 and rng.pick { "", "-1", "1.5", "12a", " 1" } or digits(rng,
        12) } end,
      examples = {
        { args = { "0" }, want = { {} } },
        { args = { "7" }, want = { { 7 } } },
        { args = { "12345" }, want = { { 2345, 1 } } },
        { args = { "10000" }, want = { { 0, 1 } } },
        { args = { "0001000" }, want = { { 1000 } } },
        { args = { "123456789" }, want = { { 6789, 2345, 1 } } },
        { args = { "00000000" }, want = { {} } },
        { args = { "-5" }, want_error = "no number: %-5$" },
        { args = { "" }, want_error = "no number: $" },
      } },
    { name = "text", signature = "text(limbs) -> digits",
      pre = function() return true end,
      post = function(_, r) return r[1] == "0" or r[1]:find "^[1-9]%d*$" ~= nil end,
      hidden = function(rng) return { limbs(digits(rng, 12)) } end,
      examples = {
        { args = { {} }, want = { "0" } },
        { args = { { 7 } }, want = { "7" } },
        { args = { { 2345, 1 } }, want = { "12345" } },
        { args = { { 0, 1 } }, want = { "10000" } },
        { args = { { 1, 1 } }, want = { "10001" } },
        { args = { { 20, 0, 3 } }, want = { "300000020" } },
        { args = { { 9999 } }, want = { "9999" } },
        { args = { { 6789, 2345, 1 } }, want = { "123456789" } },
      } },
    { name = "add", signature = "add(a, b) -> a + b",
      pre = function() return true end,
      post = function(a, r) return tidy(r[1]) and modulo(r[1], 97) == (modulo(a[1], 97) + modulo(a[2], 97)) % 97 end,
      hidden = function(rng) return { limbs(digits(rng, 10)), limbs(digits(rng, 10)) } end,
      examples = {
        { args = { {}, {} }, want = { {} } },
        { args = { { 1 }, {} }, want = { { 1 } } },
        { args = { { 5 }, { 7 } }, want = { { 12 } } },
        { args = { { 9999 }, { 1 } }, want = { { 0, 1 } } },
        { args = { { 9999, 9999 }, { 1 } }, want = { { 0, 0, 1 } } },
        { args = { { 1 }, { 9999, 5 } }, want = { { 0, 6 } } },
        { args = { { 9999 }, { 9999 } }, want = { { 9998, 1 } } },
        { args = { { 1, 2, 3 }, { 4, 5 } }, want = { { 5, 7, 3 } } },
      } },
    { name = "subtract", signature = "subtract(a, b) -> a - b",
      pre = function(a) return not below(a[1], a[2]) end,
      post = function(a, r) return tidy(r[1]) and (modulo(r[1], 97) + modulo(a[2], 97)) % 97 == modulo(a[1], 97) end,
      hidden = function(rng, i)
        local a, b = limbs(digits(rng, 11)), limbs(digits(rng, 9))
        if i % 5 > 0 and below(a, b) then a, b = b, a end
        if i % 7 == 0 then b = { table.unpack(a) } end
        return { a, b }
      end,
      examples = {
        { args = { { 7 }, { 5 } }, want = { { 2 } } },
        { args = { { 7 }, {} }, want = { { 7 } } },
        { args = { { 7 }, { 7 } }, want = { {} } },
        { args = { { 0, 1 }, { 1 } }, want = { { 9999 } } },
        { args = { { 0, 0, 1 }, { 1 } }, want = { { 9999, 9999 } } },
        { args = { { 5, 3, 1 }, { 6, 3, 1 } }, want_error = "result below zero$" },
        { args = { { 5, 3, 1 }, { 4, 3, 1 } }, want = { { 1 } } },
        { args = { { 5 }, { 0, 1 } }, want_error = "result below zero$" },
      } },
    { name = "multiply", signature = "multiply(a, b) -> a * b",
      pre = function() return true end,
      post = function(a, r) return tidy(r[1]) and modulo(r[1], 101) == modulo(a[1], 101) * modulo(a[2], 101) % 101 end,
      hidden = function(rng) return { limbs(digits(rng, 10)), limbs(digits(rng, 10)) } end,
      examples = {
        { args = { {}, { 5 } }, want = { {} } },
        { args = { { 5 }, {} }, want = { {} } },
        { args = { { 6 }, { 7 } }, want = { { 42 } } },
        { args = { { 5000 }, { 2 } }, want = { { 0, 1 } } },
        { args = { { 9999 }, { 9999 } }, want = { { 1, 9998 } } },
        { args = { { 1, 1 }, { 1, 1 } }, want = { { 1, 2, 1 } } },
        { args = { { 9999, 9999 }, { 9999 } }, want = { { 1, 9999, 9998 } } },
        { args = { { 0, 3 }, { 0, 4 } }, want = { { 0, 0, 12 } } },
      } },
    { name = "divide_small", signature = "divide_small(a, divisor) -> quotient, rest",
      pre = function(a) return a[2] >= 1 and a[2] <= 9999 end,
      post = function(a, r) return tidy(r[1]) and r[2] < a[2] and modulo(a[1], a[2]) == r[2] end,
      hidden = function(rng, i)
        return { limbs(digits(rng, 11)), i % 6 == 0 and rng.pick { 0, -3, 10000 } or rng.pick { 1, 2, 10, 9999,
          rng.int(3, 9000) } }
      end,
      examples = {
        { args = { { 7 }, 2 }, want = { { 3 }, 1 } },
        { args = { { 0, 1 }, 10 }, want = { { 1000 }, 0 } },
        { args = { { 5 }, 9 }, want = { {}, 5 } },
        { args = { {}, 9 }, want = { {}, 0 } },
        { args = { { 1, 10 }, 10 }, want = { { 0, 1 }, 1 } },
        { args = { { 2345, 1 }, 1 }, want = { { 2345, 1 }, 0 } },
        { args = { { 9999, 9999 }, 9999 }, want = { { 1, 1 }, 0 } },
        { args = { { 1 }, 0 }, want_error = "divisor out of range$" },
        { args = { { 1 }, 10000 }, want_error = "divisor out of range$" },
      } },
    { name = "power", signature = "power(base, exponent) -> limbs",
      pre = function(a) return a[2] >= 0 end,
      post = function(a, r)
        local want = 1
        for _ = 1, a[2] do want = want * modulo(a[1], 89) % 89 end
        return tidy(r[1]) and modulo(r[1], 89) == want
      end,
      hidden = function(rng, i) return { limbs(digits(rng, 4)), i % 8 == 0 and -1 or rng.int(0, 9) } end,
      examples = {
        { args = { { 2 }, 10 }, want = { { 1024 } } },
        { args = { { 10 }, 4 }, want = { { 0, 1 } } },
        { args = { { 7 }, 0 }, want = { { 1 } } },
        { args = { {}, 3 }, want = { {} } },
        { args = { {}, 0 }, want = { { 1 } } },
        { args = { { 99 }, 3 }, want = { { 299, 97 } } },
        { args = { { 0, 1 }, 2 }, want = { { 0, 0, 1 } } },
        { args = { { 3 }, -1 }, want_error = "negative exponent$" },
      } },
  },
  integration = { name = "calculate", signature = "calculate(line) -> digits, their sum",
    pre = function(a)
      local x, op, y = a[1]:match "^%s*(%d+)%s*([-+*^!])%s*(%d*)%s*$"
      if not x or (op == "!") ~= (y == "") then return false end
      return op ~= "-" or not below(L(x), L(y))
    end,
    post = function(_, r)
      local sum = 0
      for d in r[1]:gmatch "%d" do sum = sum + tonumber(d) end
      return sum == r[2]
    end,
    hidden = function(rng, i)
      local op = rng.pick { "+", "-", "*", "^", "!" }
      if op == "!" then return { rng.int(0, 15) .. " !" } end
      if op == "^" then return { digits(rng, 2) .. "^" .. rng.int(0, 9) } end
      if i % 6 == 0 then return { rng.pick { "1 / 2", "x + 1", "5 ! 3", "4 +", "1 - 2", "+ 3" } } end
      return { digits(rng, 9) .. " " .. op .. " " .. digits(rng, 7) }
    end,
    examples = {
      { args = { "2 ^ 64" }, want = { "18446744073709551616", 88 } },
      { args = { "10 !" }, want = { "3628800", 27 } },
      { args = { "0!" }, want = { "1", 1 } },
      { args = { "99999999 + 1" }, want = { "100000000", 1 } },
      { args = { "100000000 - 1" }, want = { "99999999", 72 } },
      { args = { "5 - 5" }, want = { "0", 0 } },
      { args = { "111111 * 111111" }, want = { "12345654321", 36 } },
      { args = { "1 - 2" }, want_error = "result below zero$" },
      { args = { "5 ! 3" }, want_error = "cannot calculate 5 ! 3$" },
      { args = { "5 +" }, want_error = "cannot calculate 5 %+$" },
    } },
}
