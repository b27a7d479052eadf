-- Modules that import each other: reading imports, what a change reaches, rings, load order and levels.
local M = {}

-- Source lines to names that are imported, in order, each once; "import a, b" and "from a import x".
function M.imports(source)
  local list, seen = {}, {}
  for line in source:gmatch("[^\n]+") do
    local names = line:match("^%s*import%s+(.+)$") or line:match("^%s*from%s+(%w+)%s+import%s")
    for name in (names or ""):gmatch("[^,%s]+") do
      if not name:find("^%a%w*$") then
        error("bad import: " .. name, 0)
      end
      if not seen[name] then
        seen[name] = true
        list[#list + 1] = name
      end
    end
  end
  return list
end

-- Everything that has to be built again when some modules change: those that import them, all the way up.
function M.reach(graph, changed)
  local users, marked, todo = {}, {}, {}
  for name, needs in pairs(graph) do
    for _, need in ipairs(needs) do
      users[need] = users[need] or {}
      table.insert(users[need], name)
    end
  end
  for _, name in ipairs(changed) do
    if not graph[name] then
      error("no module " .. name, 0)
    end
    marked[name] = true
    todo[#todo + 1] = name
  end
  while #todo > 0 do
    for _, user in ipairs(users[table.remove(todo)] or {}) do
      if not marked[user] then
        marked[user] = true
        todo[#todo + 1] = user
      end
    end
  end
  local list = {}
  for name in pairs(marked) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

-- Rings of modules that need each other (Tarjan): sorted groups of more than one, or one that needs itself,
-- in the order of their first names.
function M.rings(graph)
  local index, low, stack, on, rings, count = {}, {}, {}, {}, {}, 0
  local function visit(name)
    count = count + 1
    index[name], low[name] = count, count
    stack[#stack + 1], on[name] = name, true
    local own = false
    for _, need in ipairs(graph[name] or {}) do
      own = own or need == name
      if not index[need] then
        visit(need)
        low[name] = math.min(low[name], low[need])
      elseif on[need] then
        low[name] = math.min(low[name], index[need])
      end
    end
    if low[name] == index[name] then
      local ring = {}
      repeat
        local member = table.remove(stack)
        on[member] = nil
        ring[#ring + 1] = member
      until member == name
      if #ring > 1 or own then
        table.sort(ring)
        rings[#rings + 1] = ring
      end
    end
  end
  for name in pairs(graph) do
    if not index[name] then
      visit(name)
    end
  end
  table.sort(rings, function(a, b)
    return a[1] < b[1]
  end)
  return rings
end

-- Levels of modules: level 1 needs nothing, each other one only earlier levels; sorted inside.
function M.levels(graph)
  local ring = M.rings(graph)[1]
  if ring then
    error("ring: " .. table.concat(ring, ", "), 0)
  end
  local depth, levels = {}, {}
  local function measure(name)
    if not depth[name] then
      local most = 0
      for _, need in ipairs(graph[name] or {}) do
        most = math.max(most, measure(need))
      end
      depth[name] = most + 1
    end
    return depth[name]
  end
  for name in pairs(graph) do
    local level = measure(name)
    for i = #levels + 1, level do
      levels[i] = {}
    end
    table.insert(levels[level], name)
  end
  for _, names in ipairs(levels) do
    table.sort(names)
  end
  return levels
end

-- Sources by name and names that changed: build order of what has to be built, and imports that nobody provides.
function M.build(sources, changed)
  local graph, missing, order, wanted = {}, {}, {}, {}
  for name, source in pairs(sources) do
    graph[name] = {}
    for _, need in ipairs(M.imports(source)) do
      if sources[need] then
        table.insert(graph[name], need)
      else
        missing[#missing + 1] = name .. " needs " .. need
      end
    end
  end
  for _, name in ipairs(M.reach(graph, changed)) do
    wanted[name] = true
  end
  for _, names in ipairs(M.levels(graph)) do
    for _, name in ipairs(names) do
      if wanted[name] then
        order[#order + 1] = name
      end
    end
  end
  return order, missing
end

return M
