--- han.cli.recorder: writing what a command ran into the store, and opening the store to read it.

local han = require "han"
local json = require "han.json"
local pack = require "han.pack"
local problem = require "han.cli.problem"
local sys = require "han.sys"

local M = {}

--- A new run id: when it began, and six digits of what else makes it unlike any other.
function M.run_id(words)
  local wall = sys.wall()
  local seed = table.concat({ sys.pid(), wall, sys.mono(), table.concat(words, "\0") }, "\0")
  return os.date("!%Y%m%d-%H%M%S-", math.floor(wall)) .. sys.sha256(seed):sub(1, 6)
end

--- The store for reading; a file that is not there is a usage problem.
function M.open_to_read(path)
  local db = require "han.db"
  if not sys.stat(path) then
    problem.raise("UNKNOWN", ("there is no store %s; han bench and han script make one, --db FILE names another")
      :format(path))
  end
  return problem.check(db.open { path = path, readonly = true })
end

--- A content that a row of the store names. That it is not there is damage, which a doctor's new store may have.
function M.content(db, digest, read)
  local found, why, code = (read or db.content)(db, digest)
  if found == nil and code == "UNKNOWN" then why, code = why .. ", which one of its rows names", "CORRUPT" end
  return problem.check(found, why, code)
end

--- The same of a content that is an encoded value.
function M.value(db, digest) return M.content(db, digest, db.value) end

local recorder = {}
recorder.__index = recorder

local function refuse_taken(handle, id)
  if not handle:query("SELECT 1 FROM bench WHERE id = ?1", { id })[1] then return end
  handle:close()
  problem.usage("there is a run %s already; han resume %s goes on with it, another --run ID begins a new one", id,
    id)
end

--- Goes on with a run that is stored. run: { id=, kind=, experiment= }.
function M.reopen(path, run, durability)
  local handle = problem.check(require("han.db").open { path = path, durability = durability })
  return setmetatable({ db = handle, path = path, kind = run.kind, id = run.id,
    experiment = run.experiment }, recorder)
end

--- Opens the store (it is made when it is not there) and begins a run in it, durable before this returns, so that what
-- follows can be resumed from any instant. about: { kind=, adapter=, seed=, split=, config=, arms=, source=, rule=,
-- id=, durability=, parent= (the run that this one is a phase of) }. A rule (han.experiment) is registered first, under
-- the id of the run; an `experiment` that is registered already is named. An id that is taken is a usage problem.
function M.begin(path, about)
  local db = require "han.db"
  local handle = problem.check(db.open { path = path, durability = about.durability })
  local config = json.encode(about.config or {}, { lossy = true })
  local self = setmetatable({ db = handle, path = path, kind = about.kind,
    id = about.id or M.run_id { about.kind, config } }, recorder)
  if about.id then refuse_taken(handle, about.id) end
  self.experiment = about.experiment
  if about.rule then
    self.experiment = self.id
    problem.check(handle:put_experiment(require("han.ledger").row_of(about.rule, self.id)))
  end
  problem.check(handle:put_bench {
    id = self.id, kind = about.kind, adapter = about.adapter, seed = about.seed, split = about.split,
    config = about.config, arms = about.arms, started_ms = math.floor(sys.wall() * 1000),
    digest = sys.sha256(han.version .. "\0" .. config), source = about.source, experiment = self.experiment,
    parent = about.parent,
  })
  problem.check(handle:flush())
  return self
end

--- Begins a phase of a run, or goes on with it: a run below it, in the same store. about: { key=, kind=, adapter=,
-- seed=, split=, config=, arms=, rule= }. Its id is that of the run, a slash and the key.
function recorder:phase(about)
  local phase = setmetatable({ db = self.db, path = self.path, kind = about.kind, id = self.id .. "/" .. about.key },
    recorder)
  if about.rule then phase.experiment = phase.id end
  if self.db:query("SELECT 1 FROM bench WHERE id = ?1", { phase.id })[1] then return phase end
  if about.rule then problem.check(self.db:put_experiment(require("han.ledger").row_of(about.rule, phase.id))) end
  problem.check(self.db:put_bench {
    id = phase.id, kind = about.kind, adapter = about.adapter, seed = about.seed, split = about.split,
    config = about.config, arms = about.arms, started_ms = math.floor(sys.wall() * 1000),
    digest = sys.sha256(han.version .. "\0" .. phase.id), experiment = phase.experiment, parent = self.id,
  })
  problem.check(self.db:flush())
  return phase
end

-- A cell that stands there already was stored by another process, since this one asked what there was.
local function raise_unstored(why, code)
  if why:find("UNIQUE constraint failed: cell.bench_id", 1, true) then
    problem.raise("MISUSE", "another process goes on with this run; what it writes counts, this one stops")
  end
  problem.raise(code, why)
end

--- Ends a phase; the store stays open for the run that it belongs to.
function recorder:end_phase()
  self.db:end_bench(self.id, math.floor(sys.wall() * 1000))
  local ok, why, code = self.db:flush()
  if not ok then raise_unstored(why, code) end
  if self.failed then raise_unstored("a record was not stored: " .. self.failed.why, self.failed.code) end
end

-- What the store wants beside what a job sends: which try it was, and digests only.
local function prepare(record)
  local copy = {}
  for name, value in pairs(record) do copy[name] = value end
  copy.try = (record.lives or 0) + (record.earlier and 1 or 0)
  copy.meta = {}
  for name, value in pairs(record.meta or {}) do copy.meta[name] = value end
  copy.meta.earlier, copy.meta.cut, copy.meta.code = record.earlier, record.cut, record.code
  copy.meta.broken = record.broken
  copy.meta.recalled = record.recalled -- shots whose answer an earlier life of the run had given
  copy.digests = {}
  for name, digest in pairs(record.digests or {}) do
    copy.digests[name] = digest:find("^%x+$") and #digest == 64 and digest or sys.sha256(digest)
  end
  return copy
end

--- Has it this cell already?
function recorder:has(cell)
  return self.db:query("SELECT 1 FROM cell WHERE bench_id = ?1 AND cell = ?2", { self.id, cell })[1] ~= nil
end

--- Stores the record of one cell.
function recorder:cell(record)
  local ok, why, code = self.db:put_cell(self.id, prepare(pack.record(record)))
  if not ok and not self.failed then self.failed = { why = why, code = code } end
end

--- Ends a run that was refused before its first cell. result: what was printed, as an object, or nil.
function recorder:refuse(result)
  self.db:end_bench(self.id, math.floor(sys.wall() * 1000), result and json.encode(result, { lossy = true }) or nil)
  self:abandon()
end

--- Leaves a run that is refused: nothing more is said of it, the store's own complaint least of all.
function recorder:abandon()
  self.db:flush()
  self.db:close()
end

--- Ends the run: waits until everything is durable. result: what was printed, as an object, or nil.
function recorder:finish(result)
  local text = result and json.encode(result, { lossy = true }) or nil
  self.db:end_bench(self.id, math.floor(sys.wall() * 1000), text)
  self:leave()
end

--- Leaves the run as it is, not ended: what was done is durable, and han resume goes on from there.
function recorder:leave()
  local ok, why, code = self.db:flush()
  self.db:close()
  if self.failed then raise_unstored("a record was not stored: " .. self.failed.why, self.failed.code) end
  if not ok then raise_unstored(why, code) end
end

return M
