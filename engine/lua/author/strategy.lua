-- han.author.strategy: the writer of strategies (level 1), Lua files of the contract act(task, scope). It swaps parts
-- of a controller for others of a menu or of another program, edits the trees of parts, takes statements over, and
-- moves params. Whatever it gives parses, passes the linter and does what it declares.
local audit = require "han.author.audit"
local choices = require "han.author.choices"
local mutate = require "han.author.mutate"
local parts = require "han.author.parts"
local syntax = require "han.syntax"

local M = {}

M.MAX_BYTES = 8 << 10

-- Prior weights. One operator for each entry of a menu, so that what is learnt says which part is worth trying.
M.OPERATORS = { param = 3, constant = 1, cross = 2, guard = 1.5, condition = 1.5, worker = 1.5, splice = 1.5,
  compose = 0.5, mined_choice = 2 }
local SWAPS = {}
for _, part in ipairs(parts.ORDER) do
  for _, name in ipairs(parts.menu(part)) do
    local operator = part .. " " .. name
    SWAPS[operator] = { part = part, name = name }
    M.OPERATORS[operator] = part == "act" and 0.3 or 0.6
  end
end

--- A text as this writer works on it: { text=, tree=, functions=, params= }; functions is nil for a file that is not
-- made of the four parts.
function M.read(text)
  local tree = syntax.parse(text, "strategy")
  if not tree then return nil end
  local functions, params = parts.split(tree)
  return { text = text, tree = tree, functions = functions, params = params }
end

function M.print(one) return one.text end

