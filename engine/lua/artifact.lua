--- han.artifact: a program that is worked on as a document with an identity: its text in sections, what must not change
-- about it, and how it came to be. Text and tree are views of one thing; its digest names it.
--
-- new { text=, language = "lua"|"python", name=, tests=, execute= } -> artifact, or nil, message, CODE
--   tests    text of a file of tests beside it; execute stands in for han.exec.run when Python is parsed
--   CODE     MARKERS where the markers of sections make no sense, else what kept a parser from being asked
-- An artifact: { id=, language=, name=, text=, tests=, digest=, sections=, invariants=, history=, fault= }
--   digest      of language, text and tests: what is equal in these is the same artifact
--   sections    { markers = { { name=, line=, first=, last= } ... }, implementation = { first=, last= }, tests = the
--               same or nil }
--   invariants  { signatures = { { name=, signature=, public= } ... }, markers = { names }, passing = { names } | nil }
--   history     { { from=, to = digests, class=, rung=, diff=, passed=, guards= } ... }, the first change first
--   fault       why the text does not parse, { message=, line= }; then there is no tree and no signature
-- What is frozen does not change: replace() gives another artifact. plain() is what may be stored; the tree is not.
--
-- A section begins behind a line of its own, `-- === IMPLEMENTATION ===` or `-- === TESTS ===` (`#` in Python). Without
-- markers the whole text is the implementation; what stands before the first marker belongs to no section.

local value = require "han.value"

local M = {}
M.__index = M

local LANGUAGES = { lua = "han.syntax", python = "han.syntax.python" }
local COMMENT = { lua = "%-%-", python = "#" }

--- The module that makes trees of a language.
function M.syntax(language)
  local name = LANGUAGES[language]
  if not name then error(("han.artifact: no language '%s'"):format(tostring(language)), 2) end
  return require(name)
end

--- The language that a file's name tells, or nil.
function M.language_of(name)
  local suffix = (name or ""):match "%.(%w+)$"
  return suffix == "lua" and "lua" or suffix == "py" and "python" or nil
end

-- ---- sections ----

local NAMES = { IMPLEMENTATION = true, TESTS = true }

