-- han.model.prices: what a token costs. A table is data, in pico-dollars for one token (1e-12: a dollar for a million
-- tokens is a million of them), so that everything stays whole numbers. A model that is not in it is unpriced, not
-- free.

local json = require "han.json"
local snapshot = require "han.model.snapshot"

local M = {}

local PICO = 1e12
local KINDS = { "input", "cache_read", "cache_write", "output" }
M.KINDS = KINDS

local function pico(dollars)
  if type(dollars) ~= "number" or dollars ~= dollars or dollars < 0 or dollars > 1 then return nil end
  return math.floor(dollars * PICO + 0.5)
end

-- A row without input or output price is no price.
local function row_of(input, output, read, write)
  if not input or not output then return nil end
  return { input = input, output = output, cache_read = read or input, cache_write = write or input }
end

-- ---- the table that han brings along ----

--- The pinned snapshot, { date =, source =, commit =, models = rows by "maker/model" }.
---@return table
function M.snapshot()
  local models = {}
  for name, row in pairs(snapshot.rows) do models[name] = row_of(table.unpack(row)) end
  for name, row in pairs(snapshot.long) do
    models[name].long = row_of(table.unpack(row, 2))
    models[name].long.from = row[1]
  end
  return { date = snapshot.date, source = snapshot.source, commit = snapshot.commit, models = models }
end

-- ---- tables of the user ----

local LONG = { 128, 200, 256, 272 } -- thousands of tokens above which litellm's table has other prices

local function long_of(entry)
  for _, thousand in ipairs(LONG) do
    local function price(field) return pico(entry[("%s_above_%dk_tokens"):format(field, thousand)]) end
    local row = row_of(price "input_cost_per_token", price "output_cost_per_token",
      price "cache_read_input_token_cost", price "cache_creation_input_token_cost")
    if row then
      row.from = thousand * 1000
      return row
    end
  end
end

-- The table of litellm: { [model] = { input_cost_per_token = dollars, ... } }.
local function from_litellm(document, rows)
  for name, entry in pairs(document) do
    if type(entry) == "table" then
      rows[name] = row_of(pico(entry.input_cost_per_token), pico(entry.output_cost_per_token),
        pico(entry.cache_read_input_token_cost), pico(entry.cache_creation_input_token_cost))
      if rows[name] then rows[name].long = long_of(entry) end
    end
  end
end

local function per_million(dollars) return type(dollars) == "number" and pico(dollars / 1e6) or nil end

-- The table of models.dev: { [provider] = { models = { [model] = { cost = { input = dollars a million, ... } } } } }.
local function from_models_dev(document, rows)
  for provider, entry in pairs(document) do
    for name, model in pairs(type(entry) == "table" and type(entry.models) == "table" and entry.models or {}) do
      local cost = type(model) == "table" and type(model.cost) == "table" and model.cost or {}
      local row = row_of(per_million(cost.input), per_million(cost.output), per_million(cost.cache_read),
        per_million(cost.cache_write))
      if row then
        rows[provider .. "/" .. name] = row
        if provider == "openai" or provider == "anthropic" then rows[name] = row end
      end
    end
  end
end

local function is_models_dev(document)
  for _, entry in pairs(document) do
    if type(entry) == "table" and type(entry.models) == "table" then return true end
  end
  return false
end

--- Reads a public table in either form.
---@param text string JSON
---@return table|nil rows { [model] = { input=, output=, cache_read=, cache_write= } }, pico-dollars for a token
---@return string|integer message, or how many models there are
---@return string|nil code
function M.import(text)
  local document, why, code = json.decode(text)
  if document == nil then return nil, why, code end
  if type(document) ~= "table" then return nil, "a table of prices is a JSON object", "INVALID" end
  local rows, count = {}, 0
  local read = is_models_dev(document) and from_models_dev or from_litellm
  read(document, rows)
  for _ in pairs(rows) do count = count + 1 end
  if count == 0 then
    return nil, "no prices in it; the tables of litellm and of models.dev are known", "INVALID"
  end
  return rows, count
end

local function row_fault(row)
  if type(row) ~= "table" then return true end
  for _, kind in ipairs(KINDS) do
    if math.type(row[kind]) ~= "integer" or row[kind] < 0 then return true end
  end
  return row.long ~= nil and (type(row.long) ~= "table" or math.type(row.long.from) ~= "integer"
    or row_fault(row.long))
end

--- Reads our own table, as `han prices import` writes it.
---@param text string JSON { date =, source =, models = rows }
---@return table|nil table
---@return string|nil message
---@return string|nil code
function M.read(text)
  local document, why, code = json.decode(text)
  if document == nil then return nil, why, code end
  if type(document) ~= "table" or type(document.models) ~= "table" then
    return nil, "not a table of prices as `han prices import` writes it", "INVALID"
  end
  for name, row in pairs(document.models) do
    if row_fault(row) then return nil, ("the price of %s is damaged"):format(tostring(name)), "INVALID" end
  end
  return document
end

--- The price of an option: "IN,OUT" in dollars for a million tokens, as in 3,15 or .25,2.
---@param text string
---@return table|nil row
---@return string|nil message
---@return string|nil code
function M.parse(text)
  local input, output = text:match("^([%d.]+),([%d.]+)$")
  local row = input and row_of(per_million(tonumber(input)), per_million(tonumber(output)))
  if not row then
    return nil, ("'%s' is not IN,OUT in dollars for a million tokens, as in 3,15"):format(text), "INVALID"
  end
  return row
end

--- The price of an endpoint's model, or nil. One that runs on this machine costs nothing by itself, but is unpriced
--- too: who caps dollars must say so. The snapshot knows models as their makers serve them, by "maker/model".
---@param tables table list of tables, the first that knows the model wins
---@param endpoint table
---@return table|nil row
---@return string|nil date of the table that has it
function M.find(tables, endpoint)
  for _, one in ipairs(tables) do
    local row = one.models[endpoint.model]
      or endpoint.maker and one.models[endpoint.maker .. "/" .. endpoint.model]
    if row then return row, one.date end
  end
  return nil
end

M.OLD_DAYS = 180 -- a price that was so long not looked at may be another one now

-- Days since 1970-01-01 of a day of the Gregorian calendar (each March begins a year of the count).
local function day_number(year, month, day)
  if month < 3 then year, month = year - 1, month + 12 end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5 + day - 719469
end

--- How many days old a table is; nil when it does not say of which day it is.
---@param date any as in 2026-11-21
---@param now number seconds since 1970, UTC
---@return integer|nil days
function M.age(date, now)
  local year, month, day = tostring(date):match("^(%d%d%d%d)%-(%d%d)%-(%d%d)$")
  if not year then return nil end
  return math.floor(now) // 86400 - day_number(tonumber(year), tonumber(month), tonumber(day))
end

local function up(pico_sum) return (pico_sum + 999) // 1000 end

--- Nano-dollars of a usage, rounded up.
function M.cost(row, usage)
  if row.long and usage.input + usage.cache_read + usage.cache_write > row.long.from then row = row.long end
  return up(usage.input * row.input + usage.cache_read * row.cache_read + usage.cache_write * row.cache_write
    + (usage.output + usage.reasoning) * row.output)
end

--- The most that so many tokens in and out can cost, in nano-dollars.
function M.bound(row, tokens_in, tokens_out)
  if row.long and tokens_in > row.long.from then row = row.long end
  return up(tokens_in * math.max(row.input, row.cache_read, row.cache_write) + tokens_out * row.output)
end

return M
