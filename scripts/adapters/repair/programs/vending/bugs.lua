-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "change is taken greedily without a way back", kind = "case", fn = "M.change",
    find = "    for count = math.min(left // coin, till[coin] or 0), 0, -1 do\n      used[coin] = count > 0 and "
      .. "count or nil\n"
      .. "      if fill(left - count * coin, place + 1) then\n        return true\n      end\n    end\n"
      .. "    used[coin] = nil\n    return false",
    replace = "    local count = math.min(left // coin, till[coin] or 0)\n    used[coin] = count > 0 and count or nil\n"
      .. "    return fill(left - count * coin, place + 1)" },
  { title = "the coins inside stay after a sale", kind = "state", fn = "M.choose",
    find = "  machine.till, machine.inside, machine.state = pool, {}, \"idle\"",
    replace = "  machine.till, machine.state = pool, credit > shelf.price and \"idle\" or \"paid\"" },
}
