--- han.patch.match: whether a list of statements became another one by the steps that a class of failures allows.
--
-- rules { insert(statement), remove(statement), pair(old, new), wrap(statement), expression(old, new) } are asked about
-- what is no part of the other side, about two that stand in each other's place, and about one that is put around
-- others. `run(old, new, rules)` gives true, or false and the statement of the new list where it went wrong (nil when
-- something was taken away).

local M = {}

M.STEPS = 200000 -- of comparisons in one function, before it is refused

local Run = {}
Run.__index = Run

-- Whether two lists of expressions are allowed, one by one.
function Run.expressions(self, old, new)
  if #old ~= #new then return false end
  for i, expr in ipairs(old) do
    if expr.shape ~= new[i].shape and not self.rules.expression(expr, new[i], self) then return false end
  end
  return true
end

-- Two statements in each other's place: the same kind with allowed expressions and blocks, or what the rules say.
function Run.pair(self, old, new)
  if old.shape == new.shape then return true end
  local special = self.rules.pair and self.rules.pair(old, new, self)
  if special ~= nil then return special end
  if old.kind ~= new.kind or old.what ~= new.what or old.name ~= new.name or old.own ~= new.own then return false end
  if not self:expressions(old.heads, new.heads) or not self:expressions(old.exprs, new.exprs) then return false end
  local blocks = #new.blocks
  if new.otherwise and not old.otherwise then
    local added = new.blocks[blocks]
    if not self.rules.block or not self.rules.block(added, new) then return false end
    blocks = blocks - 1
  elseif old.otherwise ~= new.otherwise then
    return false
  end
  if #old.blocks ~= blocks then return false end
  for i, block in ipairs(old.blocks) do
    if not self:lists(block, new.blocks[i]) then return false end
  end
  return true
end

-- Old statements i.. become new ones k..; known answers are kept, so that no pair is looked at twice.
function Run.from(self, old, i, new, k, known)
  if i > #old and k > #new then return true end
  self.left = self.left - 1
  if self.left < 0 then return false end
  local key = i * (#new + 2) + k
  if known[key] ~= nil then return known[key] end
  known[key] = false
  local rules, a, b = self.rules, old[i], new[k]
  if k > self.furthest.at and b then self.furthest = { at = k, statement = b } end
  local well = a and b and self:pair(a, b) and self:from(old, i + 1, new, k + 1, known)
  if not well and b then well = rules.insert(b, self) and self:from(old, i, new, k + 1, known) end
  if not well and a then well = rules.remove(a, self) and self:from(old, i + 1, new, k, known) end
  if not well and a and b then
    local inner = rules.wrap and rules.wrap(b, self)
    for stop = i, inner and #old or 0 do
      local part = table.move(old, i, stop, 1, {})
      if self:lists(part, inner) and self:from(old, stop + 1, new, k + 1, known) then
        well = true
        break
      end
    end
  end
  known[key] = well and true or false
  return known[key]
end

--- One list for another, what is the same at both ends left out.
function Run.lists(self, old, new)
  local head, tail = 0, 0
  while head < #old and head < #new and old[head + 1].shape == new[head + 1].shape do head = head + 1 end
  while tail < #old - head and tail < #new - head and old[#old - tail].shape == new[#new - tail].shape do
    tail = tail + 1
  end
  local a = table.move(old, head + 1, #old - tail, 1, {})
  local b = table.move(new, head + 1, #new - tail, 1, {})
  local before = self.furthest
  self.furthest = { at = 0, statement = nil }
  local well = self:from(a, 1, b, 1, {})
  if not well then self.failed = self.failed or self.furthest.statement or false end
  self.furthest = before
  if well then self.failed = nil end
  return well
end

--- See the head of this file.
function M.run(old, new, rules)
  local self = setmetatable({ rules = rules, left = M.STEPS, furthest = { at = 0 } }, Run)
  if self:lists(old, new) then return true end
  return false, self.failed or nil
end

return M
