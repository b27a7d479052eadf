-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the class of the first letter is not remembered", kind = "state", fn = "M.soundex",
    find = "  local last = CLASS[code]\n  for letter in letters:sub(2):gmatch(\".\") do",
    replace = "  local last\n  for letter in letters:gsub(\"^.\", \"\"):gmatch(\".\") do" },
  { title = "a swap costs two edits", kind = "case", fn = "M.apart",
    find = "        best = math.min(best, rows[i - 2][j - 2] + 1)",
    replace = "        best = math.min(best, rows[i - 2][j - 2] + (same and 0 or 2))" },
}
