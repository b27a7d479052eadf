-- Prefix codes by frequency: counting, code lengths, canonical codes, bits to and from text, and a packed message.
local M = {}

-- Characters with their counts, sorted by character.
function M.count(text)
  local place, list = {}, {}
  for char in text:gmatch(".") do
    if not place[char] then
      place[char] = { char = char, count = 0 }
      list[#list + 1] = place[char]
    end
    place[char].count = place[char].count + 1
  end
  table.sort(list, function(a, b)
    return a.char < b.char
  end)
  return list
end

-- Length of the code of each character: the two lightest groups are joined again and again, the one made or listed
-- first on a tie; a single character takes one bit.
function M.lengths(counts)
  local lengths, groups = {}, {}
  for i, entry in ipairs(counts) do
    if entry.count < 1 then
      error("count of " .. entry.char .. " is " .. entry.count, 0)
    end
    lengths[entry.char] = #counts == 1 and 1 or 0
    groups[i] = { weight = entry.count, members = { entry.char } }
  end
  local function take()
    local lightest = 1
    for i = 2, #groups do
      if groups[i].weight < groups[lightest].weight then
        lightest = i
      end
    end
    return table.remove(groups, lightest)
  end
  while #groups > 1 do
    local one, two = take(), take()
    local joined = { weight = one.weight + two.weight, members = one.members }
    for _, char in ipairs(two.members) do
      table.insert(joined.members, char)
    end
    for _, char in ipairs(joined.members) do
      lengths[char] = lengths[char] + 1
    end
    groups[#groups + 1] = joined
  end
  return lengths
end

-- Codes of given lengths as text of 0 and 1: short ones first, characters of one length in order.
function M.codes(lengths)
  local order, codes = {}, {}
  for char in pairs(lengths) do
    order[#order + 1] = char
  end
  table.sort(order, function(a, b)
    local shorter = lengths[a] - lengths[b]
    return shorter < 0 or (shorter == 0 and a < b)
  end)
  local value, width = 0, 0
  for i, char in ipairs(order) do
    if i > 1 then
      value = value + 1
    end
    value = value << lengths[char] - width
    width = lengths[char]
    if value >= 1 << width then
      error("too many short codes", 0)
    end
    local bits = ""
    for place = width - 1, 0, -1 do
      bits = bits .. (value >> place & 1)
    end
    codes[char] = bits
  end
  return codes
end

function M.encode(text, codes)
  local bits = {}
  for char in text:gmatch(".") do
    if not codes[char] then
      error("no code for " .. char, 0)
    end
    bits[#bits + 1] = codes[char]
  end
  return table.concat(bits)
end

-- Text out of bits; bits that are left over must be a beginning of a code no longer than seven.
function M.decode(bits, codes)
  local meaning, out, from, at = {}, {}, 1, 1
  for char, code in pairs(codes) do
    meaning[code] = char
  end
  while at <= #bits do
    local char = meaning[bits:sub(from, at)]
    if char then
      out[#out + 1] = char
      from = at + 1
    end
    at = at + 1
  end
  if #bits - from >= 7 then
    error("bits without meaning from " .. from, 0)
  end
  return table.concat(out), #bits - from + 1
end

-- A text and back: bits, the share of eight bits a character in percent rounded up, and the table as "a2b1".
function M.report(text)
  if text == "" then
    error("nothing to pack", 0)
  end
  local counts = M.count(text)
  local lengths = M.lengths(counts)
  local codes = M.codes(lengths)
  local bits = M.encode(text, codes)
  if M.decode(bits, codes) ~= text then
    error("does not come back", 0)
  end
  local shape = {}
  for i, entry in ipairs(counts) do
    shape[i] = entry.char .. lengths[entry.char]
  end
  return bits, (100 * #bits + 8 * #text - 1) // (8 * #text), table.concat(shape)
end

return M
