--- han.patch: changes of an artifact, and the one engine that says whether a change is allowed. A change comes as a
-- unified diff or as edits of syntax nodes; both become a text, and the text is held to the rules by its tree, so that
-- no form of writing a change can do what another may not.
--
-- apply(artifact, change, rules) -> artifact with the change in its history, or nil, message, CODE, line
--   change  a unified diff (a string), or a list of edits { first=, last=, text= } as han.syntax makes them
--   rules   { class=, scope = { names of functions }, tight=, guards= } of han.patch.rules; whole = true allows another
--           implementation (what a regeneration gives): only markers, tests and public signatures are held
-- judge(artifact, text, rules) -> the new artifact's parts { tree=, sections= }, or the same refusal
-- diff(old, new, name) -> a unified diff
-- CODES of refusals: those of han.patch.diff, and
--   SYNTAX, MARKERS, TESTS, HEAD   it does not parse; the markers, the tests or what stands before them changed
--   SIGNATURE    a function was renamed, added, taken away or has other parameters or decorators
--   SCOPE        something outside of the scope changed
--   REGENERATE   failures of this class are not patched (FORMAT), or their class is not known
--   RUNTIME_SCOPE, CONTRACT_SCOPE, LOGIC_SCOPE, GUARD   as the class says

local artifact_module = require "han.artifact"
local diff = require "han.patch.diff"
local edit = require "han.syntax.edit"
local rules_of = require "han.patch.rules"
local view = require "han.patch.view"

local M = {}

M.diff = diff.make

local function refuse(code, message, line) error({ code = code, message = message, line = line }, 0) end

local function line_of(syntax, tree, at) return at and (syntax.position(tree, at)) or nil end

-- ---- what no class may touch ----

local function check_sections(old, new)
  local a, b = old.sections, new.sections
  local names_a, names_b = {}, {}
  for i, marker in ipairs(a.markers) do names_a[i] = old.text:sub(marker.first, marker.last) end
  for i, marker in ipairs(b.markers) do names_b[i] = new.text:sub(marker.first, marker.last) end
  if table.concat(names_a, "\n") ~= table.concat(names_b, "\n") then
    refuse("MARKERS", "the markers of sections stay as they are")
  end
  local function tests(one) return one.sections.tests and one.text:sub(one.sections.tests.first) end
  if tests(old) ~= tests(new) then refuse("TESTS", "tests are not changed") end
  local head_a = a.markers[1] and old.text:sub(1, a.markers[1].first - 1)
  local head_b = b.markers[1] and new.text:sub(1, b.markers[1].first - 1)
  if a.markers[1] and a.markers[1].name == "IMPLEMENTATION" and head_a ~= head_b then
    refuse("HEAD", "what stands before the first marker stays as it is")
  end
end

local function words_of(signature) return signature.name .. signature.signature end

-- What another implementation must keep: the public functions with their parameters.
local function check_public(old, new)
  local there = {}
  for _, one in ipairs(artifact_module.signatures(new.tree, old.language)) do
    if one.public then there[words_of(one)] = true end
  end
  for _, one in ipairs(old.invariants.signatures) do
    if one.public and not there[words_of(one)] then
      refuse("SIGNATURE", ("the public function %s%s must stay"):format(one.name, one.signature))
    end
  end
end

-- ---- the scope ----

