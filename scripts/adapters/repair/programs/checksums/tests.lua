local function digits(rng, n) return rng.word("0123456789", n, n) end
local function card(body)
  local sum = 0
  for i = 1, #body do
    local v = tonumber(body:sub(-i, -i)) * (i % 2 == 1 and 2 or 1)
    sum = sum + v // 10 + v % 10
  end
  return -sum % 10
end
local function goods(body)
  local sum = 0
  for i = 1, #body do sum = sum + tonumber(body:sub(-i, -i)) * (i % 2 == 1 and 3 or 1) end
  return -sum % 10
end
local function book(body)
  for check = 0, 10 do
    local sum = check
    for i = 1, 9 do sum = sum + (11 - i) * tonumber(body:sub(i, i)) end
    if sum % 11 == 0 then return check == 10 and "X" or tostring(check) end
  end
end
local function remainder(text)
  local n = 0
  local plain = text:gsub("%u", function(c) return tostring(c:byte() - 55) end)
  for d in plain:gmatch "%d" do n = (n * 10 + tonumber(d)) % 97 end
  return n
end
local function account(country, body)
  for check = 2, 98 do
    if remainder(body .. country .. ("%02d"):format(check)) == 1 then return ("%02d"):format(check) end
  end
end

local function code(rng)
  local kind = rng(5)
  local body = digits(rng, ({ 15, 12, 7, 9, 10 })[kind])
  local good = rng.chance(0.6)
  local wrong = rng.pick { "0", "5", "7" }
  if kind == 1 then return body .. (good and card(body) or wrong) end
  if kind == 4 then return body:sub(1, 3) .. "-" .. body:sub(4) .. (good and book(body) or wrong) end
  if kind == 5 then return rng.pick { "DE", "GB" } .. (good and "" or wrong .. "3") .. (good and "" or "AB")
    .. (good and
    "" or body) end
  return body .. (good and goods(body) or wrong)
end

local function any_code(rng)
  local text = code(rng)
  if #text == 2 then
    local body = rng.pick { "", "WEST", "BANK" } .. digits(rng, 8)
    return text .. account(text, body) .. " " .. body
  end
  return text
end

