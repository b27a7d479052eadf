-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the whole sum is taxed at the rate of its last bracket", kind = "formula", fn = "M.tax",
    find = "      hundredths = hundredths + (math.min(cents, top) - floor) * bracket[2]",
    replace = "      hundredths = cents * bracket[2]" },
  { title = "Sunday counts for overtime", kind = "case", fn = "M.week",
    find = "  local overtime = math.max(0, normal - 2400)\n",
    replace = "  local overtime = math.min(normal, math.max(0, normal + sunday - 2400))\n" },
}
