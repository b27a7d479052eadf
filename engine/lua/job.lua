-- han.job: the life of a job process. It is told once what the bench is, makes the same tasks as every
-- other job (they are a function of adapter, split, n and seed), then runs the cells it is given, one
-- after the other, and sends their records.

local adapters = require "han.adapter"
local channel = require "han.channel"
local eval = require "han.eval"
local fiber = require "han.fiber"
local harness = require "han.harness"
local model = require "han.model"
local pack = require "han.pack"
local profiles = require "han.model.profile"
local registry = require "han.registry"
local runs = require "han.runs"
local surfaces = require "han.mcp.surface"
local value = require "han.value"

local M = {}

local function task_options(setup)
  local options = {}
  for k, v in pairs(setup.options or {}) do options[k] = v end
  options.random = runs.stream(setup.seed, "tasks")
  options.stream = function(label) return runs.stream(setup.seed, "tasks/" .. label) end
  return options
end

local function fail(code, message) error({ code = code, message = message }, 0) end

-- What the engine must know of a task: never its private part.
local function outline(tasks)
  local list = {}
  for i, task in ipairs(tasks) do
    list[i] = { id = task.id, group = task.group, digest = harness.task_digest(task) }
  end
  return list
end

local function prepare(setup)
  local adapter, info, code = registry.load("adapter", setup.adapter)
  if not adapter then fail(code or "UNKNOWN", info) end
  local tasks, why, why_code = adapter.tasks(setup.split, setup.n, setup.seed, task_options(setup))
  if tasks == nil and why then fail(why_code or "INVALID", ("adapter %s: %s"):format(adapter.name, tostring(why))) end
  local left_out = why -- beside tasks it is what of the data is none
  if type(tasks) ~= "table" or #tasks == 0 then
    fail("INVALID", ("adapter %s has no tasks in split %s"):format(adapter.name, setup.split))
  end
  local fault = adapters.tasks_fault(tasks, "tasks") or adapters.left_out_fault(left_out)
  if fault then fail("INVALID", ("adapter %s: %s"):format(adapter.name, fault)) end
  local budget, worker = setup.budget or adapter.budget, setup.worker or adapter.worker
  if setup.model then worker = profiles.fill(worker, budget, setup.model) end
  return { adapter = adapter, checks = info.digest, tasks = tasks, left_out = left_out, setup = setup,
    budget = budget, worker = worker }
end

local function digests(bench, arm)
  return { program = arm.digest, profile = value.digest(arm.worker or bench.worker),
    checks = bench.checks, engine = bench.setup.engine }
end

local function cell_of(bench, order)
  local task, arm = bench.tasks[order.task], bench.setup.arms[order.arm]
  return {
    name = order.name, adapter = bench.adapter, task = task, arm = arm, seed = bench.setup.seed,
    replicate = arm.replicate, split = bench.setup.split, budget = bench.budget,
    worker = arm.worker or bench.worker, wall = bench.setup.wall, max_depth = bench.setup.max_depth,
    max_live = bench.setup.max_live, max_steps = bench.setup.max_steps, live = bench.setup.live,
    digests = digests(bench, arm),
  }
end

-- The level that was asked for is in force, or nothing runs: a first evaluation makes the runner prove it.
local function enter_sandbox(level)
  local ok, why, code = eval.sandbox(level or "strong")
  if not ok then fail(code, why) end
  local result
  result, why, code = eval.lua { name = "proof", code = "return {}", calls = {} }
  if not result then fail(code, why) end
  return result.sandbox
end

-- ---- the journal of the cell at work ----

