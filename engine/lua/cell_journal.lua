-- han.cell_journal: the journal of the cells of a stored bench. The runs go on in jobs, which have no store: they send
-- packed rows and answers, the engine writes them, and says when they are durable. A cell that an earlier process, or a
-- job that died, has left half done is given back what it had written. See semantics.md, 3.

local value = require "han.value"

local M = {}

local journal = {}
journal.__index = journal

-- A cell is run once more after an infra failure, and anew when a run is gone on with that has lost it: each is a run
-- of its own.
local function name_of(self, cell, try)
  try = try + (self.lives[cell] or 0)
  return try == 0 and cell or ("%s#%d"):format(cell, try)
end

local function read_numbers(self)
  local rows, why, code = self.db:query("SELECT cell, number FROM journal_run WHERE bench_id = ?1", { self.run })
  if not rows then return nil, why, code end
  for _, row in ipairs(rows) do self.numbers[row.cell] = row.number end
  return true
end

local function begin(self, names)
  local ok, why, code = self.db:journal_begin(self.run, names)
  if not ok then return nil, why, code end
  return read_numbers(self)
end

--- The journal of these cells of a stored run; those that have none yet are given one, durably.
---@param db table handle of the store, open for writing
---@param run string id of the run
---@param names string[] names of cells
---@param lives table|nil how many tries of a cell are stored and lost, by its name
---@return table|nil journal
---@return string|nil message
---@return string|nil code
function M.open(db, run, names, lives)
  local self = setmetatable({ db = db, run = run, numbers = {}, places = {}, lives = lives or {} }, journal)
  local ok, why, code = read_numbers(self)
  local missing = {}
  for _, cell in ipairs(names) do
    local name = name_of(self, cell, 0)
    if ok and not self.numbers[name] then
      missing[#missing + 1] = name
      self.places[name] = 0 -- nothing to be read of it
    end
  end
  if ok and #missing > 0 then ok, why, code = begin(self, missing) end
  if not ok then return nil, why, code end
  return self
end

local function raw(hex) return (hex:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end)) end

-- The answers that the rows of a run name.
local function answers_of(self, number, send)
  local rows, why, code = self.db:query("SELECT DISTINCT value FROM journal WHERE id > ?1 << 32 AND "
    .. "id < (?1 + 1) << 32 AND kind = 'finished' AND value IS NOT NULL", { number })
  if not rows then return nil, why, code end
  for _, row in ipairs(rows) do
    local digest = value.decode(row.value)
    if type(digest) == "string" and #digest == 64 and not digest:find("%X") then
      local answer, message, failed = self.db:answer(raw(digest))
      if not answer and failed ~= "UNKNOWN" then return nil, message, failed end
      if answer then
        answer.digest = digest
        send { type = "answer", answer = answer }
      end
    end
  end
  return true
end

local function used_of(self, number)
  local rows = self.db:query("SELECT used_ms FROM journal_run WHERE number = ?1", { number })
  return rows and rows[1] and rows[1].used_ms
end

--- Sends a job what is known of a cell: answers one by one, then packed rows, for each try of it.
---@param cell string
---@param send function takes a message
---@return boolean|nil ok
---@return string|nil message
---@return string|nil code
function journal:recall(cell, send)
  for try = 0, 1 do
    local name = name_of(self, cell, try)
    local number = self.numbers[name]
    if number and self.places[name] ~= 0 then
      local rows, count, code = self.db:journal_rows(number)
      if not rows then return nil, count, code end
      self.places[name] = count
      if count > 0 then
        local ok, why, failed = answers_of(self, number, send)
        if not ok then return nil, why, failed end
        send { type = "past", try = try, rows = rows, used_ms = used_of(self, number) }
      end
    end
  end
  return true
end

--- Stores what a job sent: { try=, rows=, last=, answers=, used_ms= }; true once it is durable.
---@param cell string
---@param message table
---@return boolean|nil ok
---@return string|nil message
---@return string|nil code
function journal:put(cell, message)
  local name = name_of(self, cell, message.try)
  if not self.numbers[name] then
    local ok, why, code = begin(self, { name })
    if not ok then return nil, why, code end
  end
  local ok, why, code = self.db:journal_put(self.numbers[name], self.places[name] or 0, message.rows, message.answers,
    message.used_ms)
  if not ok and code == "INVALID" then
    return nil, "another process goes on with this run; what it writes counts, this one stops", "MISUSE"
  end
  if not ok then return nil, why, code end
  self.places[name] = message.last
  return true
end

return M
