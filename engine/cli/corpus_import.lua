--- han corpus import: attempts that `han corpus export` wrote elsewhere. The file is foreign: its size, depth, fields
-- and numbers are checked line by line before anything is stored. Cells are merged by digest; each carries its source,
-- and none counts as a spend of a holdout or reaches a gate.

local json = require "han.json"
local problem = require "han.cli.problem"
local recorder = require "han.cli.recorder"
local sys = require "han.sys"

local M = {}

local FILE_MAX = 1 << 30        -- bytes
local LINE_MAX = 16 << 20
local BLOCK = 1 << 16
local NAME_MAX = 1024           -- bytes of an id or a name
local ATTEMPTS_MAX = 65536      -- of one cell
local CELLS_MAX = 1000000

-- ---- what a line may hold ----

local function is_name(v) return type(v) == "string" and #v > 0 and #v <= NAME_MAX end
local function is_text(v) return type(v) == "string" end
local function is_flag(v) return type(v) == "boolean" end
local function is_whole(v) return math.type(v) == "integer" end
local function is_count(v) return math.type(v) == "integer" and v >= 0 end
local function is_number(v) return type(v) == "number" and v == v and v >= 0 and v < math.huge end
local function is_fraction(v) return type(v) == "number" and v >= 0 and v <= 1 end
local function is_digest(v) return type(v) == "string" and #v == 64 and not v:find("[^%x]") end
local function is_table(v) return type(v) == "table" end

local channels = { tokens = is_count, nano_usd = is_count, shots = is_count, turns = is_count, evals = is_count }
local measure = { pass = is_flag, correct = is_fraction, fast = is_fraction, secure = is_fraction, cheap = is_fraction }

local fields = {
  schema = function(v) return v == 1 end, run = is_name, cell = is_name, adapter = is_name, task = is_name,
  group = is_name, arm = is_name, strategy = is_text, split = is_name, seed = is_whole, replicate = is_count,
  cell_status = is_name, cell_infra = is_flag, kept = is_count, trust = is_name, sandbox = is_name, program = is_digest,
  profile = is_digest, checks = is_digest, node = is_text, from = is_digest, steer = is_table, spans = is_table,
  output = is_text, source = is_name, status = is_name, reason = is_text, infra = is_flag, over = is_flag,
  wall_ms = is_number, cpu_ms = is_number, ordinal = is_count, score = measure, verdict = measure, spend = channels,
}
local needed = { "schema", "run", "cell", "seed", "replicate", "cell_status", "cell_infra", "ordinal" }

-- What is wrong with a table by its rules, or nil. `where` is the path so far.
local function fault(value, rules, where)
  for name, v in pairs(value) do
    local rule = rules[name]
    if not rule then return ("has the unknown field '%s%s'"):format(where, tostring(name)) end
    if type(rule) == "table" then
      local why = type(v) == "table" and fault(v, rule, where .. name .. ".")
      if why == false then return ("has a field '%s%s' that is no object"):format(where, name) end
      if why then return why end
    elseif not rule(v) then
      return ("has a field '%s%s' with a value that is not allowed there"):format(where, name)
    end
  end
  return nil
end

local function line_fault(row)
  if type(row) ~= "table" then return "is not an object" end
  for _, name in ipairs(needed) do
    if row[name] == nil then return ("lacks the field '%s'"):format(name) end
  end
  return fault(row, fields, "")
end

-- ---- reading ----

