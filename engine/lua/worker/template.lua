-- han.worker.template: one more operator of the worker, made of data: fixes that were mined from certified work
-- (han.author.mine). A template has the node kind it applies to and a text with holes: @k the k-th name of what
-- stands there, $k another visible name, ` a text of the program. Without templates there is no such operator.
local syntax = require "han.syntax"

local M = {}

local function own_names(node)
  local names, seen = {}, {}
  syntax.walk(node, function(inner)
    if inner.kind == "name" and not inner.declares and inner.scope ~= "global" and not seen[inner.name] then
      seen[inner.name] = true
      names[#names + 1] = inner.name
    end
  end)
  return names
end

-- The text with every hole filled, the same hole alike; nil when there is nothing to fill one with.
local function filled(m, node, text)
  local own, given, failed = own_names(node), {}, false
  text = text:gsub("([@$])(%d)", function(sign, k)
    local hole = sign .. k
    if not given[hole] then given[hole] = sign == "@" and own[tonumber(k)] or m:name(node.first) end
    failed = failed or not given[hole]
    return given[hole]
  end)
  text = text:gsub("`", function()
    if #m.strings == 0 then failed = true return "" end
    return (m:pick(m.strings))
  end)
  return not failed and text or nil
end

local function make(m, node, template)
  local text = filled(m, node, template.text)
  if not text then return nil end
  if not template.insert then return { first = node.first, last = node.last, text = text } end
  local _, block, index = syntax.statement_of(node)
  if not block then return nil end
  return syntax.insert(m.tree, block, index, text)
end

local function pick(m, list)
  local total = 0
  for _, template in ipairs(list) do total = total + template.weight end
  local point = m.random() * total
  for _, template in ipairs(list) do
    point = point - template.weight
    if point < 0 then return template end
  end
  return list[#list]
end

--- The operator of a list of templates { { kind=, text=, weight=, insert= } ... }; nil when there are none.
function M.operator(templates)
  if not templates or #templates == 0 then return nil end
  local by_kind, kinds = {}, {}
  for _, template in ipairs(templates) do
    kinds[template.kind] = true
    by_kind[template.kind] = by_kind[template.kind] or {}
    table.insert(by_kind[template.kind], template)
  end
  return { name = "template", kinds = kinds, make = function(m, node)
    return make(m, node, pick(m, by_kind[node.kind]))
  end }
end

return M
