-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "a setting used twice is taken for a circle", kind = "state", fn = "M.resolve",
    find = "  trail[place] = nil\n  return result",
    replace = "  return (result)" },
  { title = "the whole section is replaced by the later layer", kind = "case", fn = "M.overlay",
    find = "      local target = merged[section] or {}\n",
    replace = "      local target = {}\n      merged[section] = nil\n" },
  { title = "a comment is cut from quoted values too", kind = "order", fn = "M.classify",
    find = "  local bare = value:match(\"^(.-)%s+[#;]\")\n  if bare and value:sub(1, 1) ~= '\"' then",
    replace = "  local bare = value:match(\"^(.-)%s*[#;]\")\n  if bare then" },
}
