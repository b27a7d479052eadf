-- han.model.call: one question to an endpoint, with the tries that it takes. It runs in the engine's process, which
-- has the keys. Whoever asks has reserved the most that it can cost; what is not known to be free is never tried
-- again here.

local dialect = require "han.model.dialect"
local http = require "han.http"
local gates = require "han.model.gate"
local sys = require "han.sys"
local usages = require "han.model.usage"

local M = {}

M.TRIES = 6
M.FIRST_WAIT = 0.5
M.MOST_WAIT = 30

-- One endpoint as it is used: the line to it, which knows its key, and its gate.
local Client = {}
Client.__index = Client

local function open_line(endpoint, secret)
  local spoken = dialect.by_name[endpoint.dialect]
  local headers = { ["Content-Type"] = "application/json" }
  for name, value in pairs(spoken.headers or {}) do headers[name] = value end
  return http.line { url = endpoint.url, dialect = endpoint.dialect, headers = headers, secret = secret,
    secret_header = spoken.secret_header, secret_prefix = spoken.secret_prefix }
end

--- Prepares an endpoint: reads its key, which is wanted from here on. options: { random = function() in [0,1) }.
---@param endpoint table as han.model.endpoint gives it
---@param options? table
---@return table|nil client
---@return string|nil message
---@return string|nil code
function M.open(endpoint, options)
  local secret, why, code
  if endpoint.key then
    secret, why, code = http.secret(endpoint.key)
    if not secret then return nil, ("%s: %s"):format(endpoint.name, why), code end
  end
  local line
  line, why, code = open_line(endpoint, secret)
  if not line then return nil, why, code end
  return setmetatable({ endpoint = endpoint, line = line, random = options and options.random or math.random,
    gate = gates.new(endpoint.parallel, endpoint.per_minute) }, Client)
end

-- ---- what an attempt came to ----

local AGAIN = { [408] = true, [429] = true, [500] = true, [502] = true, [503] = true, [504] = true, [529] = true }

local function is_money(reply)
  return reply.http == 402 or reply.error_type == "insufficient_quota" or reply.error_type == "billing_error"
    or reply.error_type == "credit_balance_too_low"
end

-- Seconds that the endpoint asks to wait, or nil.
local function asked_wait(told)
  local ms = tonumber(told["retry-after-ms"])
  if ms and ms >= 0 then return ms / 1000 end
  local seconds = tonumber(told["retry-after"])
  return seconds and seconds >= 0 and seconds or nil
end

-- May what is no 200 be tried again? Only when this attempt surely cost nothing.
local function again(reply)
  if is_money(reply) or reply.told["x-should-retry"] == "false" then return false end
  if reply.http == 0 then return not reply.sent end
  return AGAIN[reply.http] or reply.told["x-should-retry"] == "true"
end

-- A duration as in "1s", "6m0s" or "20ms".
local function duration(text)
  local seconds, found = 0, false
  for n, unit in (text or ""):gmatch("([%d.]+)(%a+)") do
    local factor = ({ ms = 0.001, s = 1, m = 60, h = 3600 })[unit]
    if not factor or not tonumber(n) then return nil end
    seconds, found = seconds + tonumber(n) * factor, true
  end
  return found and seconds or nil
end

-- What the endpoint says of its limits.
local function heed(gate, reply)
  local told = reply.told
  if reply.http == 429 or reply.http == 529 then
    gate:too_much(math.min(asked_wait(told) or 0, M.MOST_WAIT))
  elseif reply.http == 200 then
    if gate.limit < gate.most then gate:went_well() end
    if told and told["x-ratelimit-remaining-requests"] == "0" then
      gate:pause(math.min(duration(told["x-ratelimit-reset-requests"]) or 1, M.MOST_WAIT))
    end
  end
end

local function wait_before(client, reply, tries)
  local asked = asked_wait(reply.told)
  if asked then return asked * (1 + 0.1 * client.random()) end
  return math.min(M.MOST_WAIT, M.FIRST_WAIT * 2 ^ (tries - 1)) * (0.5 + 0.5 * client.random())
end

-- ---- the answer ----

local function describe(reply)
  if reply.broken then return reply.broken.message end
  if reply.fault then return "the reply cannot be read: " .. reply.fault end
  local said = reply.error_message or reply.raw and reply.raw:sub(1, 200) or nil
  if reply.failed and reply.http == 200 then return "the endpoint broke off: " .. tostring(said or reply.error_type) end
  return ("status %d%s"):format(reply.http, said and ": " .. said or "")
end

-- PEER: the endpoint or the way to it; ENVIRONMENT: key, money, name, address: nothing helps but somebody who mends it.
local function code_of(reply)
  if reply.http == 0 or reply.http == 200 or AGAIN[reply.http] and not is_money(reply) then return "PEER" end
  if reply.http == 400 or reply.http == 413 or reply.http == 422 then return "INVALID" end
  return "ENVIRONMENT"
end

local function whole(reply)
  return reply.http == 200 and not reply.fault and not reply.failed
    and (reply.done or not reply.broken and reply.stop ~= nil)
end

-- What only the reply has.
local function strip(reply)
  reply.done, reply.told, reply.usage_start = nil, nil, nil
  if reply.ok then return reply end
  reply.sent, reply.failed, reply.fault, reply.broken, reply.raw = nil, nil, nil, nil, nil
  reply.error_type, reply.error_message = nil, nil
  return reply
end

-- Makes the reply the answer, a plain value: it goes to a job, and into a cassette.
local function answer(client, reply, tries, started)
  local endpoint, ok = client.endpoint, whole(reply)
  reply.usage, reply.usage_raw = usages.read(endpoint.dialect, reply.usage, reply.usage_start)
  reply.ok, reply.asked, reply.retries, reply.seconds = ok, endpoint.model, tries - 1, sys.mono() - started
  reply.stop = ok and dialect.stop(endpoint, reply) or nil
  if not ok then
    reply.message, reply.code = ("%s: %s"):format(endpoint.name, describe(reply)), code_of(reply)
    -- who got an answer that says no was not charged; who got none, or a part of one, does not know
    reply.doubt = reply.http == 200 or reply.http == 0 and reply.sent
  end
  return strip(reply)
end

--- Asks, and asks again while that is free and there is time. Gives a plain table: ok, text, calls, stop, usage (nil:
--- unknown), served, request_id, retries, seconds; or with ok = false: message, code, and doubt (it may have cost
--- something). nil, message, code: nothing was asked.
---@param body string as han.model.dialect writes it
---@param options table { seconds =, id = }
---@return table|nil
---@return string|nil message
---@return string|nil code
function Client.ask(client, body, options)
  local started, tries = sys.mono(), 0
  local last = started + options.seconds
  while true do
    local reply, why, code
    do
      local place <close> = client.gate:enter() -- luacheck: ignore 211
      local left = last - sys.mono()
      if left <= 0 then return nil, client.endpoint.name .. ": no time was left to ask", "TIMEOUT" end
      reply, why, code = http.call(client.line, body, left, options.id)
      if not reply then return nil, why, code end
      heed(client.gate, reply)
    end
    tries = tries + 1
    local wait = reply.http ~= 200 and again(reply) and tries < M.TRIES and wait_before(client, reply, tries)
    if not wait or wait >= last - sys.mono() then return answer(client, reply, tries, started) end
    sys.wait(wait)
  end
end

return M
