-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "headings one after the other become one", kind = "case", fn = "M.blocks",
    find = "    elseif last and last.kind == kind and kind ~= \"heading\" then",
    replace = "    elseif last and last.kind == kind and last.level == level then" },
  { title = "what is in code is marked too", kind = "order", fn = "M.inline",
    find = "\"<code>\" .. M.safe(code) .. \"</code>\"", replace = "\"<code>\" .. M.inline(code) .. \"</code>\"" },
}
