--- han.patching: a worker's view of the rules that a ladder gave it. profile.patch = { rung=, class=, scope=, tight=,
-- whole=, before= } (han.ladder) makes a worker one that patches: each text that it would keep is held to han.patch
-- and to the tests that passed when it began. What is refused is counted by reason and told as { kind = "refused",
-- code=, count=, text=, line= } when the shot ends; at its start { kind = "patch", rung=, class=, scope=, tight= }.

local artifact = require "han.artifact"
local diff = require "han.patch.diff"
local patch = require "han.patch"

local M = {}
M.__index = M

--- What holds a shot, or nil when its profile has no patch.
function M.new(ctx, language)
  local given = ctx.profile and ctx.profile.patch
  if not given then return nil end
  local self = setmetatable({ ctx = ctx, language = language or "lua", given = given, seen = {}, order = {},
    known = {} }, M)
  self.rules = { class = given.class, scope = given.scope, tight = given.tight, whole = given.whole, rung = given.rung }
  if given.before and not given.whole then
    local before = artifact.new { text = given.before, language = self.language, name = ctx.public.name }
    self.rules.guards = before and patch.guards(before, given.scope) or nil
  end
  ctx.span { kind = "patch", rung = given.rung, class = given.class, tight = given.tight or nil,
    scope = table.concat(given.scope or {}, ", ") }
  return self
end

local function artifact_of(self, text)
  if not self.known[text] then
    self.known[text] = artifact.new { text = text, language = self.language, name = self.ctx.public.name }
  end
  return self.known[text]
end

--- Counts a refusal.
function M.refused(self, code, text, line)
  local row = self.seen[code]
  if not row then
    row = { kind = "refused", code = code, count = 0, text = text, line = line }
    self.seen[code], self.order[#self.order + 1] = row, row
  end
  row.count = row.count + 1
end

--- Whether `text` may take the place of `base`; counts what is refused. Gives true or nil, message, CODE.
function M.allows(self, base, text)
  local from = artifact_of(self, base)
  if not from then return nil, "what it would change has markers that make no sense", "MARKERS" end
  local ok, why, code, line = patch.judge(from, text, self.rules)
  if ok then return true end
  self:refused(code, why, line)
  return nil, why, code
end

--- The text that an answer makes of `base`, a unified diff or a whole program, when it is allowed; else nil.
function M.take(self, base, answer)
  local text = answer
  if answer:find "^%-%-%- " or answer:find "^diff %-%-git " then
    local new, why, code = diff.apply(base, answer, self.ctx.public.name)
    if not new then
      self:refused(code, why)
      return nil
    end
    text = new
  end
  return self:allows(base, text) and text or nil
end

--- The part of a text that may be changed, as it is written; nil when all may.
function M.quoted(self, text)
  local places = self:places(text)
  if not places then return nil end
  local parts = {}
  for i, place in ipairs(places) do parts[i] = text:sub(place.first, place.last) end
  return table.concat(parts, "\n")
end

--- The first test that passed and does not any more, or nil; counted. Rows have pass.
function M.breaks(self, rows, now)
  for i, row in ipairs(rows) do
    if row.pass and not now[i].pass then
      self:refused("REGRESSION", ("it breaks test %d, which passed"):format(i))
      return i
    end
  end
  return nil
end

--- The parts of a text that may be edited: { { first=, last= } ... }; nil when all may.
function M.places(self, text)
  if self.rules.whole then return nil end
  local from, wanted, list = artifact_of(self, text), {}, {}
  for _, name in ipairs(self.rules.scope or {}) do wanted[name] = true end
  for _, entry in ipairs(from and from.tree and artifact.syntax(self.language).functions(from.tree) or {}) do
    if wanted[entry.name] then list[#list + 1] = { first = entry.first, last = entry.last } end
  end
  return list
end

--- Tells what was refused.
function M.tell(self)
  for _, row in ipairs(self.order) do self.ctx.span(row) end
end

return M
