-- A league: everyone against everyone by rounds, results as text, standings with tie-breaks, and a cup bracket.
local M = {}

-- Rounds of pairs by the circle: the first stays, the others turn; with an odd number one rests in each round.
function M.fixtures(teams)
  if #teams < 2 then
    error("needs two teams", 0)
  end
  local ring, rounds = table.move(teams, 1, #teams, 1, {}), {}
  if #ring % 2 == 1 then
    ring[#ring + 1] = false
  end
  local n = #ring
  for round = 1, n - 1 do
    local pairs_of = {}
    for i = 1, n // 2 do
      local home, away = ring[i], ring[n + 1 - i]
      if round % 2 == 0 then
        home, away = away, home
      end
      if home and away then
        pairs_of[#pairs_of + 1] = home .. "-" .. away
      end
    end
    rounds[round] = pairs_of
    table.insert(ring, 2, table.remove(ring))
  end
  return rounds
end

-- "ants 2:1 bees" -> home, away, goals of both.
function M.result(line)
  local home, scored, against, away = line:match("^(%a+) (%d+):(%d+) (%a+)$")
  if not home then
    error("bad result: " .. line, 0)
  elseif home == away then
    error(home .. " played alone", 0)
  end
  return home, away, math.tointeger(tonumber(scored)), math.tointeger(tonumber(against))
end

-- Played, points (three for a win, one for a draw), and goals by team.
function M.tally(lines)
  local teams = {}
  local function add(name, own, other)
    local row = teams[name] or { name = name, played = 0, points = 0, own = 0, other = 0 }
    teams[name] = row
    row.played = row.played + 1
    row.own, row.other = row.own + own, row.other + other
    if own > other then
      row.points = row.points + 3
    elseif own == other then
      row.points = row.points + 1
    end
  end
  for _, line in ipairs(lines) do
    local home, away, scored, against = M.result(line)
    add(home, scored, against)
    add(away, against, scored)
  end
  return teams
end

-- Names in order: points, points in the matches between those with equal points, difference, goals, name.
function M.standings(lines)
  local teams, level, order = M.tally(lines), {}, {}
  for name, row in pairs(teams) do
    order[#order + 1] = name
    level[name] = 0
    local own = {}
    for _, line in ipairs(lines) do
      local home, away = M.result(line)
      if teams[home].points == row.points and teams[away].points == row.points and (home == name or away == name) then
        own[#own + 1] = line
      end
    end
    if #own > 0 then
      level[name] = M.tally(own)[name].points
    end
  end
  table.sort(order, function(a, b)
    local x, y = teams[a], teams[b]
    local keys = { x.points - y.points, level[a] - level[b], (x.own - x.other) - (y.own - y.other), x.own - y.own }
    for _, difference in ipairs(keys) do
      if difference ~= 0 then
        return difference > 0
      end
    end
    return a < b
  end)
  return order
end

-- A cup for teams from best to worst: pairs of the first round so that the best meet last; "bye" fills up to a
-- power of two.
function M.bracket(seeds)
  local size, places = 1, { 1 }
  if #seeds == 0 then
    error("nobody to play", 0)
  end
  while size < #seeds do
    size = size * 2
    local wider = {}
    for _, place in ipairs(places) do
      wider[#wider + 1] = place
      wider[#wider + 1] = size + 1 - place
    end
    places = wider
  end
  local games = {}
  for i = 1, size, 2 do
    games[#games + 1] = seeds[places[i]] .. "-" .. (seeds[places[i + 1] or size + 1] or "bye")
  end
  return games
end

-- A season: standings, points of each, how many games are left, and the cup of the best so many.
function M.season(teams, lines, cup)
  local left, points = 0, {}
  for _, games in ipairs(M.fixtures(teams)) do
    left = left + #games
  end
  local order, rows = M.standings(lines), M.tally(lines)
  for i, name in ipairs(order) do
    points[i] = rows[name].points
  end
  local best = table.move(order, 1, math.min(cup, #order), 1, {})
  return order, points, left - #lines, M.bracket(best)
end

return M
