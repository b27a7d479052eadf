-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "everything after a stroke is divided by", kind = "state", fn = "M.compound",
    find = "    sign = mark == \"/\" and -1 or 1",
    replace = "    if mark == \"/\" then\n      sign = -1\n    end" },
  { title = "a prefix wins over a unit of the same spelling", kind = "order", fn = "M.unit",
    find = "  local unit = UNITS[name]\n  if unit then\n    return",
    replace = "  local unit = UNITS[name]\n  if unit and not (PREFIXES[name:sub(1, 1)] and UNITS[name:sub(2)] or "
      .. "name == \"min\") then\n    return" },
}
