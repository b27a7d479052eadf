-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "operators of one rank group to the right, as if all were powers", kind = "logic", fn = "pops",
    find = [[
  if RIGHT[operator] then
    return other > mine
  end
  return other >= mine]],
    replace = [[
  if RIGHT[operator] or mine == other then
    return other > mine
  end
  return other >= mine and mine > 0]] },
  { title = "a name counts as new unless it is the one just seen", kind = "state", fn = "M.free_names",
    find = [[
    if token:find("^[%a_]") and not seen[token] then
      seen[token] = true]],
    replace = [[
    if token:find("^[%a_]") and seen ~= token then
      seen = token]] },
  { title = "a definition replaces all earlier ones", kind = "state", fn = "M.calculate",
    find = "      names[name] = value",
    replace = "      names = { [name] = value }" },
}