-- Rows go to the engine as the run asks for them; an answer goes with or before the row that names it.
local function send_rows(bench, run, try, kept)
  while true do
    local rows, last, used_ms = run:rows()
    if rows then
      local answers = table.move(kept, 1, #kept, 1, {})
      for i = #kept, 1, -1 do kept[i] = nil end
      local sent, why = bench.engine:send { type = "rows", try = try, rows = rows, last = last, used_ms = used_ms,
        answers = answers }
      if not sent then error(why, 0) end
    end
  end
end

-- What the harness needs to journal one try of the cell: see han.harness.
local function journal_of(bench, try)
  local kept, sender, past = {}, nil, bench.past[try] or {}
  return {
    answers = bench.answers,
    keep = function(answer) kept[#kept + 1] = answer end,
    attach = function(run, about)
      local ok, why, code = run:journal { about = about, past = past.rows, used_ms = past.used_ms }
      if not ok then
        run:close()
        fail(code, why)
      end
      bench.run, sender = run, fiber.spawn(send_rows, bench, run, try, kept)
    end,
    detach = function()
      if sender then fiber.stop(sender) end
      bench.run = nil
    end,
  }
end

-- ---- questions to a model and to an MCP server: the engine asks them, it has the keys ----

-- Questions of one kind: function(body, options) as han.model.connect takes it.
local function asker(bench, kind)
  return function(body, options)
    local signal = fiber.signal()
    bench.asked = bench.asked + 1
    bench.waiting[bench.asked] = signal
    local sent, why = bench.engine:send { type = kind, number = bench.asked, body = body, seconds = options.seconds,
      id = options.id, session = options.session }
    if not sent then return nil, why, "PEER" end
    local told = signal:wait()
    return told.answer, told.message, told.code
  end
end

-- message.mcp: there is an MCP server.
local function connect(bench, message)
  model.connect(message.model, asker(bench, "ask"))
  if not message.mcp then return end
  surfaces.connect { ask = asker(bench, "mcp"), close = function(session)
    bench.engine:send { type = "mcp_close", session = session }
  end }
end

local handlers = {}

function handlers.answered(bench, message)
  local signal = bench.waiting[message.number]
  bench.waiting[message.number] = nil
  if signal then signal:send(message) end
end

function handlers.setup(bench, message)
  local sandbox = enter_sandbox(message.sandbox)
  if message.model then connect(bench, message) end
  local prepared = prepare(message)
  for k, v in pairs(prepared) do bench[k] = v end
  return { type = "ready", tasks = outline(bench.tasks), budget = bench.budget,
    adapter = bench.adapter.name, trust = bench.adapter.trust or "split", sandbox = sandbox,
    reference = bench.adapter.reference, left_out = bench.left_out }
end

function handlers.cell(bench, message)
  local cell = cell_of(bench, message)
  if message.journal then cell.journal = function(try) return journal_of(bench, try) end end
  local record = harness.run_cell(cell)
  bench.past, bench.answers = {}, {}
  return { type = "record", record = pack.record(record) }
end

-- Of the cell that comes next: what an earlier life of it has given and written.
function handlers.answer(bench, message) bench.answers[message.answer.digest] = message.answer end

function handlers.past(bench, message) bench.past[message.try] = message end

function handlers.durable(bench, message)
  if bench.run then bench.run:durable(message.last) end
end

local function describe(err)
  if type(err) == "table" then
    return { type = "error", message = tostring(err.message), code = err.code }
  end
  return { type = "error", message = tostring(err), code = "SCRIPT" }
end

-- A cell waits for messages that the main fiber reads meanwhile, so it has a fiber of its own.
local function serve(bench, message)
  local handler = assert(handlers[message.type], "a job does not know this message")
  local ok, reply = pcall(handler, bench, message)
  if ok and reply == nil then return end
  local sent, why = bench.engine:send(ok and reply or describe(reply))
  if not sent then error(why, 0) end
end

--- Serves the engine until it closes the channel.
function M.main()
  local bench = { engine = assert(channel.inherited(3)), past = {}, answers = {}, waiting = {}, asked = 0 }
  for message in function() return (bench.engine:receive()) end do
    if message.type == "cell" then fiber.spawn(serve, bench, message) else serve(bench, message) end
  end
end

return M
