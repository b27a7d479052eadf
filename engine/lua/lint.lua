--- han.lint: mistakes in a script that can be seen without running it. Pure.

local adapter = require "han.adapter"
local check = require "han.check"
local sandbox_env = require "han.sandbox_env"
local shape = require "han.shape"
local strategy = require "han.strategy"
local syntax = require "han.syntax"

local M = {}

--- The verbs of a scope (engine/script/door.c holds the table they are dispatched by).
M.verbs = {
  "ask", "best", "budget", "choose", "clock", "each", "exec", "next", "notify", "observe", "random", "send", "spawn",
  "stop", "submit", "tool", "view",
}

-- What a strategy or a plain script sees (engine/script/state.c).
local run_names = {}
for name in ([[_G _VERSION assert coroutine error getmetatable ipairs load math next pairs pcall print rawequal rawget
    rawlen rawset require select setmetatable string table tonumber tostring type utf8 xpcall]]):gmatch("%S+") do
  run_names[#run_names + 1] = name
end

local constructors = { strategy = strategy, adapter = adapter, check = check }

local function set_of(names)
  local set = {}
  for _, name in ipairs(names) do set[name] = true end
  return set
end

local verbs = set_of(M.verbs)

-- ---- what kind of file it is ----

local function is_han_call(node, name)
  local callee = node.callee
  return callee and callee.kind == "field" and callee.key.name == name and callee.object.kind == "name"
    and callee.object.name == "han"
end

local function constructor_calls(tree)
  local calls = {}
  for _, node in ipairs(syntax.find(tree, "call")) do
    for name in pairs(constructors) do
      if is_han_call(node, name) then calls[#calls + 1] = { name = name, node = node } end
    end
  end
  return calls
end

local function kind_of(calls)
  local kind = "script"
  for _, call in ipairs(calls) do
    if call.name == "adapter" then return "adapter" end
    if call.name == "strategy" then kind = "strategy" end
    if call.name == "check" and kind == "script" then kind = "check" end
  end
  return kind
end

-- ---- the rules; each adds to `found` through say(node, message) ----

local function check_globals(tree, kind, say)
  local names = (kind == "adapter" or kind == "check") and sandbox_env.names() or run_names
  local allowed = set_of(names)
  for _, global in ipairs(syntax.globals(tree)) do
    for _, node in ipairs(global.uses) do
      local parent = node.parent
      local written = parent and ((parent.kind == "assign" and node.first <= parent.targets[#parent.targets].last)
        or (parent.kind == "funcstat" and parent.target == node))
      if written then
        say(node, ("assignment to the global '%s'; say local"):format(global.name))
      elseif not allowed[global.name] then
        say(node, ("the name '%s' is not there in %s %s%s"):format(global.name, kind == "adapter" and "an" or "a", kind,
          shape.hint(global.name, names):gsub("^: one of .*", "")))
      end
    end
  end
end

local function check_verbs(tree, say)
  for _, node in ipairs(syntax.find(tree, "method")) do
    if node.object.kind == "name" and node.object.name == "scope" and not verbs[node.key.name] then
      say(node.key, ("a scope has no verb '%s'%s"):format(node.key.name, shape.hint(node.key.name, M.verbs)))
    end
  end
end

local function fields_of(node)
  local only = #node.args == 1 and node.args[1]
  if not only or only.kind ~= "table" then return nil end
  local fields = {}
  for _, item in ipairs(only.items) do
    if item.kind ~= "pair" then return nil end -- computed: not for a linter to know
    fields[#fields + 1] = item.key
  end
  return fields
end

local function check_fields(calls, say)
  for _, call in ipairs(calls) do
    local module, fields, given = constructors[call.name], fields_of(call.node), {}
    local known = set_of(module.fields)
    for _, key in ipairs(fields or {}) do
      given[key.name] = true
      if not known[key.name] then
        say(key, ("han.%s has no field '%s'%s"):format(call.name, key.name, shape.hint(key.name, module.fields)))
      end
    end
    for _, name in ipairs(fields and module.needed or {}) do
      if not given[name] then say(call.node, ("han.%s needs the field '%s'"):format(call.name, name)) end
    end
  end
end

--- The line on which a constructor is called, for its errors: `return han.strategy { ... }` is a tail call, which
--- leaves no place behind. message: the error, "han.strategy: ...". nil when it is none of theirs.
function M.place(text, name, message)
  local constructor = message:match("^han%.(%l+): ")
  local tree = constructor and syntax.parse(text, name)
  for _, call in ipairs(tree and constructor_calls(tree) or {}) do
    if call.name == constructor then
      return ("%s:%d"):format(name, (syntax.position(tree, call.node.first)))
    end
  end
  return nil
end

--- { {line=, column=, message=} ... } in the order of the text; or nil, message, "SYNTAX".
function M.check(text, name)
  local tree, why, code = syntax.parse(text, name)
  if not tree then return nil, why, code end
  local found = {}
  local function say(node, message)
    local line, column = syntax.position(tree, node.first)
    found[#found + 1] = { line = line, column = column, offset = node.first, message = message }
  end
  local calls = constructor_calls(tree)
  check_globals(tree, kind_of(calls), say)
  check_verbs(tree, say)
  check_fields(calls, say)
  table.sort(found, function(a, b)
    if a.offset ~= b.offset then return a.offset < b.offset end
    return a.message < b.message
  end)
  for _, one in ipairs(found) do one.offset = nil end
  return found
end

return M
