-- han.model.profile: the profiles of workers that ask a model, and what one shot of them may spend when nobody says it.

local endpoints = require "han.model.endpoint"
local prices = require "han.model.prices"

local M = {}

M.NAMES = { "model", "model_tools" }
local TURNS = { model = 3, model_tools = 12 }
local EVALS = { model = 2, model_tools = 12 }
local PROMPT = 12288 -- tokens reserved for the question, above what is allowed as answer

--- Is there a profile of this name?
---@param name string
---@return boolean
function M.is_one(name) return TURNS[name] ~= nil end

--- The profile of a name, for an endpoint; nil when there is no such profile.
---@param name string
---@param endpoint table
---@return table|nil
function M.make(name, endpoint)
  if not TURNS[name] then return nil end
  -- a shot that may have been paid for is never made twice
  return { backend = name, name = name, model = endpoint.name, idempotent = false }
end

local function least(ceiling, wanted) return ceiling and math.min(ceiling, wanted) or wanted end

--- The ceiling of one shot under the budget of a cell: a quarter of the tokens, or what one question takes when that is
--- more. `filled` is the profile with its limits; one that has limits keeps them.
---@param worker table
---@param budget table|nil
---@param endpoint table
---@return table filled
function M.fill(worker, budget, endpoint)
  if worker.limits or not TURNS[worker.backend] then return worker end
  local filled, caps = {}, budget or {}
  for name, value in pairs(worker) do filled[name] = value end
  local max_tokens = worker.max_tokens or endpoints.MAX_TOKENS
  local one = (PROMPT + max_tokens) * (worker.backend == "model_tools" and 3 or 1)
  local tokens = caps.tokens and math.max(caps.tokens // 4, math.min(caps.tokens, one)) or one
  filled.limits = { shots = least(caps.shots, 1), tokens = tokens, turns = least(caps.turns, TURNS[worker.backend]),
    evals = least(caps.evals, EVALS[worker.backend]),
    nano_usd = caps.nano_usd and endpoint.price
      and math.min(caps.nano_usd, prices.bound(endpoint.price, tokens, tokens)) or nil }
  return filled
end

return M
