-- han.model.dialect: what is asked, written in the words of each dialect, and what its words for the end mean. A
-- dialect is a table { headers =, secret_header =, secret_prefix =, body = function(endpoint, request) -> table,
-- stops = }.
--
-- request = { messages = { { role = "system" | "user" | "assistant" | "tool", text =, calls = { { id =, name =,
--   arguments = } }?, call_id =? } ... }, max_tokens =, temperature =?, seed =?, effort =?, tools = { { name =,
--   description =, parameters = JSON schema } }?, schema = { name =, schema = JSON schema }? }

local json = require "han.json"

local M = {}

local function decode_arguments(text)
  local value = text and json.decode(text)
  return type(value) == "table" and value or {}
end

-- ---- chat completions ----

local chat = { secret_header = "Authorization", secret_prefix = "Bearer ",
  stops = { stop = "end", eos = "end", length = "length", max_tokens = "length", tool_calls = "tools",
    function_call = "tools", content_filter = "refusal" } }

local function chat_message(message)
  if message.role == "tool" then
    return { role = "tool", tool_call_id = message.call_id, content = message.text }
  end
  if not message.calls or #message.calls == 0 then return { role = message.role, content = message.text } end
  local calls = {}
  for i, call in ipairs(message.calls) do
    calls[i] = { id = call.id, type = "function", ["function"] = { name = call.name, arguments = call.arguments } }
  end
  return { role = message.role, content = message.text, tool_calls = calls }
end

local function map(list, fn)
  if not list then return nil end
  if #list == 1 then return { (fn(list[1])) } end -- as most questions have
  local out = {}
  for i, item in ipairs(list) do out[i] = fn(item) end
  return out
end

local function chat_tool(tool)
  return { type = "function", ["function"] = { name = tool.name, description = tool.description,
    parameters = tool.parameters } }
end

local USAGE_TOO = { include_usage = true }

function chat.body(endpoint, request)
  -- servers on this machine know the older name only
  local maximum = endpoint.maker == "openai" and "max_completion_tokens" or "max_tokens"
  return {
    model = endpoint.model, messages = map(request.messages, chat_message), stream = true,
    stream_options = USAGE_TOO, [maximum] = request.max_tokens, temperature = request.temperature,
    seed = request.seed, reasoning_effort = request.effort, tools = map(request.tools, chat_tool),
    response_format = request.schema and { type = "json_schema",
      json_schema = { name = request.schema.name, schema = request.schema.schema, strict = true } } or nil,
  }
end

-- ---- Responses ----

local responses = { secret_header = "Authorization", secret_prefix = "Bearer ",
  stops = { completed = "end", max_output_tokens = "length", content_filter = "refusal", incomplete = "length" } }

local function responses_items(messages)
  local items = {}
  for _, message in ipairs(messages) do
    if message.role == "tool" then
      items[#items + 1] = { type = "function_call_output", call_id = message.call_id, output = message.text }
    elseif message.text ~= "" or not message.calls then
      items[#items + 1] = { role = message.role, content = message.text }
    end
    for _, call in ipairs(message.calls or {}) do
      items[#items + 1] = { type = "function_call", call_id = call.id, name = call.name, arguments = call.arguments }
    end
  end
  return items
end

function responses.body(endpoint, request)
  return {
    model = endpoint.model, input = responses_items(request.messages), stream = true, store = false,
    max_output_tokens = request.max_tokens, temperature = request.temperature,
    reasoning = request.effort and { effort = request.effort } or nil,
    tools = map(request.tools, function(tool)
      return { type = "function", name = tool.name, description = tool.description, parameters = tool.parameters }
    end),
    text = request.schema and { format = { type = "json_schema", name = request.schema.name,
      schema = request.schema.schema, strict = true } } or nil,
  }
end

-- ---- Messages ----

local messages = { secret_header = "x-api-key", secret_prefix = "", headers = { ["anthropic-version"] = "2023-06-01" },
  stops = { end_turn = "end", stop_sequence = "end", pause_turn = "end", max_tokens = "length", tool_use = "tools",
    refusal = "refusal" } }

local function message_content(message)
  if message.role == "tool" then
    return { { type = "tool_result", tool_use_id = message.call_id, content = message.text } }
  end
  local content = {}
  if message.text ~= "" then content[1] = { type = "text", text = message.text } end
  for _, call in ipairs(message.calls or {}) do
    content[#content + 1] = { type = "tool_use", id = call.id, name = call.name,
      input = decode_arguments(call.arguments) }
  end
  return content
end

-- Roles must take turns there: what comes from one side together is one message.
local function message_turns(list)
  local turns, system = {}, {}
  for _, message in ipairs(list) do
    local role = message.role == "assistant" and "assistant" or "user"
    local last = turns[#turns]
    if message.role == "system" then
      system[#system + 1] = message.text
    elseif last and last.role == role then
      for _, part in ipairs(message_content(message)) do last.content[#last.content + 1] = part end
    else
      turns[#turns + 1] = { role = role, content = message_content(message) }
    end
  end
  return turns, #system > 0 and table.concat(system, "\n\n") or nil
end

function messages.body(endpoint, request)
  local turns, system = message_turns(request.messages)
  local tools = map(request.tools, function(tool)
    return { name = tool.name, description = tool.description, input_schema = tool.parameters }
  end)
  local choice
  if request.schema then -- a tool that must be called: its arguments are the answer
    tools = { { name = request.schema.name, description = "Gives the answer.",
      input_schema = request.schema.schema } }
    choice = { type = "tool", name = request.schema.name }
  end
  return { model = endpoint.model, messages = turns, system = system, stream = true, max_tokens = request.max_tokens,
    temperature = request.temperature, tools = tools, tool_choice = choice }
end

M.by_name = { chat = chat, responses = responses, messages = messages }

--- The body of a request: JSON whose bytes follow from what is asked.
---@param endpoint table
---@param request table
---@return string
function M.write(endpoint, request)
  return assert(json.encode(M.by_name[endpoint.dialect].body(endpoint, request)))
end

--- Why a reply ended: "end", "length", "tools", "refusal", or "other".
---@param endpoint table
---@param reply table as han.http gives it
---@return string
function M.stop(endpoint, reply)
  if reply.refusal then return "refusal" end
  local stop = M.by_name[endpoint.dialect].stops[reply.stop] or "other"
  if stop ~= "length" and stop ~= "refusal" and #reply.calls > 0 then return "tools" end
  return stop
end

return M
