-- han.cells: runs the cells (task x arm) of a bench in job processes. What comes back is ordered by
-- cell, never by arrival, so it does not depend on the number of jobs.

local cell_journal = require "han.cell_journal"
local channel = require "han.channel"
local checks = require "han.check"
local fiber = require "han.fiber"
local host = require "han.host"
local registry = require "han.registry"
local sys = require "han.sys"

local M = {}

local SPLITS = { train = true, dev = true, gate = true, final = true }
local JOB_TRIES = 2 -- a cell whose job died is given to one more job

-- ---- what is to be run ----

-- A program that was written during a run comes as its text; all others are files.
local function program_of(arm)
  if not arm.source then return registry.read("strategy", arm.strategy) end
  local path = arm.strategy:find("%.lua$") and arm.strategy or arm.strategy .. ".lua"
  return { source = arm.source, path = path, digest = sys.sha256(arm.source) }
end

-- An arm that starts from another text than its task's, or knows others, is another program.
local function digest_of(script, arm)
  if not arm.start and not arm.known then return script.digest end
  return sys.sha256(table.concat({ script.digest, arm.start or "", table.unpack(arm.known or {}) }, "\0"))
end

--- An arm with its program's text and digest, as a job is told. nil, message, CODE when there is none.
---@param arm table { name =, strategy =, replicate =?, source =?, start =?, known =?, worker =?, untrusted =? }
function M.read_arm(arm)
  local script, message, code = program_of(arm)
  if not script then return nil, message, code end
  return { name = arm.name, strategy = arm.strategy, source = script.source, digest = digest_of(script, arm),
    chunkname = script.path:match("[^/]+$"), replicate = arm.replicate or 0,
    untrusted = arm.untrusted or nil, start = arm.start, known = arm.known,
    worker = arm.worker }
end

--- The names of arms, in their order.
function M.names_of(arms)
  local names = {}
  for i, arm in ipairs(arms) do names[i] = arm.name end
  return names
end

local function check(spec)
  if not SPLITS[spec.split] then
    return nil, ("no split '%s'; there are train, dev, gate, final"):format(tostring(spec.split)),
      "INVALID"
  end
  if (spec.split == "gate" or spec.split == "final") and not spec.on_ready then
    return nil, ("split %s is spent by looking at it, and nobody is there to record that; use train or dev")
      :format(spec.split), "REFUSED"
  end
  return true
end

local function setup_message(spec, arms)
  return { type = "setup", adapter = spec.adapter, arms = arms, n = spec.n, seed = spec.seed,
    split = spec.split, options = spec.options, budget = spec.budget, worker = spec.worker,
    wall = spec.wall, max_depth = spec.max_depth, max_live = spec.max_live,
    max_steps = spec.max_steps, sandbox = spec.sandbox, engine = host.engine(), model = spec.model,
    live = spec.live, mcp = spec.mcp ~= nil or nil }
end

-- ---- jobs ----

local function start_job(bench)
  local job, message, code = channel.spawn(host.libexec .. "/han-job",
    { host.libexec, table.unpack(host.scripts) })
  if not job then return nil, message, code end
  bench.open[job] = true
  local reply, why
  local sent, broken = job:send(bench.setup)
  if sent then reply, why = job:receive() end
  if not reply then return nil, "a job ended before it was ready: " .. tostring(why or broken), "PEER" end
  if reply.type == "error" then return nil, reply.message, reply.code end
  return job, reply
end

local function stop_job(bench, job)
  if not job then return end
  bench.open[job] = nil
  job:close()
end

local function excluded(bench, order, why)
  local task, arm = bench.ready.tasks[order.task], bench.setup.arms[order.arm]
  return { cell = order.name, task = task.id, group = task.group, arm = arm.name,
    strategy = arm.strategy, adapter = bench.ready.adapter, seed = bench.setup.seed,
    replicate = arm.replicate, split = bench.setup.split, status = "down", infra = true, over = false,
    reason = why, spend = {}, budget = bench.ready.budget, timing = {}, attempts = {}, nodes = {},
    decisions = {}, trust = bench.ready.trust, sandbox = bench.ready.sandbox, digests = {} }
