-- han.model.usage: what a reply cost, in buckets that do not overlap: input (neither read from nor written to a cache),
-- cache_read, cache_write, output (text and calls), reasoning. Servers count otherwise, each in its own way.

local M = {}

local MOST = 1 << 40 -- tokens of one reply; above it a number means nothing

local kind = math.type

-- A count as a server wrote it, nothing as 0; nil when it cannot be.
local function count(value)
  if value == nil then return 0 end
  return kind(value) == "integer" and value >= 0 and value <= MOST and value or nil
end

-- Of a part: nothing is 0, what is no count stays for the check.
local function detail(details, name)
  return type(details) == "table" and details[name] or 0
end

-- OpenAI: input and output include cached and reasoning tokens. Written out, since every call comes here.
local function openai(whole_in, whole_out, cached, reasoning)
  if not (kind(whole_in) == "integer" and kind(whole_out) == "integer" and kind(cached) == "integer"
    and kind(reasoning) == "integer") then
    return nil
  end
  if cached < 0 or cached > whole_in or whole_in > MOST or reasoning < 0 or reasoning > whole_out
    or whole_out > MOST then
    return nil
  end
  return { input = whole_in - cached, cache_read = cached, cache_write = 0, output = whole_out - reasoning,
    reasoning = reasoning }
end

local readers = {}

function readers.chat(row)
  return openai(row.prompt_tokens, row.completion_tokens, detail(row.prompt_tokens_details, "cached_tokens"),
    detail(row.completion_tokens_details, "reasoning_tokens"))
end

function readers.responses(row)
  return openai(row.input_tokens, row.output_tokens, detail(row.input_tokens_details, "cached_tokens"),
    detail(row.output_tokens_details, "reasoning_tokens"))
end

-- Anthropic: input excludes what the cache gave and took; output includes thinking, which is not told apart.
function readers.messages(row)
  if row.input_tokens == nil or row.output_tokens == nil then return nil end
  local usage = { input = count(row.input_tokens), cache_read = count(row.cache_read_input_tokens),
    cache_write = count(row.cache_creation_input_tokens), output = count(row.output_tokens), reasoning = 0 }
  return usage.input and usage.cache_read and usage.cache_write and usage.output and usage or nil
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
  return readers[dialect](row), row
end

--- All tokens of a usage.
function M.tokens(usage)
  return usage.input + usage.cache_read + usage.cache_write + usage.output + usage.reasoning
end

return M
