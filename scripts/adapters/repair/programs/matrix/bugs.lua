-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "rows are copied where they should change places", kind = "state", fn = "M.determinant",
    find = [[
      work[k], work[swap] = work[swap], work[k]
      sign = -sign]],
    replace = [[
      work[k] = table.move(work[swap], 1, n, 1, {})
      sign = -sign]] },
  { title = "powers step by two without squaring", kind = "logic", fn = "M.power",
    find = [[
    exponent = exponent // 2
    if exponent > 0 then
      base = M.multiply(base, base)
    end]],
    replace = [[
    exponent = exponent - 2
    if exponent > 0 then
      base = M.multiply(base, m)
    end]] },
}