end

-- ---- the cells ----

local function orders_of(bench)
  local orders = {}
  for _, t in ipairs(bench.chosen) do
    local task = bench.ready.tasks[t]
    for a, arm in ipairs(bench.setup.arms) do
      orders[#orders + 1] = { type = "cell", task = t, arm = a, tries = 0,
        name = ("%s/%s/%s/%d"):format(bench.ready.adapter, task.id, arm.name, arm.replicate) }
    end
  end
  return orders
end

local function add_spend(total, spend)
  for channel_name, n in pairs(spend) do total[channel_name] = (total[channel_name] or 0) + n end
end

local function take(bench, order, record)
  bench.records[order.index] = record
  record.lives = bench.spec.lives and bench.spec.lives[order.name]
  bench.done = bench.done + 1
  add_spend(bench.spend, record.spend)
  if bench.spec.on_record and bench.spec.on_record(record, order.index) == "enough" then bench.enough = true end
  if bench.spec.on_progress then
    bench.spec.on_progress { done = bench.done, total = bench.total, spend = bench.spend,
      elapsed = sys.mono() - bench.started, last = record }
  end
end

-- Ends the bench: what is wrong is no cell's fault.
local function give_up(bench, message, code)
  bench.failure = bench.failure or { message = message, code = code }
  bench.stopped = true
  for job in pairs(bench.open) do job:close() end
  return nil, message
end

-- Errors that are not the cell's: its journal is damaged, is of another program, or cannot be written.
local JOURNAL_FAULTS = { NONDETERMINISM = true, CORRUPT = true, IO = true, MISUSE = true }

-- A question of a job to the model or to the MCP server: asked here, where the keys are. Each in a fiber of its own.
local function ask_outside(bench, job, message)
  local ask = message.type == "mcp" and bench.spec.mcp.ask or bench.spec.ask
  local ok, answer, why, code = pcall(ask, message.body, { seconds = message.seconds, id = message.id,
    session = message.session })
  if not ok then answer, why, code = nil, tostring(answer), "INTERNAL" end -- the job must not wait for ever
  job:send { type = "answered", number = message.number, answer = answer, message = why, code = code }
end

-- asked: the questions of the cell that are under way, and the sessions with an MCP server that it began.
local function start_asking(bench, job, asked, message)
  if message.session then asked.sessions[message.session] = true end
  asked.rows[message.number] = { session = message.session, fiber = fiber.spawn(function()
    ask_outside(bench, job, message)
    asked.rows[message.number] = nil
  end) }
end

-- Ends a session and what waits for it; nil: all of the cell.
local function stop_asking(bench, asked, session)
  for _, row in pairs(asked.rows) do
    if not session or row.session == session then fiber.stop(row.fiber) end
  end
  for name in pairs(asked.sessions) do
    if not session or name == session then
      asked.sessions[name] = nil
      bench.spec.mcp.close(name)
    end
  end
end

-- Until the cell ends: rows that come are written, and the job is told when they are durable.
local function attend(bench, job, order)
  local asked = { rows = {}, sessions = {} }
  -- what a cell that is over has not read yet is of no use to anyone
  local ending <close> = setmetatable({}, { __close = function() -- luacheck: ignore 211
    stop_asking(bench, asked)
  end })
  while true do
    local reply, why = job:receive()
    if not reply then return nil, why end
    if reply.type == "record" then return reply.record end
    if reply.type == "ask" or reply.type == "mcp" then
      start_asking(bench, job, asked, reply)
      goto continue
    elseif reply.type == "mcp_close" then
      stop_asking(bench, asked, reply.session)
      goto continue
    end
    if reply.type == "error" then
      if JOURNAL_FAULTS[reply.code] and bench.journal then return give_up(bench, reply.message, reply.code) end
      return excluded(bench, order, reply.message)
    end
    local ok, message, code = bench.journal:put(order.name, reply)
    if not ok then return give_up(bench, message, code) end
    if not job:send { type = "durable", last = reply.last } then return nil, "the job is gone" end
    ::continue::
  end
