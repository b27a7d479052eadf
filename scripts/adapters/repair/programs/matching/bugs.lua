-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "nobody is moved to make room", kind = "case", fn = "M.pairs_of",
    find = "        tried[task] = true\n        if not holder[task] or place(holder[task], tried) then\n",
    replace = "        tried[task] = holder[task] ~= nil\n        if not holder[task] then\n" },
  { title = "the first who asks is kept", kind = "case", fn = "M.stable",
    find = "      if not rank or (held and place[choice][held] < rank) then",
    replace = "      if not rank or (held and (place[choice][held] < rank or rank > 1)) then" },
}
