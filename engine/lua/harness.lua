-- han.harness: what the harness does for the runs of one cell. It places workers, keeps every attempt,
-- runs the adapter's verifier on each submitted artifact before delivery, answers observe and best, and
-- after the run has ended lets the judge score the one output that keep-best chose. It never hands a
-- score, or anything private, to a run.

local answers = require "han.answers"
local commands = require "han.commands"
local context = require "han.context"
local runs = require "han.runs"
local eval = require "han.eval"
local value = require "han.value"
local checks = require "han.check"
local sys = require "han.sys"
local model_worker = require "han.model.worker"
local worker = require "han.worker"
local firewall = require "han.firewall"
local noise = require "han.noise"
local shape = require "han.shape"

local M = {}

local BEHIND_SECONDS = 60 -- that a shot in doubt waits for its run to do again what its journal says

local infra, is_infra = context.infra, context.is_infra

-- ---- checks that fail ----

-- What was raised because a process failed that no candidate can make fail.
local function is_peer(fault) return type(fault) == "table" and fault.code == "PEER" end

-- How often the checks of a cell were run and raised or gave no measure; what the machine did to them is not theirs.
local Broken = {}
Broken.__index = Broken

function Broken.made(self, kind, err)
  local row = self[kind] or { of = 0, failed = 0 }
  self[kind], row.of = row, row.of + 1
  if not err or is_peer(err) then return end
  row.failed = row.failed + 1
  row.reason = row.reason or tostring(type(err) == "table" and err.message or err)
end

-- { verifier = or judge = { of=, failed=, reason= } }, of those that failed; nil when none did.
function Broken.said(self)
  local out = {}
  for kind, row in pairs(self) do
    if row.failed > 0 then out[kind] = row end
  end
  return next(out) and out or nil
end

-- ---- one attempt ----

-- Runs a check on data: its verdict or score, stamped with the conditions it was made under. A check
-- that gives nil, message, CODE could not be made: infra when the fork server failed. It gets a copy of the data:
-- public and private parts may share tables, and what one check, worker or cell changes no other may see.
local function run_check(h, check, artifact, data)
  local result, message, code = check.run(artifact, shape.copy(data), check.spec)
  if type(result) ~= "table" then
    if is_infra(code) then error(infra(message), 0) end
    error(("the %s gave no result: %s"):format(check.kind, tostring(message)), 0)
  end
  local fault = checks.measure_fault(result, check.kind == "judge" and "score" or "verdict")
  if fault then error(fault, 0) end -- later it would be a record that cannot be sent, or a wrong mean
  -- A check may say that it was made under weaker conditions than the family's (a framework, another box).
  result.trust = checks.weaker("trust", result.trust, h.trust)
  result.sandbox = checks.weaker("sandbox", result.sandbox, h.sandbox)
  return result
end

local function verdict_of(h, artifact)
  local started = sys.mono()
  local verdict = run_check(h, h.adapter.verify, artifact, h.cell.task.public)
  return verdict, sys.mono() - started
end

-- A check that a worker starts itself: the adapter's verifier on one program, charged as an evaluation. A verifier that
-- raises is the program's failure here, as it is at the end.
local function checked(h, ctx, program)
  local paid, why, code = ctx:meter { evals = 1 }
  if not paid then return nil, why, code end
  local ok, verdict = pcall(verdict_of, h, program)
  if ok then return verdict end
  if is_peer(verdict) then error(verdict, 0) end
  return { pass = false, correct = 0.0, raw = { message = tostring(verdict) } }
end

local function worker_context(ctx, args, attempt, h)
  local cell = h.cell
  local made = context.new(ctx, args, {
    artifact = args.from or args.task.artifact or cell.arm.start or cell.task.public.artifact,
    spans = attempt.spans,
    unknown = function(channel) h.unknown[channel], attempt.unknown[channel] = true, true end,
    capped = cell.budget ~= nil and cell.budget.nano_usd ~= nil,
    id = cell.name .. " " .. attempt.node,
  })
  made.check = function(program) return checked(h, ctx, program) end
  return made
end

-- What of its ceiling was left, in the channel that was drained most: 1 when nothing was spent, 0 at the ceiling and
-- above it. Absent where no ceiling was declared, or where the spend in a declared channel is not known. The harness
-- computes it; no check, worker or candidate can.
local function cheap_of(h, spend)
  local most
  for channel, ceiling in pairs(h.cell.budget or {}) do
    if h.unknown[channel] then return nil end
    if ceiling > 0 then most = math.max(most or 0.0, (spend[channel] or 0) / ceiling) end
  end
  return most and math.max(0.0, 1.0 - most)
end

-- Spend of zero is written as zero in the declared channels: what is absent was not measured.
local function known_spend(h, spend)
  for channel in pairs(h.cell.budget or {}) do
    if not h.unknown[channel] then spend[channel] = spend[channel] or 0 end
  end
  return spend
