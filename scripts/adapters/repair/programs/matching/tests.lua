local TASKS = { "cook", "fix", "sell", "wash" }
local PEOPLE, OTHERS = { "ann", "bob", "cy", "dee" }, { "kim", "lou", "max", "ned" }

local function skills(rng)
  local map = {}
  for _, name in ipairs(PEOPLE) do
    if rng.chance(0.85) then
      local order = rng.shuffle(TASKS)
      map[name] = { table.unpack(order, 1, rng.int(0, 2)) }
    end
  end
  return map
end

local function rankings(rng, who, whom, n)
  local map = {}
  for i = 1, n do
    local mine = {}
    for k = 1, n do mine[k] = whom[k] end
    mine = rng.shuffle(mine)
    if rng.chance(0.15) then mine[#mine] = nil end
    map[who[i]] = mine
  end
  return map
end

local function unstable(asking, keeping, partner)
  local has = {}
  for k, a in pairs(partner) do has[a] = k end
  local function at(list, x) for i, y in ipairs(list) do if y == x then return i end end return 99 end
  for a, list in pairs(asking) do
    for _, k in ipairs(list) do
      if at(list, k) < at(list, has[a]) and at(keeping[k], a) < at(keeping[k], partner[k]) then return true end
    end
  end
  return false
end

local A3 = { ann = { "kim", "lou", "max" }, bob = { "kim", "max", "lou" }, cy = { "lou", "kim", "max" } }
local K3 = { kim = { "cy", "bob", "ann" }, lou = { "ann", "bob", "cy" }, max = { "ann", "bob", "cy" } }
local TEAM = { ann = { "cook", "fix" }, bob = { "cook" }, cy = { "fix", "sell" } }

return {
  job = "pairs workers with tasks, people by stable ranks, and rows with columns at least cost",
  brief = "skills maps a worker to the tasks he can do. Workers are taken by name, tasks in the order of their "
    .. "lists. A "
    .. "stable pairing maps the kept side to the asking side.",
  blocks = {
    { name = "pairs_of", signature = "pairs_of(skills) -> worker by task, how many pairs",
      pre = function() return true end,
      post = function(_, r)
        local n = 0
        for _ in pairs(r[1]) do n = n + 1 end
        return n == r[2]
      end,
      hidden = function(rng) return { skills(rng) } end,
      examples = {
        { args = { {} }, want = { {}, 0 } },
        { args = { { ann = {} } }, want = { {}, 0 } },
        { args = { { ann = { "fix" } } }, want = { { fix = "ann" }, 1 } },
        { args = { { ann = { "fix" }, bob = { "fix" } } }, want = { { fix = "ann" }, 1 } },
        { args = { { ann = { "fix", "cook" }, bob = { "fix" } } }, want = { { fix = "bob", cook = "ann" }, 2 } },
        { args = { TEAM }, want = { { cook = "bob", fix = "ann", sell = "cy" }, 3 } },
        { args = { { a = { "x", "y" }, b = { "y", "x" } } }, want = { { x = "a", y = "b" }, 2 } },
        { args = { { a = { "x" }, b = { "x", "y" }, c = { "y" } } }, want = { { x = "a", y = "b" }, 2 } },
      } },
    { name = "bottleneck", signature = "bottleneck(skills) -> workers too many for their tasks, how many tasks; or nil",
      pre = function() return true end,
      post = function(_, r) return r[1] == nil or #r[1] > r[2] end,
      hidden = function(rng) return { skills(rng) } end,
      examples = {
        { args = { {} }, want = {} },
        { args = { TEAM }, want = {} },
        { args = { { ann = {} } }, want = { { "ann" }, 0 } },
        { args = { { ann = { "fix" }, bob = { "fix" } } }, want = { { "ann", "bob" }, 1 } },
        { args = { { a = { "x" }, b = { "x", "y" }, c = { "y" } } }, want = { { "a", "b", "c" }, 2 } },
        { args = { { a = { "x" }, b = { "y" }, c = { "y" } } }, want = { { "b", "c" }, 1 } },
        { args = { { a = { "x" }, b = { "y" } } }, want = {} },
        { args = { { a = { "x" }, b = { "y" }, c = {} } }, want = { { "c" }, 0 } },
      } },
    { name = "stable", signature = "stable(asking, keeping) -> asker by keeper",
      pre = function(a)
        return a[1].zoe == nil
      end,
      post = function(a, r) return not unstable(a[1], a[2], r[1]) end,
      hidden = function(rng, i)
        local n = rng.int(1, 4)
        local asking = rankings(rng, PEOPLE, OTHERS, n)
        if i % 8 == 0 then asking.zoe = { "nobody" } end
        return { asking, rankings(rng, OTHERS, PEOPLE, n) }
      end,
      examples = {
        { args = { {}, {} }, want = { {} } },
        { args = { { ann = { "kim" } }, { kim = { "ann" } } }, want = { { kim = "ann" } } },
        { args = { { ann = { "kim" } }, { kim = {} } }, want = { {} } },
        { args = { { ann = { "kim" }, bob = { "kim" } }, { kim = { "bob", "ann" } } }, want = { { kim = "bob" } } },
        { args = { { ann = { "kim", "lou" }, bob = { "kim" } }, { kim = { "bob", "ann" }, lou = { "ann" } } },
          want = { { kim = "bob", lou = "ann" } } },
        { args = { A3, K3 }, want = { { kim = "cy", lou = "ann", max = "bob" } } },
        { args = { K3, A3 }, want = { { ann = "lou", bob = "max", cy = "kim" } } },
        { args = { { zoe = { "lee" } }, { kim = {} } }, want_error = "zoe asks for lee, who is not there$" },
      } },
    { name = "blocking", signature = "blocking(asking, keeping, partner) -> asker and keeper who would leave, or nil",
      pre = function() return true end,
      post = function(a, r) return (r[1] ~= nil) == unstable(a[1], a[2], a[3]) end,
      hidden = function(rng)
        local n = rng.int(2, 4)
        local order, partner = rng.shuffle { table.unpack(PEOPLE, 1, n) }, {}
        for i = 1, n do if rng.chance(0.85) then partner[OTHERS[i]] = order[i] end end
        return { rankings(rng, PEOPLE, OTHERS, n), rankings(rng, OTHERS, PEOPLE, n), partner }
      end,
      examples = {
        { args = { A3, K3, { kim = "cy", lou = "ann", max = "bob" } }, want = {} },
        { args = { A3, K3, { kim = "ann", lou = "cy", max = "bob" } }, want = { "bob", "kim" } },
        { args = { A3, K3, { kim = "bob", lou = "cy", max = "ann" } }, want = { "ann", "lou" } },
        { args = { A3, K3, {} }, want = { "ann", "kim" } },
        { args = { {}, {}, {} }, want = {} },
        { args = { { ann = { "kim" } }, { kim = { "ann" } }, {} }, want = { "ann", "kim" } },
        { args = { { ann = { "kim" } }, { kim = {} }, {} }, want = {} },
        { args = { { ann = { "kim" } }, { kim = { "ann" } }, { kim = "ann" } }, want = {} },
      } },
    { name = "cheapest", signature = "cheapest(costs) -> column by row, sum",
      pre = function(a)
        for _, row in ipairs(a[1]) do if #row < #a[1] then return false end end
        return true
      end,
      post = function(a, r)
        local sum = 0
        for i, c in ipairs(r[1]) do sum = sum + a[1][i][c] end
        return sum == r[2] and #r[1] == #a[1]
      end,
      hidden = function(rng, i)
        local n = rng.int(1, 4)
        local w = i % 8 == 0 and n - 1 or rng.int(n, 4)
        return { rng.list(n, n, function() return rng.list(w, w, function() return rng.int(0, 9) end) end) }
      end,
      examples = {
        { args = { {} }, want = { {}, 0 } },
        { args = { { { 5 } } }, want = { { 1 }, 5 } },
        { args = { { { 1, 2 }, { 1, 5 } } }, want = { { 2, 1 }, 3 } },
        { args = { { { 1, 1 }, { 1, 1 } } }, want = { { 1, 2 }, 2 } },
        { args = { { { 9, 3, 4 } } }, want = { { 2 }, 3 } },
        { args = { { { 4, 1, 3 }, { 2, 0, 5 }, { 3, 2, 2 } } }, want = { { 2, 1, 3 }, 5 } },
        { args = { { { 1, 9, 9 }, { 1, 2, 9 } } }, want = { { 1, 2 }, 3 } },
        { args = { { { 1 }, { 2 } } }, want_error = "row 1 is too short$" },
      } },
  },
  integration = { name = "roster", signature = "roster(skills, tasks) -> task by worker, pairs, idle tasks, too "
    .. "large a group",
    pre = function(a)
      local free = {}
      for _, task in ipairs(a[2]) do free[task] = true end
      for _, list in pairs(a[1]) do for _, task in ipairs(list) do if not free[task] then return false end end end
      return true
    end,
    post = function(a, r) return r[2] + #r[3] == #a[2] end,
    hidden = function(rng, i)
      return { skills(rng), i % 6 == 0 and { "cook", "fix" } or rng.shuffle(TASKS) }
    end,
    examples = {
      { args = { {}, {} }, want = { {}, 0, {} } },
      { args = { TEAM, TASKS }, want = { { ann = "fix", bob = "cook", cy = "sell" }, 3, { "wash" } } },
      { args = { { ann = { "fix" }, bob = { "fix" } }, { "fix" } }, want = { { ann = "fix" }, 1, {}, { "ann",
        "bob" } } },
      { args = { { ann = {} }, { "b", "a" } }, want = { {}, 0, { "a", "b" }, { "ann" } } },
      { args = { { ann = { "fly" } }, TASKS }, want_error = "ann knows a task that is not there: fly$" },
      { args = { { a = { "x", "y" }, b = { "x" } }, { "x", "y" } }, want = { { a = "y", b = "x" }, 2, {} } },
      { args = { {}, { "z", "y" } }, want = { {}, 0, { "y", "z" } } },
      { args = { { a = { "x" }, b = { "y" }, c = { "y" } }, { "x", "y" } },
        want = { { a = "x", b = "y" }, 2, {}, { "b", "c" } } },
    } },
}
