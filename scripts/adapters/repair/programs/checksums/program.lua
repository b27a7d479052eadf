-- Check digits and sums of printed codes and bytes: cards, books, goods, bank accounts, and CRC over text.
local M = {}

-- The digit that makes a card number valid: every second digit from the right doubled.
function M.luhn(digits)
  if not digits:find("^%d+$") then
    error("not only digits: " .. digits, 0)
  end
  local sum, double = 0, true
  for at = #digits, 1, -1 do
    local value = digits:byte(at) - 48
    if double then
      value = value * 2
      if value > 9 then
        value = value - 9
      end
    end
    sum = sum + value
    double = not double
  end
  return (10 - sum % 10) % 10
end

-- The last character of a ten-place book number from its first nine; ten is written X.
function M.isbn(nine)
  if not nine:find("^%d%d%d%d%d%d%d%d%d$") then
    error("not nine digits: " .. nine, 0)
  end
  local sum = 0
  for at = 1, 9 do
    sum = sum + (11 - at) * tonumber(nine:sub(at, at))
  end
  local check = -sum % 11
  return check == 10 and "X" or tostring(check)
end

-- Weights 1 and 3 by turns, from the right: goods (12 digits) and boxes (7 digits) alike.
function M.ean(body)
  local length = #body
  if body:find("%D") or (length ~= 12 and length ~= 7) then
    error("not 7 or 12 digits: " .. body, 0)
  end
  local sums = { [0] = 0, [1] = 0 }
  for at = 1, length do
    local side = (length - at) % 2
    sums[side] = sums[side] + math.tointeger(tonumber(body:sub(at, at)))
  end
  return -(3 * sums[0] + sums[1]) % 10
end

-- Check digits of an account: country and "00" moved to the end, letters as 10..35, modulo 97.
function M.iban(country, account)
  if not country:find("^%u%u$") or not account:find("^[%u%d]+$") then
    error("bad account " .. country .. " " .. account, 0)
  end
  local rest = 0
  for char in (account .. country .. "00"):gmatch(".") do
    local value = tonumber(char, 36)
    if value > 9 then
      rest = (rest * 100 + value) % 97
    else
      rest = (rest * 10 + value) % 97
    end
  end
  return string.format("%02d", 98 - rest)
end

-- CRC of a text bit by bit: polynomial 0x1021, start 0xFFFF, or the reflected one of 32 bits.
function M.crc(text, bits)
  if bits == 16 then
    local crc = 0xFFFF
    for at = 1, #text do
      crc = crc ~ text:byte(at) << 8
      for _ = 1, 8 do
        crc = crc << 1
        if crc > 0xFFFF then
          crc = crc ~ 0x11021
        end
      end
    end
    return string.format("%04x", crc)
  elseif bits == 32 then
    local crc = 0xFFFFFFFF
    for at = 1, #text do
      crc = crc ~ text:byte(at)
      for _ = 1, 8 do
        local odd = crc & 1 == 1
        crc = crc >> 1
        if odd then
          crc = crc ~ 0xEDB88320
        end
      end
    end
    return string.format("%08x", crc ~ 0xFFFFFFFF)
  end
  error("no CRC of " .. tostring(bits) .. " bits", 0)
end

-- What a code is, judging by its shape, and whether its check holds: "card", "book", "goods", "box" or "account".
function M.identify(code)
  local plain = code:gsub("[%s-]", ""):upper()
  local kind, good
  if plain:find("^%u%u%d%d[%u%d]+$") then
    kind = "account"
    good = plain:sub(3, 4) == M.iban(plain:sub(1, 2), plain:sub(5))
  elseif #plain == 10 and plain:find("^%d+[%dX]$") then
    kind = "book"
    good = plain:sub(-1) == M.isbn(plain:sub(1, 9))
  elseif not plain:find("^%d+$") then
    error("no code: " .. code, 0)
  elseif #plain == 13 or #plain == 8 then
    kind = #plain == 13 and "goods" or "box"
    good = tonumber(plain:sub(-1)) == M.ean(plain:sub(1, -2))
  elseif #plain >= 14 and #plain <= 19 then
    kind = "card"
    good = tonumber(plain:sub(-1)) == M.luhn(plain:sub(1, -2))
  else
    error("no code of " .. #plain .. " digits", 0)
  end
  return kind, good
end

-- Counts good and bad codes by kind; all good ones, sorted, go into one sum over text.
function M.audit(codes)
  local counts, good_ones = {}, {}
  for _, code in ipairs(codes) do
    local kind, good = M.identify(code)
    counts[kind] = counts[kind] or { good = 0, bad = 0 }
    if good then
      counts[kind].good = counts[kind].good + 1
      good_ones[#good_ones + 1] = code
    else
      counts[kind].bad = counts[kind].bad + 1
    end
  end
  table.sort(good_ones)
  return counts, M.crc(table.concat(good_ones, ","), 16)
end

return M