end

-- The one number by which keep-best compares: the declared primary, else pass counts as 1.
local function primary_of(h, verdict)
  local n = verdict[h.adapter.primary or "correct"]
  if type(n) == "number" and n == n then return n end
  return verdict.pass and 1 or 0
end

local function submit(h, ctx, artifact, verdict, attempt)
  local number = ctx:submit(primary_of(h, verdict))
  h.submissions[number] = { artifact = artifact, verdict = verdict, node = ctx:node() }
  if attempt then attempt.submission = number end
  return number
end

local function begin_attempt(h, ctx, args)
  local attempt = {
    node = ctx:node(), ordinal = #h.attempts + 1, steer = args.steer, spans = {},
    from = args.from and value.digest(args.from) or nil, status = "live", unknown = {}, clock = ctx:clock(),
  }
  h.attempts[attempt.ordinal] = attempt
  h.by_node[attempt.node] = attempt
  return attempt
end

local function close_attempt(attempt, ctx, started)
  attempt.spend = ctx:spend()
  attempt.timing = { wall_ms = math.floor((sys.mono() - started) * 1000) }
end

local function failed(attempt, fault)
  attempt.status = "down"
  attempt.infra = is_peer(fault) or nil
  attempt.reason = type(fault) == "table" and fault.message or fault
  error(fault, 0)
end

