-- Five-card poker: reading hands, naming them, telling which is better, and dealing out a pot.
local M = {}

local RANKS = "23456789TJQKA"
local ORDER = { "high card", "pair", "two pairs", "three of a kind", "straight", "flush", "full house",
  "four of a kind", "straight flush" }

-- "AS KD 10h" -> list of { rank = 2..14, suit = "S" }.
function M.read(text)
  local hand, seen = {}, {}
  for word in text:upper():gsub("10", "T"):gmatch("%S+") do
    local face, suit = word:match("^(.)([CDHS])$")
    local place = face and RANKS:find(face, 1, true)
    if not place then
      error("no card " .. word, 0)
    end
    if seen[face .. suit] then
      error(word .. " comes twice", 0)
    end
    seen[face .. suit] = true
    hand[#hand + 1] = { rank = place + 1, suit = suit }
  end
  return hand
end

-- Ranks grouped: the most frequent first, then the higher; as { count, rank }.
function M.groups(hand)
  local count, list = {}, {}
  for _, card in ipairs(hand) do
    count[card.rank] = (count[card.rank] or 0) + 1
  end
  for rank = 14, 2, -1 do
    if count[rank] then
      local at = #list + 1
      while at > 1 and list[at - 1][1] < count[rank] do
        at = at - 1
      end
      table.insert(list, at, { count[rank], rank })
    end
  end
  return list
end

-- The top rank of five in a row, nil without; the ace may stand below the two.
function M.straight(hand)
  local groups = M.groups(hand)
  if #groups ~= 5 then
    return nil
  end
  local top, bottom = groups[1][2], groups[5][2]
  if top - bottom == 4 then
    return top
  elseif top == 14 and groups[2][2] == 5 then
    return 5
  end
  return nil
end

-- The name of a hand of five, and the ranks that decide among hands of this name.
function M.rate(hand)
  if #hand ~= 5 then
    error("a hand has five cards, not " .. #hand, 0)
  end
  local groups, flush, ranks = M.groups(hand), true, {}
  for _, card in ipairs(hand) do
    flush = flush and card.suit == hand[1].suit
  end
  for i, group in ipairs(groups) do
    ranks[i] = group[2]
  end
  local top = M.straight(hand)
  if top then
    return flush and "straight flush" or "straight", { top }
  elseif groups[1][1] == 4 then
    return "four of a kind", ranks
  elseif groups[1][1] == 3 then
    return groups[2][1] == 2 and "full house" or "three of a kind", ranks
  elseif flush then
    return "flush", ranks
  elseif groups[1][1] == 2 then
    return groups[2][1] == 2 and "two pairs" or "pair", ranks
  end
  return "high card", ranks
end

-- 1 when the first hand is better, -1 when the second is, 0 when they share.
function M.compare(one, other)
  local place = {}
  for i, name in ipairs(ORDER) do
    place[name] = i
  end
  local name_one, ranks_one = M.rate(one)
  local name_other, ranks_other = M.rate(other)
  if name_one ~= name_other then
    return place[name_one] > place[name_other] and 1 or -1
  end
  for i, rank in ipairs(ranks_one) do
    if rank ~= ranks_other[i] then
      return rank > ranks_other[i] and 1 or -1
    end
  end
  return 0
end

-- The best five of seven or fewer cards, as its name and ranks.
function M.best(cards)
  local winner
  local function choose(from, taken)
    if #taken == 5 then
      if not winner or M.compare(taken, winner) > 0 then
        winner = { table.unpack(taken) }
      end
      return
    end
    for i = from, #cards - (4 - #taken) do
      taken[#taken + 1] = cards[i]
      choose(i + 1, taken)
      taken[#taken] = nil
    end
  end
  choose(1, {})
  if not winner then
    error("fewer than five cards", 0)
  end
  return winner
end

-- Deals a pot out to the best of some players { name, cards = text } with a common board: chips by name; the
-- odd chips go to the first of the winners.
function M.showdown(players, board, pot)
  local winners, best = {}, nil
  for _, player in ipairs(players) do
    local hand = M.best(M.read(player.cards .. " " .. board))
    local order = best and M.compare(hand, best) or 1
    if order > 0 then
      winners, best = { player.name }, hand
    elseif order == 0 then
      winners[#winners + 1] = player.name
    end
  end
  if #winners == 0 then
    error("nobody plays", 0)
  end
  local share, odd, chips = pot // #winners, pot % #winners, {}
  for i, name in ipairs(winners) do
    chips[name] = share
    if i <= odd then
      chips[name] = share + 1
    end
  end
  return chips, (M.rate(best))
end

return M