function M.size(text) return math.min(6, #text // 800) end

-- A program that parses, lints and does what it says; nil for anything else.
local function sound(text)
  local one = text and #text <= M.MAX_BYTES and M.read(text)
  if not one or audit.check("strategy", one.tree) then return nil end
  return one
end

local function filed(functions, params) return sound(parts.file(functions, params)) end

-- ---- from nothing ----

local function draw_param(name, random)
  local rule = parts.PARAMS[name]
  if math.type(rule[1]) == "integer" then return rule[2] + random(rule[3] - rule[2] + 1) - 1 end
  return tonumber(("%.3g"):format(rule[2] + (rule[3] - rule[2]) * random())) + 0.0
end

local function drawn_params(random)
  local params = {}
  for name in pairs(parts.PARAMS) do params[#params + 1] = name end
  table.sort(params)
  for i, name in ipairs(params) do
    params[name], params[i] = draw_param(name, random), nil
  end
  return params
end

local function composed(random, fixed)
  local names = {}
  for _, part in ipairs(parts.ORDER) do
    local menu = parts.menu(part)
    names[part] = menu[random(#menu)]
  end
  for part, name in pairs(fixed or {}) do names[part] = name end
  return sound(parts.compose(names, drawn_params(random)))
end

-- ---- operators ----

-- A condition on what a controller knows, of the names that are visible.
local function condition_of(random)
  return function(seen)
    local list = {}
    if seen.memory then
      list = { ("memory.idle >= %d"):format(random(4)), ("memory.length %% %d == 0"):format(1 + random(3)),
        ("memory.best < %.1f"):format(random(9) / 10), ("memory.length > %d"):format(random(6)),
        "memory.last >= memory.best", "memory.lines > 0", "memory.steer ~= nil" }
    end
    if seen.settled then
      list[#list + 1] = ("settled.verdict and settled.verdict.correct >= %.1f"):format(random(9) / 10)
      list[#list + 1] = "settled.kind == \"done\""
    end
    if seen.n then list[#list + 1] = ("n %% %d == %d"):format(1 + random(3), random(2) - 1) end
    if seen.scope then
      list[#list + 1] = ("(scope:budget().shots or { left = 0 }).left > %d"):format(random(6))
      list[#list + 1] = "scope:best() ~= nil"
    end
    return list[1] and list[random(#list)] or nil
  end
end

local function entries_of(one)
  local found, list = parts.functions(one.tree), {}
  for _, part in ipairs(parts.ORDER) do list[#list + 1] = found[part] end
  if #list == 0 then
    for _, entry in ipairs(syntax.functions(one.tree)) do
      if entry.kind ~= "main" then list[#list + 1] = entry end
    end
  end
  return list
end

-- One or all of the functions.
local function some(one, random)
  local list = entries_of(one)
  if #list == 0 then return nil end
  return { list[random(#list)] }
end

-- After an edit of the text: the same parts with params and intent put right.
local function mended(text)
  local one = text and #text <= M.MAX_BYTES and M.read(text)
  if not one then return nil end
  if one.functions then return filed(one.functions, one.params) end
  return sound(text)
end

local operators = {}

function operators.param(desk, one)
  local names = {}
  for name in pairs(one.params or {}) do names[#names + 1] = name end
  table.sort(names)
  if #names == 0 or not one.functions then return nil end
  local name, params = names[desk.random(#names)], {}
  for key, value in pairs(one.params) do params[key] = value end
  params[name] = parts.PARAMS[name] and draw_param(name, desk.random) or desk.random(6)
  return filed(one.functions, params)
end

function operators.constant(desk, one)
  local entries = some(one, desk.random)
  return entries and mended(mutate.constant(one.tree, entries, desk.random))
end

function operators.guard(desk, one)
  local entries = some(one, desk.random)
  return entries and mended(mutate.guard(one.tree, entries, condition_of(desk.random), desk.random))
end

function operators.condition(desk, one)
  local entries = some(one, desk.random)
  return entries and mended(mutate.condition(one.tree, entries, condition_of(desk.random), desk.random))
end

function operators.worker(desk, one)
  local entries = some(one, desk.random)
  return entries and mended(mutate.worker(one.tree, entries, desk.random))
end

local function donor_of(desk)
  if #desk.pool == 0 then return nil end
  local other = desk.pool[desk.random(#desk.pool)]
  return other.tree, other.entry.digest
end

function operators.splice(desk, one)
  local donor, digest = donor_of(desk)
  local entries, given = some(one, desk.random), donor and some(donor, desk.random)
  if not entries or not given then return nil end
  return mended(mutate.splice(one.tree, entries, donor.tree, given, desk.random)), digest
end

-- A whole part of another program.
function operators.cross(desk, one)
  local donor, digest = donor_of(desk)
  if not donor or not donor.functions or not one.functions then return nil end
  local part, functions, params = parts.ORDER[desk.random(#parts.ORDER)], {}, {}
  for name, text in pairs(one.functions) do functions[name] = text end
  for name, value in pairs(donor.params) do params[name] = value end
  for name, value in pairs(one.params) do params[name] = value end
  functions[part] = donor.functions[part]
  return filed(functions, params), digest
end

-- Weights of a decision by what the choices of train runs gained; of the first point that the program has.
function operators.mined_choice(desk, one)
  if not desk.evidence or not one.functions then return nil end
  for point, prefix in pairs(parts.POINTS) do
    local mined, moved = choices.learn(desk.evidence, point), {}
    for name, value in pairs(one.params) do
      local option = name:match("^" .. prefix .. "(.*)$")
      moved[name] = option and mined and mined.weights[option] or value
    end
    local new = mined and filed(one.functions, moved)
    if new and new.text ~= one.text then return new end
  end
  return nil
end

function operators.compose(desk) return composed(desk.random) end

local function swap(desk, one, to)
  if not one.functions then return composed(desk.random, { [to.part] = to.name }) end
  local functions = {}
  for name, text in pairs(one.functions) do functions[name] = text end
  functions[to.part] = parts.source(to.part, to.name)
  return filed(functions, one.params)
end

--- One operator on a program: the new one and the digest of a second parent; nil when it came to nothing.
function M.apply(desk, operator, one)
  local new, digest
  if SWAPS[operator] then new = swap(desk, one, SWAPS[operator])
  else new, digest = operators[operator](desk, one) end
  if not new or new.text == one.text then return nil end
  return new, digest
end

--- A program from nothing: parts by chance, params by chance, now and then an edit by chance.
function M.fresh(desk)
  local one = composed(desk.random)
  for _ = 1, desk.random(3) - 1 do
    local name = ({ "guard", "condition", "worker", "constant" })[desk.random(4)]
    one = operators[name](desk, one) or one
  end
  return one
end

return M
