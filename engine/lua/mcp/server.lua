-- han.mcp.server: the MCP server that a command was given, as the engine's process serves it to jobs: a session for
-- each shot, begun by its first question and ended with it. Questions and answers are plain values, so a cassette
-- records them. Which server it is comes from the command line, never from a program or a model.

local fiber = require "han.fiber"
local gates = require "han.model.gate"
local http = require "han.mcp.http"
local json = require "han.json"
local mcp = require "han.mcp"
local stdio = require "han.mcp.stdio"

local M = {}

M.SESSIONS = 16 -- at once; more shots wait for their turn
M.FOLDER_BYTES = 64 << 20 -- that are copied for each

local Server = {}
Server.__index = Server

--- Reads what a user calls a server: a command, its words parted by blanks, or the URL of one that runs.
---@param text string
---@return table|nil about { name =, argv = or url = }
---@return string|nil message
function M.read(text)
  local argv = {}
  if text:find("^https?://") then return { name = text, url = text } end
  for word in text:gmatch("%S+") do argv[#argv + 1] = word end
  if #argv == 0 then return nil, "a server is a command or a URL" end
  return { name = text, argv = argv }
end

--- A server; nothing is started yet. about: as read gives it, with files = for its folder, or secret = of its URL.
function M.new(about)
  return setmetatable({ about = about, dialect = "mcp", model = about.name, sessions = {}, leaving = {},
    gate = gates.new(M.SESSIONS) }, Server)
end

-- Begins the session of a row; what it is made of is in the row at once, so that it ends with the row however far it
-- came.
local function begin(server, row)
  local why, code
  row.transport, why, code = (server.about.url and http or stdio).open(server.about)
  if not row.transport then return nil, why, code end
  row.session, why, code = mcp.open(row.transport)
  return row.session, why, code
end

local function finish(server, row)
  local place <close>, transport = row.place, row.transport -- luacheck: ignore 211
  if not transport then return end
  transport:close()
  if not transport.farewell then return end
  local last -- it takes a while, and nobody waits for it but settle
  last = fiber.spawn(function()
    transport:farewell()
    server.leaving[last] = nil
  end)
  server.leaving[last] = true
end

local questions = {}

-- What it offers, for a new session.
function questions.open(server, _, how)
  server:close(how.session)
  local row = { place = server.gate:enter() }
  server.sessions[how.session] = row
  local session, why, code = begin(server, row)
  if session then return { ok = true, tools = session.tools, protocol = session.protocol } end
  server:close(how.session)
  return { ok = false, message = why, code = code }
end

function questions.call(server, question, how)
  local row = server.sessions[how.session]
  if not row or not row.session then return { ok = false, message = "there is no such session", code = "MISUSE" } end
  local text, failed, code = row.session:call(question.name, question.arguments, how.seconds)
  if text then return { ok = true, text = text, failed = failed or nil } end
  return { ok = false, message = failed, code = code }
end

--- Answers a question of a shot: body is JSON, { op = "open" } or { op = "call", name =, arguments = }; how has session
--- (the shot's name) and seconds. Never fails as a call; what failed is in the answer.
---@param body string
---@param how table
---@return table answer
function Server:ask(body, how)
  local question = assert(json.decode(body))
  return questions[question.op](self, question, how)
end

--- Ends the session of a shot, if it has one. Nobody may wait for an answer in it.
function Server:close(name)
  local row = self.sessions[name]
  self.sessions[name] = nil
  if row then finish(self, row) end
end

--- Waits until all sessions that were closed are over at the server, too.
function Server:settle()
  for last in pairs(self.leaving) do fiber.join(last) end
end

--- Tries it once: true, or why it cannot be used.
function Server:try()
  local row = {}
  local session, why, code = begin(self, row)
  finish(self, row)
  if not session then return nil, why, code end
  return true
end

return M