-- Lines that look like markers, wherever they stand.
local function marker_lines(text, language)
  local list, number = {}, 0
  local pattern = "^[ \t]*" .. COMMENT[language] .. "[ \t]*===[ \t]*(%u+)[ \t]*===[ \t]*\r?$"
  for first, line, stop in text:gmatch "()([^\n]*)()\n?" do
    number = number + 1
    local name = first <= #text and line:match(pattern)
    if name and NAMES[name] then list[#list + 1] = { name = name, line = number, first = first, last = stop - 1 } end
  end
  return list
end

local STRINGS = { Constant = true, JoinedStr = true, string = true }

-- Whether a place lies in a text of the program: what is data is no marker. A comment in Lua may hold several lines.
local function is_data(tree, language, marker)
  if not tree then return false end
  local node = M.syntax(language).node_at(tree, marker.first, marker.last)
  if node and STRINGS[node.kind] then return true end
  if language ~= "lua" then return false end
  for _, token in ipairs(M.syntax "lua".tokens(tree.text) or {}) do
    if token.first > marker.last then break end
    if token.kind == "comment" and token.first < marker.first and token.last >= marker.last then return true end
  end
  return false
end

--- The sections of a text; tree tells what of it is data, when there is one.
function M.sections(text, language, tree)
  local found, seen = { markers = {} }, {}
  for _, marker in ipairs(marker_lines(text, language)) do
    if not is_data(tree, language, marker) then
      if seen[marker.name] then
        return nil, ("line %d: the marker %s stands there a second time"):format(marker.line, marker.name), "MARKERS"
      end
      if marker.name == "IMPLEMENTATION" and seen.TESTS then
        return nil, ("line %d: IMPLEMENTATION comes after TESTS"):format(marker.line), "MARKERS"
      end
      seen[marker.name] = marker
      found.markers[#found.markers + 1] = marker
    end
  end
  local implementation, tests = seen.IMPLEMENTATION, seen.TESTS
  found.implementation = { first = implementation and math.min(implementation.last + 2, #text + 1) or 1,
    last = tests and tests.first - 1 or #text }
  found.tests = tests and { first = math.min(tests.last + 2, #text + 1), last = #text } or nil
  return found
end

-- ---- signatures ----

local function lua_signature(entry)
  local params = table.move(entry.params, 1, #entry.params, 1, {})
  if entry.vararg then params[#params + 1] = "..." end
  return "(" .. table.concat(params, ", ") .. ")"
end

-- What a Lua chunk hands out: the name of the table that it returns, the declarations that it names in one.
local function lua_exports(tree)
  local body = tree.root.body
  local last = body[#body]
  local out = { declared = {}, root = nil }
  local returned = last and last.kind == "return" and last.values[1]
  if not returned then return out end
  if returned.kind == "name" then
    out.root, out.declared[returned.declaration or returned.name] = returned.name, true
  end
  for _, item in ipairs(returned.kind == "table" and returned.items or {}) do
    local given = item.value or item
    if given.kind == "name" and given.declaration then out.declared[given.declaration] = true end
    if given.kind == "function" then out.declared[given] = true end
  end
  return out
end

-- M.f = local_name, too, hands out.
local function add_assigned(tree, syntax, exports)
  for _, node in ipairs(syntax.find(tree, "assign")) do
    for i, target in ipairs(node.targets) do
      local given = node.values[i]
      if given and given.kind == "name" and given.declaration and target.kind == "field"
        and target.object.kind == "name" and target.object.name == exports.root then
        exports.declared[given.declaration] = true
      end
    end
  end
end

local function lua_public(tree, syntax)
  local exports = lua_exports(tree)
  if exports.root then add_assigned(tree, syntax, exports) end
  return function(entry)
    if entry.kind == "global" then return true end
    if entry.declared and exports.declared[entry.declared] or exports.declared[entry.node] then return true end
    local root = entry.name:match "^([%a_][%w_]*)[.:]"
    return entry.depth == 1 and entry.kind ~= "local" and exports.root ~= nil and (root == exports.root or root == nil)
  end
end

local function python_public(tree, syntax)
  local entries = syntax.functions(tree)
  return function(entry)
    local at = entry
    while at.kind ~= "main" do
      local own = at.name:match "[^.]*$"
      if own:find "^_" and not own:find "^__.*__$" then return false end
      if at ~= entry and at.kind ~= "class" then return false end
      at = entries[at.parent]
    end
    return true
  end
end

--- The functions with a name, in source order: { name=, signature=, public= (can be reached from outside) }.
function M.signatures(tree, language)
  local syntax, list = M.syntax(language), {}
  local is_public = (language == "lua" and lua_public or python_public)(tree, syntax)
  for _, entry in ipairs(syntax.functions(tree)) do
    if entry.kind ~= "main" and entry.kind ~= "anonymous" then
      list[#list + 1] = { name = entry.name, public = is_public(entry),
        signature = entry.kind == "class" and "class" or entry.signature or lua_signature(entry) }
    end
  end
  return list
end

-- ---- artifacts ----

local function digest_of(self)
  return value.digest(table.concat({ self.language, self.text, self.tests or "" }, "\0"))
end

local function names_of(markers)
  local names = {}
  for i, marker in ipairs(markers) do names[i] = marker.name end
  return names
end

-- Parses the text; a text that does not parse is an artifact, too. False when no parser could be had.
local function read_tree(self)
  local tree, why, code, detail = M.syntax(self.language).parse(self.text, self.name, { execute = self.execute })
  if not tree and code ~= "SYNTAX" then return false, why, code end
  self.tree = tree
  if not tree then self.fault = { message = why, line = detail and detail.line } end
  return true
end

--- Makes an artifact; see the head of this file.
function M.new(about)
  local self = setmetatable({ language = about.language, name = about.name or "artifact", text = about.text,
    tests = about.tests, execute = about.execute, history = about.history or {} }, M)
  local ok, why, code = read_tree(self)
  if not ok then return nil, why, code end
  local sections
  sections, why, code = M.sections(self.text, self.language, self.tree)
  if not sections then return nil, why, code end
  self.sections = sections
  self.digest = digest_of(self)
  self.id = about.id or self.digest
  self.invariants = { markers = names_of(self.sections.markers),
    signatures = self.tree and M.signatures(self.tree, self.language) or about.signatures or {} }
  return self
end

--- The artifact, frozen with what passes of its tests: a list of their names.
function M.freeze(self, passing)
  local out = setmetatable({}, M)
  for name, item in pairs(self) do out[name] = item end
  local list = table.move(passing, 1, #passing, 1, {})
  table.sort(list)
  out.invariants = { markers = self.invariants.markers, signatures = self.invariants.signatures, passing = list }
  return out
end

--- Another text of the same artifact, with what is known of the change in its history.
function M.replace(self, text, change)
  local history = table.move(self.history, 1, #self.history, 1, {})
  local row = { from = self.digest }
  for name, item in pairs(change or {}) do row[name] = item end
  history[#history + 1] = row
  local out, why, code = M.new { text = text, language = self.language, name = self.name, tests = self.tests,
    id = self.id, execute = self.execute, history = history, signatures = self.invariants.signatures }
  if not out then return nil, why, code end
  row.to = out.digest
  return out
end

--- Which tests that passed when it was frozen are not among those that pass now.
function M.regressions(self, passing)
  local now, lost = {}, {}
  for _, name in ipairs(passing) do now[name] = true end
  for _, name in ipairs(self.invariants.passing or {}) do
    if not now[name] then lost[#lost + 1] = name end
  end
  return lost
end

--- What of it is a plain value: all but the tree.
function M.plain(self)
  local out = {}
  for name, item in pairs(self) do
    if name ~= "tree" and name ~= "execute" then out[name] = item end
  end
  return out
end

return M
