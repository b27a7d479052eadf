-- han.model: asking a model at a price that is known before. The most that a call can cost is reserved, then it is
-- asked, then the truth is settled; what is not known counts as the most. Who is asked, and where its key lies, is
-- the engine's business: a job hands the body over and gets the answer.

local dialect = require "han.model.dialect"
local prices = require "han.model.prices"
local usages = require "han.model.usage"

local M = {}

M.DOUBTFUL_TRIES = 3 -- of a question whose answer was lost; each is paid

-- Who asks: function(body, { seconds =, id = }) -> answer as han.model.call gives it, or nil, message, code. Set by the
-- process: in the engine han.model.call, in a job a message to the engine.
local ask

--- Says how questions leave this process, and which endpoint it is (with its price).
---@param endpoint table
---@param asker fun(body: string, options: table): table|nil, string|nil, string|nil
function M.connect(endpoint, asker)
  M.endpoint, ask = endpoint, asker
end

local function none()
  return nil, "no model is configured; set HAN_MODEL=anthropic:NAME, openai:NAME or http://127.0.0.1:8080/v1#NAME",
    "ENVIRONMENT"
end

-- ---- bounds ----

--- The most that a call can cost: the bytes of its body and what the endpoint may add unseen, each as a token, and all
--- the output that is allowed. In nano-dollars too, where dollars are capped.
---@param endpoint table
---@param body string
---@param max_tokens integer
---@param capped boolean are dollars capped?
---@return table bound
function M.bound(endpoint, body, max_tokens, capped)
  local tokens_in = #body + endpoint.hidden
  return { tokens = tokens_in + max_tokens, turns = 1,
    nano_usd = capped and prices.bound(endpoint.price, tokens_in, max_tokens) or nil }
end

-- What it really was; the channels of which that is not known.
local function truth(endpoint, answer, bound)
  if answer and not answer.ok and not answer.doubt then return { turns = 1 }, nil end
  local usage = answer and answer.usage
  if not usage then
    return bound, bound.nano_usd and { "tokens", "nano_usd" } or { "tokens" }
  end
  return { tokens = usages.tokens(usage), turns = 1,
    nano_usd = bound.nano_usd and prices.cost(endpoint.price, usage) or nil }, nil
end
M.truth = truth

-- ---- one question ----

local function note(ctx, answer, bound, spent, endpoint)
  ctx.span { kind = "model", ok = answer.ok, asked = endpoint.model, served = answer.served, stop = answer.stop,
    usage = answer.usage, usage_raw = answer.usage_raw, request_id = answer.request_id, retries = answer.retries,
    seconds = answer.seconds, first = answer.first, reserved = bound.tokens, tokens = spent.tokens,
    nano_usd = answer.usage and endpoint.price and prices.cost(endpoint.price, answer.usage) or nil,
    code = answer.code, message = answer.message }
end

-- Reserves, asks, settles. nil, message, code when it could not be asked.
local function once(ctx, body, request, id)
  local endpoint, capped = ctx.endpoint or M.endpoint, ctx.capped
  if capped and not endpoint.price then
    return nil, ("no price is known for %s, and dollars are capped; give it with --price IN,OUT")
      :format(endpoint.model), "ENVIRONMENT"
  end
  local bound = M.bound(endpoint, body, request.max_tokens, capped)
  local ok, why, code = ctx.reserve(bound)
  if not ok then return nil, why, code end
  local answer
  answer, why, code = (ctx.ask or ask)(body, { seconds = request.seconds, id = id })
  if not answer then
    ctx.reconcile(bound, {})
    return nil, why, code
  end
  local spent, unknown = truth(endpoint, answer, bound)
  ctx.reconcile(bound, spent, unknown)
  note(ctx, answer, bound, spent, endpoint)
  return answer
end

--- Asks the configured model for a worker. ctx is what the worker got: reserve, reconcile, span, capped (dollars are),
--- id (of its node), and, where it is not the process's, endpoint and ask. Gives the answer, also one that is not ok;
--- nil, message, code when it could not be asked ("BUDGET_EXHAUSTED").
---@param ctx table
---@param request table see han.model.dialect; also seconds
---@return table|nil answer
---@return string|nil message
---@return string|nil code
function M.ask(ctx, request)
  if not (ctx.ask or ask) then return none() end
  local body = dialect.write(ctx.endpoint or M.endpoint, request)
  local lost -- the last answer of which nobody knows what it cost
  for try = 1, M.DOUBTFUL_TRIES do
    ctx.asked = (ctx.asked or 0) + 1
    local answer, why, code = once(ctx, body, request, ("%s.%d"):format(ctx.id or "call", ctx.asked))
    if not answer and lost then break end -- the budget holds no second try
    if not answer then return nil, why, code end
    lost = answer
    if answer.ok or not answer.doubt or try == M.DOUBTFUL_TRIES then break end
  end
  return lost
end

return M
