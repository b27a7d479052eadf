-- han.author.archive: programs that differ in what they do, the best of each kind (quality diversity: Mouret and
-- Clune, 2015), on islands that breed apart (Tanese, 1989). A cell is named by behaviour, so that a search that has
-- found one good program does not fill up with its copies, longer ones among them. Plain values; keeps every
-- program's parents, also of those that were dropped.
local M = {}
local Archive = {}
Archive.__index = Archive

M.VERSION = 1
M.LINEAGE = 20000      -- programs whose parents are remembered; the oldest are forgotten first
M.STEPS = 8            -- a behaviour from 0 to 1 is told apart in so many steps

function M.new(options)
  return setmetatable({ islands = options and options.islands or 1, cells = {}, order = {}, lineage = {}, ages = {},
    serial = 0 }, Archive)
end

-- ---- cells ----

local function step(value)
  if math.type(value) == "integer" then return tostring(value) end
  return ("%d"):format(math.max(0, math.min(M.STEPS - 1, math.floor(value * M.STEPS))))
end

--- The name of the cell: every behaviour by name and step (numbers from 0 to 1; whole numbers and texts stand for
-- themselves); the size for a program of which nothing else is known.
function M.cell(behaviour, size)
  local names, parts = {}, {}
  for name in pairs(behaviour or {}) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do
    local value = behaviour[name]
    parts[i] = name .. "=" .. (type(value) == "number" and step(value) or tostring(value))
  end
  if #parts == 0 then return "size=" .. tostring(size or 0) end
  return table.concat(parts, " ")
end

-- Less loss first; of equals the shorter, then by text. What was not measured comes last.
local function better(a, b)
  local x, y = a.value or math.huge, b.value or math.huge
  if x ~= y then return x < y end
  if #a.text ~= #b.text then return #a.text < #b.text end
  return a.text < b.text
end
M.better = better

local function remember(self, entry)
  local known = self.lineage[entry.digest]
  if known then
    known.value = entry.value
    return
  end
  self.serial = self.serial + 1
  self.lineage[entry.digest] = { parents = entry.parents, operator = entry.operator, value = entry.value,
    shape = entry.shape, serial = self.serial }
  self.ages[#self.ages + 1] = entry.digest
  if #self.ages > M.LINEAGE then self.lineage[table.remove(self.ages, 1)] = nil end
end

local function put(self, entry, island)
  local key = ("%d|%s"):format(island, entry.cell)
  local held = self.cells[key]
  if held and not better(entry, held) then return "dropped" end
  if not held then self.order[#self.order + 1] = key end
  local copy = {}
  for name, item in pairs(entry) do copy[name] = item end
  copy.island = island
  self.cells[key] = copy
  return held and "better" or "new"
end

--- Takes a program in when it is the best of its cell: "new", "better" or "dropped".
-- entry: { text=, digest=, value=, behaviour=, size=, parents=, operator=, shape=, island= }
function Archive.add(self, entry)
  entry.cell = M.cell(entry.behaviour, entry.size)
  remember(self, entry)
  return put(self, entry, entry.island or 1)
end

--- The programs of an island (of all without one), in the order in which their cells came up.
function Archive.list(self, island)
  local list = {}
  for _, key in ipairs(self.order) do
    local entry = self.cells[key]
    if not island or entry.island == island then list[#list + 1] = entry end
  end
  return list
end

--- The n best, each text once.
function Archive.best(self, n)
  local all, seen, list = self:list(), {}, {}
  table.sort(all, better)
  for _, entry in ipairs(all) do
    if #list < n and not seen[entry.text] then
      seen[entry.text] = true
      list[#list + 1] = entry
    end
  end
  return list
end

--- What is known of a program that was ever added: { parents=, operator=, value= }, or nil.
function Archive.find(self, digest) return self.lineage[digest] end

--- The ancestors of a program with itself, nearest first: { { digest=, parents=, operator=, value= } ... }.
function Archive.ancestry(self, digest)
  local list, seen, at = {}, { [digest] = true }, 1
  local queue = { digest }
  while queue[at] do
    local known = self.lineage[queue[at]]
    if known then
      list[#list + 1] = { digest = queue[at], parents = known.parents, operator = known.operator, value = known.value }
      for _, parent in ipairs(known.parents) do
        if not seen[parent] then
          seen[parent] = true
          queue[#queue + 1] = parent
        end
      end
    end
    at = at + 1
  end
  return list
end

--- The best of each island is taken in by the next one.
function Archive.migrate(self)
  if self.islands < 2 then return end
  local best = {}
  for island = 1, self.islands do
    for _, entry in ipairs(self:list(island)) do
      if not best[island] or better(entry, best[island]) then best[island] = entry end
    end
  end
  for island = 1, self.islands do
    if best[island] then put(self, best[island], island % self.islands + 1) end
  end
end

--- { cells=, programs=, shapes= }: how many cells are held, programs were ever measured, shapes are among those held.
function Archive.counts(self)
  local shapes, n = {}, 0
  for _, entry in pairs(self.cells) do
    if entry.shape and not shapes[entry.shape] then
      shapes[entry.shape], n = true, n + 1
    end
  end
  return { cells = #self.order, programs = self.serial, shapes = n }
end

-- ---- state ----

function Archive.state(self)
  local entries, lineage = {}, {}
  for i, key in ipairs(self.order) do entries[i] = self.cells[key] end
  for i, digest in ipairs(self.ages) do
    local known = self.lineage[digest]
    lineage[i] = { digest = digest, parents = known.parents, operator = known.operator, value = known.value,
      shape = known.shape, serial = known.serial }
  end
  return { version = M.VERSION, islands = self.islands, serial = self.serial, entries = entries, lineage = lineage }
end

function M.restore(state)
  assert(state.version == M.VERSION, "an archive of another version")
  local self = M.new { islands = state.islands }
  self.serial = state.serial
  for i, entry in ipairs(state.entries) do
    local key = ("%d|%s"):format(entry.island, entry.cell)
    self.order[i], self.cells[key] = key, entry
  end
  for i, row in ipairs(state.lineage) do
    self.ages[i] = row.digest
    self.lineage[row.digest] = { parents = row.parents, operator = row.operator, value = row.value, shape = row.shape,
      serial = row.serial }
  end
  return self
end

return M
