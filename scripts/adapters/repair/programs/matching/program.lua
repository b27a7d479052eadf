-- Pairing things: workers with tasks they can do, people with people they rank, and cheapest full assignments.
local M = {}

-- As many pairs as possible: skills maps a worker to a list of tasks. Earlier names and tasks are tried first.
function M.pairs_of(skills)
  local holder, names = {}, {}
  for name in pairs(skills) do
    names[#names + 1] = name
  end
  table.sort(names)
  local function place(name, tried)
    for _, task in ipairs(skills[name]) do
      if not tried[task] then
        tried[task] = true
        if not holder[task] or place(holder[task], tried) then
          holder[task] = name
          return true
        end
      end
    end
    return false
  end
  local count = 0
  for _, name in ipairs(names) do
    if place(name, {}) then
      count = count + 1
    end
  end
  return holder, count
end

-- Tasks that no choice of workers can cover together: the first worker set found wanting, by growing size; nil
-- when all workers can be busy at once.
function M.bottleneck(skills)
  local holder = M.pairs_of(skills)
  local busy = {}
  for _, name in pairs(holder) do
    busy[name] = true
  end
  for name in pairs(skills) do
    if not busy[name] then
      local group, tasks, todo = { [name] = true }, {}, { name }
      while #todo > 0 do
        for _, task in ipairs(skills[table.remove(todo)]) do
          tasks[task] = true
          local other = holder[task]
          if not group[other] then
            group[other] = true
            todo[#todo + 1] = other
          end
        end
      end
      local members, count = {}, 0
      for member in pairs(group) do
        members[#members + 1] = member
      end
      for _ in pairs(tasks) do
        count = count + 1
      end
      table.sort(members)
      return members, count
    end
  end
  return nil
end

-- Stable pairs: each of one side asks down its list, each of the other keeps the best who asked.
function M.stable(asking, keeping)
  local place, partner, next_choice, free = {}, {}, {}, {}
  for name, list in pairs(keeping) do
    place[name] = {}
    for rank, other in ipairs(list) do
      place[name][other] = rank
    end
  end
  for name in pairs(asking) do
    free[#free + 1] = name
    next_choice[name] = 1
  end
  while #free > 0 do
    local name = table.remove(free)
    local choice = asking[name][next_choice[name]]
    if choice then
      next_choice[name] = next_choice[name] + 1
      if not place[choice] then
        error(name .. " asks for " .. choice .. ", who is not there", 0)
      end
      local rank, held = place[choice][name], partner[choice]
      if not rank or (held and place[choice][held] < rank) then
        free[#free + 1] = name
      else
        partner[choice] = name
        free[#free + 1] = held
      end
    end
  end
  return partner
end

-- Whether two would rather have each other than what they have: the first such pair by name, or nil.
function M.blocking(asking, keeping, partner)
  local has = {}
  for keeper, asker in pairs(partner) do
    has[asker] = keeper
  end
  local function rank(list, name)
    for i, other in ipairs(list) do
      if other == name then
        return i
      end
    end
    return math.huge
  end
  for asker, wishes in pairs(asking) do
    for i, keeper in ipairs(wishes) do
      if i >= rank(wishes, has[asker]) then
        break
      end
      local mine = rank(keeping[keeper], asker)
      if mine < rank(keeping[keeper], partner[keeper]) then
        return asker, keeper
      end
    end
  end
  return nil
end

-- The cheapest way to give every row a column of its own: columns by row and the sum; the first in order on a tie.
function M.cheapest(costs)
  local best, best_sum, taken, chosen = nil, math.huge, {}, {}
  for r, row in ipairs(costs) do
    if #row < #costs then
      error("row " .. r .. " is too short", 0)
    end
  end
  local function try(r, sum)
    if sum >= best_sum then
      return
    elseif r > #costs then
      best, best_sum = table.move(chosen, 1, #chosen, 1, {}), sum
      return
    end
    for c, cost in ipairs(costs[r]) do
      if not taken[c] then
        taken[c], chosen[r] = true, c
        try(r + 1, sum + cost)
        taken[c], chosen[r] = nil, nil
      end
    end
  end
  try(1, 0)
  return best, best_sum
end

-- A plan for a shift: who does what at best, the group that is too large for its tasks, and idle tasks, sorted.
function M.roster(skills, tasks)
  local known, idle, plan = {}, {}, {}
  for _, task in ipairs(tasks) do
    known[task] = true
  end
  for name, list in pairs(skills) do
    for _, task in ipairs(list) do
      if not known[task] then
        error(name .. " knows a task that is not there: " .. task, 0)
      end
    end
  end
  local holder, count = M.pairs_of(skills)
  for _, task in ipairs(tasks) do
    if holder[task] then
      plan[holder[task]] = task
    else
      idle[#idle + 1] = task
    end
  end
  table.sort(idle)
  return plan, count, idle, (M.bottleneck(skills))
end

return M
