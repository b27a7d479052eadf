-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the outermost scope wins", kind = "order", fn = "M.lookup",
    find = "  for depth = #scopes, 1, -1 do\n    local scope = scopes[depth]\n",
    replace = "  for depth = 1, #scopes do\n    local scope = scopes[depth]\n" },
  { title = "the sign for signs is written out after the others", kind = "order", fn = "M.apply",
    find = "text:gsub(\"&\", \"&amp;\"):gsub(\"<\", \"&lt;\"):gsub(\">\", \"&gt;\")",
    replace = "text:gsub(\"<\", \"&lt;\"):gsub(\">\", \"&gt;\"):gsub(\"&\", \"&amp;\")" },
}
