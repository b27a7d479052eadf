-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "under LRU the newest key goes", kind = "order", fn = "M.touch",
    find = [[
table.remove(order, 1)
  end]],
    replace = [[
table.remove(order, policy == "fifo" and 1 or #order)
  end]] },
  { title = "the last use counts, not the next", kind = "logic", fn = "M.optimal",
    find = [[
            if trace[t] == other then
              later = t
              break
            end]],
    replace = [[
            if trace[t] == other then
              later = t
            end]] },
}
