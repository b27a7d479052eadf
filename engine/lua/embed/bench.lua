-- han.embed.bench: a bench of a family that a host brings along (see han_family in han.h). Its cells are those of any
-- bench, harness included, but they run in the host's own process, since tasks, tools, workers and judge are its
-- functions; each cell has a world of its own.

local cells = require "han.cells"
local adapters = require "han.adapter"
local embed = require "han.embed"
local environment = require "han.environment"
local fiber = require "han.fiber"
local harness = require "han.harness"
local host = require "han.host"
local json = require "han.json"
local report = require "han.report"
local shape = require "han.shape"
local value = require "han.value"

local M = {}

local SIDE_MOST = 1024

-- ---- what is to be run ----

local function refuse(...) error({ message = (...):format(select(2, ...)), code = "INVALID" }, 0) end

local function decode(text, what)
  local read, why = json.decode(text)
  if read == nil then error({ message = ("%s: %s"):format(what, why), code = "SYNTAX" }, 0) end
  return read
end

local function read_tasks(text)
  local tasks = decode(text, "tasks")
  if type(tasks) ~= "table" or #tasks == 0 then refuse("tasks must be a list with at least one task") end
  for _, task in ipairs(tasks) do
    if type(task) == "table" and task.group == nil then task.group = task.id end
  end
  local fault = adapters.tasks_fault(tasks, "tasks")
  if fault then refuse("%s", fault) end
  return tasks
end

local function read_worker(text)
  local worker = decode(text, "worker")
  if type(worker) ~= "table" or type(worker.backend) ~= "string" then
    refuse("worker must be a profile, as in {\"backend\":\"mine\",\"limits\":{\"shots\":1}}")
  end
  return worker
end

