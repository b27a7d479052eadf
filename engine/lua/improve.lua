-- han.improve: the flywheel as an experiment. Round after round a learner is deployed, works on train tasks, is
-- re-authored from what that showed, and is promoted or not by the gate; after each round it is scored beside what it
-- was at the start, beside the same once more (A/A), and beside a blind learner that has the same evaluations,
-- selection, gate and chances. Runs no cell itself: `env.measure` does, so that a run can be stored, resumed and
-- tested.
--
-- env = { measure = function(phase) -> records, info; author = han.author; pipeline = function(options) -> { filter= };
--   digest = function(text); random = function(label) -> random function; keep = function(row) of what was learnt;
--   crown = function(row) of a promotion; round = function(round) that has ended; say = function(words);
--   asker = han.author.ask where the plan's backend is "model" }
-- plan.turns: how many times a round the learners see on dev what they proposed, and may propose again (nil: once); the
-- candidates of a round are shared out among them.
-- phase = { key=, phase = "learn" | "dev" | "gate" | "score" | "field", round=, line=, split=, seed=, groups=, per=,
--   from=,
--   budget=, options=, arms=, rule = for a gate { line=, candidate=, champion= } }
-- records are those of cells.run, and of learn phases with their attempts; info = { trust=, sandbox=, tasks = what was
--   chosen, slice=, level=, position= of a gate }. What was lost to infra failures: see han.improve.lost.

local arms_of = require "han.improve.arms"
local gate = require "han.gate"
local learner_of = require "han.improve.learner"
local lost = require "han.improve.lost"
local plan_of = require "han.improve.plan"
local summary = require "han.improve.summary"

local M = {}

-- ---- phases ----

--- A phase of a line as `env.measure` takes it.
function M.phase(state, name, round, line, more)
  local one = state.plan[name]
  local options = {}
  for key, value in pairs(one.options or {}) do options[key] = value end
  for key, value in pairs(line.options or {}) do options[key] = value end
  local phase = { key = ("r%d/%s/%s"):format(round, line.name, more.name or name), phase = name, round = round,
    line = line.name, split = plan_of.SPLIT[name], seed = plan_of.seed(state.plan, round), groups = one.groups,
    per = one.per, from = one.from, budget = one.budget, options = options }
  for key, value in pairs(more) do phase[key] = value end
  return phase
end

--- Runs a phase; its records and info. What it lost is listed in `state.excluded`.
function M.measure(state, phase)
  local records, info = state.env.measure(phase)
  lost.note(state.excluded, phase, records)
  return records, info
end

local function count_spend(total, records)
  for _, record in ipairs(records) do
    for channel, n in pairs(record.spend or {}) do total[channel] = (total[channel] or 0) + n end
  end
end

-- The records of one arm, in the order of the tasks.
local function of_arm(records, name)
  local list = {}
  for _, record in ipairs(records) do
    if record.arm == name then list[#list + 1] = record end
  end
  return list
end

local function account(state, learner, phase, records)
  local book = state.learning[learner]
  book[phase] = book[phase] or {}
  count_spend(book[phase], records)
  book[phase].cells = (book[phase].cells or 0) + #records
end

-- ---- a round of one line ----

local function learn(state, round, line)
  local arms = {}
  for i, name in ipairs(state.learners) do
    local learner = line.learners[name]
    arms[i] = arms_of.of(name, learner.champion.text, { blind = name == arms_of.BLIND, known = learner:best(),
      strategy = state.plan.learn.strategy, worker = state.plan.learn.worker }, state.plan)
  end
  local records = M.measure(state, M.phase(state, "learn", round, line, { arms = arms, harvest = true }))
  local by_learner, whole = {}, lost.without(records) -- all learn from the same tasks
  for _, name in ipairs(state.learners) do
    by_learner[name] = of_arm(whole, name)
    account(state, name, "learn", of_arm(records, name))
  end
  return by_learner
end

-- How many candidates a turn of a round may have: all of them in the only one, else a share.
local function share_of(plan, turn)
  local turns = plan.turns or 1
  return plan.candidates // turns + (turn <= plan.candidates % turns and 1 or 0)
end

local function author(state, round, turn, line, records)
  local passed = {}
  for _, name in ipairs(state.learners) do
    local learner = line.learners[name]
    local list = learner:propose(round, turn, records[name], share_of(state.plan, turn))
    local good, spend = learner:filter(round, list)
    passed[name] = good
    local book = state.learning[name]
    book.dry = book.dry or { candidates = 0 }
    book.dry.candidates = book.dry.candidates + #list
    for channel, n in pairs(spend) do book.dry[channel] = (book.dry[channel] or 0) + n end
  end
  return passed
end

-- Mean loss of an arm on the tasks that all arms finished; nil when there is none.
local function losses_of(records)
  local sums, counts = {}, {}
  for _, record in ipairs(lost.without(records)) do
    local correct = type(record.score) == "table" and record.score.correct or 0
    sums[record.arm] = (sums[record.arm] or 0) + 1 - correct
    counts[record.arm] = (counts[record.arm] or 0) + 1
  end
  return function(arm) return counts[arm] and sums[arm] / counts[arm] end
end

local CHAMPION = "champion"

local function any(state, passed)
  for _, name in ipairs(state.learners) do
    if #passed[name] > 0 then return true end
  end
  return false
end

-- The candidates of a turn on dev, beside their champions: on the same tasks in every turn of a round.
local function validate(state, round, turn, line, passed)
  if turn > 1 and not any(state, passed) then return end
  local arms = {}
  local function add(learner, part, text)
    arms[#arms + 1] = arms_of.of(("%s-%s"):format(learner, part), text, { as_it_is = true }, state.plan)
  end
  for _, name in ipairs(state.learners) do
    add(name, CHAMPION, line.learners[name].champion.text)
    for i, candidate in ipairs(passed[name]) do add(name, tostring(i), candidate.text) end
  end
  local records = M.measure(state, M.phase(state, "dev", round, line, { arms = arms,
    name = turn > 1 and ("dev%d"):format(turn) or nil }))
  local loss = losses_of(records)
  for _, name in ipairs(state.learners) do
    local losses, mine = {}, {}
    for i, candidate in ipairs(passed[name]) do losses[candidate.digest] = loss(("%s-%d"):format(name, i)) end
    for _, record in ipairs(records) do
      if record.arm:sub(1, #name + 1) == name .. "-" then mine[#mine + 1] = record end
    end
    account(state, name, "dev", mine)
    line.learners[name]:measured(passed[name], losses, loss(("%s-%s"):format(name, CHAMPION)))
  end
end

local function choose(state, round, line)
  local chosen = {}
  for _, name in ipairs(state.learners) do
    local learner = line.learners[name]
    local best, why = learner:choose(round)
    chosen[name] = best
    state.env.say(("round %d %s %s: %s"):format(round, line.name, name, best
      and ("loss on dev %.4f, champion %.4f"):format(best.value, learner.before) or why))
  end
  return chosen
end

local CANDIDATE = "candidate"

-- The candidate of a learner against its champion, on groups that are spent for it.
local function decide(state, round, line, name, candidate)
  local learner = line.learners[name]
  local arms = {
    arms_of.of(CHAMPION, learner.champion.text, { as_it_is = true }, state.plan),
    arms_of.of(CANDIDATE, candidate.text, { as_it_is = true }, state.plan),
  }
  local rule = { candidate = CANDIDATE, champion = CHAMPION, learner = name, alpha = state.plan.alpha }
  local records, info = M.measure(state, M.phase(state, "gate", round, line, { name = "gate-" .. name, arms = arms,
    rule = rule }))
  account(state, name, "gate", records)
  return gate.decide(records, { candidate = CANDIDATE, champion = CHAMPION, level = info.level, tasks = info.tasks,
    slice = info.slice, seed = state.plan.seed, control = "spend" }), info
end

local function promote(state, round, line, name, candidate, decision)
  local row = { round = round, line = line.name, learner = name, digest = candidate.digest, lift = decision.lift,
    ci = decision.ci, groups = decision.groups, level = decision.level, operator = candidate.operator,
    parents = candidate.parents, novel = candidate.novel or false, text = candidate.text }
  state.promotions[#state.promotions + 1] = row
  if name == arms_of.DEPLOYED then
    state.env.crown { line = plan_of.line_name(state.plan, line), kind = state.plan.what, text = candidate.text,
      digest = candidate.digest, start = line.start, reason = ("round %d: %s"):format(round, decision.reason) }
  end
end

local function test(state, round, line, chosen)
  for _, name in ipairs(state.learners) do
    local learner, candidate, promoted = line.learners[name], chosen[name], nil
    if candidate then
      local decision, info = decide(state, round, line, name, candidate)
      if learner:decided(round, candidate, decision) then
        promote(state, round, line, name, candidate, decision)
        promoted = candidate
      end
      state.gates[#state.gates + 1] = { round = round, line = line.name, learner = name, digest = candidate.digest,
        decision = decision.decision, reason = decision.reason, lift = decision.lift, ci = decision.ci,
        groups = decision.groups, level = decision.level, position = info.position, slice = info.slice,
        novel = candidate.novel or false }
    end
    learner:learn(promoted)
  end
end

-- ---- scores ----

local function score_line(state, round, line)
  local arms, start = {}, line.start
  for i, name in ipairs(arms_of.SCORED) do
    local learner = line.learners[name]
    arms[i] = arms_of.of(name, learner and learner.champion.text or start, { worker = state.plan.score.worker,
      strategy = state.plan.score.strategy }, state.plan)
  end
  arms[#arms].replicate = 1
  local records, info = M.measure(state, M.phase(state, "score", round, line, { arms = arms }))
  state.info = state.info or info
  summary.take(state, round, line.name, records)
end

local function score(state, round)
  for _, line in ipairs(state.lines) do score_line(state, round, line) end
  local row = summary.round(state, round)
  state.rounds[#state.rounds + 1] = row
  state.env.round(round, row)
end

-- ---- the field's own yardstick ----

-- What the learners ended with, as it is, on held-out instances of the kind and size that others have published figures
-- of; measured once, after the last round. A family without such a yardstick has none.
local function measure_field(state, line)
  local plan = state.plan
  if not plan.field then return end
  local arms = {}
  for i, name in ipairs(arms_of.LEARNERS) do
    arms[i] = arms_of.of(name, line.learners[name].champion.text, { as_it_is = true }, plan)
  end
  local records = M.measure(state, M.phase(state, "field", plan.rounds + 1, line, { arms = arms, key = "field/"
    .. line.name }))
  for _, row in ipairs(summary.field(plan, line.name, lost.without(records))) do state.field[#state.field + 1] = row end
end

-- ---- the run ----

--- A round of a line: its learners work, are re-authored, and meet the gate. state: { plan=, env=, learners = names,
-- learning = { [learner] = {} }, promotions = {}, gates = {}, excluded = {} }.
function M.round(state, round, line)
  local records, turns = learn(state, round, line), state.plan.turns or 1
  for turn = 1, turns do
    validate(state, round, turn, line, author(state, round, turn, line, records))
    for _, name in ipairs(turn < turns and state.learners or {}) do line.learners[name]:learn() end
  end
  test(state, round, line, choose(state, round, line))
end

--- A line with its learners, as `run` makes them. settings: { [learner] = settings of its author }.
function M.new_line(state, line, settings)
  local env, plan = state.env, state.plan
  local own = { name = line.name, options = line.options, start = line.start, learners = {} }
  for _, name in ipairs(state.learners) do
    own.learners[name] = learner_of.new { name = name, line = plan_of.line_name(plan, line), what = plan.what,
      backend = name == arms_of.BLIND and "random" or plan.backend or "search", start = line.start, game = line.game,
      asker = name ~= arms_of.BLIND and env.asker or nil,
      settings = settings and settings[name] or line.settings or plan.settings, author = env.author,
      digest = env.digest, budget = plan.score.budget, contract = plan.contract, keep = env.keep,
      pipeline = function(champion, known) return env.pipeline(line, champion, known) end,
      random = function(label) return env.random(("improve/%s/%s/%s"):format(line.name, name, label)) end }
  end
  return own
end

--- Runs the experiment; the object that is printed. What `env` raises goes through.
---@param plan table han.improve.plan
---@param env table see above
function M.run(plan, env)
  local state = { plan = plan, env = env, lines = {}, rounds = {}, promotions = {}, gates = {}, rows = {}, spend = {},
    field = {}, excluded = {}, measures = {}, learning = { deployed = {}, blind = {} } }
  state.learners = arms_of.LEARNERS
  for i, line in ipairs(plan.lines) do state.lines[i] = M.new_line(state, line) end
  score(state, 0)
  for round = 1, plan.rounds do
    for _, line in ipairs(state.lines) do M.round(state, round, line) end
    score(state, round)
  end
  for _, line in ipairs(state.lines) do measure_field(state, line) end
  local object = summary.object(state)
  if env.asker then
    object.author = { model = plan.model, spend = env.asker.spent, budget = env.asker.budget,
      unknown = env.asker.unknown }
  end
  return object
end

return M
