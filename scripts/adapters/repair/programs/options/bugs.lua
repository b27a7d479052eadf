-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "the exact name loses to an earlier beginning", kind = "order", fn = "M.find",
    find = "    if option.long == name or option.short == name then\n      return option\n    end\n    if #name > 1 "
      .. "and",
    replace = "    if option.short == name then\n      return option\n    end\n    if #name > 0 and" },
  { title = "only the last value is collected", kind = "state", fn = "M.parse",
    find = "      values[option.long] = values[option.long] or {}\n      table.insert(values[option.long], value)",
    replace = "      values[option.long] = { value }" },
}
