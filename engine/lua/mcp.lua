-- han.mcp: a session with an MCP server, as its client: the handshake, the list of tools, calls of them. It speaks
-- the revision 2025-11-25 of the Model Context Protocol and those before it that have the same handshake and tools
-- (modelcontextprotocol.io/specification/2025-11-25). How messages travel is a transport's business, see han.mcp.stdio
-- and han.mcp.http:
-- { send(self, text, asks = an answer is awaited), line(self, seconds), agreed(self, version), close(self) }.
--
-- A server is never trusted: every wait ends, every list and text has a maximum, an answer belongs to the question
-- whose number it bears or to none, and one that breaks the protocol is not spoken to again.

local host = require "han.host"
local json = require "han.json"
local sys = require "han.sys"

local M = {}

M.VERSION = "2025-11-25"
M.OPEN_SECONDS = 30       -- for handshake and list together
M.TOOLS = 128             -- that one server may offer
M.LIST_BYTES = 256 << 10  -- of their names, descriptions and schemas
M.PAGES = 32              -- of the list
M.STRAY = 1000            -- messages that answer nothing, while one answer is waited for
M.TEXT_BYTES = 64 << 10   -- of what a call gives; the rest is left out, and said
local SHOWN = 400 -- bytes of what a server says that go into a message

local SPOKEN = { [M.VERSION] = true, ["2025-06-18"] = true, ["2025-03-26"] = true, ["2024-11-05"] = true }
local NO_METHOD = -32601  -- JSON-RPC 2.0, section 5.1

local Session = {}
Session.__index = Session

local function short(given)
  local text = (type(given) == "string" and given or json.encode(given) or type(given)):gsub("%c", " ")
  if not utf8.len(text) then text = text:gsub("[\x80-\xFF]", "?") end
  return #text > SHOWN and text:sub(1, SHOWN) .. "..." or text
end

-- ---- messages ----

-- From here on the server is not spoken to.
local function give_up(session, message, code)
  if not session.broken then
    session.broken = short(message)
    session.transport:close()
  end
  return nil, session.broken, code or "PEER"
end

local function send(session, message)
  message.jsonrpc = "2.0"
  local text, why = json.encode(message)
  if not text then return nil, why, "INVALID" end
  local ok, message_why, code = session.transport:send(text, message.method ~= nil and message.id ~= nil)
  if not ok then return give_up(session, message_why, code) end
  return true
end

-- The next message, or nil, message, CODE; what is none ends the session.
local function receive(session, seconds)
  if session.broken then return nil, session.broken, "PEER" end
  local line, why, code = session.transport:line(seconds)
  if not line then
    if code == "TIMEOUT" then return nil, why, code end
    return give_up(session, why, code)
  end
  local message, fault = json.decode(line)
  if type(message) ~= "table" or message.jsonrpc ~= "2.0" then
    local why_not = message == nil and fault or "not JSON-RPC 2.0"
    return give_up(session, ("it sent what is no message (%s): %s"):format(why_not, short(line)))
  end
  return message
end

-- What the server asks of us: a ping is answered, all else is not offered.
local function serve(session, message)
  if message.id == nil then return end
  if message.method == "ping" then
    send(session, { id = message.id, result = {} })
  else
    send(session, { id = message.id, error = { code = NO_METHOD, message = "not offered" } })
  end
end

-- The result in an answer.
local function result_of(session, message)
  local fault = message.error
  if type(fault) == "table" then
    return nil, ("error %s: %s"):format(tostring(fault.code), short(fault.message)), "INVALID"
  end
  if type(message.result) ~= "table" then return give_up(session, "it sent an answer without result and error") end
  return message.result
end

-- Waits for the answer to the question of that number.
local function await(session, id, seconds)
  local deadline = sys.mono() + seconds
  for _ = 1, M.STRAY do
    local message, why, code = receive(session, math.max(0, deadline - sys.mono()))
    if not message and code == "TIMEOUT" then
      send(session, { method = "notifications/cancelled", params = { requestId = id, reason = "too late" } })
      return nil, ("no answer within %.3g s"):format(seconds), code
    end
    if not message then return nil, why, code end
    if message.method ~= nil then
      serve(session, message)
    elseif message.id == id then
      return result_of(session, message)
    end -- else it answers what nobody asks (any more)
  end
  return give_up(session, ("it sent more than %d messages instead of an answer"):format(M.STRAY), "LIMIT")
end

local function ask(session, method, params, seconds)
  if session.broken then return nil, session.broken, "PEER" end
  session.number = session.number + 1
  local ok, why, code = send(session, { id = session.number, method = method, params = params })
  if not ok then return nil, why, code end
  return await(session, session.number, seconds)
end

-- ---- the handshake and the list ----

