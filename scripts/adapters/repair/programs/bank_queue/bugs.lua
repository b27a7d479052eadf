-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "who needs least goes first", kind = "order", fn = "M.next_index",
    find = "      elseif customer.at < chosen.at then",
    replace = "      elseif customer.need < chosen.need or "
      .. "(customer.need == chosen.need and customer.at < chosen.at) then" },
  { title = "the day ends with the last start", kind = "measure", fn = "M.load",
    find = [[
    to = math.max(to, row.stop)
    busy[row.teller] = busy[row.teller] + row.stop - row.start]],
    replace = [[
    to = math.max(to, row.start + 1)
    busy[row.teller] = busy[row.teller] + row.stop - math.max(row.start, from)]] },
}
