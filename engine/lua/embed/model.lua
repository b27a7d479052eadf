-- han.embed.model: the model that a host lends to a run (see han_environment in han.h). The workers that ask it are
-- those of a bench; what they ask goes out from here, where the host's key is, after the host has allowed it.

local calls = require "han.model.call"
local context = require "han.context"
local endpoints = require "han.model.endpoint"
local prices = require "han.model.prices"
local worker = require "han.model.worker"

local M = {}

M.bodies = { model = worker.run, model_tools = worker.run_tools }

local clients = setmetatable({}, { __mode = "v" }) -- runs that ask the same model keep its limits together
local serial = 0                                   -- of runs, so that no two questions have the same id

local Model = {}
Model.__index = Model

--- What a host offers; raises a text where that is no model. offer: { model =, key =, price =, capped = }.
function M.new(offer)
  local endpoint, why = endpoints.read(offer.model, { HAN_MODEL_KEY = offer.key })
  if not endpoint then error(why, 0) end
  if offer.price then
    endpoint.price, why = prices.parse(offer.price)
    if not endpoint.price then error("price: " .. why, 0) end
  end
  serial = serial + 1
  return setmetatable({ endpoint = endpoint, capped = offer.capped, serial = serial, shots = 0 }, Model)
end

--- What the host is asked to allow.
function Model:effect(task)
  if type(task) ~= "table" then error("the task of a model is a table, as in { prompt = \"...\" }", 0) end
  return { model = self.endpoint.name, url = self.endpoint.url, task = task }
end

-- Opened at the first question: a host need have no key before something is asked.
local function client_of(self)
  if self.client then return self.client end
  local name = self.endpoint.name .. "\0" .. (self.endpoint.key or "")
  local client, why, code = clients[name], nil, nil
  if not client then client, why, code = calls.open(self.endpoint) end
  if not client then error({ message = why, code = code == "UNKNOWN" and "ENVIRONMENT" or code }, 0) end
  clients[name], self.client = client, client
  return client
end

--- One shot of a worker, whose context is then told which model there is and how it is asked: its artifact, or nil.
function Model:run(name, w)
  local client = client_of(self)
  self.shots = self.shots + 1
  w.id, w.endpoint = ("%d.%d %s"):format(self.serial, self.shots, w.handle:node()), self.endpoint
  w.ask = function(body, how) return client:ask(body, how) end
  return M.bodies[name](w)
end

--- The same for a node of a run without a harness.
function Model:shoot(ctx, name, args)
  return self:run(name, context.new(ctx, args, { artifact = args.from or args.task.artifact, spans = {},
    unknown = function() end, capped = self.capped }))
end

return M
