--- han doctor --model: one tiny call to the configured model, to see whether it works, how fast, and at what price.

local budget = require "han.cli.budget"
local dialect = require "han.model.dialect"
local model = require "han.cli.model"
local prices = require "han.model.prices"
local problem = require "han.cli.problem"

local M = {}

local SECONDS = 60
local MAX_TOKENS = 64

local function usage_line(usage)
  if not usage then return "not told: under a cap in dollars such a call would close the budget" end
  return ("%d in, %d read from and %d written to a cache, %d out, %d of reasoning"):format(usage.input,
    usage.cache_read, usage.cache_write, usage.output, usage.reasoning)
end

local function price_line(endpoint, usage)
  if not endpoint.price then
    return ("no price is known for %s; give --price IN,OUT, or import a table with han prices import")
      :format(endpoint.model)
  end
  local row = endpoint.price
  local text = ("%s in and %s out for a million tokens"):format(budget.dollars(row.input * 1000),
    budget.dollars(row.output * 1000))
  if endpoint.priced then text = text .. ", as of " .. endpoint.priced end
  return usage and ("%s; this call: %s"):format(text, budget.dollars(prices.cost(row, usage))) or text
end

function M.run(options, ui)
  local endpoint = model.endpoint(options)
  local client = model.open(endpoint)
  local body = dialect.write(endpoint, { messages = { { role = "user", text = "Answer with the one word: ready" } },
    max_tokens = MAX_TOKENS })
  local answer = problem.check(client:ask(body, { seconds = SECONDS, id = "doctor" }))
  if not answer.ok then problem.raise(answer.code, answer.message) end
  local cost = answer.usage and endpoint.price and prices.cost(endpoint.price, answer.usage) or nil
  ui:table {
    { "model", ui.safe(endpoint.name) }, { "dialect", endpoint.dialect }, { "endpoint", ui.safe(endpoint.url) },
    { "served by", ui.safe(tostring(answer.served or "not told")) }, { "answer", ui.safe(answer.text:sub(1, 60)) },
    { "latency", ("%.0f ms to the first byte, %.0f ms in all, %d tries"):format((answer.first or 0) * 1000,
      answer.seconds * 1000, answer.retries + 1) },
    { "usage", usage_line(answer.usage) }, { "price", ui.safe(price_line(endpoint, answer.usage)) },
  }
  ui:object { schema = 1, ok = true, model = endpoint.name, dialect = endpoint.dialect, served = answer.served,
    first_ms = math.floor((answer.first or 0) * 1000), total_ms = math.floor(answer.seconds * 1000),
    usage = answer.usage, nano_usd = cost, price_date = endpoint.priced, retries = answer.retries }
  return 0
end

return M
