-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "zeros are followed only along the row and column of the first", kind = "case", fn = "M.open",
    find = "      if value == \"0\" then\n        for dr = -1, 1 do",
    replace = "      if value == \"0\" and (r == row or c == column) then\n        for dr = -1, 1 do" },
  { title = "flags are not taken off the number", kind = "formula", fn = "M.deduce",
    find = "        if digit == flags then\n          list = free\n        elseif digit - flags == #covered then",
    replace = "        if digit == 0 then\n          list = free\n        elseif digit == #covered then" },
}
