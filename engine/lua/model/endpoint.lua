-- han.model.endpoint: which model is asked, where, in which dialect, and where its key lies. Read from a name such as
-- HAN_MODEL holds; never from what a model says.
--   anthropic:NAME   openai:NAME   URL#NAME (chat completions)   DIALECT+URL#NAME (chat, responses, messages)

local M = {}

M.DIALECTS = { chat = "/chat/completions", responses = "/responses", messages = "/messages" }
M.HIDDEN = 1024       -- tokens that an endpoint may add to a prompt without showing it
M.PARALLEL = 64       -- calls at once
M.MAX_TOKENS = 4096   -- of one reply
M.SECONDS = 600       -- for one call with all its tries

local makers = {
  anthropic = { dialect = "messages", base = "https://api.anthropic.com/v1", key = "env:ANTHROPIC_API_KEY" },
  openai = { dialect = "responses", base = "https://api.openai.com/v1", key = "env:OPENAI_API_KEY" },
}

local FORMS = "anthropic:NAME, openai:NAME or http://127.0.0.1:8080/v1#NAME"

local function refuse(...) return nil, (...):format(select(2, ...)), "INVALID" end

local function is_here(url)
  local host = url:match("^http://([^/]*)") or ""
  host = host:gsub(":%d+$", "")
  return host == "127.0.0.1" or host == "localhost" or host == "[::1]"
end

-- A whole number from the settings, or its default.
local function number(settings, name, default, most)
  local text = settings[name]
  if text == nil or text == "" then return default end
  local n = math.tointeger(tonumber(text))
  if not n or n < 1 or n > most then
    return nil, ("%s must be a whole number from 1 to %d, got '%s'"):format(name, most, tostring(text))
  end
  return n
end

local numbers = {
  { "parallel", "HAN_MODEL_PARALLEL", M.PARALLEL, 4000 }, { "hidden", "HAN_MODEL_HIDDEN", M.HIDDEN, 1 << 30 },
  { "per_minute", "HAN_MODEL_PER_MINUTE", false, 1 << 30 },
}

-- key: where it lies by default; nil: none is needed.
local function made(endpoint, settings, key)
  for _, one in ipairs(numbers) do
    local n, why = number(settings, one[2], one[3], one[4])
    if n == nil then return nil, why, "INVALID" end
    endpoint[one[1]] = n or nil
  end
  endpoint.key = settings.HAN_MODEL_KEY or key
  endpoint.url = endpoint.base .. M.DIALECTS[endpoint.dialect]
  return endpoint
end

--- Reads a name. settings: { HAN_MODEL_KEY = "env:NAME" | "file:PATH" | "command:TEXT", HAN_MODEL_PARALLEL =,
--- HAN_MODEL_HIDDEN =, HAN_MODEL_PER_MINUTE = }, all optional.
---@param text string
---@param settings? table
---@return table|nil endpoint { name, dialect, base, url, model, key?, parallel, hidden, per_minute?, here }
---@return string|nil message
---@return string|nil code
function M.read(text, settings)
  settings = settings or {}
  local maker, name = text:match("^(%a+):([^/].*)$")
  if maker then
    local known = makers[maker]
    if not known then return refuse("no model maker '%s'; a model is named %s", maker, FORMS) end
    return made({ name = text, dialect = known.dialect, base = known.base, model = name, maker = maker }, settings,
      known.key)
  end
  local dialect, url, model = text:match("^(%a+)%+(https?://[^#]+)#(.+)$")
  if not dialect then
    dialect = "chat"
    url, model = text:match("^(https?://[^#]+)#(.+)$")
  end
  if not url then return refuse("'%s' names no model; a model is named %s", text, FORMS) end
  if not M.DIALECTS[dialect] then return refuse("no dialect '%s'; there are chat, responses and messages", dialect) end
  if url:find("^http://") and not is_here(url) then
    return refuse("%s: http is for this machine only (127.0.0.1); anywhere else takes https", url)
  end
  return made({ name = text, dialect = dialect, base = url:gsub("/+$", ""), model = model, here = is_here(url) },
    settings, nil)
end

M.SETTINGS = { "HAN_MODEL_KEY", "HAN_MODEL_PARALLEL", "HAN_MODEL_HIDDEN", "HAN_MODEL_PER_MINUTE" }

--- The settings as a function gives them by name (sys.env).
---@param get fun(name: string): string|nil
---@return table
function M.settings(get)
  local settings = {}
  for _, name in ipairs(M.SETTINGS) do settings[name] = get(name) end
  return settings
end

return M
