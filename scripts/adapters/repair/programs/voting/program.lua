-- Elections with ranked ballots: first choices, rounds of elimination, points by rank, duels, and seats by quota.
local M = {}

-- A ballot ranks some of the candidates, best first; a ballot with strangers or doubles is refused.
function M.check(ballot, candidates)
  local known, seen = {}, {}
  for _, name in ipairs(candidates) do
    known[name] = true
  end
  for rank, name in ipairs(ballot) do
    if not known[name] then
      error("no candidate " .. name, 0)
    end
    if seen[name] then
      error(name .. " is ranked " .. seen[name] .. " and " .. rank, 0)
    end
    seen[name] = rank
  end
  return #ballot
end

-- Votes for the first name of each ballot that is still in the race; ballots without one are exhausted.
function M.tally(ballots, running)
  local votes, exhausted = {}, 0
  for name in pairs(running) do
    votes[name] = 0
  end
  for _, ballot in ipairs(ballots) do
    local choice
    for _, name in ipairs(ballot) do
      if running[name] then
        choice = name
        break
      end
    end
    if choice then
      votes[choice] = votes[choice] + 1
    else
      exhausted = exhausted + 1
    end
  end
  return votes, exhausted
end

-- Names from the most votes to the fewest, ties by name.
function M.ranking(votes)
  local names = {}
  for name in pairs(votes) do
    names[#names + 1] = name
  end
  table.sort(names, function(a, b)
    return votes[a] > votes[b] or (votes[a] == votes[b] and a < b)
  end)
  return names
end

-- The weakest candidate leaves until one has more than half of the ballots that still count.
function M.runoff(ballots, candidates)
  local running, left, out = {}, #candidates, {}
  for _, name in ipairs(candidates) do
    running[name] = true
  end
  while left > 0 do
    local votes, exhausted = M.tally(ballots, running)
    local order = M.ranking(votes)
    if 2 * votes[order[1]] > #ballots - exhausted or left == 1 then
      return order[1], out
    end
    local last = order[#order]
    out[#out + 1] = last
    running[last] = nil
    left = left - 1
  end
  error("nobody to elect", 0)
end

-- Points: of n candidates the first rank earns n - 1, the next n - 2; who is not ranked earns nothing.
function M.points(ballots, candidates)
  local score = {}
  for _, name in ipairs(candidates) do
    score[name] = 0
  end
  for _, ballot in ipairs(ballots) do
    for rank, name in ipairs(ballot) do
      score[name] = score[name] + #candidates - rank
    end
  end
  return score
end

-- The candidate who beats every other one in a duel, nil when there is none. Unranked is below every rank.
function M.duel_winner(ballots, candidates)
  local function margin(one, other)
    local lead = 0
    for _, ballot in ipairs(ballots) do
      local better = 0
      for rank = #ballot, 1, -1 do
        if ballot[rank] == one then
          better = 1
        elseif ballot[rank] == other then
          better = -1
        end
      end
      lead = lead + better
    end
    return lead
  end
  for _, name in ipairs(candidates) do
    local beaten = false
    for _, rival in ipairs(candidates) do
      if rival ~= name and margin(name, rival) <= 0 then
        beaten = true
      end
    end
    if not beaten then
      return name
    end
  end
  return nil
end

-- Seats by largest remainder (quota votes // seats + 1), ties by name; parties below a percentage get none.
function M.seats(votes, seats, percent)
  local total, counted, share = 0, 0, {}
  for _, count in pairs(votes) do
    total = total + count
  end
  for _, party in ipairs(M.ranking(votes)) do
    if votes[party] * 100 >= total * percent and votes[party] > 0 then
      share[party] = 0
      counted = counted + votes[party]
    end
  end
  if counted == 0 then
    error("no votes to seat", 0)
  end
  local quota, rest, open = counted // seats + 1, {}, seats
  for party in pairs(share) do
    share[party] = votes[party] // quota
    rest[party] = votes[party] % quota
    open = open - share[party]
  end
  local order = M.ranking(rest)
  for i = 1, open do
    local party = order[(i - 1) % #order + 1]
    share[party] = share[party] + 1
  end
  return share
end

-- Everything about an election at once.
function M.report(ballots, candidates)
  local valid, spoiled = {}, 0
  for _, ballot in ipairs(ballots) do
    if pcall(M.check, ballot, candidates) and #ballot > 0 then
      valid[#valid + 1] = ballot
    else
      spoiled = spoiled + 1
    end
  end
  local winner, out = M.runoff(valid, candidates)
  return { spoiled = spoiled, runoff = winner, eliminated = out, points = M.ranking(M.points(valid, candidates))[1],
    duels = M.duel_winner(valid, candidates) }
end

return M
