-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "every hole is cut from the whole range", kind = "state", fn = "M.subtract",
    find = [[
      if hole[2] > from and hole[1] < range[2] then
        if hole[1] > from then
          result[#result + 1] = { from, hole[1] }
        end]],
    replace = [[
      if hole[2] > range[1] and hole[1] < range[2] then
        if hole[1] > range[1] then
          result[#result + 1] = { range[1], hole[1] }
        end]] },
  { title = "a range inside another ends it", kind = "case", fn = "M.normalize",
    find = [[
      if range[2] > last[2] then
        last[2] = range[2]
      end]],
    replace = [=[
      last[1] = math.min(last[1], range[1])
      last[2] = range[2]]=] },
}
