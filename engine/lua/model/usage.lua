-- han.model.usage: what a reply cost, in buckets that do not overlap: input (neither read from nor written to a cache),
-- cache_read, cache_write, output (text and calls), reasoning. Servers count otherwise, each in its own way.

local M = {}

M.BUCKETS = { "input", "cache_read", "cache_write", "output", "reasoning" }
local MOST = 1 << 40 -- tokens of one reply; above it a number means nothing

local function count(value)
  if value == nil then return 0 end
  if math.type(value) ~= "integer" or value < 0 or value > MOST then return nil end
  return value
end

local function details(row, name) return type(row[name]) == "table" and row[name] or {} end

-- A part that its whole includes; nil when that cannot be.
local function split(whole, part)
  if whole == nil or part == nil or part > whole then return nil end
  return whole - part
end

-- OpenAI: prompt and completion include cached and reasoning tokens.
local function openai(row, input_name, output_name)
  local whole_in, whole_out = row[input_name], row[output_name]
  if whole_in == nil or whole_out == nil then return nil end
  local cached = count(details(row, input_name .. "_details").cached_tokens)
  local reasoning = count(details(row, output_name .. "_details").reasoning_tokens)
  return { input = split(count(whole_in), cached), cache_read = cached, cache_write = 0,
    output = split(count(whole_out), reasoning), reasoning = reasoning }
end

local readers = {}

function readers.chat(row) return openai(row, "prompt_tokens", "completion_tokens") end

function readers.responses(row) return openai(row, "input_tokens", "output_tokens") end

-- Anthropic: input excludes what the cache gave and took; output includes thinking, which is not told apart.
function readers.messages(row)
  if row.input_tokens == nil or row.output_tokens == nil then return nil end
  return { input = count(row.input_tokens), cache_read = count(row.cache_read_input_tokens),
    cache_write = count(row.cache_creation_input_tokens), output = count(row.output_tokens), reasoning = 0 }
end

--- The usage of a reply, or nil when the server did not say it, or said what cannot be.
---@param dialect string
---@param last table|nil the last usage told
---@param first table|nil an earlier one, which the last is laid over
---@return table|nil usage the buckets
---@return table|nil raw what the server wrote
function M.read(dialect, last, first)
  if not last and not first then return nil end
  local row = last or first
  if first and last then
    row = {}
    for name, value in pairs(first) do row[name] = value end
    for name, value in pairs(last) do row[name] = value end
  end
  local usage = readers[dialect](row)
  if not usage then return nil, row end
  for _, bucket in ipairs(M.BUCKETS) do
    if usage[bucket] == nil then return nil, row end
  end
  return usage, row
end

--- All tokens of a usage.
function M.tokens(usage)
  local sum = 0
  for _, bucket in ipairs(M.BUCKETS) do sum = sum + usage[bucket] end
  return sum
end

return M