local BAD = { "", "12", "abc", "12345678901", "12 34 x", "DE", "123456789012345678901" }
local function known(text)
  local p = text:gsub("[%s-]", ""):upper()
  if p:find "^%u%u%d%d[%u%d]+$" then return true end
  if #p == 10 and p:find "^%d+[%dX]$" then return true end
  return p:find "^%d+$" ~= nil and (#p == 13 or #p == 8 or (#p >= 14 and #p <= 19))
end

return {
  job = "computes and verifies check digits of cards, books, goods and accounts, and CRC sums",
  brief = "Check digits: cards double every second digit from the right; books weigh 10 down to 2 modulo 11; goods "
    .. "weigh "
    .. "3 and 1 by turns from the right; accounts are 98 minus the rest modulo 97. Blanks and dashes do not count.",
  blocks = {
    { name = "luhn", signature = "luhn(digits without check) -> check digit",
      pre = function(a) return a[1]:find "^%d+$" ~= nil end,
      post = function(a, r) return r[1] == card(a[1]) end,
      hidden = function(rng, i) return { i % 6 == 0 and rng.pick { "", "12a", "1 2" } or digits(rng, rng.int(1,
        16)) } end,
      examples = {
        { args = { "7992739871" }, want = { 3 } },
        { args = { "0" }, want = { 0 } },
        { args = { "1" }, want = { 8 } },
        { args = { "5" }, want = { 9 } },
        { args = { "18" }, want = { 2 } },
        { args = { "453201511283036" }, want = { 6 } },
        { args = { "" }, want_error = "not only digits: $" },
        { args = { "4x" }, want_error = "not only digits: 4x$" },
      } },
    { name = "isbn", signature = "isbn(nine digits) -> last character",
      pre = function(a) return a[1]:find "^%d+$" ~= nil and #a[1] == 9 end,
      post = function(a, r) return r[1] == book(a[1]) end,
      hidden = function(rng, i) return { digits(rng, i % 6 == 0 and rng.pick { 8, 10 } or 9) } end,
      examples = {
        { args = { "030640615" }, want = { "2" } },
        { args = { "000000000" }, want = { "0" } },
        { args = { "000000001" }, want = { "9" } },
        { args = { "000000006" }, want = { "X" } },
        { args = { "100000000" }, want = { "1" } },
        { args = { "12345678" }, want_error = "not nine digits: 12345678$" },
        { args = { "12345678X" }, want_error = "not nine digits: 12345678X$" },
        { args = { "080442957" }, want = { "X" } },
      } },
    { name = "ean", signature = "ean(7 or 12 digits) -> check digit",
      pre = function(a) return not a[1]:find "%D" and (#a[1] == 7 or #a[1] == 12) end,
      post = function(a, r) return r[1] == goods(a[1]) end,
      hidden = function(rng, i) return { digits(rng, i % 6 == 0 and rng.pick { 8, 11, 13 } or rng.pick { 7, 12 }) } end,
      examples = {
        { args = { "400638133393" }, want = { 1 } },
        { args = { "7351353" }, want = { 7 } },
        { args = { "0000000" }, want = { 0 } },
        { args = { "0000001" }, want = { 7 } },
        { args = { "1000000" }, want = { 7 } },
        { args = { "100000000000" }, want = { 9 } },
        { args = { "12345" }, want_error = "not 7 or 12 digits: 12345$" },
        { args = { "12345a7" }, want_error = "not 7 or 12 digits: 12345a7$" },
      } },
    { name = "iban", signature = "iban(country, account) -> two check digits",
      pre = function(a) return a[1]:find "^[A-Z][A-Z]$" ~= nil and a[2]:find "^[A-Z0-9]+$" ~= nil end,
      post = function(a, r) return r[1] == account(a[1], a[2]) end,
      hidden = function(rng, i)
        if i % 6 == 0 then return rng.pick { { "D", "1" }, { "de", "1" }, { "DE", "" }, { "DE", "1 2" } } end
        return { rng.pick { "DE", "GB", "NL" }, rng.pick { "", "ABNA", "Z" } .. digits(rng, rng.int(1, 12)) }
      end,
      examples = {
        { args = { "GB", "WEST12345698765432" }, want = { "82" } },
        { args = { "DE", "370400440532013000" }, want = { "89" } },
        { args = { "AA", "0" }, want = { "75" } },
        { args = { "NL", "ABNA0417164300" }, want = { "91" } },
        { args = { "DE", "1" }, want = { "09" } },
        { args = { "de", "1" }, want_error = "bad account de 1$" },
        { args = { "DEU", "1" }, want_error = "bad account DEU 1$" },
        { args = { "DE", "" }, want_error = "bad account DE $" },
      } },
    { name = "crc", signature = "crc(text, 16 or 32) -> hexadecimal digits",
      pre = function(a) return a[2] == 16 or a[2] == 32 end,
      post = function(a, r) return #r[1] == a[2] // 4 end,
      hidden = function(rng, i) return { rng.word("abc123 ,", 0, 9), i % 8 == 0 and rng.pick { 8, 0 } or rng.pick { 16,
        32 } } end,
      examples = {
        { args = { "123456789", 16 }, want = { "29b1" } },
        { args = { "123456789", 32 }, want = { "cbf43926" } },
        { args = { "", 16 }, want = { "ffff" } },
        { args = { "", 32 }, want = { "00000000" } },
        { args = { "a", 32 }, want = { "e8b7be43" } },
        { args = { "A", 16 }, want = { "b915" } },
        { args = { "a", 8 }, want_error = "no CRC of 8 bits$" },
        { args = { "abc", 32 }, want = { "352441c2" } },
      } },
    { name = "identify", signature = "identify(code) -> kind, whether its check holds",
      pre = function(a) return known(a[1]) end,
      post = function(_, r) return type(r[2]) == "boolean" end,
      hidden = function(rng, i) return { i % 5 == 0 and rng.pick(BAD) or any_code(rng) } end,
      examples = {
        { args = { "4532 0151 1283 0366" }, want = { "card", true } },
        { args = { "4532 0151 1283 0367" }, want = { "card", false } },
        { args = { "0-306-40615-2" }, want = { "book", true } },
        { args = { "080442957x" }, want = { "book", true } },
        { args = { "4006381333931" }, want = { "goods", true } },
        { args = { "73513536" }, want = { "box", false } },
        { args = { "GB82 WEST 1234 5698 7654 32" }, want = { "account", true } },
        { args = { "GB28 WEST 1234 5698 7654 32" }, want = { "account", false } },
        { args = { "hello" }, want_error = "no code: hello$" },
        { args = { "12345" }, want_error = "no code of 5 digits$" },
      } },
  },
  integration = { name = "audit", signature = "audit(codes) -> good and bad by kind, CRC of the sorted good ones",
    pre = function(a)
      for _, text in ipairs(a[1]) do if not known(text) then return false end end
      return true
    end,
    post = function(_, r) return #r[2] == 4 end,
    hidden = function(rng, i)
      local list = rng.list(0, 4, function() return any_code(rng) end)
      if i % 6 == 0 then list[#list + 1] = rng.pick(BAD) end
      return { list }
    end,
    examples = {
      { args = { {} }, want = { {}, "ffff" } },
      { args = { { "73513537" } }, want = { { box = { bad = 0, good = 1 } }, "74d5" } },
      { args = { { "73513536", "73513535" } }, want = { { box = { good = 0, bad = 2 } }, "ffff" } },
      { args = { { "0-306-40615-2", "73513537" } },
        want = { { book = { bad = 0, good = 1 }, box = { bad = 0, good = 1 } }, "8eab" } },
      { args = { { "73513537", "0-306-40615-2" } },
        want = { { book = { bad = 0, good = 1 }, box = { bad = 0, good = 1 } }, "8eab" } },
      { args = { { "4532015112830366", "4532015112830367", "73513537" } },
        want = { { box = { bad = 0, good = 1 }, card = { bad = 1, good = 1 } }, "9b69" } },
      { args = { { "73513537", "1" } }, want_error = "no code of 1 digits$" },
      { args = { { "x" } }, want_error = "no code: x$" },
    } },
}
