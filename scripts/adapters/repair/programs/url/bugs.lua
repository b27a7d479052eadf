-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "equal names change places", kind = "tie", fn = "M.query",
    find = "    while at > 1 and list[at - 1][1] > entry[1] do\n      at = at - 1\n    end",
    replace = "    while at > 1 and not (list[at - 1][1] < entry[1]) do\n      at = at - 1\n    end" },
  { title = "a relative path hangs on the whole path of the base", kind = "case", fn = "M.normal",
    find = "      path = (from.path:match(\"^(.*/)\") or \"/\") .. path",
    replace = "      path = from.path .. \"/\" .. path" },
}