local function decorators_of(entry)
  local parts = { entry.kind, entry.node.kind }
  for _, item in ipairs(entry.node.items or {}) do
    if item.role == "decorator_list" then parts[#parts + 1] = item.kind .. table.concat(item.words, ",") end
  end
  return table.concat(parts, " ")
end

-- Names of one kind may stand more than once: the k-th of one is that of the other.
local function keyed(entries)
  local list, times = {}, {}
  for _, entry in ipairs(entries) do
    if entry.kind ~= "anonymous" and entry.kind ~= "main" then
      times[entry.name] = (times[entry.name] or 0) + 1
      list[#list + 1] = { key = entry.name .. "\0" .. times[entry.name], entry = entry }
    end
  end
  return list
end

local function signature_of(entry, language, text)
  if language == "python" then
    local start = text:sub(entry.first, entry.node.first - 1)
    return (entry.signature or "class") .. decorators_of(entry) .. start:gsub("%s", "")
  end
  return table.concat(entry.params, ",") .. (entry.vararg and "..." or "") .. entry.kind
end

local function check_signatures(old, new, language, syntax)
  local a, b = keyed(syntax.functions(old.tree)), keyed(syntax.functions(new.tree))
  for i = 1, math.max(#a, #b) do
    local was, is = a[i], b[i]
    local line = is and is.entry.line
    if not was then refuse("SIGNATURE", ("the function %s is new"):format(is.entry.name), line) end
    if not is or was.key ~= is.key then
      refuse("SIGNATURE", ("the function %s is not where it was"):format(was.entry.name), line)
    end
    if signature_of(was.entry, language, old.text) ~= signature_of(is.entry, language, new.text) then
      refuse("SIGNATURE", ("the signature of %s changed"):format(was.entry.name), line)
    end
  end
  return a, b
end

-- The entries of a scope with their counterparts, outermost only, in source order.
local function scope_of(a, b, names)
  local wanted, list, last = {}, {}, 0
  for _, name in ipairs(names) do wanted[name] = true end
  for i, item in ipairs(a) do
    if wanted[item.entry.name] and item.entry.first > last then
      list[#list + 1] = { old = item.entry, new = b[i].entry }
      last = item.entry.last
    end
  end
  if #list == 0 then
    refuse("SCOPE", #names == 0 and "no function is in the scope" or "there is no function "
      .. table.concat(names, ", "))
  end
  return list
end

-- What lies between the functions of the scope is byte for byte what it was.
local function check_outside(old, new, list, syntax)
  local at_old, at_new = 1, 1
  for i = 1, #list + 1 do
    local pair = list[i]
    local stop_old = pair and pair.old.first - 1 or #old.text
    local stop_new = pair and pair.new.first - 1 or #new.text
    local x, y = old.text:sub(at_old, stop_old), new.text:sub(at_new, stop_new)
    if x ~= y then
      local k = 1
      while k <= #x and x:byte(k) == y:byte(k) do k = k + 1 end
      local at = math.min(at_new + k - 1, #new.text)
      refuse("SCOPE", "something outside of the scope changed", line_of(syntax, new.tree, at))
    end
    if pair then at_old, at_new = pair.old.last + 1, pair.new.last + 1 end
  end
end

-- ---- the whole ----

local function hold(old, new, rules)
  local syntax = artifact_module.syntax(old.language)
  check_sections(old, new)
  if rules.whole then return check_public(old, new) end
  local class = rules_of.classes[rules.class]
  if not class then
    refuse("REGENERATE", ("failures of class %s are not patched: another implementation is wanted"):format(
      tostring(rules.class)))
  end
  if not old.tree then refuse("REGENERATE", "a text that does not parse is not patched") end
  local a, b = check_signatures(old, new, old.language, syntax)
  local list = scope_of(a, b, rules.scope or {})
  check_outside(old, new, list, syntax)
  for _, pair in ipairs(list) do
    local before = view.body(old.tree, pair.old, old.language)
    local after = view.body(new.tree, pair.new, old.language)
    local ok, why, code, at = class(before, after, rules)
    if not ok then refuse(code, why, line_of(syntax, new.tree, at) or pair.new.line) end
  end
end

local function in_refusals(fn, ...)
  local ok, result = pcall(fn, ...)
  if ok then return result or true end
  if type(result) ~= "table" or not result.code then error(result, 0) end
  return nil, result.message, result.code, result.line
end

--- Whether a text may take the place of an artifact's; true, or nil, message, CODE, line.
function M.judge(artifact, text, rules)
  local syntax = artifact_module.syntax(artifact.language)
  local tree, why, code, detail = syntax.parse(text, artifact.name, { execute = artifact.execute })
  if not tree then return nil, why, code, detail and detail.line end
  local sections
  sections, why, code = artifact_module.sections(text, artifact.language, tree)
  if not sections then return nil, why, code end
  return in_refusals(hold, artifact, { text = text, tree = tree, sections = sections }, rules)
end

--- The guards of an artifact's functions, as rules.guards takes them; scope as in rules, all functions without it.
function M.guards(artifact, scope)
  local syntax, shapes, wanted = artifact_module.syntax(artifact.language), {}, nil
  for _, name in ipairs(scope or {}) do
    wanted = wanted or {}
    wanted[name] = true
  end
  local no_body = { main = true, class = true, anonymous = true }
  for _, entry in ipairs(artifact.tree and syntax.functions(artifact.tree) or {}) do
    if not no_body[entry.kind] and (not wanted or wanted[entry.name]) then
      for _, guard in ipairs(rules_of.guards(view.body(artifact.tree, entry, artifact.language))) do
        shapes[#shapes + 1] = guard.shape
      end
    end
  end
  return shapes
end

--- Makes a change, when it is allowed; see the head of this file.
function M.apply(artifact, change, rules)
  local text, why, code, line
  if type(change) == "string" then text, why, code = diff.apply(artifact.text, change, artifact.name)
  else text, why, code = edit.edit(artifact.text, change) end
  if not text then return nil, why, code end
  local ok
  ok, why, code, line = M.judge(artifact, text, rules)
  if not ok then return nil, why, code, line end
  return artifact:replace(text, { class = rules.class, rung = rules.rung,
    diff = diff.make(artifact.text, text, artifact.name) })
end

return M
