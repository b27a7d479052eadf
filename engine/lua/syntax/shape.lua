--- The structure of code apart from its layout: equality, hashes, differences.
-- Layout is: white space, comments, semicolons, the way a call or a literal is written. Parentheses are structure,
-- because
-- they cut a list of values to one. Everything here is exact except hash, which is 128 bits without secrets.
local node_module = require "han.syntax.node"
local query = require "han.syntax.query"

local M = {}

local plans, push = node_module.plans, node_module.push

---- What a node is by itself

local function literal(node)
  local value = node_module.value(node)
  if math.type(value) == "integer" then return "i" .. value end
  if math.type(value) == "float" then return ("f%a"):format(value) end
  return "s" .. #value .. ":" .. value
end

-- Identifiers by the options: as they are, numbered by first appearance, or all alike. A local is its declaration.
local function identifier_of(options)
  local mode = options and options.names
  local numbers, count = {}, 0
  local function number(thing)
    if not numbers[thing] then
      count = count + 1
      numbers[thing] = count
    end
    return numbers[thing]
  end
  if mode == "erase" then
    return function(node) return node.kind end
  end
  return function(node)
    local name = node.name or node.label
    if not mode then return #name .. ":" .. name end
    local declaration = node.declaration or node.declares and node
    if declaration then return "L" .. number(declaration) end
    if node.label then return "T" .. number("label " .. name) end
    if mode == "alpha" then return #name .. ":" .. name end
    return "N" .. number((node.kind == "key" and "key " or "global ") .. name)
  end
end

local function own_text(node, identifier, erase)
  local kind = node.kind
  if kind == "name" then return identifier(node) .. (node.attrib or "") end
  if kind == "key" or kind == "goto" or kind == "label" then return identifier(node) end
  if kind == "number" or kind == "string" then return erase and "" or literal(node) end
  if kind == "binop" or kind == "unop" then return node.op end
  if kind == "function" then return (node.vararg and "v" or "") .. (node.method and "m" or "") end
  return ""
end

local function block_length(node)
  local length = 0
  for i = 1, #node do
    if node[i].kind ~= "empty" then length = length + 1 end
  end
  return length
end

