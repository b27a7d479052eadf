-- Makes tasks: draws a base program of the split, plants faults in it, keeps what hidden tests see.
-- Deterministic in (split, n, options.stream): task k draws from a stream of its own, so that a longer
-- list begins with the shorter one.
local M = {}

M.ATTEMPTS = 60        -- draws per task before another base program is tried
M.HAND_SHARE = 0.15    -- of one-fault tasks in programs that have bugs written by hand
M.MEMORY = 64 << 20
M.OUTPUT = 1 << 20
M.WALL = 2.0

local function limit_of(count) return math.max(2000, 10 * (count or 0)) end

-- Short name of a text, for ids and for telling tasks apart (FNV-1a, 64 bit).
local function digest(text)
  local h = 0xcbf29ce484222325
  for i = 1, #text do h = (h ~ text:byte(i)) * 0x100000001b3 end
  return ("%016x"):format(h)
end
M.digest = digest

-- A program made ready: its tests with instruction limits, and the fault sites the split may use.
local function prepare(env, name, split, stream)
  local program = env.catalog.load(env.dir, name)
  local public = env.catalog.public_calls(program)
  local rows, why, code = env.catalog.reference_rows(program, public, env.evaluate)
  if not rows then return nil, why, code end
  local costs = { public = {}, hidden = {} }
  for i, call in ipairs(public) do
    costs.public[i], call.instructions = rows[i].instructions or 0, limit_of(rows[i].instructions)
  end
  local hidden
  hidden, why, code = env.catalog.hidden_calls(program, env.draw, stream, env.evaluate)
  if not hidden then return nil, why, code end
  for i, call in ipairs(hidden) do
    costs.hidden[i] = call.reference or 0
    call.instructions, call.reference = limit_of(call.reference), nil
  end
  local kinds = env.splits.kinds[env.splits.kinds_of[split]]
  return { program = program, public = public, hidden = hidden, costs = costs, kinds = kinds,
    sites = env.inject.sites(program.source, kinds),
    place_of = env.inject.places(program.source, program.blocks[#program.blocks].name), seen = {}, used = {} }
end

-- The reference's instructions over the text's own, summed over the calls that it passes and at most 1; nil when it
-- passes none, for what fails fast is not fast. Instructions are counted, not timed: the same in every run.
local function fast(rows, costs, failing)
  local failed, ours, theirs = {}, 0, 0
  for _, i in ipairs(failing) do failed[i] = true end
  for i, row in ipairs(rows) do
    if not failed[i] and row.instructions then ours, theirs = ours + row.instructions, theirs + costs[i] end
  end
  if ours == 0 or theirs == 0 then return nil end
  return math.min(1.0, theirs / ours)
end

-- The objectives beside correctness: fast as above, secure by the scanner over text and run (nil when the text is no
-- Lua), and what the scanner saw.
function M.objectives(env, text, result, costs, failing)
  local secure, broken = env.scanner.secure(text, result.calls)
  return { fast = costs and fast(result.calls, costs, failing), secure = secure, broken = secure and broken }
end

-- How many of a list of calls a text passes; every value is compared outside the child.
function M.count(env, text, name, calls)
  return env.count { code = text, name = name, calls = calls,
    limits = { instructions = 20000, memory = M.MEMORY, output = M.OUTPUT, wall = M.WALL } }
end

local function hand_fault(env, ready, bug)
  local source = ready.program.source
  local changed, first = env.inject.apply_hand(source, bug)
  if not changed then return nil end
  local line = select(2, source:sub(1, first):gsub("\n", "")) + 1
  return { kind = "hand:" .. (bug.kind or "logic"), source = "hand", title = bug.title, fn = bug.fn, line = line,
    edits = { { first = first, last = first + #bug.find - 1, text = bug.replace } } }
end

local function injected_fault(env, ready, random)
  local site = env.inject.draw(ready.sites, ready.kinds, random)
  if not site then return nil end
  return { kind = site.kind, source = "injected", fn = site.fn, line = site.line, edits = site.edits }
end

-- The faults of one draw, nil when this program cannot give them.
local function draw_faults(env, ready, random, options)
  local difficulty, source = options.difficulty or 1, options.source
  local bugs, faults = ready.program.bugs, {}
  if not source and difficulty == 1 then
    source = #bugs > 0 and random() < M.HAND_SHARE and "hand" or "injected"
  end
  for i = 1, difficulty do
    local by_hand = source == "hand" or (source == "pair" and i == 1)
    local fault
    if by_hand then
      if #bugs == 0 then return nil end
      fault = hand_fault(env, ready, bugs[random(#bugs)])
    else
      fault = injected_fault(env, ready, random)
    end
    if not fault then return nil end
    fault.place = ready.place_of(fault)
    if options.place and fault.place ~= options.place then return nil end
    faults[i] = fault
  end
  return faults
end

local function all_edits(faults)
  local edits = {}
  for _, fault in ipairs(faults) do table.move(fault.edits, 1, #fault.edits, #edits + 1, edits) end
  return edits
end

-- Tests a text on public and hidden calls at once; kept by its digest, for a text comes up again.
local function outcome(env, ready, text, key)
  local known = ready.seen[key]
  if known then return known end
  local calls = table.move(ready.hidden, 1, #ready.hidden, #ready.public + 1,
    table.move(ready.public, 1, #ready.public, 1, {}))
  local passed, failing, code = M.count(env, text, ready.program.name, calls)
  if not passed then return nil, failing, code end
  local hidden_failed = 0
  for _, i in ipairs(failing) do if i > #ready.public then hidden_failed = hidden_failed + 1 end end
  known = { public = #ready.public - (#failing - hidden_failed), hidden = #ready.hidden - hidden_failed }
  ready.seen[key] = known
  return known
end

-- Whether every one of several faults is seen by a hidden test when it stands alone.
local function each_seen(env, ready, faults)
  if #faults == 1 then return true end
  for _, fault in ipairs(faults) do
    local text = env.inject.apply(ready.program.source, fault)
    if not text then return false end
    local result, why, code = outcome(env, ready, text, digest(text))
    if not result then return nil, why, code end
    if result.hidden == #ready.hidden then return false end
  end
  return true
end

local function describe(faults)
  local list = {}
  for i, fault in ipairs(faults) do
    list[i] = { kind = fault.kind, fn = fault.fn, line = fault.line, title = fault.title, edits = fault.edits }
  end
  return list
end

local function source_of(faults)
  local source = faults[1].source
  for _, fault in ipairs(faults) do if fault.source ~= source then return "pair" end end
  return source
end

local function place_of(faults)
  for _, fault in ipairs(faults) do if fault.place == "wiring" then return "wiring" end end
  return "block"
end

-- The hidden calls in an order of this task's own, with their costs: what a text keeps from one call for the next
-- cannot be made to fit.
local function shuffled(env, ready, random)
  local order, tests, costs = {}, {}, {}
  for i = 1, #ready.hidden do order[i] = i end
  for i, k in ipairs(env.draw.new(random).shuffle(order)) do
    tests[i], costs[i] = ready.hidden[k], ready.costs.hidden[k]
  end
  return tests, costs
end

local function build(env, ready, faults, text, key, result, order)
  local program = ready.program
  local blocks = env.catalog.public_blocks(program)
  for name, calls in pairs(env.catalog.calls_of(text, program)) do
    for _, block in ipairs(blocks) do if block.name == name then block.calls = calls end end
  end
  local hidden, hidden_costs = shuffled(env, ready, order)
  local kinds = {}
  for i, fault in ipairs(faults) do kinds[i] = fault.kind end
  local hidden_only = result.public == #ready.public
  return {
    id = program.name .. "-" .. key:sub(1, 10),
    group = program.name,
    public = { artifact = text, name = program.name, brief = program.brief, tests = ready.public,
      blocks = blocks, costs = ready.costs.public,
      limits = { instructions = 20000, memory = M.MEMORY, output = M.OUTPUT, wall = M.WALL } },
    private = { tests = hidden, costs = hidden_costs, reference = program.source, fault = describe(faults),
      broken = result.hidden },
    meta = { difficulty = #faults, source = source_of(faults), place = place_of(faults),
      kind = table.concat(kinds, "+"),
      site = faults[1].fn .. ":" .. faults[1].line, broken_hidden = result.hidden, hidden = #ready.hidden,
      broken_public = result.public, public = #ready.public, hidden_only = hidden_only },
  }
end

-- One task from one program, nil when ATTEMPTS draws gave none.
local function one(env, ready, random, options, order)
  for _ = 1, M.ATTEMPTS do
    local faults = draw_faults(env, ready, random, options)
    local text = faults and env.inject.apply(ready.program.source, { edits = all_edits(faults) })
    local key = text and digest(text)
    if text and not ready.used[key] then
      local result, why, code = outcome(env, ready, text, key)
      if not result then return nil, why, code end
      local seen = result.hidden < #ready.hidden
      if seen and (result.public == #ready.public) == (options.hidden_only == true) then
        seen, why, code = each_seen(env, ready, faults)
        if seen == nil then return nil, why, code end
        if seen then
          ready.used[key] = true
          return build(env, ready, faults, text, key, result, order)
        end
      end
    end
  end
  return nil
end

-- The options of a turn: with `upto` the difficulty goes from 1 to that, one after another for each program.
local function of_turn(options, turn, groups)
  if not options.upto then return options end
  local out = {}
  for name, item in pairs(options) do out[name] = item end
  out.difficulty = (turn - 1) // groups % options.upto + 1
  return out
end

-- options: stream(label) -> random, difficulty (1), upto (difficulties 1 to this one in turn, in place of one),
-- source ("injected", "hand", "pair"; a mix when absent), place ("block", "wiring": all faults inside a block, or
-- between blocks; either when absent), hidden_only
-- (true: only faults that no public test sees). Gives the list, or nil, why, code.
function M.make(env, split, n, options)
  if options.place and options.place ~= "block" and options.place ~= "wiring" then
    return nil, ("no place '%s' of a fault; there are block and wiring"):format(tostring(options.place)), "INVALID"
  end
  local upto = options.upto
  if upto ~= nil and (math.type(upto) ~= "integer" or upto < 1 or upto > 4 or options.difficulty) then
    return nil, "upto is a whole number from 1 to 4, in place of a difficulty", "INVALID"
  end
  local groups = env.splits.groups[split]
  if not groups then error("no split " .. tostring(split), 2) end
  if #groups == 0 then return nil, "split " .. split .. " has no base programs yet", "EMPTY" end
  groups = env.draw.new(options.stream "groups").shuffle(groups)
  local ready, list, turn, misses = {}, {}, 0, 0
  while #list < n and misses < #groups do
    turn = turn + 1
    local name = groups[(turn - 1) % #groups + 1]
    local why, code
    if not ready[name] then
      ready[name], why, code = prepare(env, name, split, options.stream)
      if not ready[name] then return nil, why, code end
    end
    local task
    task, why, code = one(env, ready[name], options.stream("task/" .. turn), of_turn(options, turn, #groups),
      options.stream("order/" .. turn))
    if why then return nil, why, code end
    if task then list[#list + 1], misses = task, 0 else misses = misses + 1 end
  end
  return list
end

return M
