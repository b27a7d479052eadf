-- han.worker.decision: the search worker's second job, improving a decision program. One shot evolves typed
-- expression trees (expression.lua) and keeps an archive of unlike programs, one per cell of size and
-- behaviour (quality diversity: Mouret and Clune, 2015); it settles with the best it measured in full. It
-- reads nothing but its context, draws from ctx.random alone, pays for each program before it is tried.
--
-- ctx: as han.worker. game = { params = names of the arguments, leaves =, constant = see expression.grow,
--   frame = { head =, tail = } texts around the expression of an artifact (default: a function that returns it),
--   try = function(texts, bound, known) -> { { early=, trait = 0..1, digest=, value = number or nil } or
--   { failed = class } ... } or nil, message, code }. Less is better; `value` is absent when `early`, what a
--   program shows on the small instances, was above the bound, or its digest, what it did there, was known.
--   This race decides what is looked at, never a score.
-- profile (all optional, defaults below): batch = programs tried at once, slack = how much worse than the best
--   `early` may be, seeds = random programs at the start of a line, fresh = share of random programs later,
--   weights = { operator = number }, floor = least weight, proposals = "search" | "random".
-- steer: findings of lens "elites" are programs to take into the archive; of lens "operators", where.fn and
--   weight move the operators' weights. Others are left alone.
-- Spans: { kind = "edit", op, text, outcome = "best" | "kept" | "dropped" | "raced" | "known" | class of failure,
--   value, tokens }, { kind = "settle", value, trials, stopped, elites = { { text, value } ... } }.
local expression = require "han.worker.expression"

local M = {}

M.DEFAULTS = {
  batch = 8,
  slack = 0.3,
  seeds = 24,
  fresh = 0.05,
  proposals = "search",
  floor = 0.2,
  weights = { constant = 4, point = 2, subtree = 3, crossover = 3, wrap = 2, hoist = 1 },
}
M.DEPTH = 4       -- of a random program
M.ELITES = 8      -- programs told at the end, and taken from a steer
M.TRAITS = 8     -- cells of behaviour
M.SIZES = { 5, 11, 19, 31 }
M.STALE = 200     -- proposals that come to nothing, in a row, before a shot gives up

local OPERATORS = { "constant", "crossover", "hoist", "point", "subtree", "wrap" }

local function setting(profile, name)
  local value = profile and profile[name]
  if value == nil then return M.DEFAULTS[name] end
  return value
end

-- ---- operators: a tree and the part of it that is new ----

local operators = {}

