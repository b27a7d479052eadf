-- Bugs written by hand for this program: a splice each, of several tokens, that no single edit takes back.
return {
  { title = "turns to where most stops are", kind = "logic", fn = "M.direction",
    find = [[
    local up = state.stops[#state.stops] - state.floor
    local down = state.floor - state.stops[1]
    return up < down and "up" or "down"]],
    replace = [[
    local up, down = 0, 0
    for _, stop in ipairs(state.stops) do
      if stop > state.floor then
        up = up + 1
      else
        down = down + 1
      end
    end
    return up > down and "up" or "down"]] },
  { title = "a wait ends when the lift passes, not when its doors open", kind = "case", fn = "M.run",
    find = [[
    if state.doors == "open" then
      for i, since in pairs(open) do]],
    replace = [[
    if state.floor ~= before or state.doors == "open" then
      for i, since in pairs(open) do]] },
}