-- Calls each(line, number) for every line; none is longer than LINE_MAX.
local function each_line(path, each)
  local file, why = io.open(path, "rb")
  if not file then problem.usage("cannot read %s: %s", path, (why:match(": ([^:]*)$") or why)) end
  local parts, size, number, total = {}, 0, 0, 0
  local function take(piece, ends)
    size = size + #piece
    if size > LINE_MAX then
      problem.raise("LIMIT", ("%s:%d: longer than %d bytes"):format(path, number + 1, LINE_MAX))
    end
    parts[#parts + 1] = piece
    if not ends then return end
    number = number + 1
    local line = table.concat(parts)
    parts, size = {}, 0
    if line:find("%S") then each(line, number) end
  end
  for block in function() return file:read(BLOCK) end do
    total = total + #block
    if total > FILE_MAX then problem.raise("LIMIT", ("%s is longer than %d bytes"):format(path, FILE_MAX)) end
    local at = 1
    for stop in block:gmatch("()\n") do
      take(block:sub(at, stop - 1), true)
      at = stop + 1
    end
    take(block:sub(at), false)
  end
  take("", true)
  file:close()
end

local function bad(path, number, why)
  problem.raise("INVALID", ("%s:%d: the line %s; nothing was imported"):format(path, number, why))
end

-- Fields of a line that say the same in all attempts of a cell.
local shared = { "adapter", "task", "group", "arm", "strategy", "split", "seed", "replicate", "cell_status",
  "cell_infra", "kept", "trust", "sandbox", "program", "profile", "checks", "source" }

local function check_member(cell, row)
  for _, name in ipairs(shared) do
    if cell.first[name] ~= row[name] then return ("differs in '%s' from another of its cell"):format(name) end
  end
  if cell.ordinals[row.ordinal] then return ("repeats attempt %d of its cell"):format(row.ordinal) end
  if #cell.rows >= ATTEMPTS_MAX then return "belongs to a cell with too many attempts" end
  return nil
end

-- Calls each(cell) for every cell: { run=, name=, first=row, rows={...}, texts={...} }. Lines of a cell stand together.
local function each_cell(path, each)
  local cell, seen, count = nil, {}, 0
  each_line(path, function(line, number)
    local row, why = json.decode(line, { null = "nil" })
    if not row then bad(path, number, "is no JSON (" .. why .. ")") end
    why = line_fault(row)
    if why then bad(path, number, why) end
    local key = row.run .. "\0" .. row.cell
    if not cell or cell.key ~= key then
      if cell then each(cell) end
      count = count + 1
      if seen[key] then bad(path, number, "repeats a cell that stood before") end
      if count > CELLS_MAX then bad(path, number, "is one cell too many") end
      seen[key] = true
      cell = { key = key, run = row.run, name = row.cell, first = row, rows = {}, texts = {}, ordinals = {} }
    end
    why = check_member(cell, row)
    if why then bad(path, number, why) end
    cell.ordinals[row.ordinal] = true
    cell.rows[#cell.rows + 1] = row
    local source = row.source
    row.source = nil -- which way it came is not what it says
    cell.texts[#cell.texts + 1] = assert(json.encode(row))
    row.source = source
  end)
  if cell then each(cell) end
end

-- ---- storing ----

-- Of what was said, whatever the order of the lines.
local function digest_of(cell)
  table.sort(cell.texts)
  return sys.sha256(table.concat(cell.texts, "\n"))
end

-- The files it came through, the last one first.
local function source_of(cell, path)
  local before = cell.first.source
  return before and ("%s, before that %s"):format(path, before):sub(1, NAME_MAX) or path
end

local function record_of(cell, digest, source)
  local first, spend, attempts, over = cell.first, {}, {}, false
  for i, row in ipairs(cell.rows) do
    for channel, n in pairs(row.spend or {}) do spend[channel] = (spend[channel] or 0) + n end
    over = over or row.over == true
    attempts[i] = { node = row.node, ordinal = row.ordinal, from = row.from, steer = row.steer, spans = row.spans,
      output = row.output, status = row.status, reason = row.reason, infra = row.infra, over = row.over,
      verdict = row.verdict, spend = row.spend, timing = { wall_ms = row.wall_ms, cpu_ms = row.cpu_ms } }
  end
  return { cell = cell.name, task = first.task, group = first.group, arm = first.arm, strategy = first.strategy,
    adapter = first.adapter, seed = first.seed, replicate = first.replicate, split = first.split,
    status = first.cell_status, infra = first.cell_infra, over = over, score = first.score, kept = first.kept,
    trust = first.trust, sandbox = first.sandbox, spend = spend, attempts = attempts, source = source,
    imported = digest, digests = { program = first.program, profile = first.profile, checks = first.checks } }
end

local function known_digests(db)
  local known = {}
  local rows = problem.check(db:query("SELECT lower(hex(imported)) AS digest FROM cell WHERE imported IS NOT NULL"))
  for _, row in ipairs(rows) do known[row.digest] = true end
  return known
end

-- A cell that this store ran itself is not taken from elsewhere.
local function is_own(db, cell)
  local rows = problem.check(db:query("SELECT 1 AS own FROM cell JOIN bench ON bench.id = bench_id "
    .. "WHERE bench_id = ?1 AND cell = ?2 AND kind <> 'import'", { cell.run, cell.name }))
  return #rows > 0
end

-- The bench under which the cells of one foreign run are kept.
local function bench_for(world, cell)
  if not world.benches[cell.run] then
    world.count = world.count + 1
    local id = ("%s.%d"):format(world.id, world.count)
    problem.check(world.db:put_bench { id = id, kind = "import", adapter = cell.first.adapter, seed = cell.first.seed,
      split = cell.first.split, started_ms = math.floor(sys.wall() * 1000),
      source = ("%s, run %s"):format(world.path, cell.run) })
    world.benches[cell.run] = id
  end
  return world.benches[cell.run]
end

local function store(world, cell)
  local digest = digest_of(cell)
  if world.known[digest] then
    world.out.known = world.out.known + 1
  elseif is_own(world.db, cell) then
    world.out.own = world.out.own + 1
  else
    problem.check(world.db:put_cell(bench_for(world, cell), record_of(cell, digest, source_of(cell, world.path))))
    world.known[digest] = true
    world.out.cells, world.out.attempts = world.out.cells + 1, world.out.attempts + #cell.rows
  end
end

--- Imports a file. Gives { cells=, attempts=, known=, own= }: stored, their attempts, known by digest, run here.
function M.run(path, store_path)
  each_cell(path, function() end) -- all of it is checked before a part of it is stored
  local db = problem.check(require("han.db").open { path = store_path })
  local world = { db = db, path = path, id = recorder.run_id { "import", path }, benches = {}, count = 0,
    known = known_digests(db), out = { cells = 0, attempts = 0, known = 0, own = 0 } }
  each_cell(path, function(cell) store(world, cell) end)
  problem.check(db:flush())
  db:close()
  return world.out
end

return M
