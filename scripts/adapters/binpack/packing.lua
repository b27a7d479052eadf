-- Runs packings beside the candidate, in the evaluator, and reads what comes back. The packing code of the
-- family and the instances travel with the program as one chunk; a program is checked to be pure (program.lua)
-- before its text is put there. What comes back for a verdict or a score is the bin of each item and nothing
-- else: bins are counted here.
local dir = ...
local codec, instances, measure, program = dir "codec", dir "instances", dir "measure", dir "program"

local M = {}

local PARTS = { "codec", "measure", "protocol", "fast" }

-- The functions of the chunk. pack gives the bins of one set as text. trial packs the sets that a search
-- races on and, when their excess is within the bound and they were packed as no known program packs them,
-- the others; what it gives is used by a search alone.
local DRIVER = [[
local M = {}

local function items_of(set)
  set.list = set.list or codec.unpack(set.items, codec.WIDTH)
  return set.list
end

function M.pack(which, number, literal)
  local one, set = programs[which], sets[number]
  local bins = (literal and protocol or fast).pack(items_of(set), set.capacity, one.priority, one.aware, one.cache)
  return codec.pack(bins, codec.BIN_WIDTH)
end

-- The sum over all raced items of a hash of their bins: programs that agree in it packed alike.
local function digest(h, bins)
  for i = 1, #bins do h = h * 31 + bins[i] end
  return h
end

function M.trial(which, race, bound)
  local one, used, bins, full, hash = programs[which], 0, {}, 0, 0
  for i = 1, #sets do
    local set = sets[i]
    local packed, n, lengths = fast.pack(items_of(set), set.capacity, one.priority, one.aware, one.cache)
    bins[i] = n
    if i <= race then used, full, hash = used + n, full + lengths[0], digest(hash, packed) end
    if i == race and (known[hash] or (measure.excess(sets, bins)) > bound) then break end
  end
  return bins, full / used, hash
end

return M
]]

local function frozen_math()
  local names = {}
  for i, name in ipairs(program.MATH) do names[i] = ("%s = math.%s"):format(name, name) end
  return "{ math = { " .. table.concat(names, ", ") .. " } }"
end

-- The part of the chunk that is the same for every program: made once per list of sets.
function M.prelude(sets)
  local lines = {}
  for _, name in ipairs(PARTS) do
    lines[#lines + 1] = ("local %s = (function()\n%s\nend)()"):format(name, dir.read(name .. ".lua"))
  end
  lines[#lines + 1] = "local sets = {"
  for _, set in ipairs(sets) do
    lines[#lines + 1] = ("  { n = %d, capacity = %d, lower = %d, items = \"%s\" },"):format(set.n, set.capacity,
      set.lower, set.items)
  end
  lines[#lines + 1] = "}"
  return table.concat(lines, "\n")
end

--- The chunk of some programs: { { text =, aware = } ... }.
-- known: list of digests of raced packings that need not be packed further; may be nil.
function M.chunk(prelude, programs, known)
  local lines = { prelude, "local known = {}", "local programs = {}" }
  for _, hash in ipairs(known or {}) do lines[#lines + 1] = ("known[%d] = true"):format(hash) end
  lines[#lines + 1] = "do local _ENV <const> = " .. frozen_math()
  for i, one in ipairs(programs) do
    lines[#lines + 1] = ("programs[%d] = { aware = %s, cache = {}, priority = %s\n}"):format(i, tostring(one.aware),
      one.text)
  end
  lines[#lines + 1] = "end"
  lines[#lines + 1] = DRIVER
  return table.concat(lines, "\n")
end

--- What a call may use, in VM instructions. The literal protocol asks every bin for every item; the fast one
-- every residual, and in the elementwise league each pair once.
function M.instructions(set, aware, literal)
  if literal then return math.min(1000000000, 4000000 + set.n * set.n * 60) end
  return 3000000 + set.n * set.capacity * (aware and 150 or 20)
end

local function limits(seconds) return { memory = 128 << 20, output = 4 << 20, wall = seconds } end

-- The bins used by row of an evaluation, or nil and a class.
local function bins_of(set, row)
  if not row then return nil, "crash" end
  if not row.ok then return nil, row.class, row.message end
  local bins = type(row.values[1]) == "string" and codec.unpack(row.values[1], codec.BIN_WIDTH)
  if not bins then return nil, "value" end
  local used, why = measure.count(instances.unpack(set), set.capacity, bins)
  if not used then return nil, "value", why end
  return used
end

--- Packs every set with one program. Gives the list of bins used; nil, class, message when the program
-- failed; nil, message, CODE, true when it could not be evaluated.
function M.run(evaluate, text, aware, sets, literal)
  local calls, used = {}, {}
  for i, set in ipairs(sets) do
    calls[i] = { fn = "pack", args = { 1, i, literal }, instructions = M.instructions(set, aware, literal) }
  end
  local result, message, code = evaluate { code = M.chunk(M.prelude(sets), { { text = text, aware = aware } }),
    name = "priority", calls = calls, limits = limits(120) }
  if not result then return nil, message, code, true end
  for i, set in ipairs(sets) do
    local n, class, why = bins_of(set, result.calls[i])
    if not n then
      local ended = not result.calls[i] and result.class ~= "ok"
      return nil, ended and result.class or class, ended and result.message or why
    end
    used[i] = n
  end
  return used
end

-- ---- trials of a search ----

-- The largest call of a trial.
local function trial_instructions(sets, aware)
  local sum = 0
  for _, set in ipairs(sets) do sum = sum + M.instructions(set, aware) end
  return math.min(1000000000, sum)
end

local function trial_of(sets, race, row, result)
  if not row then return { failed = result.class } end
  if not row.ok then return { failed = row.class } end
  local bins, raced = row.values[1], {}
  for i = 1, race do raced[i] = bins[i] end
  local trial = { early = measure.excess(sets, raced), trait = row.values[2], digest = row.values[3] }
  if #bins == #sets then trial.value = measure.excess(sets, bins) end
  return trial
end

--- Tries programs (texts, checked before) on the sets: { { early = excess of the raced sets, trait = share of
-- full bins and digest = of the packings there, value = excess of all sets, nil when early was beyond the
-- bound or the digest is among the known } or { failed = class } ... }.
function M.trials(evaluate, texts, aware, sets, prelude, bound, known)
  local programs, calls, race = {}, {}, instances.race(sets)
  for i, text in ipairs(texts) do
    programs[i] = { text = text, aware = aware }
    calls[i] = { fn = "trial", args = { i, race, bound }, instructions = trial_instructions(sets, aware) }
  end
  local result, message, code = evaluate { code = M.chunk(prelude, programs, known), name = "priority", calls = calls,
    limits = limits(120) }
  if not result then return nil, message, code end
  local rows = {}
  for i = 1, #texts do rows[i] = trial_of(sets, race, result.calls[i], result) end
  return rows
end

return M
