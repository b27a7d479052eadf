-- Takes packs, keeps away from whoever is near, and does not step back.
return function(view, memory)
  local here = view.sight + 1
  local best, chosen = -math.huge, "wait"
  for name, step in pairs({ north = { 0, -1 }, south = { 0, 1 }, west = { -1, 0 }, east = { 1, 0 } }) do
    local what = view.map[here + step[2]]:sub(here + step[1], here + step[1])
    local worth = what == "+" and 50 or what == "." and 0 or -100
    for _, unit in ipairs(view.units) do
      local distance = math.abs(unit.dx - step[1]) + math.abs(unit.dy - step[2])
      if distance == 0 then worth = worth + (unit.ally and -100 or 20) end
      if not unit.ally then worth = worth + math.min(distance, 4) end
    end
    if memory.x == view.x + step[1] and memory.y == view.y + step[2] then worth = worth - 2 end
    if worth > best or (worth == best and name < chosen) then best, chosen = worth, name end
  end
  return chosen, { x = view.x, y = view.y }
end