-- Children with empty statements left out, and the lengths of lists, which tell `f(a)(b)` from `f(a, b)`.
local function parts(node)
  local kind = node.kind
  if kind == "block" then
    local list = {}
    for i = 1, #node do
      if node[i].kind ~= "empty" then list[#list + 1] = node[i] end
    end
    return list, tostring(#list)
  end
  local list, lengths = node_module.children(node), ""
  for _, plan in ipairs(plans[kind]) do
    local value = node[plan.name]
    if plan.list then lengths = lengths .. #value .. "," elseif not value then lengths = lengths .. "-" end
  end
  return list, lengths
end

---- Hashes and equality

-- Two or more pieces a node, in prefix order: its kind, its own text, and for each list its length, for each
-- missing part a mark. Own texts carry their length where they could hold a separator.
local function canonical(root, options)
  local identifier, erase = identifier_of(options), options and options.constants == "erase"
  local out, count, stack, top = {}, 0, { root }, 1
  while top > 0 do
    local node = stack[top]
    top = top - 1
    local kind = node.kind
    if kind ~= "empty" then
      out[count + 1], out[count + 2] = kind, own_text(node, identifier, erase)
      count = count + 2
      if kind == "block" then
        count = count + 1
        out[count] = block_length(node)
      end
      local plan = plans[kind]
      for i = 1, #plan do
        local value = node[plan[i].name]
        if plan[i].list or not value then
          count = count + 1
          out[count] = value and #value or "-"
        end
      end
      top = push(stack, top, node)
    end
  end
  return table.concat(out, ";")
end

local function check_options(options)
  if options == nil then return end
  local names, constants = options.names, options.constants
  if names ~= nil and names ~= "alpha" and names ~= "rename"
    and names ~= "erase" then error("options.names: alpha, rename or erase", 3) end
  if constants ~= nil and constants ~= "erase" then error("options.constants: erase", 3) end
end

-- Two lanes of multiply and shift over 8-byte words; the constants are odd and come from the golden ratio and from
-- sqrt(3).
local function mix(text)
  local a, b = #text, ~#text
  local padded = text .. ("\0"):rep(-#text % 8)
  for at = 1, #padded, 8 do
    local word = ("<i8"):unpack(padded, at)
    a = (a ~ word) * 0x9E3779B97F4A7C15
    a = a ~ (a >> 29)
    b = (b + word) * 0xBB67AE8584CAA73B
    b = b ~ (b >> 32)
  end
  a = (a ~ (b >> 31)) * 0x9E3779B97F4A7C15
  b = (b ~ (a >> 33)) * 0xBB67AE8584CAA73B
  return ("%016x%016x"):format(a ~ (a >> 32), b ~ (b >> 32))
end

function M.hash(node, options)
  check_options(options)
  return mix(canonical(node, options))
end

function M.same(a, b, options)
  check_options(options)
  return canonical(a, options) == canonical(b, options)
end

---- Differences

local own_identifier = identifier_of(nil)
local opaque = { localfunction = true, funcstat = true }

-- Gives every node of a function's own code a number that two nodes share exactly when their structure is equal. Inner
-- functions all count the same: they are compared on their own.
local function number_nodes(root, ids, numbers)
  node_module.walk(root, function(node)
    if node.kind == "function" and node ~= root then
      numbers[node] = 0
      return false
    end
  end, function(node)
    if numbers[node] then return end
    local list, lengths = parts(node)
    local key = { node.kind, own_text(node, own_identifier, false), lengths }
    for _, child in ipairs(list) do
      if not opaque[child.kind] then key[#key + 1] = tostring(numbers[child]) end
    end
    local text = table.concat(key, ";")
    if not ids[text] then
      ids.count = ids.count + 1
      ids[text] = ids.count
    end
    numbers[node] = ids[text]
  end)
end

-- Which elements of two lists stay: the longest common subsequence between the common ends, by dynamic programming
-- while
-- the table is small, none beyond that.
local MAX_CELLS = 250000

local function common(old, new, numbers, low, high_old, high_new)
  local rows, columns = high_old - low + 1, high_new - low + 1
  local kept = {}
  if rows <= 0 or columns <= 0 or rows * columns > MAX_CELLS then return kept end
  local length = {}
  for i = rows + 1, 1, -1 do
    length[i] = {}
    for j = columns + 1, 1, -1 do
      if i > rows or j > columns then
        length[i][j] = 0
      elseif numbers[old[low + i - 1]] == numbers[new[low + j - 1]] then
        length[i][j] = length[i + 1][j + 1] + 1
      else
        length[i][j] = math.max(length[i + 1][j], length[i][j + 1])
      end
    end
  end
  local i, j = 1, 1
  while i <= rows and j <= columns do
    if numbers[old[low + i - 1]] == numbers[new[low + j - 1]] then
      kept[#kept + 1] = { low + i - 1, low + j - 1 }
      i, j = i + 1, j + 1
    elseif length[i + 1][j] >= length[i][j + 1] then
      i = i + 1
    else
      j = j + 1
    end
  end
  return kept
end

-- Between two kept elements: pairs of the same kind are compared inside, the rest went or came.
local function gap(old, new, i, i_end, j, j_end, emit, work)
  while i <= i_end and j <= j_end do
    if old[i].kind == new[j].kind then
      work[#work + 1] = { old[i], new[j] }
      i, j = i + 1, j + 1
    elseif i_end - i > j_end - j then
      emit("removed", old[i], nil)
      i = i + 1
    elseif i_end - i < j_end - j then
      emit("added", nil, new[j])
      j = j + 1
    else
      emit("changed", old[i], new[j])
      i, j = i + 1, j + 1
    end
  end
  for at = i, i_end do emit("removed", old[at], nil) end
  for at = j, j_end do emit("added", nil, new[at]) end
end

local function without_opaque(list)
  local out = {}
  for _, node in ipairs(list) do
    if not opaque[node.kind] and node.kind ~= "empty" then out[#out + 1] = node end
  end
  return out
end

local function compare_lists(old, new, numbers, emit, work)
  old, new = without_opaque(old), without_opaque(new)
  local low, high_old, high_new = 1, #old, #new
  while low <= high_old and low <= high_new and numbers[old[low]] == numbers[new[low]] do low = low + 1 end
  while high_old >= low and high_new >= low and numbers[old[high_old]] == numbers[new[high_new]] do
    high_old, high_new = high_old - 1, high_new - 1
  end
  local i, j = low, low
  for _, pair in ipairs(common(old, new, numbers, low, high_old, high_new)) do
    gap(old, new, i, pair[1] - 1, j, pair[2] - 1, emit, work)
    i, j = pair[1] + 1, pair[2] + 1
  end
  gap(old, new, i, high_old, j, high_new, emit, work)
end

local function compare_parts(old, new, numbers, emit, work)
  if old.kind == "block" then return compare_lists(old, new, numbers, emit, work) end
  for _, plan in ipairs(plans[old.kind]) do
    local a, b = old[plan.name], new[plan.name]
    if plan.list then
      compare_lists(a, b, numbers, emit, work)
    elseif a and b then
      work[#work + 1] = { a, b }
    elseif a or b then
      emit(a and "removed" or "added", a or nil, b or nil)
    end
  end
end

local function changes_between(old, new)
  local ids, numbers, changes = { count = 0 }, {}, {}
  number_nodes(old, ids, numbers)
  number_nodes(new, ids, numbers)
  local function emit(op, a, b)
    changes[#changes + 1] = { op = op, old = a, new = b }
  end
  local work = { { old, new } }
  while #work > 0 do
    local pair = table.remove(work)
    local a, b = pair[1], pair[2]
    if numbers[a] ~= numbers[b] then
      if a.kind ~= b.kind or own_text(a, own_identifier, false) ~= own_text(b, own_identifier, false) then
        emit("changed", a, b)
      else
        compare_parts(a, b, numbers, emit, work)
      end
    end
  end
  local function place(change)
    return (change.old or change.new).first
  end
  table.sort(changes, function(x, y)
    if place(x) ~= place(y) then return place(x) < place(y) end
    return x.op < y.op
  end)
  return changes
end

-- Functions are matched by name and by which one of that name they are; anonymous ones by their order in their
-- function.
local function keyed(entries)
  local keys, list, seen = {}, {}, {}
  for i, entry in ipairs(entries) do
    local outer = entry.parent and keys[entry.parent] .. "/" or ""
    local key = outer .. (entry.kind == "anonymous" and "?" or entry.name)
    seen[key] = (seen[key] or 0) + 1
    key = key .. "#" .. seen[key]
    keys[i] = key
    list[key] = entry
  end
  return keys, list
end

local function own_source(tree, entry)
  return tree.text:sub(entry.node.first, entry.node.last)
end

function M.diff(old, new)
  local old_entries, new_entries = query.functions(old), query.functions(new)
  local old_keys, old_list = keyed(old_entries)
  local new_keys, new_list = keyed(new_entries)
  local result = {}
  for i, key in ipairs(new_keys) do
    local before, after = old_list[key], new_entries[i]
    if not before then
      result[#result + 1] = { fn = after.name, status = "added", new = after, changes = { { op = "added",
        new = after.node } } }
    elseif own_source(old, before) ~= own_source(new, after) then
      local changes = changes_between(before.node, after.node)
      if #changes > 0 then
        result[#result + 1] = { fn = after.name, status = "changed", old = before, new = after, changes = changes }
      end
    end
  end
  for i, key in ipairs(old_keys) do
    if not new_list[key] then
      local before = old_entries[i]
      result[#result + 1] = { fn = before.name, status = "removed", old = before, changes = { { op = "removed",
        old = before.node } } }
    end
  end
  return result
end

return M
