-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "exhausted ballots still count for the majority", kind = "formula", fn = "M.runoff",
    find = "    local votes, exhausted = M.tally(ballots, running)\n    local order = M.ranking(votes)\n"
      .. "    if 2 * votes[order[1]] > #ballots - exhausted or left == 1 then",
    replace = "    local votes = M.tally(ballots, running)\n    local order = M.ranking(votes)\n"
      .. "    if votes[order[1]] > #ballots // 2 or left == 1 then" },
  { title = "points count from the end of the ballot", kind = "formula", fn = "M.points",
    find = "score[name] + #candidates - rank", replace = "score[name] + #ballot - rank" },
  { title = "a party under the limit still counts for the quota", kind = "formula", fn = "M.seats",
    find = "  local quota, rest, open = counted // seats + 1, {}, seats",
    replace = "  local quota, rest, open = (counted > 0 and total or counted) // seats + 1, {}, seats" },
}
