-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "one decimal is read as cents", kind = "units", fn = "M.parse_amount",
    find = [[
  if #fraction == 1 then
    cents = cents + tonumber(fraction) * 10
  elseif #fraction == 2 then
    cents = cents + tonumber(fraction)
  end]],
    replace = [[
  if fraction ~= "" then
    cents = cents + math.tointeger(tonumber(fraction))
  end]] },
  { title = "prefixes are built from the wrong end", kind = "order", fn = "M.roll_up",
    find = [[
      if prefix ~= "" then
        prefix = prefix .. ":"
      end
      prefix = prefix .. part]],
    replace = '      prefix = prefix == "" and part or part .. ":" .. prefix' },
  { title = "an account at zero is dropped only when it was there before", kind = "case", fn = "M.post",
    find = "    if after == 0 then",
    replace = "    if after == 0 and balances[line.account] ~= nil then" },
}
