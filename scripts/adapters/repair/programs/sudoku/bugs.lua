-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "boxes are not looked at", kind = "case", fn = "M.candidates",
    find = "  local used = rows[r] .. rows[top]:sub(left, left + 1) .. rows[top + 1]:sub(left, left + 1)",
    replace = "  local used = rows[r] .. rows[top]:sub(left, left) .. rows[r]:sub(c, left + 1)" },
  { title = "the last solution is kept and the count runs past the limit", kind = "state", fn = "M.solve",
    find = "      first = first or grid\n      count = count + 1\n      return",
    replace = "      first = grid\n      count = math.min(limit, count + 1)\n      return" },
}
