-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "packs are rounded down", kind = "formula", fn = "M.reorder",
    find = "  return -((stock + coming - target) // pack) * pack",
    replace = "  return (target - stock - coming) // pack * pack" },
  { title = "profit leaves the cost of the goods out", kind = "formula", fn = "M.run",
    find = "      profit = profit + move[3] * move[4] - cost",
    replace = "      profit = profit + move[3] * (move[4] - (cost > 0 and 1 or 0))" },
}
