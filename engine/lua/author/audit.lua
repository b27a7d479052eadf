-- han.author.audit: what an authored program may not do, told from its tree with the line, and whether it does what
-- it declares. The run's own walls (no private part, no files, no clock of the host) stand behind it; this is the
-- first one, and the one that can name the place.
local lint = require "han.lint"
local parts = require "han.author.parts"
local syntax = require "han.syntax"

local M = {}

local function set(words)
  local names = {}
  for word in words:gmatch "%S+" do names[word] = true end
  return names
end

-- Fields, methods and keys, by what reading them would mean.
local FORBIDDEN = {}
for what, words in pairs {
  ["the judge"] = "judge score scores judged",
  ["what is hidden"] = "private hidden",
  ["a holdout"] = "holdout held gate final",
  ["a clock"] = "clock time now date os",
} do
  for name in pairs(set(words)) do FORBIDDEN[name] = what end
end
-- Globals with which a program would compute what it reads or runs.
local INDIRECT = set "_G _ENV load getmetatable setmetatable rawget rawset rawequal rawlen debug io os collectgarbage \z
  dofile loadfile print next"
local MODULES = { han = true, ["han.shots"] = true, ["han.stats"] = true, ["han.value"] = true, ["han.json"] = true }

local function fault(node, reason) return { node = node, reason = reason } end

-- ---- what is read ----

local readers = {}

function readers.key(node)
  if node.parent.kind == "pair" then return nil end
  local what = FORBIDDEN[node.name]
  if what then return fault(node, ("reads '%s': an author's program may not read %s"):format(node.name, what)) end
end

local function literal_of(node)
  while node.kind == "paren" do node = node.inner end
  return node.kind == "string" and syntax.value(node) or nil
end

local function is_built(node)
  while node.kind == "paren" do node = node.inner end
  return node.kind == "method" or node.kind == "call" or (node.kind == "binop" and node.op == "..")
end

function readers.index(node)
  local name = literal_of(node.key)
  if name and FORBIDDEN[name] then
    return fault(node.key, ("reads '%s': an author's program may not read %s"):format(name, FORBIDDEN[name]))
  end
  if is_built(node.key) then return fault(node.key, "computes the name of what it reads") end
end

function readers.name(node)
  if node.scope ~= "global" then return nil end
  if INDIRECT[node.name] or node.name == "coroutine" then
    local what = FORBIDDEN[node.name] and "may not read " .. FORBIDDEN[node.name] or "may not use it"
    return fault(node, ("uses '%s': an author's program %s"):format(node.name, what))
  end
  if node.name ~= "require" then return nil end
  local call = node.parent
  local module = call.kind == "call" and call.callee == node and #call.args == 1 and literal_of(call.args[1])
  if not module then return fault(node, "computes the name of a module") end
  if not MODULES[module] then return fault(call, ("requires '%s', which no authored program may"):format(module)) end
end

local function first_fault(tree, rules)
  local found
  syntax.walk(tree.root, function(node)
    if found then return false end
    local rule = rules[node.kind]
    found = rule and rule(node)
  end)
  return found
end

-- ---- what is declared ----

local function declaration_of(tree)
  for _, call in ipairs(syntax.find(tree, "call")) do
    local callee = call.callee
    local given = #call.args == 1 and call.args[1]
    if given and given.kind == "table" and callee.kind == "field" and callee.key.name == "strategy" then
      local fields = {}
      for _, item in ipairs(given.items) do
        if item.kind == "pair" then fields[item.key.name] = item.value end
      end
      return call, fields
    end
  end
end

-- The table of a field: written there, or the local it names.
local function table_of(value)
  if not value then return nil end
  if value.kind == "table" then return value end
  local declared = value.kind == "name" and value.declaration
  local statement = declared and declared.parent
  if statement and statement.kind == "local" then
    for i, name in ipairs(statement.names) do
      if name == declared then
        local given = statement.values[i]
        return given and given.kind == "table" and given or nil, declared
      end
    end
  end
end

-- Params: each declared one is read, each that is read is declared.
local function params_fault(tree, fields)
  local given, declared = table_of(fields.params)
  if not given or not declared then return nil end
  local names, read = {}, {}
  for _, item in ipairs(given.items) do
    if item.kind == "pair" then names[item.key.name] = item end
  end
  for _, use in ipairs(tree.uses) do
    local parent = use.parent
    if use.declaration == declared and parent.kind == "field" and parent.object == use then
      read[parent.key.name] = true
      if not names[parent.key.name] then
        return fault(parent.key, ("reads params.%s, which it does not declare"):format(parent.key.name))
      end
    end
  end
  for _, item in ipairs(given.items) do
    if item.kind == "pair" and not read[item.key.name] then
      return fault(item, ("declares params.%s and never reads it"):format(item.key.name))
    end
  end
end

