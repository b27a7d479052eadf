-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the variance is that of a whole population", kind = "formula", fn = "M.summary",
    find = "n > 1 and M.thousandths(n * squares - sum * sum, n * (n - 1)) or 0",
    replace = "n > 0 and M.thousandths(n * squares - sum * sum, n * n) or 0" },
  { title = "the percentile is the nearest value below", kind = "formula", fn = "M.percentile",
    find = "  local high = sorted[low + 1] or sorted[low]\n  return M.thousandths(sorted[low] * 100 + "
      .. "(high - sorted[low]) * (position % 100), 100)",
    replace = "  return M.thousandths(sorted[low], 1)" },
}
