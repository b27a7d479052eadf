-- Compression by back references in a sliding window: tokens, their text form, and how well it did.
local M = {}

-- The longest earlier stretch that matches from a place on: how far back and how long; the nearest on a tie.
function M.longest(text, at, window, limit)
  local best, distance = 0, 0
  for back = 1, math.min(window, at - 1) do
    local length = 0
    while length < limit and at + length <= #text
      and text:byte(at + length) == text:byte(at - back + length) do
      length = length + 1
    end
    if length > best then
      best, distance = length, back
    end
  end
  return distance, best
end

-- Tokens: plain text, or { back, length } for at least three characters. Waits one character for a longer match.
function M.compress(text, window)
  if window < 1 then
    error("no window", 0)
  end
  local tokens, plain, at = {}, "", 1
  while at <= #text do
    local back, length = M.longest(text, at, window, 18)
    if length >= 3 then
      local _, later = M.longest(text, at + 1, window, 18)
      if later > length then
        length = 0
      end
    end
    if length < 3 then
      plain = plain .. text:sub(at, at)
      at = at + 1
    else
      if plain ~= "" then
        tokens[#tokens + 1] = plain
        plain = ""
      end
      tokens[#tokens + 1] = { back, length }
      at = at + length
    end
  end
  if plain ~= "" then
    tokens[#tokens + 1] = plain
  end
  return tokens
end

-- The text that tokens stand for; a reference may run into what it writes itself.
function M.expand(tokens)
  local out = {}
  for index, token in ipairs(tokens) do
    if type(token) == "string" then
      for char in token:gmatch(".") do
        out[#out + 1] = char
      end
    else
      local back, length = token[1], token[2]
      if back < 1 or back > #out then
        error("token " .. index .. " points before the start", 0)
      end
      for _ = 1, length do
        out[#out + 1] = out[#out - back + 1]
      end
    end
  end
  return table.concat(out)
end

-- Tokens as one text: "<back,length>" for references, "<<" for a sign that stands for itself.
function M.write(tokens)
  local parts = {}
  for i, token in ipairs(tokens) do
    if type(token) == "string" then
      parts[i] = token:gsub("<", "<<")
    else
      parts[i] = "<" .. token[1] .. "," .. token[2] .. ">"
    end
  end
  return table.concat(parts)
end

function M.read(text)
  local tokens, plain, at = {}, "", 1
  while at <= #text do
    local char = text:sub(at, at)
    if char ~= "<" then
      plain = plain .. char
      at = at + 1
    elseif text:sub(at + 1, at + 1) == "<" then
      plain = plain .. "<"
      at = at + 2
    else
      local back, length, stop = text:match("^<(%d+),(%d+)>()", at)
      if not back then
        error("bad token at " .. at, 0)
      end
      if plain ~= "" then
        tokens[#tokens + 1] = plain
      end
      plain = ""
      tokens[#tokens + 1] = { math.tointeger(tonumber(back)), math.tointeger(tonumber(length)) }
      at = stop
    end
  end
  if plain ~= "" then
    tokens[#tokens + 1] = plain
  end
  return tokens
end

-- Bits of tokens: 9 for a plain character, else 1 + those of the window + 4; the window is a power of two.
function M.cost(tokens, window)
  local place = 0
  while 1 << place < window do
    place = place + 1
  end
  if window < 1 or 1 << place ~= window then
    error("window is no power of two", 0)
  end
  local bits = 0
  for _, token in ipairs(tokens) do
    if type(token) == "string" then
      bits = bits + 9 * #token
    else
      bits = bits + 1 + place + 4
    end
  end
  return bits
end

-- The window among some sizes that packs a text smallest (the first on a tie): its size, bits, percent of the
-- plain text rounded up, and the packed text, which has been read back and compared.
function M.pack(text, windows)
  local best, best_bits, best_text = nil, nil, nil
  for _, window in ipairs(windows) do
    local tokens = M.compress(text, window)
    local bits = M.cost(tokens, window)
    if not best_bits or bits < best_bits then
      best, best_bits, best_text = window, bits, M.write(tokens)
    end
  end
  if not best then
    error("no windows given", 0)
  end
  if M.expand(M.read(best_text)) ~= text then
    error("packed text does not come back", 0)
  end
  local plain = 8 * #text
  return best, best_bits, plain == 0 and 0 or (100 * best_bits + plain - 1) // plain, best_text
end

return M
