--- han.cli.bench_pass: the part of `han bench` that is about pass@k: its options, and what is printed.

local args = require "han.cli.args"
local budget = require "han.cli.budget"
local health = require "han.health"
local noise = require "han.noise"
local problem = require "han.cli.problem"
local registry = require "han.registry"
local tables = require "han.cli.tables"

local M = {}

M.K_MAX = 1000

function M.options(parser)
  parser:option("--k", "Print pass@1 and pass@K: how often one, and at least one of K samples solves a task. Each "
    .. "sample is a cell of its own, of one shot unless --budget says more."):argname("K")
  parser:option("--samples", "Samples of each task for that (default K)."):argname("N")
end

local CLASH = { "vary", "experiment", "weights", "line", "screen" }

--- Puts k and samples into the spec of a bench; nothing without --k.
function M.read(spec, options)
  spec.k = args.integer(options, "k", nil, 1, M.K_MAX)
  if not spec.k then
    if options.samples then problem.usage("--samples goes with --k") end
    return
  end
  for _, name in ipairs(CLASH) do
    if options[name] then problem.usage("--k and --%s do not go together", name) end
  end
  spec.samples = args.integer(options, "samples", spec.k, spec.k, M.K_MAX)
  if not spec.budget then
    spec.budget = { shots = 1 }
    for channel, n in pairs(problem.check(registry.load("adapter", spec.adapter)).budget or {}) do
      if channel ~= "shots" then spec.budget[channel] = n end
    end
  end
end

-- ---- what is printed ----

local number = tables.number

local function print_arms(ui, object)
  local head, right = { "arm" }, {}
  for _, at in ipairs(object.arms[1].pass_at) do
    table.insert(head, ("pass@%d"):format(at.k))
    table.insert(head, "95 % CI")
  end
  table.insert(head, "right")
  table.insert(head, "solved")
  local channels = budget.channels(object.arms[1].spend)
  table.move(channels, 1, #channels, #head + 1, head)
  for i = 2, #head do right[i] = true end
  local rows = { head }
  for _, arm in ipairs(object.arms) do
    local row = { ui.safe(arm.name) }
    for _, at in ipairs(arm.pass_at) do
      table.insert(row, number(at.mean))
      table.insert(row, tables.interval(at.ci, "%.3f"))
    end
    table.insert(row, ("%d/%d"):format(arm.right, arm.n * arm.samples))
    table.insert(row, ("%d/%d"):format(arm.solved, arm.n))
    for _, channel in ipairs(channels) do table.insert(row, tostring(arm.spend[channel] or "-")) end
    rows[#rows + 1] = row
  end
  ui:table(rows, right)
end

local function print_contrasts(ui, object)
  for _, row in ipairs(object.contrasts) do
    ui:out("%s - %s, pass@%d: %s, 95 %% CI %s, q %s", ui.safe(row.arm), ui.safe(row.against), object.k,
      number(row.lift, "%+.3f"), tables.interval(row.ci, "%+.3f"), number(row.q))
  end
end

--- Prints the object that han.pass_at.report gives.
function M.print(ui, object, tasks)
  ui:out("%s, split %s, seed %d: %d tasks in %d groups, %d samples of each", ui.safe(object.adapter), object.split,
    object.seed, tasks, object.arms[1].groups, object.samples)
  ui:out("one sample may spend: %s", budget.words(object.budget or {}))
  tables.conditions(ui, object)
  ui:out("")
  print_arms(ui, object)
  ui:out("")
  print_contrasts(ui, object)
  ui:out("pass@k: unbiased, 1 - C(n-c, k) / C(n, k) (Chen et al., 2021); intervals: bootstrap over groups")
  local flag = noise.flag(object.judge)
  if flag then ui:out("%s", ui:paint("bold", "Warning: " .. flag .. ".")) end
  for _, line in ipairs(health.lines(object.broken)) do ui:out("Warning: %s.", ui.safe(line)) end
  tables.left_out(ui, object.left_out)
  tables.excluded(ui, object.excluded)
end

return M
