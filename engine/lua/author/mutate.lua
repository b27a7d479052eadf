-- han.author.mutate: edits of a Lua program as a tree: conditions put around statements, statements taken over from
-- another program with their names repaired, operators of the repair worker, constants. Each takes the random of its
-- caller and gives the new text or nil; whether it is a good program is for others to say.
local material = require "han.worker.material"
local operators = require "han.worker.operators"
local syntax = require "han.syntax"

local M = {}

M.WRAPPED = { assign = true, callstat = true, ["if"] = true, ["return"] = true, ["break"] = true, ["while"] = true,
  fornum = true, forin = true }

-- The worker's operators that make sense where nothing fails.
M.WORKER = { "boundary", "clause_add", "condition_replace", "else_insert", "expression_copy", "guard_assign",
  "guard_return", "guard_unwrap", "guard_wrap", "name_swap", "negate", "number_step", "operand_drop", "operator_swap",
  "statement_copy", "statement_delete", "statement_swap" }

local function text_of(tree, node) return tree.text:sub(node.first, node.last) end

-- Nodes of the given kinds inside the given functions.
local function nodes_in(entries, kinds)
  local list = {}
  for _, entry in ipairs(entries) do
    syntax.walk(entry.node.body, function(node)
      if kinds[node.kind] then list[#list + 1] = node end
    end)
  end
  return list
end

local function pick(random, list) return list[random(#list)] end

local function visible(tree, offset)
  local names, seen = {}, {}
  for _, entry in ipairs(syntax.names_at(tree, offset)) do
    names[#names + 1], seen[entry.name] = entry.name, true
  end
  return names, seen
end

local function edited(tree, edit)
  local text = edit and syntax.edit(tree.text, { edit })
  return text and text ~= tree.text and text or nil
end

--- Puts `if condition then ... end` around a statement. conditions(names set) gives one as text, or nil.
function M.guard(tree, entries, conditions, random)
  local list = nodes_in(entries, M.WRAPPED)
  if #list == 0 then return nil end
  local node = pick(random, list)
  local _, seen = visible(tree, node.first)
  local condition = conditions(seen)
  if not condition then return nil end
  return edited(tree, syntax.replace(tree, node, ("if %s then %s end"):format(condition, text_of(tree, node))))
end

--- Another condition in place of one that is there.
function M.condition(tree, entries, conditions, random)
  local list = nodes_in(entries, { clause = true, ["while"] = true })
  if #list == 0 then return nil end
  local node = pick(random, list).cond
  local _, seen = visible(tree, node.first)
  local condition = conditions(seen)
  if not condition then return nil end
  if random(2) == 1 then
    condition = ("(%s) %s (%s)"):format(text_of(tree, node), random(2) == 1 and "and" or "or", condition)
  end
  return edited(tree, syntax.replace(tree, node, condition))
end

--- A number by a step or a factor.
function M.constant(tree, entries, random)
  local list = nodes_in(entries, { number = true })
  if #list == 0 then return nil end
  local node = pick(random, list)
  local value = syntax.value(node)
  if math.type(value) == "integer" then value = math.max(0, value + (random(2) == 1 and 1 or -1) * random(2))
  else value = tonumber(("%.3g"):format(value * (0.5 + random()))) + 0.0 end
  return edited(tree, syntax.replace(tree, node, tostring(value)))
end

--- One edit by an operator of the repair worker.
function M.worker(tree, entries, random)
  local operator = operators.by_name[pick(random, M.WORKER)]
  local list = nodes_in(entries, operator.kinds)
  if #list == 0 then return nil end
  return edited(tree, operator.make(material.new(tree, random), pick(random, list), nil))
end

-- The text of a donor's statement as it would read at an offset of another tree: names that are not visible there
-- become ones that are. nil when there is none to take.
local function transplant(donor, node, tree, offset, random)
  local names, seen = visible(tree, offset)
  local edits, map = {}, {}
  for _, use in ipairs(donor.uses) do
    local declared = use.declaration
    local inside = use.first >= node.first and use.last <= node.last
    local own = declared and declared.first >= node.first and declared.last <= node.last
    if inside and declared and not own and not seen[use.name] then
      map[use.name] = map[use.name] or #names > 0 and pick(random, names)
      if not map[use.name] then return nil end
      edits[#edits + 1] = { first = use.first - node.first + 1, last = use.last - node.first + 1,
        text = map[use.name] }
    end
  end
  return (syntax.edit(text_of(donor, node), edits))
end

--- A statement of another program, put somewhere into the functions of this one.
function M.splice(tree, entries, donor, donor_entries, random)
  local given = nodes_in(donor_entries, M.WRAPPED)
  local places = nodes_in(entries, { block = true })
  for _, entry in ipairs(entries) do places[#places + 1] = entry.node.body end
  if #given == 0 then return nil end
  local node, block = pick(random, given), pick(random, places)
  if material.breaks(nil, node) then return nil end
  local index = random(#block + 1)
  local last = block[index - 1]
  if last and (last.kind == "return" or last.kind == "break") then index = index - 1 end
  local offset = block[index] and block[index].first or last and last.last + 1 or block.open
  local text = transplant(donor, node, tree, offset, random)
  if not text then return nil end
  if node.kind == "return" then text = "do " .. text .. " end" end
  return edited(tree, syntax.insert(tree, block, index, text))
end

return M
