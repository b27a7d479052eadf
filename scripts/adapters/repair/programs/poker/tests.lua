local RANKS = { "2", "3", "4", "5", "6", "7", "8", "9", "T", "J", "Q", "K", "A" }
local SUITS = { "C", "D", "H", "S" }

local function deck(rng, ranks, suits)
  local all = {}
  for _, r in ipairs(ranks or RANKS) do for _, s in ipairs(suits or SUITS) do all[#all + 1] = r .. s end end
  return rng.shuffle(all)
end

local function card(text)
  for i, r in ipairs(RANKS) do if r == text:sub(1, 1) then return { rank = i + 1, suit = text:sub(2) } end end
end

local function hand(text)
  local list = {}
  for word in text:gmatch "%S+" do list[#list + 1] = card(word) end
  return list
end

-- Draws hands that often hold something: few ranks, or few suits, or a run.
local function draw_texts(rng, n)
  local kind = rng(4)
  local from = rng.int(1, 9)
  local cards
  if kind == 1 then cards = deck(rng, { "2", "9", "K", "A" })
  elseif kind == 2 then cards = deck(rng, { table.unpack(RANKS, from, from + 4) })
  elseif kind == 3 then cards = deck(rng, { "A", "2", "3", "4", "5", "6", "T", "Q" }, { "H", "S" })
  else cards = deck(rng) end
  return { table.unpack(cards, 1, n) }
end

local function draw(rng, n)
  local kind = rng(5)
  if kind == 1 and n == 5 then
    local from, list, suit = rng.pick { 0, 0, rng.int(1, 9) }, {}, rng.pick { "H", false }
    for i = 1, 5 do list[i] = card(RANKS[(from + i - 2) % 13 + 1] .. (suit or rng.pick(SUITS))) end
    return list
  elseif kind == 2 and n == 5 then
    local suit, list = rng.pick(SUITS), {}
    for i, r in ipairs { table.unpack(rng.shuffle(RANKS), 1, 5) } do list[i] = card(r .. suit) end
    return list
  end
  return hand(table.concat(draw_texts(rng, n), " "))
end

local function readable(text)
  local seen = {}
  for word in text:upper():gmatch "%S+" do
    word = word:gsub("10", "T")
    if not word:find "^[2-9TJQKA][CDHS]$" or seen[word] then return false end
    seen[word] = true
  end
  return true
end

local function size(text) return select(2, text:gsub("%S+", "")) end

return {
  job = "reads, rates and compares poker hands and deals out a pot",
  brief = "A card is { rank = 2..14, suit }; text is like 'AS 10h TD'. rate gives a name and the ranks that decide, "
    .. "most "
    .. "frequent first, for straights only the top. Odd chips go to the first winners, one each.",
  blocks = {
    { name = "read", signature = "read(text) -> list of cards",
      pre = function(a) return readable(a[1]) end,
      post = function(a, r) return #r[1] == size(a[1]) end,
      hidden = function(rng, i)
        local words = draw_texts(rng, rng.int(1, 6))
        for k, w in ipairs(words) do if rng.chance(0.3) then words[k] = w:gsub("T", "10"):lower() end end
        if i % 4 == 0 then words[#words + 1] = rng.pick { words[1], "1S", "AX", "S", "KSS", "11H" } end
        return { table.concat(words, " ") }
      end,
      examples = {
        { args = { "" }, want = { {} } },
        { args = { "AS" }, want = { { { rank = 14, suit = "S" } } } },
        { args = { "2c Kd" }, want = { { { rank = 2, suit = "C" }, { rank = 13, suit = "D" } } } },
        { args = { "10h TD" }, want = { { { rank = 10, suit = "H" }, { rank = 10, suit = "D" } } } },
        { args = { " jh  9S " }, want = { { { rank = 11, suit = "H" }, { rank = 9, suit = "S" } } } },
        { args = { "1S" }, want_error = "no card 1S$" },
        { args = { "AS KD as" }, want_error = "AS comes twice$" },
        { args = { "QX" }, want_error = "no card QX$" },
        { args = { "10S TS" }, want_error = "TS comes twice$" },
      } },
    { name = "groups", signature = "groups(hand) -> list of { count, rank }",
      pre = function() return true end,
      post = function(a, r)
        local n = 0
        for _, g in ipairs(r[1]) do n = n + g[1] end
        return n == #a[1]
      end,
      hidden = function(rng) return { draw(rng, rng.int(0, 7)) } end,
      examples = {
        { args = { {} }, want = { {} } },
        { args = { hand "AS" }, want = { { { 1, 14 } } } },
        { args = { hand "2S AS" }, want = { { { 1, 14 }, { 1, 2 } } } },
        { args = { hand "2S 2H AS" }, want = { { { 2, 2 }, { 1, 14 } } } },
        { args = { hand "2S 2H AS AD KC" }, want = { { { 2, 14 }, { 2, 2 }, { 1, 13 } } } },
        { args = { hand "3S 3H 3D AD AC" }, want = { { { 3, 3 }, { 2, 14 } } } },
        { args = { hand "9S 5H 9D 9C 9H" }, want = { { { 4, 9 }, { 1, 5 } } } },
        { args = { hand "TS JS QS KS AS" }, want = { { { 1, 14 }, { 1, 13 }, { 1, 12 }, { 1, 11 }, { 1, 10 } } } },
      } },
    { name = "straight", signature = "straight(hand) -> top rank or nil",
      pre = function() return true end,
      post = function(_, r) return r[1] == nil or r[1] >= 5 end,
      hidden = function(rng) return { draw(rng, rng.pick { 5, 5, 5, 5, 4, 6 }) } end,
      examples = {
        { args = { hand "2S 3H 4D 5C 6S" }, want = { 6 } },
        { args = { hand "TS JH QD KC AS" }, want = { 14 } },
        { args = { hand "AS 2H 3D 4C 5S" }, want = { 5 } },
        { args = { hand "KS AH 2D 3C 4S" }, want = {} },
        { args = { hand "6S 5H 4D 3C 3S" }, want = {} },
        { args = { hand "6S 5H 4D 3C" }, want = {} },
        { args = { hand "9S 7H 8D JC TS" }, want = { 11 } },
        { args = { hand "AS 2H 3D 4C 6S" }, want = {} },
      } },
    { name = "rate", signature = "rate(hand) -> name, deciding ranks",
      pre = function(a) return #a[1] == 5 end,
      post = function(_, r) return #r[2] >= 1 end,
      hidden = function(rng, i) return { draw(rng, i % 8 == 0 and rng.pick { 4, 6 } or 5) } end,
      examples = {
        { args = { hand "2S 3H 4D 5C 6S" }, want = { "straight", { 6 } } },
        { args = { hand "2S 3S 4S 5S 6S" }, want = { "straight flush", { 6 } } },
        { args = { hand "2S 3S 4S 5S KS" }, want = { "flush", { 13, 5, 4, 3, 2 } } },
        { args = { hand "2S 2H 4S 2D KS" }, want = { "three of a kind", { 2, 13, 4 } } },
        { args = { hand "2S 2H KH 2D KS" }, want = { "full house", { 2, 13 } } },
        { args = { hand "2S 2H KH 4D KS" }, want = { "two pairs", { 13, 2, 4 } } },
        { args = { hand "9S 9H 9D 9C KS" }, want = { "four of a kind", { 9, 13 } } },
        { args = { hand "AS 2S 3S 4S 5S" }, want = { "straight flush", { 5 } } },
        { args = { hand "AS 9H" }, want_error = "a hand has five cards, not 2$" },
      } },
    { name = "compare", signature = "compare(one, other) -> 1, 0 or -1",
      pre = function(a) return #a[1] == 5 and #a[2] == 5 end,
      post = function(_, r) return r[1] == 1 or r[1] == 0 or r[1] == -1 end,
      hidden = function(rng, i)
        local one, other = draw(rng, 5), draw(rng, i % 9 == 0 and 4 or 5)
        if i % 3 == 0 then
          one, other = hand("KS KD 5H 4C 3S"), hand("KH KC 5D 4S " .. rng.pick { "2S", "3C", "7H" })
        end
        return { one, other }
      end,
      examples = {
        { args = { hand "2S 2H 4S 5D KS", hand "AS KH QS JD 9S" }, want = { 1 } },
        { args = { hand "2S 2H 4S 5D KS", hand "2C 2D 4H 5C KD" }, want = { 0 } },
        { args = { hand "2S 2H 4S 5D KS", hand "2C 2D 4H 6C KD" }, want = { -1 } },
        { args = { hand "AS 2H 3D 4C 5S", hand "2S 3H 4D 5C 6S" }, want = { -1 } },
        { args = { hand "9S 9H 9D 2C 2S", hand "8S 8H 8D AC AS" }, want = { 1 } },
        { args = { hand "2H 4H 6H 8H TH", hand "AS KH QD JC TS" }, want = { 1 } },
        { args = { hand "KS KH 3D 3C 2S", hand "AS AH 2D 2C 5S" }, want = { -1 } },
        { args = { hand "KS", hand "AS AH 2D 2C 5S" }, want_error = "a hand has five cards, not 1$" },
      } },
    { name = "best", signature = "best(cards) -> the best five of them",
      pre = function(a) return #a[1] >= 5 end,
      post = function(_, r) return #r[1] == 5 end,
      hidden = function(rng, i) return { draw(rng, i % 8 == 0 and 4 or rng.pick { 5, 6, 6 }) } end, hidden_n = 20,
      examples = {
        { args = { hand "2S 3H 4D 5C 6S" },
          want = {
            {
              { rank = 2, suit = "S" }, { rank = 3, suit = "H" }, { rank = 4, suit = "D" },
              { rank = 5, suit = "C" }, { rank = 6, suit = "S" },
            },
          } },
        { args = { hand "2S 3H 4D 5C 6S 7D" },
          want = {
            {
              { rank = 3, suit = "H" }, { rank = 4, suit = "D" }, { rank = 5, suit = "C" },
              { rank = 6, suit = "S" }, { rank = 7, suit = "D" },
            },
          } },
        { args = { hand "2S 2H 4D 4C 6S 6D" },
          want = {
            {
              { rank = 2, suit = "S" }, { rank = 4, suit = "D" }, { rank = 4, suit = "C" },
              { rank = 6, suit = "S" }, { rank = 6, suit = "D" },
            },
          } },
        { args = { hand "2S 3S 4S 5S 9S 6D" },
          want = {
            {
              { rank = 2, suit = "S" }, { rank = 3, suit = "S" }, { rank = 4, suit = "S" },
              { rank = 5, suit = "S" }, { rank = 9, suit = "S" },
            },
          } },
        { args = { hand "AS AH KD KC KS 6D" },
          want = {
            {
              { rank = 14, suit = "S" }, { rank = 14, suit = "H" }, { rank = 13, suit = "D" },
              { rank = 13, suit = "C" }, { rank = 13, suit = "S" },
            },
          } },
        { args = { hand "9S TH JD QC KS AH" },
          want = {
            {
              { rank = 10, suit = "H" }, { rank = 11, suit = "D" }, { rank = 12, suit = "C" },
              { rank = 13, suit = "S" }, { rank = 14, suit = "H" },
            },
          } },
        { args = { hand "AS AH AD AC KS QD" },
          want = {
            {
              { rank = 14, suit = "S" }, { rank = 14, suit = "H" }, { rank = 14, suit = "D" },
              { rank = 14, suit = "C" }, { rank = 13, suit = "S" },
            },
          } },
        { args = { hand "2S 3H 4D 5C" }, want_error = "fewer than five cards$" },
      } },
  },
  integration = { name = "showdown", signature = "showdown(players, board, pot) -> chips by name, name of the best "
    .. "hand",
    pre = function(a)
      for _, p in ipairs(a[1]) do
        if not readable(p.cards .. " " .. a[2]) or size(p.cards .. " " .. a[2]) < 5 then return false end
      end
      return #a[1] > 0
    end,
    post = function(a, r)
      local n = 0
      for _, chips in pairs(r[1]) do n = n + chips end
      return n == a[3]
    end,
    hidden = function(rng, i)
      local words = draw_texts(rng, 9)
      local board = table.concat(words, " ", 1, 3)
      local players = { { name = "ann", cards = words[4] .. " " .. words[5] }, { name = "bob", cards = words[6] .. " "
        .. words[7] },
        { name = "cy", cards = words[8] .. " " .. words[9] } }
      if i % 8 == 0 then players[2].cards = rng.pick { words[1] .. " " .. words[7], "ZZ", "" } end
      if i == 5 then players = {} end
      if i % 3 == 0 then
        board = "AS KS QD JD"
        players = { { name = "ann", cards = "TC" }, { name = "bob", cards = "TD" },
          { name = "cy", cards = rng.pick { "9H", "TS", "TH" } } }
      end
      return { players, board, rng.int(1, 100) }
    end, hidden_n = 20,
    examples = {
      { args = { { { name = "ann", cards = "AS AH" }, { name = "bob", cards = "KS KH" } }, "2D 7C 9S", 100 },
        want = { { ann = 100 }, "pair" } },
      { args = { { { name = "ann", cards = "2S 3H" }, { name = "bob", cards = "4S 5H" } }, "AD KC QS JH TD", 101 },
        want = { { ann = 51, bob = 50 }, "straight" } },
      { args = { { { name = "ann", cards = "2S" }, { name = "bob", cards = "2H" }, { name = "cy", cards = "2C" } },
          "AD KC QS 9H", 11 },
        want = { { ann = 4, bob = 4, cy = 3 }, "high card" } },
      { args = { { { name = "ann", cards = "AS 2S" } }, "3S 4S 5S", 10 }, want = { { ann = 10 }, "straight flush" } },
      { args = { { { name = "ann", cards = "9S 9H" }, { name = "bob", cards = "QH 2H" } }, "9C QS QD", 60 },
        want = { { ann = 60 }, "full house" } },
      { args = { { { name = "ann", cards = "9S" } }, "9C QS QD", 60 }, want_error = "fewer than five cards$" },
      { args = { { { name = "ann", cards = "9S 9S" } }, "9C QS QD", 60 }, want_error = "9S comes twice$" },
      { args = { {}, "9C QS QD", 60 }, want_error = "nobody plays$" },
    } },
}
