local function bytes(rng, lo, hi) return rng.list(lo, hi, function() return rng.int(0, 255) end) end

local function encoded(rng, bits)
  local n, list = rng.int(0, (1 << rng.int(1, bits)) - 1), {}
  repeat
    local low = n & 127
    n = n >> 7
    list[#list + 1] = n > 0 and low | 128 or low
  until n == 0
  return list
end

local function base64(list)
  local set = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  local out = {}
  for i = 1, #list, 3 do
    local word = (list[i] << 16) + ((list[i + 1] or 0) << 8) + (list[i + 2] or 0)
    for k = 18, 0, -6 do out[#out + 1] = set:sub((word >> k) % 64 + 1, (word >> k) % 64 + 1) end
    if i + 2 > #list then out[#out] = "=" end
    if i + 1 > #list then out[#out - 1] = "=" end
  end
  return table.concat(out)
end

return {
  job = "byte codecs: runs, varints, base64, a check sum and a packed message",
  brief = "Bytes are lists of integers 0..255. Varints are little-endian base 128. Base64 is the "
    .. "usual alphabet with padding.",
  blocks = {
    { name = "runs", signature = "runs(text) -> list of { character, count 1..9 }",
      pre = function() return true end,
      post = function(a, r)
        local parts = {}
        for i, run in ipairs(r[1]) do parts[i] = run[1]:rep(run[2]) if run[2] > 9 then return false end end
        return table.concat(parts) == a[1]
      end,
      hidden = function(rng)
        local parts = rng.list(0, 6, function() return rng.pick { "a", "b", "7", " " }:rep(rng.int(1, rng.pick { 3,
          12, 20 })) end)
        return { table.concat(parts) }
      end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "a" }, want = { { { "a", 1 } } } },
        { args = { "aaab" }, want = { { { "a", 3 }, { "b", 1 } } } },
        { args = { "abab" }, want = { { { "a", 1 }, { "b", 1 }, { "a", 1 }, { "b", 1 } } } },
        { args = { "aaaaaaaaa" }, want = { { { "a", 9 } } } },
        { args = { "aaaaaaaaaa" }, want = { { { "a", 9 }, { "a", 1 } } } },
        { args = { "  x" }, want = { { { " ", 2 }, { "x", 1 } } } },
        { args = { "1122" }, want = { { { "1", 2 }, { "2", 2 } } } },
      } },
    { name = "expand", signature = "expand(text) -> text with counted characters written out",
      pre = function(a)
        local rest = a[1]:gsub("[1-9].", "")
        return not rest:find "%d"
      end,
      post = function(_, r) return type(r[1]) == "string" end,
      hidden = function(rng, i)
        local parts = rng.list(0, 6, function() return rng.pick { "", "2", "3", "9", "1" } .. rng.pick { "a", "b",
          "-" } end)
        if i % 5 == 0 then parts[#parts + 1] = rng.pick { "4", "0x", "0" } end
        return { table.concat(parts) }
      end,
      examples = {
        { args = { "" }, want = { "" } },
        { args = { "abc" }, want = { "abc" } },
        { args = { "3a" }, want = { "aaa" } },
        { args = { "3ab2c" }, want = { "aaabcc" } },
        { args = { "2222" }, want = { "2222" } },
        { args = { "a1" }, want_error = "count without a character$" },
        { args = { "0a" }, want_error = "count of zero at 1$" },
        { args = { "x9-" }, want = { "x---------" } },
      } },
    { name = "varint", signature = "varint(number) -> bytes",
      pre = function(a) return a[1] >= 0 end,
      post = function(a, r)
        local n = 0
        for i = #r[1], 1, -1 do n = n << 7 | r[1][i] & 127 end
        return n == a[1]
      end,
      hidden = function(rng, i)
        if i % 7 == 0 then return { -rng.int(1, 300) } end
        return { rng.pick { 127, 128, 16383, 16384, rng.int(0, 1 << 9), rng.int(0, 1 << 30) } }
      end,
      examples = {
        { args = { 0 }, want = { { 0 } } },
        { args = { 1 }, want = { { 1 } } },
        { args = { 127 }, want = { { 127 } } },
        { args = { 128 }, want = { { 128, 1 } } },
        { args = { 300 }, want = { { 172, 2 } } },
        { args = { 16384 }, want = { { 128, 128, 1 } } },
        { args = { 123456789 }, want = { { 149, 154, 239, 58 } } },
        { args = { -1 }, want_error = "negative number$" },
      } },
    { name = "read_varint", signature = "read_varint(bytes, at) -> number, index after it",
      pre = function(a)
        for i = a[2], a[2] + 5 do
          if not a[1][i] then return false end
          if a[1][i] < 128 then return true end
        end
        return false
      end,
      post = function(a, r) return a[1][r[2] - 1] < 128 end,
      hidden = function(rng, i)
        local list = bytes(rng, 0, 2)
        local at = #list + 1
        for _, byte in ipairs(encoded(rng, 32)) do list[#list + 1] = byte end
        if i % 6 == 0 then list[#list] = list[#list] | 128 end
        if i % 8 == 0 then list = { 255, 255, 255, 255, 255, 255, 255, 1 } at = 1 end
        if rng.chance(0.5) then list[#list + 1] = 9 end
        return { list, at }
      end,
      examples = {
        { args = { { 0 }, 1 }, want = { 0, 2 } },
        { args = { { 127 }, 1 }, want = { 127, 2 } },
        { args = { { 128, 1 }, 1 }, want = { 128, 3 } },
        { args = { { 5, 172, 2, 9 }, 2 }, want = { 300, 4 } },
        { args = { { 149, 154, 239, 58 }, 1 }, want = { 123456789, 5 } },
        { args = { { 128 }, 1 }, want_error = "cut off at 2$" },
        { args = { {}, 1 }, want_error = "cut off at 1$" },
        { args = { { 255, 255, 255, 255, 255, 255, 1 }, 1 }, want_error = "number too long$" },
      } },
    { name = "to_base64", signature = "to_base64(bytes) -> text",
      pre = function() return true end,
      post = function(a, r) return r[1] == base64(a[1]) end,
      hidden = function(rng) return { bytes(rng, 0, 8) } end,
      examples = {
        { args = { {} }, want = { "" } },
        { args = { { 77, 97, 110 } }, want = { "TWFu" } },
        { args = { { 77, 97 } }, want = { "TWE=" } },
        { args = { { 77 } }, want = { "TQ==" } },
        { args = { { 255, 255, 255 } }, want = { "////" } },
        { args = { { 0 } }, want = { "AA==" } },
        { args = { { 104, 101, 108, 108, 111 } }, want = { "aGVsbG8=" } },
        { args = { { 251, 239, 190, 1 } }, want = { "++++AQ==" } },
      } },
    { name = "from_base64", signature = "from_base64(text) -> bytes",
      pre = function(a)
        local body = a[1]:gsub("==?$", "")
        return #a[1] % 4 == 0 and not body:find "[^%w+/]" and (#a[1] - #body) < 3
      end,
      post = function(a, r) return #r[1] == #a[1] // 4 * 3 - select(2, a[1]:gsub("=", "")) end,
      hidden = function(rng, i)
        local text = base64(bytes(rng, 1, 7))
        if i % 4 == 0 then
          text = rng.pick { text .. "A", "=" .. text:sub(2), "A=BC", text:sub(1, -5) .. "AB!D", "AB==ABCD" }
        end
        return { text }
      end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "TWFu" }, want = { { 77, 97, 110 } } },
        { args = { "TWE=" }, want = { { 77, 97 } } },
        { args = { "TQ==" }, want = { { 77 } } },
        { args = { "aGVsbG8=" }, want = { { 104, 101, 108, 108, 111 } } },
        { args = { "TWF" }, want_error = "length is no multiple of four$" },
        { args = { "TW=u" }, want_error = "data after padding$" },
        { args = { "T===" }, want_error = "padding inside$" },
        { args = { "TW*u" }, want_error = "bad character %*$" },
        { args = { "TQ==TWFu" }, want_error = "padding inside$" },
      } },
    { name = "check_sum", signature = "check_sum(bytes) -> integer below 65536",
      pre = function() return true end,
      post = function(_, r) return r[1] >= 0 and r[1] < 65536 end,
      hidden = function(rng) return { bytes(rng, 0, 12) } end,
      examples = {
        { args = { {} }, want = { 1 } },
        { args = { { 0 } }, want = { 257 } },
        { args = { { 1 } }, want = { 514 } },
        { args = { { 1, 2 } }, want = { 1540 } },
        { args = { { 2, 1 } }, want = { 1796 } },
        { args = { { 250 } }, want = { 0 } },
        { args = { { 255, 255, 255 } }, want = { 6925 } },
        { args = { { 10, 20, 30, 40, 50 } }, want = { 26775 } },
      } },
  },
  integration = { name = "pack", signature = "pack(numbers) -> text",
    pre = function(a)
      for _, n in ipairs(a[1]) do if n < 0 then return false end end
      return true
    end,
    post = function(_, r) return #r[1] >= 4 end,
    hidden = function(rng, i)
      local list = rng.list(0, 6, function() return rng.pick { 0, 0, rng.int(0, 200), rng.int(0, 99999) } end)
      if i % 9 == 0 then list[#list + 1] = -4 end
      return { list }
    end,
    examples = {
      { args = { {} }, want = { "AAEB" } },
      { args = { { 0 } }, want = { "AQAEAg==" } },
      { args = { { 1, 2, 3 } }, want = { "AwECAxoK" } },
      { args = { { 0, 0, 0, 0, 0, 0 } }, want = { "Bg7ADEH" } },
      { args = { { 300 } }, want = { "AawCZbA=" } },
      { args = { { 127, 128 } }, want = { "An+AAZQI" } },
      { args = { { 5, -5 } }, want_error = "negative number$" },
      { args = { { 1000000, 1, 1000000 } }, want = { "A18CEPQHAhD11zFg==" } },
    } },
}
