-- Byte codecs: runs, variable-length integers, base64 text, a check sum, and a packed message of all of them.
local M = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

-- "aaab" -> { { "a", 3 }, { "b", 1 } }, runs of at most 9.
function M.runs(text)
  local list = {}
  for at = 1, #text do
    local char = text:sub(at, at)
    local last = list[#list]
    if last and last[1] == char and last[2] < 9 then
      last[2] = last[2] + 1
    else
      list[#list + 1] = { char, 1 }
    end
  end
  return list
end

-- "3ab2c" -> "aaabcc": a digit says how often the next character stands.
function M.expand(text)
  local parts, at = {}, 1
  while at <= #text do
    local count, char = 1, text:sub(at, at)
    if char:find("%d") then
      count = tonumber(char)
      at = at + 1
      char = text:sub(at, at)
      if char == "" then
        error("count without a character", 0)
      end
      if count == 0 then
        error("count of zero at " .. at - 1, 0)
      end
    end
    parts[#parts + 1] = char:rep(count)
    at = at + 1
  end
  return table.concat(parts)
end

-- Seven bits a byte, low ones first; the top bit says that more follow.
function M.varint(number)
  if number < 0 then
    error("negative number", 0)
  end
  local bytes = {}
  repeat
    local low = number & 127
    number = number >> 7
    if number > 0 then
      low = low | 128
    end
    bytes[#bytes + 1] = low
  until number == 0
  return bytes
end

-- The number that starts at an index of a list of bytes, and the index after it.
function M.read_varint(bytes, at)
  local number, shift = 0, 0
  while true do
    local byte = bytes[at]
    if not byte then
      error("cut off at " .. at, 0)
    end
    number = number | (byte & 127) << shift
    at = at + 1
    if byte < 128 then
      return number, at
    end
    shift = shift + 7
    if shift > 35 then
      error("number too long", 0)
    end
  end
end

function M.to_base64(bytes)
  local out = {}
  for at = 1, #bytes, 3 do
    local a, b, c = bytes[at], bytes[at + 1], bytes[at + 2]
    local word = a << 16 | (b or 0) << 8 | (c or 0)
    for k = 3, 0, -1 do
      local index = (word >> k * 6 & 63) + 1
      out[#out + 1] = ALPHABET:sub(index, index)
    end
    if not b then
      out[#out - 1] = "="
    end
    if not c then
      out[#out] = "="
    end
  end
  return table.concat(out)
end

function M.from_base64(text)
  if #text % 4 ~= 0 then
    error("length is no multiple of four", 0)
  end
  local bytes = {}
  for at = 1, #text, 4 do
    local word, filled = 0, 0
    for k = 0, 3 do
      local char = text:sub(at + k, at + k)
      local value = 0
      if char == "=" then
        if at + 3 < #text or k < 2 then
          error("padding inside", 0)
        end
        filled = filled + 1
      else
        if filled > 0 then
          error("data after padding", 0)
        end
        value = ALPHABET:find(char, 1, true)
        if not value then
          error("bad character " .. char, 0)
        end
        value = value - 1
      end
      word = word << 6 | value
    end
    bytes[#bytes + 1] = word >> 16
    if filled < 2 then
      bytes[#bytes + 1] = word >> 8 & 255
    end
    if filled < 1 then
      bytes[#bytes + 1] = word & 255
    end
  end
  return bytes
end

-- Two sums modulo 251, the second of the first ones, so that order counts.
function M.check_sum(bytes)
  local first, second = 1, 0
  for _, byte in ipairs(bytes) do
    first = (first + byte) % 251
    second = (second + first) % 251
  end
  return second * 256 + first
end

-- A list of numbers as text: how many, each as varint, check sum last. And back, checked.
function M.pack(numbers)
  local bytes = M.varint(#numbers)
  for _, number in ipairs(numbers) do
    for _, byte in ipairs(M.varint(number)) do
      bytes[#bytes + 1] = byte
    end
  end
  local sum = M.check_sum(bytes)
  bytes[#bytes + 1] = sum >> 8
  bytes[#bytes + 1] = sum & 255
  local out = {}
  for _, run in ipairs(M.runs(M.to_base64(bytes))) do
    local char, count = run[1], run[2]
    if count > 2 or char:find("%d") then
      out[#out + 1] = count .. char
    else
      out[#out + 1] = char:rep(count)
    end
  end
  return table.concat(out)
end

return M