-- "sample,refine", or a JSON list of such words and of { name =, source = }.
local function words_of(text)
  if text:find("^%s*%[") then return decode(text, "arms") end
  local words = {}
  for word in text:gmatch("[^,]+") do words[#words + 1] = word end
  return words
end

local function arm_of(word)
  local given = type(word) == "table" and word or { strategy = word }
  local name = given.name or type(word) == "string" and (word:match("([^/]+)%.lua$") or word)
  if type(name) ~= "string" or name:find("#", 1, true) then refuse("an arm is a strategy, or has name and source") end
  local arm, why, code = cells.read_arm { name = name, strategy = given.strategy or name, source = given.source }
  if not arm then error({ message = why, code = code }, 0) end
  return arm
end

-- The control and its replicate are in every bench.
local function read_arms(text)
  local arms, names = {}, {}
  for _, word in ipairs(words_of(text)) do
    local arm = arm_of(word)
    if names[arm.name] then refuse("two arms are called '%s'", arm.name) end
    arms[#arms + 1], names[arm.name] = arm, arm
  end
  local control = names[report.CONTROL]
  if not control then
    control = arm_of(report.CONTROL)
    table.insert(arms, 1, control)
  end
  local replicate = shape.copy(control)
  replicate.name, replicate.replicate = report.REPLICATE, 1
  arms[#arms + 1] = replicate
  return arms
end

--- Reads what a host wants run; raises { message =, code = }. given: { name =, tasks =, worker =, arms = texts, budget
--- = table, seed =, wall =, side = }.
function M.plan(given)
  if shape.is_name(given.name) then refuse("the family's name %s", shape.is_name(given.name)) end
  if given.side > SIDE_MOST then refuse("at most %d cells side by side", SIDE_MOST) end
  return { name = given.name, tasks = read_tasks(given.tasks), worker = read_worker(given.worker),
    arms = read_arms(given.arms), budget = next(given.budget) and given.budget or nil, seed = given.seed,
    wall = given.wall, side = given.side }
end

-- ---- one cell ----

local function check_of(kind, env, asked)
  return { kind = kind, spec = {}, run = function(artifact) return embed.verdict(env, nil, asked, artifact) end }
end

local function backends_of(bench, env, lent)
  local backends, offer = {}, bench.offer
  for _, name in ipairs(offer.backends) do
    backends[name] = function(w)
      return embed.must(environment.call(env, w.handle, "work", name,
        { profile = w.profile, task = w.public, steer = w.steer, from = w.artifact }))
    end
  end
  for name in pairs(bench.model and bench.model.bodies or {}) do
    backends[name] = backends[name] or function(w)
      lent.model(w.handle, bench.asked:effect(w.public))
      return bench.asked:run(name, w)
    end
  end
  return backends
end

-- An adapter whose functions are the host's, in the world of one cell.
local function adapter_of(bench, env, lent)
  return { name = bench.plan.name, trust = "weak", lenses = {}, verify = check_of("verifier", env, "check"),
    judge = check_of("judge", env, bench.offer.judge and "judge" or "check"), backends = backends_of(bench, env, lent) }
end

local function run_cell(bench, task, arm)
  local plan = bench.plan
  local name = ("%s/%s/%s/%d"):format(plan.name, task.id, arm.name, arm.replicate)
  local env <close> = embed.must(environment.enter(bench.family, { id = task.id, group = task.group,
    public = task.public, private = task.private, arm = arm.name, cell = name }))
  local lent = embed.lent(env, bench.offer)
  lent.sandbox, lent.apart = "none", true -- the host's functions are in nobody's sandbox
  return harness.run_cell { name = name, adapter = adapter_of(bench, env, lent), task = task, arm = arm,
    seed = plan.seed, replicate = arm.replicate, split = "dev", budget = plan.budget, worker = bench.worker,
    wall = plan.wall, live = true, lent = lent,
    digests = { program = arm.digest, profile = value.digest(bench.worker), engine = host.engine() } }
end

-- ---- all of them ----

local function orders_of(plan)
  local orders = {}
  for _, task in ipairs(plan.tasks) do
    for _, arm in ipairs(plan.arms) do orders[#orders + 1] = { task, arm } end
  end
  return orders
end

local function serve(bench, orders, records)
  while bench.next < #orders do
    bench.next = bench.next + 1
    local index = bench.next
    records[index] = run_cell(bench, orders[index][1], orders[index][2])
  end
end

-- Cells side by side are fibers; a bench that ends before them takes them along.
local function run_all(bench, orders, records)
  local fibers = {}
  local ending <close> = setmetatable({}, { __close = function() -- luacheck: ignore 211
    for _, one in ipairs(fibers) do fiber.stop(one) end
  end })
  for i = 1, math.min(bench.plan.side, #orders) do fibers[i] = fiber.spawn(serve, bench, orders, records) end
  for _, one in ipairs(fibers) do fiber.join(one) end
end

local function lend_model(bench)
  local models, profiles = require "han.embed.model", require "han.model.profile"
  local offer, budget = bench.offer, bench.plan.budget
  offer.capped = budget ~= nil and budget.nano_usd ~= nil
  bench.model, bench.asked = models, models.new(offer)
  bench.worker = profiles.fill(bench.worker, budget, bench.asked.endpoint)
end

-- What nothing else tells a host, since nothing is stored: how each cell ended.
local function outline(records)
  local list = {}
  for i, record in ipairs(records) do
    local score = record.score or {}
    list[i] = { task = record.task, arm = record.arm, status = record.status, reason = record.reason,
      where = record.where, pass = score.pass, correct = score.correct, spend = record.spend, output = record.output }
  end
  return json.array(list)
end

--- Runs a bench and gives its report as JSON: the object that `han bench --json` prints, and `cells`.
---@param family userdata as bind_environment.c made it
---@param offer table see han.embed; also judge = boolean
---@param plan table as M.plan gives it
function M.run(family, offer, plan)
  local bench = { family = family, offer = offer, plan = plan, worker = plan.worker, next = 0 }
  if offer.model then lend_model(bench) end
  local records = {}
  run_all(bench, orders_of(plan), records)
  local object = report.bench(records, { arms = cells.names_of(plan.arms), seed = plan.seed, split = "dev" },
    { adapter = plan.name, budget = plan.budget, trust = "weak", sandbox = "none" })
  object.cells = outline(records)
  return json.encode(report.lists(object), { lossy = true })
end

return M
