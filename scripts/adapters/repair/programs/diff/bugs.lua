-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "what is new comes before what goes", kind = "tie", fn = "M.steps",
    find = "    elseif j > #b or (i <= #a and rows[i + 1][j] >= rows[i][j + 1]) then",
    replace = "    elseif j > #b or (i <= #a and rows[i][j + 1] < rows[i + 1][j]) then" },
  { title = "hunks are parted by their context once, not on both sides", kind = "formula", fn = "M.hunks",
    find = "      if quiet > 2 * context then\n        for _ = 1, quiet - context do",
    replace = "      if quiet > context then\n        for _ = 1, 1 do" },
}
