-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "limbs are written without their zeros in front", kind = "format", fn = "M.text",
    find = "    parts[#parts + 1] = string.format(\"%04d\", limbs[i])",
    replace = "    parts[#parts + 1] = limbs[i] == 0 and (\"0\"):rep(4) or tostring(limbs[i])" },
  { title = "a borrow is paid once and then forgotten", kind = "state", fn = "M.subtract",
    find = "    local left = (a[i] or 0) - (b[i] or 0) - borrow\n    borrow = 0\n    if left < 0 then\n"
      .. "      left, borrow = left + BASE, 1\n    end",
    replace = "    local left = (a[i] or 0) - (b[i] or 0)\n    if left < 0 then\n      left, borrow = left + BASE - "
      .. "borrow, 1\n"
      .. "    elseif left >= borrow then\n      left, borrow = left - borrow, 0\n    end" },
}
