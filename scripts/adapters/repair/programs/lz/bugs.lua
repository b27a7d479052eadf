-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "a reference reads only what stood there before it", kind = "state", fn = "M.expand",
    find = "      for _ = 1, length do\n        out[#out + 1] = out[#out - back + 1]\n      end",
    replace = "      local from = #out - back\n      table.move(out, from + 1, math.min(from + length, #out), #out + "
      .. "1)" },
  { title = "the furthest of equal matches is taken", kind = "tie", fn = "M.longest",
    find = "    if length > best then\n      best, distance = length, back\n    end",
    replace = "    if length > 0 and length >= best then\n      best, distance = length, back\n    end" },
}
