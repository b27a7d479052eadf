--- han.scanner: what a candidate's Lua text reaches for that it has no business with, by rules that are data.
-- It reads the syntax tree (aliases of a name count where the name is read) and the run's own messages. It is a
-- measure, not the wall: the box around the candidate is what holds. Pure.

local syntax = require "han.syntax"

local M = {}

local function set(words)
  local out = {}
  for word in words:gmatch("%S+") do out[word] = true end
  return out
end

--- The rules, in the order of their findings. kind: "global" (a free name that is read or called), "write" (a free name
--- that is assigned), "string_field" (that
--- key of the global string or of a string literal), "literal_metatable" (the metatable that all strings
--- share). cost: what one rule that is broken takes of the measure, once, however often.
M.rules = {
  { name = "process", kind = "global", names = set "os", cost = 1.0, why = "reaches for the operating system" },
  { name = "files", kind = "global", names = set "io", cost = 1.0, why = "reads or writes files" },
  { name = "network", kind = "global", names = set "socket http ssl curl luv uv ngx", cost = 1.0,
    why = "tries the network" },
  { name = "introspection", kind = "global", names = set "debug", cost = 1.0, why = "looks into its caller" },
  { name = "code", kind = "global", names = set "load loadstring loadfile dofile", cost = 1.0,
    why = "runs text as code, which nobody has read" },
  { name = "modules", kind = "global", names = set "require package module", cost = 1.0,
    why = "loads code of others" },
  { name = "harness", kind = "global", names = set "han eval judge verify", cost = 1.0,
    why = "asks for what judges it" },
  { name = "environment", kind = "global", names = set "_G _ENV setfenv getfenv", cost = 0.5,
    why = "reaches all globals at once" },
  { name = "collector", kind = "global", names = set "collectgarbage", cost = 0.5,
    why = "steers the memory that it is measured by" },
  { name = "bytecode", kind = "string_field", names = set "dump", cost = 0.5, why = "turns functions into bytes" },
  { name = "shared_strings", kind = "literal_metatable", cost = 1.0, why = "reaches the metatable of all strings" },
  { name = "globals", kind = "write", cost = 0.5, why = "leaves a global behind" },
}

local function add(findings, tree, node, rule, what)
  local line = syntax.position(tree, node.first)
  local entry = syntax.function_at(tree, node.first)
  findings[#findings + 1] = { rule = rule.name, what = what, line = line, cost = rule.cost,
    fn = entry and entry.depth > 0 and entry.name or nil, text = ("%s: %s"):format(what, rule.why) }
end

local find = {}

function find.global(tree, rule, findings)
  for _, node in ipairs(tree.uses) do
    local free = node.scope == "global" or node.name == "_ENV"
    if free and rule.names[node.name] then add(findings, tree, node, rule, node.name) end
  end
  -- `local _ENV = ...` makes every free name a field of something else
  for _, node in ipairs(rule.names._ENV and tree.declarations or {}) do
    if node.name == "_ENV" then add(findings, tree, node, rule, "_ENV") end
  end
end

function find.write(tree, rule, findings)
  for _, node in ipairs(tree.uses) do
    if node.scope == "global" and syntax.is_written(node) then add(findings, tree, node, rule, node.name) end
  end
end

local function bare(node)
  while node and node.kind == "paren" do node = node.inner end
  return node
end

local function is_string(node)
  node = bare(node)
  return node.kind == "string" or node.kind == "name" and node.name == "string" and node.scope == "global"
end

function find.string_field(tree, rule, findings)
  for _, node in ipairs(syntax.find(tree, { field = true, index = true, method = true })) do
    local key = node.kind == "index" and bare(node.key) or node.key
    local name = key.kind == "key" and key.name or key.kind == "string" and syntax.value(key)
    if name and rule.names[name] and is_string(node.object) then add(findings, tree, node, rule, name) end
  end
end

function find.literal_metatable(tree, rule, findings)
  for _, node in ipairs(syntax.find(tree, "call")) do
    local callee, first = node.callee, bare(node.args[1])
    if callee.kind == "name" and callee.name == "getmetatable" and first and first.kind == "string" then
      add(findings, tree, node, rule, "getmetatable")
    end
  end
end

--- The findings of a text, in the order of the rules: { rule=, what=, line=, fn=, text=, cost= }; or nil, message,
--- "SYNTAX" for a text that is not Lua. rules: M.rules when absent.
function M.scan(text, rules)
  local tree, message, code = syntax.parse(text)
  if not tree then return nil, message, code end
  local findings = {}
  for _, rule in ipairs(rules or M.rules) do find[rule.kind](tree, rule, findings) end
  return findings
end

--- What the run says beside the text: calls that failed because a forbidden name was not there. rows: the calls of a
--- result of han.eval.
function M.scan_run(rows, rules)
  local findings, seen = {}, {}
  for _, rule in ipairs(rules or M.rules) do
    for _, row in ipairs(rule.kind == "global" and rows or {}) do
      local name = row.ok == false and tostring(row.message):match("%(global '([%w_]+)'%)")
      if name and rule.names[name] and not seen[name] then
        seen[name] = true
        findings[#findings + 1] = { rule = rule.name, what = name, line = row.line, cost = rule.cost,
          text = ("%s: %s, tried in a run"):format(name, rule.why) }
      end
    end
  end
  return findings
end

--- The measure in [0, 1]: each rule that is broken takes its share of what is left.
function M.measure(findings)
  local left, seen = 1.0, {}
  for _, finding in ipairs(findings) do
    if not seen[finding.rule] then left = left * (1.0 - finding.cost) end
    seen[finding.rule] = true
  end
  return left
end

--- Text and run together: the measure and the names of the rules that were broken; nil for a text that is not Lua.
function M.secure(text, rows)
  local findings, message, code = M.scan(text)
  if not findings then return nil, message, code end
  for _, finding in ipairs(M.scan_run(rows or {})) do findings[#findings + 1] = finding end
  local broken, seen = {}, {}
  for _, finding in ipairs(findings) do
    if not seen[finding.rule] then broken[#broken + 1] = finding.rule end
    seen[finding.rule] = true
  end
  return M.measure(findings), broken
end

return M
