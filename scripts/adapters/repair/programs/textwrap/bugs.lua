-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "extra spaces go to the right gaps", kind = "order", fn = "M.justify",
    find = "      if i <= extra then",
    replace = "      if i > gaps - extra then" },
  { title = "the frame follows the first line", kind = "measure", fn = "M.boxed",
    find = [[
  local width = #title
  for _, line in ipairs(lines) do]],
    replace = [[
  local width = #(lines[1] or title)
  for _, line in ipairs({ lines[#lines] }) do]] },
  { title = "a word that just fits is glued on", kind = "case", fn = "M.fill",
    find = [[
    elseif #line + 1 + #word <= width then
      line = line .. " " .. word]],
    replace = [[
    elseif #line + #word <= width then
      line = line .. (#line + #word < width and " " or "") .. word]] },
}
