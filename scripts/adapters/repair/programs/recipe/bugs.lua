-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "pieces are rounded to the nearest half", kind = "formula", fn = "M.scale",
    find = "    twelfths = -(-item.twelfths * to // (6 * from)) * 6",
    replace = "    twelfths = (item.twelfths * to + 3 * from) // (6 * from) * 6" },
  { title = "the same thing in another unit is counted apart", kind = "case", fn = "M.gather",
    find = "    local key = item.name .. \"/\" .. unit\n",
    replace = "    local key = item.name .. \"/\" .. (GRAINS[item.unit] == 1 and unit or item.unit)\n" },
}
