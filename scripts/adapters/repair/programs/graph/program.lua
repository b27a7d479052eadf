-- Weighted graphs as edge lists: adjacency, shortest routes, components, spanning trees.
local M = {}

-- edges: list of { from, to, weight }. Both directions unless one_way.
function M.adjacency(edges, one_way)
  local near = {}
  for _, edge in ipairs(edges) do
    local from, to, weight = edge[1], edge[2], edge[3] or 1
    if weight < 0 then
      error("negative weight on " .. from .. "-" .. to, 0)
    end
    near[from] = near[from] or {}
    near[to] = near[to] or {}
    local known = near[from][to]
    if not known or weight < known then
      near[from][to] = weight
      if not one_way then
        near[to][from] = weight
      end
    end
  end
  return near
end

-- Dijkstra from one node: distances and the node before each on its route.
function M.distances(near, start)
  if not near[start] then
    error("no node " .. tostring(start), 0)
  end
  local distance, before, done = { [start] = 0 }, {}, {}
  while true do
    local at
    for node, d in pairs(distance) do
      if not done[node] and (not at or d < distance[at] or (d == distance[at] and node < at)) then
        at = node
      end
    end
    if not at then
      return distance, before
    end
    done[at] = true
    for node, weight in pairs(near[at]) do
      local through = distance[at] + weight
      local known = distance[node]
      if not known or through < known or (through == known and before[node] and at < before[node]) then
        distance[node] = through
        before[node] = at
      end
    end
  end
end

function M.route(near, start, goal)
  local distance, before = M.distances(near, start)
  if not distance[goal] then
    return nil
  end
  local path, at = {}, goal
  while at do
    table.insert(path, 1, at)
    at = before[at]
  end
  return path, distance[goal]
end

-- Connected components of a graph of two-way edges, each sorted, in order of their first node.
function M.components(near)
  local nodes, seen, groups = {}, {}, {}
  for node in pairs(near) do
    nodes[#nodes + 1] = node
  end
  table.sort(nodes)
  for _, root in ipairs(nodes) do
    if not seen[root] then
      local group, stack = {}, { root }
      seen[root] = true
      while #stack > 0 do
        local node = table.remove(stack)
        group[#group + 1] = node
        for other in pairs(near[node]) do
          if not seen[other] then
            seen[other] = true
            stack[#stack + 1] = other
          end
        end
      end
      table.sort(group)
      groups[#groups + 1] = group
    end
  end
  return groups
end

-- Kruskal: cheapest edges that join everything that can be joined; ties by order in the list.
function M.spanning(edges)
  local order, leader = {}, {}
  for i in ipairs(edges) do
    order[i] = i
  end
  table.sort(order, function(a, b)
    local wa, wb = edges[a][3] or 1, edges[b][3] or 1
    if wa == wb then
      return a < b
    end
    return wa < wb
  end)
  local function find(node)
    while leader[node] and leader[node] ~= node do
      node = leader[node]
    end
    return node
  end
  local chosen, total = {}, 0
  for _, i in ipairs(order) do
    local a, b = find(edges[i][1]), find(edges[i][2])
    if a ~= b then
      leader[b] = a
      chosen[#chosen + 1] = i
      total = total + (edges[i][3] or 1)
    end
  end
  table.sort(chosen)
  return chosen, total
end

-- Whether two colours do for a graph of two-way edges; the colours when they do.
function M.two_colours(near)
  local colour, groups = {}, M.components(near)
  for _, group in ipairs(groups) do
    local queue, head = { group[1] }, 1
    colour[group[1]] = 1
    while queue[head] do
      local node = queue[head]
      head = head + 1
      for other in pairs(near[node]) do
        if not colour[other] then
          colour[other] = 3 - colour[node]
          queue[#queue + 1] = other
        elseif colour[other] == colour[node] then
          return false
        end
      end
    end
  end
  return true, colour
end

-- The middle of the graph: the node of the least worst distance within each component.
function M.survey(edges)
  local near = M.adjacency(edges)
  local result = { centres = {}, bipartite = M.two_colours(near) }
  for i, group in ipairs(M.components(near)) do
    local best, best_reach
    for _, node in ipairs(group) do
      local reach = 0
      for _, d in pairs((M.distances(near, node))) do
        reach = math.max(reach, d)
      end
      if not best or reach < best_reach then
        best, best_reach = node, reach
      end
    end
    result.centres[i] = { node = best, reach = best_reach, size = #group }
  end
  local _, total = M.spanning(edges)
  result.wire = total
  return result
end

return M
