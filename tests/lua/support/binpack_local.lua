-- The bin packing family in plain Lua, with stand-ins for what the engine binds; and what its specs share.
local engine = require "tests.lua.support.engine_local"
local random = require "tests.lua.support.random_local"

local M = {}

M.dir = require("tests.lua.support.dir_loader").new "scripts/adapters/binpack"
M.full = os.getenv "HAN_FULL" == "1"

-- The adapter with another evaluator in place, when one is given.
function M.adapter(evaluate)
  local dir = require("tests.lua.support.dir_loader").new "scripts/adapters/binpack"
  return engine.with(function()
    local eval = require "han.eval"
    if evaluate then package.loaded["han.eval"] = { lua = evaluate } end
    local adapter = dir "init"
    package.loaded["han.eval"] = eval
    return adapter
  end), dir
end

-- Small tasks, so that a spec takes moments.
M.TRAIN = { { 40, 2 }, { 120, 1 }, { 260, 1 } }
M.HELD = { { 40, 2 }, { 120, 1 } }

function M.options(seed, more)
  local options = random.options(seed)
  options.train, options.held = M.TRAIN, M.HELD
  for key, item in pairs(more or {}) do options[key] = item end
  return options
end

-- A context of the worker over a task; what it did is kept in it.
function M.context(task, evaluate, evals, more)
  local ctx = { artifact = task.public.artifact, public = task.public, profile = {}, random = random.new "worker",
    eval = evaluate, spans = {}, spent = { evals = 0, tokens = 0 }, yields = 0 }
  ctx.meter = function(cost)
    if ctx.spent.evals + cost.evals > evals then return nil, "evals are spent", "BUDGET_EXHAUSTED" end
    ctx.spent.evals, ctx.spent.tokens = ctx.spent.evals + cost.evals, ctx.spent.tokens + cost.tokens
    return true
  end
  ctx.span = function(span) ctx.spans[#ctx.spans + 1] = span end
  ctx.yield = function() ctx.yields = ctx.yields + 1 end
  for key, item in pairs(more or {}) do ctx[key] = item end
  return ctx
end

return M
