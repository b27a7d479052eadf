-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "doubling starts from the left", kind = "order", fn = "M.luhn",
    find = "  for at = #digits, 1, -1 do\n    local value = digits:byte(at) - 48",
    replace = "  for at = 1, #digits do\n    local value = digits:byte(at) - 48" },
  { title = "goods are weighed from the left", kind = "order", fn = "M.ean",
    find = "    local side = (length - at) % 2\n",
    replace = "    local side = at % 2 == 1 and 1 or 0\n" },
}
