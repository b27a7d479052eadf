-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "after turning the sweep starts at the far end", kind = "order", fn = "M.sweep",
    find = "  table.sort(ahead, upward and up or down)\n  table.sort(behind, upward and down or up)",
    replace = "  table.sort(ahead, upward and up or down)\n  table.sort(behind, upward and up or down)" },
  { title = "moves are counted without their direction", kind = "formula", fn = "M.cost",
    find = "    local move = math.abs(stop - at)\n    total = total + move\n",
    replace = "    local move = math.abs(stop - at)\n    total = math.abs(stop - start) + (at == start and 0 or "
      .. "total)\n" },
}
