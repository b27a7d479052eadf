-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "columns count from zero after Z", kind = "offset", fn = "M.name",
    find = "    local rest = (column - 1) % 26\n    letters = string.char(65 + rest) .. letters\n    column = "
      .. "(column - 1) // 26",
    replace = "    local rest = (column - 1) % 26\n    letters = string.char(65 + rest) .. letters\n    column = "
      .. "column // 26" },
  { title = "a cell that is used twice is taken for a circle", kind = "state", fn = "M.values",
    find = "    if type(content) == \"number\" or done[name] then\n      return done[name] or content\n    elseif",
    replace = "    if type(content) == \"number\" then\n      return content\n    elseif" },
}
