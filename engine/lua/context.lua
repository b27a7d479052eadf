-- han.context: what a worker gets of its node. The same for every worker (search, model, an adapter's own), in a bench
-- and in the runs of a host.

local eval = require "han.eval"

local M = {}

function M.infra(message) return { code = "PEER", message = message } end

--- A fork server that failed, or a sandbox that is not there any more, is no candidate's fault.
function M.is_infra(code) return code == "PEER" or code == "ENVIRONMENT" end

-- Evaluates candidate code; what is nobody's fault settles the node as infra.
local function evaluate(request)
  local result, message, code = eval.lua(request)
  if not result and M.is_infra(code) then error(M.infra(message), 0) end
  if not result then error(message, 2) end
  return result
end

--- The context of one shot. about: { artifact = text to start from, spans = list that its trace is added to, unknown =
--- function(channel) told of spend that is not known, capped = are dollars declared?, id = of the node among all that
--- ask, endpoint = and ask = of its own model (see han.model) }.
---@param ctx userdata the node's handle
---@param args table { profile =, task =, steer =, from = }
---@param about table
---@return table
function M.new(ctx, args, about)
  local spans = about.spans
  local function note(unknown)
    for _, channel in ipairs(unknown or {}) do about.unknown(channel) end
  end
  return {
    artifact = about.artifact, public = args.task, profile = args.profile, steer = args.steer,
    capped = about.capped, id = about.id, endpoint = about.endpoint, ask = about.ask, handle = ctx,
    random = function(n) return ctx:random(n) end,
    meter = function(units) return ctx:meter(units) end,
    commit = function(units, unknown)
      note(unknown)
      return ctx:commit(units, unknown)
    end,
    reserve = function(bound) return ctx:reserve(bound) end,
    reconcile = function(bound, spent, unknown)
      note(unknown)
      return ctx:reconcile(bound, spent, unknown)
    end,
    left = function() return ctx:left() end,
    span = function(span) spans[#spans + 1] = span end,
    yield = function() ctx:pause() end,
    messages = function() return ctx:messages() end,
    eval = evaluate,
  }
end

return M