local function of_type(places, kind)
  local list = {}
  for _, place in ipairs(places) do
    if expression.type_of(place.node) == kind then list[#list + 1] = place end
  end
  return list
end

local function any_place(state, tree)
  local places = expression.places(tree)
  return places[state.ctx.random(#places)], places
end

function operators.subtree(state, tree)
  local place = any_place(state, tree)
  local new = expression.grow(state.game, expression.type_of(place.node), state.ctx.random(3) - 1, state.ctx.random)
  return expression.replace(place, new), new
end

-- Moves one constant: by a small step or by a factor.
function operators.constant(state, tree)
  local random, list = state.ctx.random, {}
  for _, place in ipairs(expression.places(tree)) do
    if place.node.op == "const" then list[#list + 1] = place end
  end
  if #list == 0 then return nil end
  local place = list[random(#list)]
  local value, roll = place.node.value, random(10)
  if roll <= 6 and math.type(value) == "integer" then value = value + (random(2) == 1 and 1 or -1) * random(4)
  elseif roll <= 8 then value = tonumber(("%.4g"):format(value * (0.5 + 1.5 * random())))
  else value = expression.draw_constant(state.game.constant, random).value end
  local new = expression.const(value)
  return expression.replace(place, new), new
end

local function same_shape(a, b)
  if #a ~= #b then return false end
  for i, kind in ipairs(a) do if b[i] ~= kind then return false end end
  return true
end

-- Another operator of the same types, or another leaf.
function operators.point(state, tree)
  local random, place = state.ctx.random, any_place(state, tree)
  local node = place.node
  if #node == 0 then
    local new = expression.grow(state.game, "num", 0, random)
    return expression.replace(place, new), new
  end
  local row, options = expression.OPS[node.op], {}
  for name, other in pairs(expression.OPS) do
    if name ~= node.op and other[1] == row[1] and #other[2] > 0 and same_shape(other[2], row[2]) then
      options[#options + 1] = name
    end
  end
  if #options == 0 then return nil end
  table.sort(options)
  local new = { op = options[random(#options)], table.unpack(node) }
  return expression.replace(place, new), new
end

-- A part of another program of the archive in place of one of the same type.
function operators.crossover(state, tree)
  local random, place = state.ctx.random, any_place(state, tree)
  local donor = state.archive[random(#state.archive)]
  local options = of_type(expression.places(donor.tree), expression.type_of(place.node))
  if #options == 0 then return nil end
  local new = options[random(#options)].node
  return expression.replace(place, new), new
end

-- Puts an operator above a node, which becomes its first fitting argument.
function operators.wrap(state, tree)
  local random, place = state.ctx.random, any_place(state, tree)
  local kind = expression.type_of(place.node)
  for _ = 1, 8 do
    local new = expression.grow(state.game, kind, 1, random)
    local fitting = {}
    for at, child in ipairs(new) do if expression.type_of(child) == kind then fitting[#fitting + 1] = at end end
    if #fitting > 0 then
      new[fitting[random(#fitting)]] = place.node
      return expression.replace(place, new), new
    end
  end
end

-- A part of a node in its place.
function operators.hoist(state, tree)
  local random, place = state.ctx.random, any_place(state, tree)
  local options = of_type(expression.places(place.node), expression.type_of(place.node))
  if #options < 2 then return nil end
  local new = options[1 + random(#options - 1)].node
  return expression.replace(place, new), new
end

M.operators = operators -- also what an author edits with

-- ---- proposals ----

local function draw_operator(state)
  local point = state.ctx.random() * state.weight_sum
  for _, name in ipairs(OPERATORS) do
    point = point - state.weights[name]
    if point < 0 then return name end
  end
  return OPERATORS[#OPERATORS]
end

-- Half the parents are the better of some, half any cell alike.
local function parent(state)
  local random, archive = state.ctx.random, state.archive
  local one = archive[random(#archive)]
  if random(2) == 1 then return one end
  for _ = 1, 3 do
    local other = archive[random(#archive)]
    if other.value < one.value then one = other end
  end
  return one
end

local function candidate(state, op, tree, new)
  if not tree or expression.size(tree) > expression.MAX_NODES then return nil end
  local text = expression.print(tree, state.game.params, state.game.frame)
  if state.seen[text] then return nil end
  state.seen[text] = true
  local part = expression.text(new)
  return { op = op, tree = tree, text = text, part = part, tokens = (#part + 3) // 4 }
end

local function fresh(state)
  local tree = expression.grow(state.game, "num", M.DEPTH, state.ctx.random)
  return candidate(state, "fresh", tree, tree)
end

-- The next program to try; nil when the draw came to nothing.
local function propose(state)
  local given = table.remove(state.given, 1)
  if given then return given end
  local random = state.ctx.random
  if #state.archive == 0 or state.seeds > 0 or setting(state.ctx.profile, "proposals") == "random"
    or random() < setting(state.ctx.profile, "fresh") then
    state.seeds = state.seeds - 1
    return fresh(state)
  end
  local op = draw_operator(state)
  local tree, new = operators[op](state, parent(state).tree)
  return candidate(state, op, tree, new)
end

-- ---- the archive ----

local function cell_of(one)
  local bucket = #M.SIZES
  local size = one.tree and expression.size(one.tree) or expression.MAX_NODES
  for i = #M.SIZES, 1, -1 do if size <= M.SIZES[i] then bucket = i end end
  return bucket * M.TRAITS + math.min(M.TRAITS - 1, math.floor(one.trait * M.TRAITS))
end

-- Less excess first; of equals the shorter, which has less to be wrong about elsewhere.
local function better(a, b)
  if a.value ~= b.value then return a.value < b.value end
  if #a.text ~= #b.text then return #a.text < #b.text end
  return a.text < b.text
end

-- Takes a measured program in when it is the best of its cell. A text that is no tree can be the best, but
-- nothing can be bred from it.
local function settle_in(state, one)
  local outcome = "dropped"
  if one.tree then
    local cell = cell_of(one)
    local at = state.cells[cell]
    if not at then
      at = #state.archive + 1
      state.cells[cell] = at
    end
    local held = state.archive[at]
    if not held or better(one, held) then
      state.archive[at] = one
      outcome = "kept"
    end
  end
  if not state.best or better(one, state.best) then
    state.best = one
    outcome = "best"
  end
  return outcome
end

local function outcome_of(state, one, row)
  if row.failed then return row.failed end
  one.early, one.trait, one.value = row.early, row.trait, row.value
  local met = state.digests[row.digest]
  if not row.value then return met and "known" or "raced" end
  if not met then
    state.digests[row.digest] = true
    state.known[#state.known + 1] = row.digest
  end
  return settle_in(state, one)
end

-- ---- a shot ----

-- Proposes and pays for up to a batch of programs.
local function gather(state)
  local batch, stale = {}, 0
  while #batch < state.batch and stale < M.STALE do
    local one = propose(state)
    if one then
      local paid, why, code = state.ctx.meter { evals = 1, tokens = one.tokens }
      if not paid then
        state.stopped = code or why
        break
      end
      batch[#batch + 1] = one
    else
      stale = stale + 1
    end
  end
  if stale >= M.STALE then state.stopped = "nothing new to try" end
  return batch
end

local function bound_of(state)
  if not state.best or not state.best.early then return math.huge end
  return state.best.early * (1 + setting(state.ctx.profile, "slack")) + 1e-9
end

local function try(state, batch)
  local ctx, texts = state.ctx, {}
  for i, one in ipairs(batch) do texts[i] = one.text end
  local rows, message, code = state.game.try(texts, bound_of(state), state.known)
  if not rows then
    state.failed = { message, code }
    return
  end
  for i, one in ipairs(batch) do
    local outcome = outcome_of(state, one, rows[i])
    state.trials = state.trials + 1
    ctx.span { kind = "edit", op = one.op, text = one.part, outcome = outcome, value = one.value, tokens = one.tokens }
    ctx.yield()
  end
end

-- Programs to begin with: the artifact, then the elites of a steer that are programs.
local function given_programs(state)
  local ctx, params = state.ctx, state.game.params
  local start = expression.parse(ctx.artifact, params, state.game.frame)
  local list = { { op = "start", text = ctx.artifact, tree = start, part = "", tokens = 0 } }
  state.seen[ctx.artifact] = true
  for _, finding in ipairs(ctx.steer or {}) do
    if finding.lens == "elites" and #list <= M.ELITES then
      local tree = expression.parse(finding.text, params, state.game.frame)
      list[#list + 1] = candidate(state, "elite", tree, tree)
    end
  end
  return list
end

local function weigh(state)
  local profile, told, sum = state.ctx.profile, {}, 0
  for _, finding in ipairs(state.ctx.steer or {}) do
    if finding.lens == "operators" and finding.where and finding.weight then told[finding.where.fn] = finding.weight end
  end
  local weights, floor = setting(profile, "weights"), setting(profile, "floor")
  state.weights = {}
  for _, name in ipairs(OPERATORS) do
    state.weights[name] = math.max(floor, (weights[name] or 1) * (0.5 + (told[name] or 0.5)))
    sum = sum + state.weights[name]
  end
  state.weight_sum = sum
end

local function elites(state)
  local list = table.move(state.archive, 1, #state.archive, 1, {})
  table.sort(list, better)
  local told = {}
  for i = 1, math.min(M.ELITES, #list) do told[i] = { text = list[i].text, value = list[i].value } end
  return told
end

--- Runs one shot; the best program, or nil, message, code when an evaluation failed for a reason that no
--- candidate can cause. Without any that could be measured it is the artifact it was given.
function M.run(ctx, game)
  local state = { ctx = ctx, game = game, seen = {}, archive = {}, cells = {}, trials = 0,
    digests = {}, known = {},
    batch = setting(ctx.profile, "batch"), seeds = setting(ctx.profile, "seeds") }
  weigh(state)
  state.given = given_programs(state)
  if #state.given > 1 then state.seeds = 0 end
  -- the start is tried alone, so that its race has no bound and the next ones have its
  state.batch = 1
  while not state.stopped and not state.failed do
    local batch = gather(state)
    if #batch > 0 then try(state, batch) end
    state.batch = setting(ctx.profile, "batch")
  end
  if state.failed then return nil, table.unpack(state.failed) end
  ctx.span { kind = "settle", value = state.best and state.best.value, trials = state.trials, stopped = state.stopped,
    elites = elites(state) }
  return state.best and state.best.text or ctx.artifact
end

return M
