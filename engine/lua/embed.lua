--- han.embed: the services of a run whose host lends it an environment (see han_environment in han.h). It has the
-- place that han.harness has in a bench: it runs the host's check on each artifact, keeps what was submitted, and
-- answers the verbs tool, observe, best and submit by asking the host.

local commands = require "han.commands"
local environment = require "han.environment"
local checks = require "han.check"
local finding = require "han.finding"
local value = require "han.value"

local M = {}

local function set_of(names)
  local set = {}
  for _, name in ipairs(names) do set[name] = true end
  return set
end

local function said(names)
  local list = table.move(names, 1, #names, 1, {})
  table.sort(list)
  return #list > 0 and table.concat(list, ", ") or "none"
end

--- The host's answer, or an error that settles the worker as down with the host's code.
function M.must(answer, message, code)
  if code then error({ message = message, code = code }, 0) end
  return answer
end

local must = M.must

--- A verdict or a score of the host on an artifact. kind: "check" or "judge"; ctx: who pays, nil: nobody.
function M.verdict(env, ctx, kind, artifact)
  local verdict = must(environment.call(env, ctx, kind, nil, artifact))
  if type(verdict) ~= "table" then
    error(("the host's %s gave no verdict: an object with pass and correct"):format(kind), 0)
  end
  local fault = checks.measure_fault(verdict, "verdict")
  if fault then error(("the host's %s: %s"):format(kind, fault), 0) end
  return verdict
end

local function verdict_of(h, ctx, artifact) return M.verdict(h.env, ctx, "check", artifact) end

local function submit(h, ctx, artifact, verdict)
  local primary = verdict.correct or (verdict.pass and 1 or 0)
  h.submissions[ctx:submit(primary)] = artifact
end

local function deliver(h, ctx, artifact)
  if artifact == nil then return nil end
  return { out = artifact, out_ref = value.digest(artifact), verdict = h.check and verdict_of(h, ctx, artifact) or nil }
end

-- Other workers start while the host is at this one; it comes back to the run when host and check have answered.
local function work(h, ctx, name, args)
  return deliver(h, ctx, must(environment.call(h.env, ctx, "work", name, args)))
end

-- body(h, ctx, name, args) -> result
local function backend(h, name, body)
  return function(ctx, args)
    must(ctx:meter { shots = 1 }) -- as for the workers of a bench
    ctx:depart()
    local ok, result = pcall(body, h, ctx, name, args)
    ctx:pause()
    if not ok then error(result, 0) end
    if result and result.verdict then submit(h, ctx, result.out, result.verdict) end
    return result
  end
end

-- Findings of a host are about a trace that only it has; what they may say is what any finding may.
local function observe(env, ctx, settled)
  local found = must(environment.call(env, ctx, "observe", nil, settled))
  if found == nil or #found == 0 then return nil end
  for i, one in ipairs(found) do
    one.origin, one.lens = "trace", one.lens or "host"
    found[i] = finding.new(one)
  end
  return found
end

-- true; or nil, message, code: what a run may do outside is the host's to say.
local function allowed(env, offer, ctx, effect, what)
  if not offer.grant then
    return nil, ("this host lets its runs do nothing outside (%s); han_environment.grant is where it says so"):format(
      effect), "ENVIRONMENT"
  end
  local answer, message, code = environment.call(env, ctx, "grant", effect, what)
  if answer == true then return true end
  return nil, message or ("the host does not allow this (%s)"):format(effect), code or "ENVIRONMENT"
end

--- What a run may ask its host beside workers and checks: { tool =, observe =, grant =, model = }, functions of the
--- node's handle. model(ctx, asked) raises what the host does not allow.
---@param env userdata the environment, as bind_environment.c made it
---@param offer table see M.services
function M.lent(env, offer)
  local tools = set_of(offer.tools)
  return {
    tool = function(ctx, name, args)
      if tools[name] then return environment.call(env, ctx, "tool", name, args) end
      return nil, ("no tool '%s'; this host has %s"):format(name, said(offer.tools)), "UNKNOWN"
    end,
    observe = offer.observe and function(ctx, settled) return observe(env, ctx, settled) end or nil,
    grant = function(ctx, request) return allowed(env, offer, ctx, "exec", request) end,
    model = function(ctx, asked) must(allowed(env, offer, ctx, "model", asked)) end,
  }
end

local function ask_model(h, ctx, name, args)
  h.lent.model(ctx, h.model:effect(args.task))
  return deliver(h, ctx, h.model:shoot(ctx, name, args))
end

local function lend_model(h, offer, backends)
  local models = require "han.embed.model" -- only here: a host without models pays nothing for them
  h.model = models.new(offer)
  for name in pairs(models.bodies) do backends[name] = backends[name] or backend(h, name, ask_model) end
end

--- The table of services of a run.
---@param env userdata the environment, as bind_environment.c made it
---@param offer table { tools = names, backends = names, check = boolean, observe = boolean, grant = boolean,
---  model =, key =, price = texts or nil, capped = are dollars declared? }
function M.services(env, offer)
  local lent = M.lent(env, offer)
  local h = { env = env, check = offer.check, lent = lent, submissions = {} }
  local backends = {}
  for _, name in ipairs(offer.backends) do backends[name] = backend(h, name, work) end
  if offer.model then lend_model(h, offer, backends) end
  return {
    backends = backends,
    tool = lent.tool,
    observe = lent.observe,
    exec = commands.service(nil, lent.grant),
    best = function(_, number) return h.submissions[number] end,
    submit = offer.check and function(ctx, artifact)
      local verdict = verdict_of(h, ctx, artifact)
      submit(h, ctx, artifact, verdict)
      return verdict
    end or nil,
  }
end

return M