local PARTS = { "steer", "topology", "stop" }

-- A part that is declared is also what act uses: the same local, in use somewhere else than in the declaration.
local function parts_fault(tree, fields)
  for _, part in ipairs(PARTS) do
    local value = fields[part]
    local declared = value and value.kind == "name" and value.declaration
    local used = not declared
    for _, use in ipairs(declared and tree.uses or {}) do
      used = used or (use.declaration == declared and use ~= value)
    end
    if not used then return fault(value, ("declares the part '%s' and never uses it"):format(part)) end
  end
end

-- An intent that names parts names the ones that are there.
local function words_fault(tree, value)
  local said = literal_of(value)
  if not said or not said:find "^steer %w+, topology %w+, stop %w+, act %w+$" then return nil end
  local is = parts.describe(tree)
  if said ~= is then
    return fault(value, ("declares '%s' and is '%s'"):format(said, is or "not made of these parts"))
  end
end

local function intent_fault(tree)
  local call, fields = declaration_of(tree)
  if not call then return fault(tree.root, "returns no han.strategy { ... } that can be read") end
  if not fields.intent then return fault(call, "declares no intent") end
  local wrong = words_fault(tree, fields.intent)
  if wrong then return wrong end
  return params_fault(tree, fields) or parts_fault(tree, fields)
end

-- ---- artifacts and profiles ----

local function globals_of(allowed)
  return function(node)
    if node.scope ~= "global" or allowed[node.name] then return nil end
    local what = FORBIDDEN[node.name]
    return fault(node, ("uses the global '%s'%s"):format(node.name, what and ": that would be " .. what or ""))
  end
end

local artifact_rules = {
  name = globals_of { math = true },
  ["function"] = function(node) return node.parent and fault(node, "holds a function") end,
  string = function(node) return fault(node, "holds a text") end,
  table = function(node) return fault(node, "holds a table") end,
  ["while"] = function(node) return fault(node, "holds a loop without an end") end,
  ["repeat"] = function(node) return fault(node, "holds a loop without an end") end,
  ["goto"] = function(node) return fault(node, "holds a jump") end,
}

-- Where an author's own text lies in a family's frame: first and last byte; nil when the frame is not there.
local function inside(text, frame)
  local head, tail = #frame.head, #frame.tail
  if #text <= head + tail or text:sub(1, head) ~= frame.head or text:sub(-tail) ~= frame.tail then return nil end
  return head + 1, #text - tail
end

-- What a family wrote around the author's expression is its own. A text without that frame is held by the globals that
-- the family names (game.check says what else it may be); where it names none, by the rules of an expression.
local function artifact_fault(tree, game)
  local first, last
  if game.frame then first, last = inside(tree.text, game.frame) end
  if not first then
    local named = game.globals and set(table.concat(game.globals, " "))
    return first_fault(tree, named and { name = globals_of(named) } or artifact_rules)
  end
  local rules = {}
  for kind, rule in pairs(artifact_rules) do
    rules[kind] = function(node) return node.first >= first and node.first <= last and rule(node) or nil end
  end
  return first_fault(tree, rules)
end

local DATA = set "chunk block return table pair keyed key number string true false unop"

local function data_fault(tree)
  local found
  syntax.walk(tree.root, function(node)
    if found then return false end
    if not DATA[node.kind] or (node.kind == "unop" and node.op ~= "-") then
      found = fault(node, ("is no data: it holds a %s"):format(node.kind))
    elseif node.kind == "key" and FORBIDDEN[node.name] then
      found = fault(node, ("names '%s': a profile knows nothing of %s"):format(node.name, FORBIDDEN[node.name]))
    end
  end)
  return found
end

--- The tree of a text of a kind ("artifact", "profile", "strategy"), or nil, message, "SYNTAX", detail.
function M.parse(what, text)
  return (what == "artifact" and syntax.parse_expression or syntax.parse)(text, what)
end

local function placed(tree, found)
  local line, column = syntax.position(tree, math.min(found.node.first, #tree.text))
  return { reason = found.reason, line = line, column = column }
end

--- What is wrong with a program as linter and auditor see it: stage ("lint" or "audit") and { reason=, line=,
--- column= }; nil when nothing is. game: what a family says of its artifacts (frame and globals, both optional).
function M.check(what, tree, game)
  local found
  if what == "strategy" then
    -- the audit comes first: a clock is more to the point than an unknown global
    found = first_fault(tree, readers)
    if found then return "audit", placed(tree, found) end
    local list = assert(lint.check(tree.text, what))
    if list[1] then return "lint", { reason = list[1].message, line = list[1].line, column = list[1].column } end
    found = intent_fault(tree)
  elseif what == "artifact" then
    found = artifact_fault(tree, game or {})
  else
    found = data_fault(tree)
  end
  if found then return "audit", placed(tree, found) end
end

return M
