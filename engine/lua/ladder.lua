--- han.ladder: what is tried next on a program that still fails. It escalates slowly and never jumps: a patch within
-- the class and the owner of the failure; another class when an edit changed it; a tighter constraint that names the
-- failure that came again; the next suspect; another implementation when the failures do not change; all anew. Pure: it
-- is told what was seen and says what to do.
--
-- new { patience = patches that change nothing before another implementation is wanted (4), regenerate = of those
--       before all is made anew (2) }
-- see(state)  what a text that is kept shows: { class=, failing = list of names or numbers, passed=, votes = names of
--             functions, the most suspect first, text= }; again for the same one when a step brought nothing
-- step() -> { rung=, class=, scope = { name }, tight=, whole=, repeated = failing, before = text }
--   rung    "patch", "reclassify", "tight", "regenerate" (whole = true), "regenerate_all" (the same, from the start)
--   before  the text that passed most, the first of equals: the guards that it has are those that must stay

local M = {}
M.__index = M

M.RUNGS = { "patch", "reclassify", "tight", "regenerate", "regenerate_all" }

local PATCHED = { CONTRACT = true, RUNTIME = true, LOGIC = true }

function M.new(options)
  options = options or {}
  return setmetatable({ patience = options.patience or 4, regenerate = options.regenerate or 2, unchanged = 0,
    owner = 1 }, M)
end

local function set_of(list)
  local words = {}
  for i, item in ipairs(list) do words[i] = tostring(item) end
  table.sort(words)
  return table.concat(words, "\0")
end

-- The failures are the same ones: one rung up.
local function climb(self)
  self.unchanged = self.unchanged + 1
  local over = self.unchanged - self.patience
  if over >= self.regenerate then return "regenerate_all" end
  if over >= 0 then return "regenerate" end
  if self.unchanged % 2 == 1 then return "tight" end
  self.owner = self.owner + 1
  return "patch"
end

function M.see(self, state)
  local last = self.last
  local same = last and set_of(last.failing) == set_of(state.failing)
  if not last then self.rung = "patch"
  elseif state.class ~= last.class then self.rung, self.unchanged, self.owner = "reclassify", 0, 1
  elseif same then self.rung = climb(self)
  else self.rung, self.unchanged, self.owner = "patch", 0, 1 end
  if not PATCHED[state.class] and self.rung ~= "regenerate_all" then self.rung = "regenerate" end
  if not self.most or state.passed > self.most.passed then self.most = state end
  self.last = state
end

function M.step(self)
  local state = self.last
  if not state then error("han.ladder: nothing was seen yet", 2) end
  local votes = state.votes or {}
  local name = votes[(self.owner - 1) % math.max(1, #votes) + 1]
  local rung = self.rung
  if not name and rung ~= "regenerate_all" then rung = "regenerate" end -- nobody is suspected
  local whole = rung == "regenerate" or rung == "regenerate_all"
  return { rung = rung, class = state.class, whole = whole, scope = not whole and { name } or {},
    tight = rung == "tight", repeated = state.failing, before = self.most.text }
end

return M