end

-- Gives one cell to a job; nil when the job is gone.
local function run_cell(bench, job, order)
  local wire = { type = "cell", task = order.task, arm = order.arm, name = order.name,
    journal = bench.journal ~= nil or nil }
  if bench.journal then
    local ok, message, code = bench.journal:recall(order.name, function(known) return job:send(known) end)
    if not ok then return give_up(bench, message, code) end
  end
  if not job:send(wire) then return nil, "the job is gone" end
  return attend(bench, job, order)
end

local function next_order(bench)
  if bench.stopped or bench.enough then return nil end
  local order = table.remove(bench.retry) or bench.orders[bench.next]
  if order == bench.orders[bench.next] then bench.next = bench.next + 1 end
  return order
end

-- The job died in a cell, which another one is given; the second time it is a record of its own.
local function put_back(bench, order, why)
  order.tries = order.tries + 1
  if order.tries >= JOB_TRIES then return take(bench, order, excluded(bench, order, "job: " .. tostring(why))) end
  bench.retry[#bench.retry + 1] = order
end

-- One fiber per job: takes orders until there are none. Where no new job can be started it leaves what is left to the
-- others.
local function serve(bench, job)
  for order in function() return next_order(bench) end do
    local record, why = run_cell(bench, job, order)
    if record then
      take(bench, order, record)
    elseif not bench.stopped then
      stop_job(bench, job)
      put_back(bench, order, why)
      job, why = start_job(bench)
      if not job then
        bench.no_job = why
        return
      end
    end
  end
  stop_job(bench, job)
end

-- Ctrl-C: closes the jobs, so that every fiber that waits for one comes back.
local function watch(bench)
  while not bench.finished do
    if host.interrupted() then
      bench.stopped = true
      for job in pairs(bench.open) do job:close() end
      return
    end
    sys.wait(0.1)
  end
end

-- Cells that an earlier process finished are records already; they are not run, stored or announced again.
local function take_done(bench)
  local left = {}
  for i, order in ipairs(bench.orders) do
    order.index = i
    local record = bench.spec.done and bench.spec.done[order.name]
    if record then
      bench.records[i] = record
      bench.done = bench.done + 1
      add_spend(bench.spend, record.spend)
      if bench.spec.on_done and bench.spec.on_done(record, i) == "enough" then bench.enough = true end
    else
      left[#left + 1] = order
    end
  end
  bench.total, bench.orders = #bench.orders, left
end

-- The cells that are to be run have a journal each, where the bench is stored.
local function open_journal(bench)
  local names = {}
  for i, order in ipairs(bench.orders) do names[i] = order.name end
  if not bench.spec.journal then return true end
  local message, code
  local journal = bench.spec.journal
  bench.journal, message, code = cell_journal.open(journal.db, journal.run, names, bench.spec.lives)
  if not bench.journal then return nil, message, code end
  return true
end

local function run_all(bench, first)
  local fibers = { fiber.spawn(serve, bench, first) }
  local jobs = math.min(bench.spec.jobs or 1, #bench.orders)
  local watcher = fiber.spawn(watch, bench)
  for _ = 2, jobs do
    fibers[#fibers + 1] = fiber.spawn(function()
      local job = start_job(bench)
      if job then serve(bench, job) end
    end)
  end
  for _, f in ipairs(fibers) do fiber.join(f) end
  bench.finished = true
  fiber.stop(watcher)
end

-- Cells that nobody was there to run are no cells that failed: they have no record, and the bench is not done.
local function check_served(bench)
  local left = bench.total - bench.done
  if bench.stopped or bench.enough or left == 0 then return end
  local words = "%d of %d cells were not run, because no job could be started any more: %s"
  bench.failure = { code = "PEER", message = words:format(left, bench.total, tostring(bench.no_job)) }
end

local function in_order(bench)
  local list = {}
  for i = 1, bench.total do list[#list + 1] = bench.records[i] end
  return list
end

-- Which tasks are run: all, or those that on_ready names. It is asked before any cell, and may refuse.
local function choose(bench)
  local chosen, why, code = true, nil, nil
  if bench.spec.on_ready then chosen, why, code = bench.spec.on_ready(bench.ready) end
  if not chosen then return nil, why, code end
  if type(chosen) ~= "table" then
    chosen = {}
    for t in ipairs(bench.ready.tasks) do chosen[t] = t end
  end
  bench.chosen = chosen
  return true
end

-- The weakest condition of all cells, for a check may have been made under weaker ones than the family's.
local function weakest(bench, field, records)
  local level = bench.ready[field]
  for _, record in ipairs(records) do level = checks.weaker(field, level, record[field]) end
  return level
end

--- Runs every task with every arm and waits for the end. on_ready(ready) is called before the first cell with what a
--- job said of the bench, { adapter=, tasks={ {id=, group=} ... }, budget=, trust=, sandbox= }; it gives true, or the
--- tasks to run (indices, in that order), or nil, message, CODE, and then nothing runs. Held-out splits need it.
--- on_record(record, index) may give "enough": no further cell is begun.
--- done: { [cell's name] = record } of cells that are not to be run again; they stand in the records like the others.
--- lives: { [cell's name] = tries that are stored and were lost }: it is run anew, and its record counts from there.
--- on_done(record, index) sees them before the first of the others runs, and may give "enough", too.
--- journal: { db=, run= }, where the runs inside the cells are journaled, so that half-done ones go on.
--- An arm may also have source= (a strategy's text instead of its file), start= (the artifact that its runs begin
--- with instead of the task's), known= (more texts, as `task.known`) and worker= (a profile instead of the adapter's).
---@param spec table {adapter, arms={{name,strategy,replicate}}, n, seed, split, options, budget, worker,
---  wall, jobs, done, lives, journal, on_ready, on_progress, on_record}
---@return table|nil records in the order task, arm
---@return table|string info {adapter, budget, trust, sandbox, interrupted, elapsed, spend, left_out}
---@return string|nil code
function M.run(spec)
  local ok, message, code = check(spec)
  if not ok then return nil, message, code end
  local arms = {}
  for i, arm in ipairs(spec.arms) do
    arms[i], message, code = M.read_arm(arm)
    if not arms[i] then return nil, message, code end
  end
  local bench = { spec = spec, setup = setup_message(spec, arms), records = {}, retry = {}, next = 1,
    done = 0, spend = {}, open = {}, started = sys.mono() }
  local job, ready, why = start_job(bench)
  if not job then return nil, ready, why end
  bench.ready = ready
  ok, message, code = choose(bench)
  if not ok then
    stop_job(bench, job)
    return nil, message, code
  end
  bench.orders = orders_of(bench)
  take_done(bench)
  ok, message, code = open_journal(bench)
  if not ok then
    stop_job(bench, job)
    return nil, message, code
  end
  run_all(bench, job)
  check_served(bench)
  if bench.failure then return nil, bench.failure.message, bench.failure.code end
  local records = in_order(bench)
  return records, { adapter = ready.adapter, budget = ready.budget, trust = weakest(bench, "trust", records),
    sandbox = weakest(bench, "sandbox", records), reference = ready.reference, interrupted = bench.stopped or false,
    elapsed = sys.mono() - bench.started, spend = bench.spend, tasks = ready.tasks,
    left_out = ready.left_out }
end

return M
