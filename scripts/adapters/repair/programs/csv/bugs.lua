-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "commas are doubled along with quotes", kind = "domain", fn = "M.quote",
    find = [[text:gsub('"', '""')]],
    replace = [[text:gsub('[",]', "%0%0")]] },
  { title = "numbers are compared as text", kind = "type", fn = "M.where",
    find = [[
        match = own < value
      elseif operator == ">" then
        match = own > value]],
    replace = [[
        match = tostring(own) < tostring(value)
      elseif operator == ">" then
        match = tostring(own) > tostring(value)]] },
  { title = "groups are listed by size", kind = "order", fn = "M.group",
    find = "    return a.key < b.key",
    replace = "    return a.count > b.count or (a.count == b.count and a.key < b.key)" },
}
