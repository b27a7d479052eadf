--- han.worker.choose: which operator edits a row of a menu (worker/locate.lua), by weight among those that apply.

local operators = require "han.worker.operators"

local M = {}

--- The kinds of nodes that any operator applies to.
M.KINDS = {}
for _, entry in ipairs(operators.list) do
  for kind in pairs(entry.kinds) do M.KINDS[kind] = true end
end

local function add(row, entry)
  local nodes = {}
  for _, node in ipairs(row.nodes) do
    if entry.kinds[node.kind] then nodes[#nodes + 1] = node end
  end
  if #nodes > 0 then row.options[#row.options + 1] = { entry = entry, nodes = nodes } end
end

--- The operators that apply to a row of the menu, each with the nodes it applies to; kept with the row. template: one
--- more operator, or nil.
function M.options(row, template)
  if row.options then return row.options end
  row.options = {}
  for _, entry in ipairs(operators.list) do add(row, entry) end
  if template then add(row, template) end
  return row.options
end

--- An operator by weight, with the nodes it applies to; nil when none applies. weights: by name, `other` for the rest.
function M.operator(options, weights, floor, random)
  local total, other = 0, weights.other or 1
  for _, option in ipairs(options) do
    total = total + math.max(floor, weights[option.entry.name] or other)
  end
  local point = random() * total
  for _, option in ipairs(options) do
    point = point - math.max(floor, weights[option.entry.name] or other)
    if point < 0 then return option.entry, option.nodes end
  end
end

return M