local function shake_hands(session, deadline)
  local result, why, code = ask(session, "initialize", { protocolVersion = M.VERSION, capabilities = {},
    clientInfo = { name = "han", version = host.version } }, math.max(0, deadline - sys.mono()))
  if not result then return nil, "initialize: " .. why, code end
  if not SPOKEN[result.protocolVersion] then
    return give_up(session, ("it speaks the protocol of %s, and han that of %s and older ones"):format(
      short(result.protocolVersion), M.VERSION))
  end
  if type(result.capabilities) ~= "table" or result.capabilities.tools == nil then
    return give_up(session, "it offers no tools")
  end
  session.protocol = result.protocolVersion
  session.transport:agreed(session.protocol)
  return send(session, { method = "notifications/initialized" })
end

-- One entry of the list: { name =, description =, schema = JSON text }, and its size; nil when it is none.
local function read_tool(entry)
  if type(entry) ~= "table" or type(entry.name) ~= "string" or not entry.name:find("^[%g ]+$") or #entry.name > 128
    or type(entry.inputSchema) ~= "table" then return nil end
  local schema = json.encode(entry.inputSchema)
  if not schema or schema:sub(1, 1) ~= "{" then return nil end
  local about = type(entry.description) == "string" and entry.description or ""
  return { name = entry.name, description = about, schema = schema }, #entry.name + #about + #schema
end

-- Adds a page of the list; nil, message, CODE when that is too much, or no list.
local function add_page(session, page, known)
  if type(page.tools) ~= "table" then return give_up(session, "tools/list: it sent no list") end
  for _, entry in ipairs(page.tools) do
    local tool, size = read_tool(entry)
    if not tool then return give_up(session, "tools/list: it sent a tool without a usable name or inputSchema") end
    if known[tool.name] then return give_up(session, ("tools/list: two tools are called '%s'"):format(tool.name)) end
    known[tool.name], known[1] = true, known[1] + size
    if #session.tools == M.TOOLS or known[1] > M.LIST_BYTES then
      return give_up(session, ("tools/list: more than %d tools, or %d KiB of them"):format(M.TOOLS,
        M.LIST_BYTES >> 10), "LIMIT")
    end
    session.tools[#session.tools + 1] = tool
  end
  return true
end

local function list(session, deadline)
  local known, cursor = { 0 }, nil -- by name; at 1 the bytes so far
  for _ = 1, M.PAGES do
    local page, why, code = ask(session, "tools/list", { cursor = cursor },
      math.max(0, deadline - sys.mono()))
    if not page then return nil, "tools/list: " .. why, code end
    local ok
    ok, why, code = add_page(session, page, known)
    if not ok then return nil, why, code end
    cursor = page.nextCursor
    if cursor == nil or cursor == json.null then return true end
    if type(cursor) ~= "string" then return give_up(session, "tools/list: nextCursor is no text") end
  end
  return give_up(session, ("tools/list: more than %d pages"):format(M.PAGES), "LIMIT")
end

--- Begins a session over a transport, which it owns from here on: it is closed with the session, also when this fails.
---@param transport table
---@return table|nil session { tools = { { name =, description =, schema = JSON text } ... }, protocol = }
---@return string|nil message
---@return string|nil code PEER, TIMEOUT, LIMIT, INVALID (it answers with an error)
function M.open(transport)
  local session = setmetatable({ transport = transport, number = 0, tools = {} }, Session)
  local deadline = sys.mono() + M.OPEN_SECONDS
  local ok, why, code = shake_hands(session, deadline)
  if ok then ok, why, code = list(session, deadline) end
  if ok then return session end
  session:close()
  return nil, why, code
end

-- ---- calls ----

-- At most so many bytes, and no character cut in two.
local function cut(text, most)
  if #text <= most then return text end
  local last = most
  while last > 0 and (text:byte(last + 1) & 0xC0) == 0x80 do last = last - 1 end
  return ("%s\n[%d of %d bytes are left out]"):format(text:sub(1, last), #text - last, #text)
end

local function part_text(part)
  if type(part) ~= "table" then return nil end
  if part.type == "text" and type(part.text) == "string" then return part.text end
  local inside = part.type == "resource" and part.resource
  if type(inside) == "table" and type(inside.text) == "string" then return inside.text end
  if part.type == "resource_link" then return ("[resource %s]"):format(short(part.uri)) end
  return ("[%s, which is no text]"):format(short(part.type))
end

-- What a result says in words; its structured content where it says nothing.
local function text_of(result)
  local texts = {}
  for i, part in ipairs(type(result.content) == "table" and result.content or {}) do texts[i] = part_text(part) end
  local text = table.concat(texts, "\n")
  if text == "" and type(result.structuredContent) == "table" then
    text = json.encode(result.structuredContent) or text
  end
  return cut(text, M.TEXT_BYTES)
end

--- Calls a tool: what it says, and whether it says that it failed.
---@param name string as the server calls it
---@param arguments table an object
---@param seconds number
---@return string|nil text
---@return boolean|string failed or the message
---@return string|nil code TIMEOUT (the session goes on), INVALID (it answers with an error), PEER, LIMIT
function Session:call(name, arguments, seconds)
  local result, why, code = ask(self, "tools/call", { name = name, arguments = arguments }, seconds)
  if not result then return nil, why, code end
  return text_of(result), result.isError == true
end

--- Ends it. Once more is allowed.
function Session:close() give_up(self, "the session is closed") end

return M
