-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = '"and" stands after hundreds only', kind = "domain", fn = "M.cardinal",
    find = [[
    if #parts > 0 then
      parts[#parts + 1] = "and"]],
    replace = [[
    if #parts > 0 and parts[#parts]:find("hundred$") then
      parts[#parts + 1] = "and"]] },
  { title = "the exception of the teens holds below a hundred only", kind = "case", fn = "M.ordinal_suffix",
    find = "  if hundred < 11 or hundred > 13 then",
    replace = "  if number < 11 or number > 13 or ten > 3 then" },
}