local function names_of(set)
  local names = {}
  for name in pairs(set) do names[#names + 1] = name end
  return names
end

-- The shot itself: how it failed, or nil.
local function shoot(h, ctx, args, attempt, body)
  local started = sys.mono()
  local ok, artifact = pcall(function()
    firewall.check_steer(args.steer)
    assert(ctx:meter { shots = 1 })
    return body(worker_context(ctx, args, attempt, h))
  end)
  close_attempt(attempt, ctx, started)
  if not ok then return answers.fault(artifact) end
  if artifact == nil then return nil end
  attempt.output = artifact
  local done, verdict, seconds = pcall(verdict_of, h, artifact)
  attempt.checked = not done and answers.fault(verdict)
  h.broken:made("verifier", attempt.checked)
  if not done then return attempt.checked end
  verdict.cheap = cheap_of(h, attempt.spend)
  attempt.verdict, attempt.timing.verify_ms = verdict, math.floor(seconds * 1000)
  return nil
end

-- A shot that an earlier life of the run began and of which nobody knows whether it was made: it counts as if it had
-- spent its ceiling.
local function give_up(ctx, attempt, apart)
  ctx:commit(ctx:left())
  if apart then -- in a live run it ends after all that has ended before
    ctx:depart()
    local deadline = sys.mono() + BEHIND_SECONDS
    while ctx:behind() and sys.mono() < deadline do sys.wait(0.01) end
    ctx:pause()
  end
  attempt.spend, attempt.timing = ctx:spend(), {}
  return { code = "IN_DOUBT", message = "the run was broken off during this shot, and it may not be made twice; it is "
    .. "charged its ceiling" }
end

-- Makes the shot, or gives up; what came of it is an answer that is sent with the rows of the journal. A shot whose
-- doings cannot be repeated begins when the journal says that it does.
local function make(h, ctx, args, attempt, body, apart)
  local digest = h.journal and answers.digest(h, ctx, args)
  local answer = digest and h.journal.answers[digest]
  if answer then
    for _, channel in ipairs(answer.said.unknown) do h.unknown[channel] = true end
    if next(answer.said.spend) then ctx:recall(answer.said.spend, answer.said.unknown, answer.said.units) end
    answers.restore(attempt, answer)
    if answer.said.checked ~= nil then h.broken:made("verifier", answer.said.checked) end
    h.recalled = h.recalled + 1
    attempt.spend = ctx:spend()
    return answer.said.fault, digest
  end
  local fault
  if args.profile.idempotent == false and ctx:in_doubt() then
    fault = give_up(ctx, attempt, apart)
  else
    if args.profile.idempotent == false then ctx:barrier() end
    if apart then ctx:depart() end
    fault = shoot(h, ctx, args, attempt, body)
    if apart then ctx:pause() end -- back in the order of the run: its clock is known now
  end
  if digest then
    h.journal.keep(answers.of(digest, attempt, fault,
      { unknown = names_of(attempt.unknown), units = ctx:clock() - attempt.clock }))
  end
  return fault, digest
end

-- A backend is a body(ctx) that gives the artifact; around it, the same for all: the shot is metered, the trace kept,
-- the verdict made. It ends when its logical time has come, so that shots side by side are numbered by that.
-- `apart`: it waits for the world outside, and others start meanwhile.
local function backend(h, body, apart)
  return function(ctx, args)
    local attempt = begin_attempt(h, ctx, args)
    local fault, digest = make(h, ctx, args, attempt, body, apart)
    ctx:pause()
    if fault then failed(attempt, fault) end
    attempt.status = "done"
    if attempt.output == nil then return nil end
    submit(h, ctx, attempt.output, attempt.verdict, attempt)
    return { out = attempt.output, out_ref = value.digest(attempt.output), verdict = attempt.verdict,
      answer = digest }
  end
end

-- ---- what a scope may ask ----

-- The findings of the adapter's lenses about one child: pure functions of its spans. A lens that fails
-- says so as a finding.
local function observe(h, settled)
  local attempt = h.by_node[settled.node]
  local findings = {}
  if not attempt then return nil end
  for _, lens in ipairs(h.lenses) do
    local ok, found = pcall(lens.check.run, attempt.spans, shape.copy(h.cell.task.public), lens.check.spec)
    if not ok then found = { { text = "the lens failed: " .. tostring(found) } } end
    for _, finding in ipairs(found or {}) do
      finding.origin, finding.lens = "trace", lens.name
      findings[#findings + 1] = finding
    end
  end
  attempt.findings = findings
  return #findings > 0 and findings or nil
end

local function sorted_lenses(adapter)
  local list = {}
  for name, check in pairs(adapter.lenses or {}) do list[#list + 1] = { name = name, check = check } end
  table.sort(list, function(a, b) return a.name < b.name end)
  return list
end

local function services_of(h)
  local backends = { search = backend(h, worker.run), model = backend(h, model_worker.run, true),
    model_tools = backend(h, model_worker.run_tools, true) }
  for name, body in pairs(h.adapter.backends or {}) do backends[name] = backend(h, body, h.lent.apart) end
  return {
    backends = backends,
    tool = h.lent.tool,
    best = function(_, number) return h.submissions[number].artifact end,
    observe = h.lent.observe or function(_, settled) return observe(h, settled) end,
    exec = commands.service(function(message) h.infra = message end, h.lent.grant),
    submit = function(ctx, artifact)
      local done, verdict = pcall(verdict_of, h, artifact)
      h.broken:made("verifier", not done and verdict)
      if is_peer(verdict) then h.infra = verdict.message end -- what is handed in has no attempt that could say it
      if not done then error(verdict, 0) end
      submit(h, ctx, artifact, verdict)
      return verdict
    end,
  }
end

-- ---- one cell ----

local function task_for_run(cell)
  local task = {}
  for k, v in pairs(cell.task.public) do task[k] = v end
  task.id, task.group, task.worker = cell.task.id, cell.task.group, cell.worker
  task.artifact, task.known = cell.arm.start or task.artifact, cell.arm.known
  return task
end

-- The same output once more: the first judgement counts, the second tells whether it means anything.
local function judge_twice(h, artifact)
  local judge, private = h.adapter.judge, h.cell.task.private
  local first, score = pcall(run_check, h, judge, artifact, private)
  h.broken:made("judge", not first and score)
  if not first then error(score, 0) end
  local ok, second = pcall(run_check, h, judge, artifact, private)
  if ok then
    score.again = noise.compare(score, second)
  elseif not is_peer(second) then
    score.again = { same = false, reason = tostring(type(second) == "table" and second.message or second) }
  end
  return score
end

local function zero_score() return { correct = 0, pass = false, raw = {} } end

-- Judges the kept output. A strategy that threw scores 0 and stays in the sample; one that was cut by
-- its wall limit keeps what it had submitted.
local function score_of(h, outcome, kept)
  local cut = outcome.code == "LIMIT" and (outcome.message or ""):find("limit:wall", 1, true)
  if outcome.infra then return nil end
  if not kept or (outcome.status == "down" and not cut) then return zero_score(), cut end
  return judge_twice(h, kept.artifact), cut
end

-- What failed through nobody's fault, or nil.
local function infra_of(h, outcome)
  if outcome.infra then return outcome.message end
  if h.infra then return h.infra end
  for _, attempt in ipairs(h.attempts) do
    if attempt.infra then return attempt.reason end
  end
  return nil
end

local function attempts_of(h)
  local list = {}
  for i, a in ipairs(h.attempts) do
    list[i] = a
    if a.status == "live" then a.status, a.reason = "down", "cancelled" end
    a.spend, a.timing = a.spend or {}, a.timing or {}
    if a.packed then a.spans, a.spans_dropped = a.packed, a.packed_dropped > 0 and a.packed_dropped or nil end
    a.packed, a.packed_dropped, a.unknown, a.clock, a.checked = nil, nil, nil, nil, nil
  end
  return list
end

local function judge_failed(judged, err)
  if judged then return nil end
  return "the judge failed: " .. tostring(type(err) == "table" and err.message or err)
end

-- The weakest condition under which anything of the cell was judged: what steered and was kept, and the score.
local function weakest_of(h, field, score)
  local level = h[field]
  for _, one in pairs(h.submissions) do level = checks.weaker(field, level, one.verdict[field]) end
  return checks.weaker(field, level, score and score[field])
end

local function record_of(h, outcome, started)
  local cell, kept = h.cell, h.submissions[outcome.best]
  local judged, score, cut = pcall(score_of, h, outcome, kept)
  local failure = judge_failed(judged, score)
  local lost = not judged and is_peer(score)
  if not judged then score = not lost and zero_score() or nil end -- no candidate may cause an exclusion
  if score then score.cheap = cheap_of(h, outcome.spend) end
  local infra_reason = infra_of(h, outcome) or lost and failure or nil
  return {
    cell = cell.name, task = cell.task.id, group = cell.task.group, arm = cell.arm.name,
    strategy = cell.arm.strategy, adapter = h.adapter.name, seed = cell.seed,
    replicate = cell.replicate, split = cell.split,
    status = outcome.status, reason = infra_reason or outcome.message or failure,
    code = outcome.code, where = outcome.where, infra = infra_reason ~= nil, over = outcome.over,
    cut = cut and true or nil,
    score = score, verdict = kept and kept.verdict, output = kept and kept.artifact,
    kept = outcome.best > 0 and outcome.best or nil,
    spend = known_spend(h, outcome.spend), budget = cell.budget,
    timing = { wall_ms = math.floor((sys.mono() - started) * 1000) },
    digests = cell.digests, trust = weakest_of(h, "trust", score), sandbox = weakest_of(h, "sandbox", score),
    meta = cell.task.meta,
    attempts = attempts_of(h), nodes = outcome.nodes, nodes_dropped = outcome.nodes_dropped,
    decisions = outcome.decisions, broken = h.broken:said(), recalled = h.recalled > 0 and h.recalled or nil,
  }
end

--- What a task is, its hidden part included: the same digest, the same task.
---@param task table
---@return string digits 64, hexadecimal
function M.task_digest(task)
  local ok, digest = pcall(value.digest, { task.public, task.private or false })
  return ok and digest or value.digest { task.id } -- one too large for a value is known by its name
end

-- What the run of a cell is a run of: the first row of its journal.
local function about_of(cell, seed)
  return { cell = cell.name, seed = seed, budget = cell.budget, wall = cell.wall, digests = cell.digests,
    task = M.task_digest(cell.task) }
end

-- The run ended because of its journal: that is no outcome of the cell.
local function check_stopped(run, outcome)
  if not outcome.stopped then return end
  run:close()
  error({ code = outcome.code, message = outcome.message }, 0)
end

local function run_once(cell, try)
  local seed = runs.derive(cell.seed, cell.task.id, cell.replicate)
  local h = { cell = cell, adapter = cell.adapter, submissions = {}, attempts = {}, by_node = {},
    unknown = {}, recalled = 0, seed = seed, journal = cell.journal and cell.journal(try),
    broken = setmetatable({}, Broken),
    lent = cell.lent or {}, trust = cell.adapter.trust or "split",
    sandbox = cell.lent and cell.lent.sandbox or eval.sandbox(), lenses = sorted_lenses(cell.adapter) }
  local started = sys.mono()
  local run <close>, message, code, where = runs.start {
    source = cell.arm.source, chunkname = cell.arm.chunkname, task = task_for_run(cell),
    budget = cell.budget, wall = cell.wall, seed = seed,
    max_depth = cell.max_depth, max_live = cell.max_live, max_steps = cell.max_steps,
    services = services_of(h), record = true, untrusted = cell.arm.untrusted, live = cell.live,
  }
  if run and h.journal then h.journal.attach(run, about_of(cell, seed)) end
  local outcome = run and run:wait()
    or { status = "down", message = message, code = code, where = where, spend = {}, best = 0 }
  if h.journal then h.journal.detach() end
  check_stopped(run, outcome)
  local record = record_of(h, outcome, started)
  if run then run:close() end
  return record
end

--- Runs one cell and gives its record. When something failed that no candidate can cause, the cell is
--- run once more as a new run; both spends are reported.
---@param cell table {name, adapter, task, arm={name,strategy,source,chunkname}, seed, replicate, split,
---  budget, worker, wall?, digests, journal? (of a try: { answers=, keep=, attach=, detach= }, see han.job),
---  lent? (what a host lends to it: { tool=, observe=, grant=, sandbox=, apart = its workers are waited for }) }
---@return table record
function M.run_cell(cell)
  local record = run_once(cell, 0)
  if not record.infra then return record end
  local again = run_once(cell, 1)
  again.earlier = { spend = record.spend, reason = record.reason }
  return again
end

return M
